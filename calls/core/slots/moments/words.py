"""A caller's words in one plain spelling. Invariant: every place in the plain text maps back to the words as they came.

"Tomorrow at ten-thirty a.m." becomes "tomorrow at 10 30 am": numbers as figures, one space between tokens, marks of
their own. The patterns that look for times then need to know one spelling only.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from calls.core.slots.digits import TEENS, TENS, UNITS

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_SPELLINGS: Final = {
    **{name[:3]: name for name in WEEKDAYS},
    "tues": "tuesday",
    "weds": "wednesday",
    "thur": "thursday",
    "thurs": "thursday",
    **{name[:3]: name for name in MONTHS},
    "sept": "september",
    **dict.fromkeys(("tomorow", "tommorow", "tommorrow", "tomorrows", "tmrw", "tmr", "tomoro"), "tomorrow"),
    **dict.fromkeys(("tomoz", "tomo", "tmro", "tmw", "tmrrw", "tommoro", "tomarrow", "morrow"), "tomorrow"),
    "2day": "today",
    **dict.fromkeys(("tonite", "2nite"), "tonight"),
    **dict.fromkeys(("oclock", "o'clock", "clock"), "oclock"),
    "midday": "noon",
    "noontime": "noon",
    "noonish": "noon",
    "mins": "minutes",
    "min": "minutes",
    "minute": "minutes",
    "hrs": "hours",
    "hr": "hours",
    "hour": "hours",
    "hour's": "hours",
    "hours'": "hours",
    "day's": "days",
    "days'": "days",
    "week's": "weeks",
    "weeks'": "weeks",
    "fortnight's": "fortnight",
    "anytime": "any time",
    "sometime": "some time",
    "lunchtime": "lunch time",
    "straightaway": "right away",
    "asap": "as soon as possible",
    "eod": "end of day",
    "aft": "afternoon",
    "eve": "evening",
    "weekends": "weekend",
    "cause": "because",
    "'til": "till",
    "til": "till",
    "an": "a",
}
# Figures that stand for a sound ("sum1"); any other word with "one" in it is nobody's hour.
_GLUED: Final = {"b4": "before", "l8r": "later", "l8": "late", "gr8": "great", "m8": "mate", "2": "to"}
# Short forms that are also words: read as a day or month only beside a figure.
_DOUBTFUL: Final = frozenset({"sun", "sat", "mar", "may", "dec", "jan", "march", "eve", "aft"})
_ORDINALS: Final = {
    "first": 1,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "eleventh": 11,
    "twelfth": 12,
    "thirteenth": 13,
    "fourteenth": 14,
    "fifteenth": 15,
    "sixteenth": 16,
    "seventeenth": 17,
    "eighteenth": 18,
    "nineteenth": 19,
    "twentieth": 20,
    "thirtieth": 30,
    "second": 2,
}
_HESITATIONS: Final = frozenset({"uh", "uhh", "um", "umm", "er", "erm", "hm", "hmm", "ah", "uhm"})
_LEADS: Final = frozenset({"at", "on", "around", "by", "about", "the", "in", "say", "maybe", "like"})
_SPAN: Final = re.compile(r"(1[0-2]|[1-9])-(1[0-2]|[1-9])")
_TOKEN: Final = re.compile(
    r"(?P<half>(?<![a-z])[ap]\.\s?m\b\.?|(?<![a-z])[ap] m\b(?!'))"
    r"|(?P<zone>(?<!\S)(?:[ecmp][ .]s[ .]t|i[ .]s[ .]t|g[ .]m[ .]t|u[ .]t[ .]c)\b\.?)"
    r"|(?P<oclock>o['’\x22”\s]\s?clock\b)"
    r"|(?P<short>(?<!\w)2(?:mor+ow|mor+o|mr+w|mr|moz|mara|day|nite|night)\b)"
    r"|(?P<glued>(?<!\w)(?:(?:sum|some|any|every|no)1|b4|l8r|l8|gr8|m8)(?!\w)"
    r"|(?<!\S)2(?= (?:call|ring|phone|contact|reach|speak|talk|get|buzz|try)\b))"
    r"|(?P<figure>\+?\d(?:[\d.,:/\-]*\d)?)(?P<ending>(?:st|nd|rd|th)\b|[.\s]?(?:am|pm)\b|[ap]\b(?!')|(?=[a-z]))?"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)?)"
    r"|(?P<mark>[^\s\w])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Plain:
    """``text`` is the plain spelling; ``original`` what it came from."""

    text: str
    original: str
    _starts: tuple[int, ...]
    _pieces: tuple[_Piece, ...]

    def said(self, start: int, end: int) -> str:
        """The caller's own words for a stretch of the plain text."""
        if not self._pieces or end <= start:
            return ""
        first = self._pieces[max(0, bisect_right(self._starts, start) - 1)]
        last = self._pieces[max(0, bisect_right(self._starts, end - 1) - 1)]
        return self.original[first.start : last.end].strip(" ,.;!?")


