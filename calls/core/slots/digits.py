"""Digits out of speech: "double nine", "ninety eight", "9.876.543.210", "9 billion 876,543,210".

Invariant: digits come out in the order they were said, and none is added except the zeros that a spoken scale
("two thousand") stands for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

UNITS: Final = {
    "zero": 0,
    "oh": 0,
    "o": 0,
    "nought": 0,
    "naught": 0,
    "nil": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "tree": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "niner": 9,
}
TEENS: Final = {
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
TENS: Final = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fourty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
SCALES: Final = {
    "hundred": 100,
    "thousand": 1_000,
    "lakh": 100_000,
    "lakhs": 100_000,
    "million": 1_000_000,
    "crore": 10_000_000,
    "crores": 10_000_000,
    "billion": 1_000_000_000,
}
REPEATS: Final = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
FILLERS: Final = frozenset(
    {"uh", "um", "er", "erm", "dash", "hyphen", "space", "then", "comma", "dot", "point", "and"}
)
# Homophones that Whisper writes; they count only between other digits.
HOMOPHONES: Final = {"to": 2, "too": 2, "for": 4, "fore": 4, "ate": 8, "won": 1, "owe": 0}

_TOKEN: Final = re.compile(r"\+|\d(?:[\d.,\-/()\s]*\d)?|[^\W\d_]+(?:['’][^\W\d_]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Digits said in one go. ``start``/``end`` are offsets in the text; ``plus`` says that "plus" came
    before."""

    digits: str
    start: int
    end: int
    plus: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    start: int
    end: int

    @property
    def numeric(self) -> bool:
        return self.word[:1].isdigit()


def _ascii_digits(text: str) -> str:
    """Every decimal digit of any script, as ASCII."""
    return "".join(str(int(char)) for char in text if char.isdecimal())


def _tokens(text: str) -> list[_Token]:
    return [_Token(match.group().lower(), match.start(), match.end()) for match in _TOKEN.finditer(text)]


def _scaled(tokens: list[_Token], at: int) -> tuple[str, int] | None:
    """A number said with scales ("9 billion 876,543,210", "two thousand"), or None. Returns digits and
    next index."""
    total = 0
    part: int | None = None
    seen = False
    lowest = 10**12
    index = at
    while index < len(tokens):
        token = tokens[index]
        small = _small(tokens, index)
        if small is not None:
            if part is not None:
                break
            part, index = small
            continue
        scale = SCALES.get(token.word)
        if scale is not None and part is not None:
            if scale == 100 and part < 100:
                part, seen = part * 100, True
                more = _small(tokens, index + 1)
                if more is not None and more[0] < 100 and tokens[index + 1].word not in ("oh", "o"):
                    part, index = part + more[0], more[1] - 1
            elif scale < lowest:
                total, part, seen, lowest = total + part * scale, None, True, scale
            else:
                break
            index += 1
            continue
        if token.word == "and" and seen and _small(tokens, index + 1) is not None:
            index += 1
            continue
        break
    if not seen:
        return None
    if part is not None and part < lowest:
        total += part
    elif part is not None:
        return None
    return str(total), index


def _small(tokens: list[_Token], at: int) -> tuple[int, int] | None:
    """A number below a hundred in words, or one written figure; value and next index."""
    if at >= len(tokens):
        return None
    word = tokens[at].word
    if tokens[at].numeric:
        digits = _ascii_digits(word)
        # A leading zero or a figure in groups of its own is dictation, not a quantity.
        return (int(digits), at + 1) if digits and not digits.startswith("0") and len(digits) <= 9 else None
    if word in TENS:
        following = tokens[at + 1].word if at + 1 < len(tokens) else ""
        if UNITS.get(following, 0) > 0:
            return TENS[word] + UNITS[following], at + 2
        return TENS[word], at + 1
    if word in TEENS:
        return TEENS[word], at + 1
    if word in UNITS and word not in ("o",):
        return UNITS[word], at + 1
    return None


def _one(tokens: list[_Token], at: int, *, inside: bool) -> tuple[str, int] | None:
    """The digits that start at one token, with the index of the next; None when the token is no number."""
    token = tokens[at]
    if token.word in REPEATS and at + 1 < len(tokens):
        following = tokens[at + 1]
        if following.word in UNITS:
            return str(UNITS[following.word]) * REPEATS[token.word], at + 2
        digits = _ascii_digits(following.word) if following.numeric else ""
        # "double 98765" is "99 8765": the word doubles the digit right after it.
        return (digits[0] * REPEATS[token.word] + digits[1:], at + 2) if digits else None
    if token.numeric or token.word in UNITS or token.word in TEENS or token.word in TENS:
        scaled = _scaled(tokens, at)
        if scaled is not None:
            return scaled
        if token.numeric:
            return _ascii_digits(token.word), at + 1
        if token.word == "o" and not inside and not _dictated(tokens, at + 1):
            return None
        small = _small(tokens, at)
        return (str(small[0]), small[1]) if small else (str(UNITS.get(token.word, "")), at + 1)
    if inside and token.word in HOMOPHONES and at + 1 < len(tokens) and _starts_number(tokens[at + 1]):
        return str(HOMOPHONES[token.word]), at + 1
    return None


def _dictated(tokens: list[_Token], at: int) -> bool:
    """Do three more digits follow? Then an "o" before them is a zero."""
    following = tokens[at : at + 3]
    return len(following) == 3 and all(_starts_number(token) for token in following)


def _starts_number(token: _Token) -> bool:
    return (
        token.numeric
        or token.word in UNITS
        or token.word in TEENS
        or token.word in TENS
        or token.word in REPEATS
    )


def runs_read(text: str) -> tuple[Run, ...]:
    """Every run of digits in the words, in order. Fillers between digits don't end a run; other words do."""
    tokens = _tokens(text)
    found: list[Run] = []
    digits, start, end, plus = "", 0, 0, False
    index = 0
    pending_plus = False
    while index < len(tokens):
        token = tokens[index]
        if token.word in ("+", "plus"):
            if digits:
                found.append(Run(digits=digits, start=start, end=end, plus=plus))
                digits = ""
            pending_plus, index = True, index + 1
            continue
        got = _one(tokens, index, inside=bool(digits) or pending_plus)
        if got is not None and got[0]:
            if not digits:
                start, plus = token.start, pending_plus
            digits += got[0]
            index = got[1]
            end = tokens[index - 1].end
            pending_plus = False
            continue
        pending_plus = False
        if digits and token.word not in FILLERS:
            found.append(Run(digits=digits, start=start, end=end, plus=plus))
            digits = ""
        index += 1
    if digits:
        found.append(Run(digits=digits, start=start, end=end, plus=plus))
    return tuple(found)


def digits_read(text: str) -> str:
    """All digits of the words in one string; empty when there are none."""
    return "".join(run.digits for run in runs_read(text))