def plain_of(text: str) -> Plain:
    """``text`` in its plain spelling."""
    pieces = _drilled(_joined(_fluent(_raw(text))))
    starts: list[int] = []
    parts: list[str] = []
    at = 0
    for piece in pieces:
        starts.append(at)
        parts.append(piece.text)
        at += len(piece.text) + 1
    return Plain(" ".join(parts), text, tuple(starts), tuple(pieces))


def _raw(text: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    for hit in _TOKEN.finditer(text):
        start, end = hit.span()
        if hit["half"]:
            pieces.append(_Piece(hit["half"][0].lower() + "m", start, end))
        elif hit["zone"]:
            pieces.append(_Piece(re.sub(r"[ .]", "", hit["zone"]).lower(), start, end))
        elif hit["oclock"]:
            pieces.append(_Piece("oclock", start, end))
        elif hit["short"]:
            ending = hit["short"][1:].lower()
            word = "today" if ending == "day" else "tonight" if ending[0] == "n" else "tomorrow"
            pieces.append(_Piece(word, start, end))
        elif hit["glued"]:
            pieces.append(_Piece(_GLUED.get(hit["glued"].lower(), "someone"), start, end))
        elif hit["figure"]:
            ending = (hit["ending"] or "").strip(" .").lower()
            figure = hit["figure"]
            if ending in ("st", "nd", "rd", "th"):
                pieces.append(_Piece(figure + "th", start, end))
            elif (span := _SPAN.fullmatch(figure)) and span[2] not in ("15",) and not ending.startswith("/"):
                pieces.append(_Piece(span[1], start, start + len(span[1])))
                pieces.append(_Piece("-", start + len(span[1]), start + len(span[1]) + 1))
                pieces.append(_Piece(span[2], start + len(span[1]) + 1, start + len(figure)))
                if ending:
                    pieces.append(_Piece(ending[0] + "m", end - len(ending), end))
            else:
                pieces.append(_Piece(figure, start, start + len(figure)))
                if ending:
                    pieces.append(_Piece(ending[0] + "m", end - len(ending), end))
        elif hit["word"]:
            pieces.append(_Piece(hit["word"].lower().replace("’", "'"), start, end))
        else:
            pieces.append(_Piece("-" if hit["mark"] in "-–—" else hit["mark"], start, end))
    return pieces


def _fluent(pieces: list[_Piece]) -> list[_Piece]:
    """Without "uh" and "um", and without the commas that a recogniser writes around them."""
    done: list[_Piece] = []
    for piece in pieces:
        if piece.text in _HESITATIONS:
            if done and done[-1].text == ",":
                done.pop()
            continue
        if piece.text == "," and (not done or done[-1].text in _LEADS):
            continue
        done.append(piece)
    return done


def _figure_near(pieces: list[_Piece], at: int) -> bool:
    near = [pieces[index].text for index in (at - 2, at - 1, at + 1, at + 2) if 0 <= index < len(pieces)]
    return any(
        word[0].isdigit() or word in UNITS or word in TEENS or word in TENS or word in _ORDINALS
        for word in near
    )


def _joined(raw: list[_Piece]) -> list[_Piece]:
    """Number words as figures, short names in full."""
    done: list[_Piece] = []
    at = 0
    while at < len(raw):
        piece = raw[at]
        word, end, used = piece.text, piece.end, 1
        follow = at + 2 if at + 2 < len(raw) and raw[at + 1].text == "-" else at + 1
        following = raw[follow].text if follow < len(raw) else ""
        if word in TENS and 0 < UNITS.get(following, 0) < 10:
            word, end, used = str(TENS[word] + UNITS[following]), raw[follow].end, follow - at + 1
        elif word in TENS and _ORDINALS.get(following, 99) < 10:
            word, end, used = f"{TENS[word] + _ORDINALS[following]}th", raw[follow].end, follow - at + 1
        elif word == "thousand" and done and done[-1].text == "2" and raw[at - 1].text == "two":
            # "Two thousand and thirty two" is a year.
            first = at + 2 if following == "and" else at + 1
            tens = raw[first].text if first < len(raw) else ""
            unit = raw[first + 1].text if first + 1 < len(raw) else ""
            tail = TENS.get(tens) or TEENS.get(tens) or UNITS.get(tens)
            if tail is not None:
                both = tens in TENS and 0 < UNITS.get(unit, 0) < 10
                used = first - at + (2 if both else 1)
                piece, end = done.pop(), raw[at + used - 1].end
                word = str(2000 + tail + (UNITS[unit] if both else 0))
        elif word in TENS or word in TEENS:
            word = str(TENS.get(word) or TEENS[word])
        elif word in UNITS and word not in ("oh", "o", "nil", "nought", "naught", "tree"):
            word = str(UNITS[word])
        elif word in _ORDINALS and (
            word != "second" or (done and done[-1].text in ("the", "on")) or following == "of"
        ):
            word = f"{_ORDINALS[word]}th"
        elif word in _DOUBTFUL:
            word = _SPELLINGS.get(word, word) if _figure_near(raw, at) else word
        else:
            word = _SPELLINGS.get(word, word)
        done.append(_Piece(word, piece.start, end))
        at += used
    return done


_LEADING: Final = frozenset(
    {"at", "by", "around", "about", "till", "until", "after", "before", "for", "from", "to"}
)
_STRETCH: Final = frozenset({"in", "within", "for", "every", "than", "-", "to"})
_AFTER: Final = frozenset(
    {"", "hours", ",", ".", "!", "?", ";", "please", "sharp", "on", "and", "my", "thanks", "then", "or", "if"}
)
_DAYS: Final = frozenset({"tomorrow", "today", "tonight", *WEEKDAYS})
_OF_CALLS: Final = frozenset({"call", "callback", "ring", "phone", *_DAYS})


def _drilled(pieces: list[_Piece]) -> list[_Piece]:
    """Times of a clock of twenty-four hours as one figure: "15 hundred", "oh 9 30 hours", "16 30 hours"."""
    calls = len(pieces) <= 3 or any(piece.text in _OF_CALLS for piece in pieces)
    done: list[_Piece] = []
    at = 0
    while at < len(pieces):
        texts = [piece.text for piece in pieces[at : at + 4]] + [""] * 4
        zero = texts[0] in ("oh", "o", "0")
        hour, minute, after = texts[zero : zero + 3]
        before = done[-1].text if done else ""
        taken = 2 + zero
        if re.fullmatch(r"1?\d|2[0-3]", hour) and not (zero and len(hour) > 1):
            led = not before or before in _LEADING or before in _DAYS or before in (",", ".")
            hundred = minute == "hundred" and (
                after == "hours"
                or (led and calls and (zero or len(hour) == 2) and (after in _AFTER or after in _DAYS))
            )
            half = re.fullmatch(r"[0-5]\d", minute) and after == "hours" and before not in _STRETCH
            if hundred or half:
                figure = f"{int(hour):02}{'00' if hundred else minute}"
                end = pieces[at + taken - 1].end
                done.append(_Piece(figure, pieces[at].start, end))
                at += taken
                if after == "hours":
                    done.append(pieces[at])
                    at += 1
                else:
                    done.append(_Piece("hours", end, end))
                continue
        done.append(pieces[at])
        at += 1
    return done
