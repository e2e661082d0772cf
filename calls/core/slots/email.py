"""E-mail addresses out of speech and out of Whisper's spellings of it.

Invariant: every letter of a value was said; only "at", "dot" and the like became signs. A provider's own
ending may be completed ("at gmail"), at a confidence that asks for a read-back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from calls.core.slots.digits import REPEATS, TEENS, TENS, UNITS
from calls.core.slots.reading import NOTHING, Reading
from calls.core.wordlist import word_set

_WRITTEN: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]*@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}"
)
_ADDRESS: Final = re.compile(
    r"[a-z0-9](?:[a-z0-9._%+\-]{0,62}[a-z0-9_\-+])?@(?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)+[a-z]{2,24}"
)
_SIGNS: Final = {
    "dot": ".",
    "period": ".",
    "point": ".",
    ".": ".",
    "underscore": "_",
    "_": "_",
    "dash": "-",
    "hyphen": "-",
    "minus": "-",
    "-": "-",
    "plus": "+",
    "+": "+",
}
_PROVIDERS: Final = {
    "gmail": "gmail.com",
    "googlemail": "googlemail.com",
    "yahoo": "yahoo.com",
    "outlook": "outlook.com",
    "hotmail": "hotmail.com",
    "icloud": "icloud.com",
    "protonmail": "protonmail.com",
    "rediffmail": "rediffmail.com",
}
_STOP: Final = word_set(
    "is it it's its that's email e-mail mail address id to me my mine use on please send at's okay ok",
    "yes no yeah sure so um uh er well and the a an be will or can you could i i'm this here was with",
    "by via would it'd that also hi hello actually wait sorry mean not would're email's gonna going",
    "spelled spell spelt ok so then name",
)
_AFTER: Final = word_set(
    "please thanks thank and okay ok so that that's yes right for is it if when but no all lowercase",
    "i you can could the send by my with instead not or actually sorry wait",
)
_DROPPED: Final = (
    "all one word",
    "one word",
    "no spaces",
    "no space",
    "all lowercase",
    "in lowercase",
    "lowercase",
    "all lower case",
    "small letters",
    "capital",
    "uppercase",
    "the letter",
    "the number",
)
_NATO: Final = {
    name: name[0]
    for name in (
        "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar papa "
        "quebec romeo sierra tango uniform victor whiskey whisky xray yankee zulu"
    ).split()
}
_LETTER_NAMES: Final = {
    "zed": "z",
    "zee": "z",
    "aitch": "h",
    "haitch": "h",
    "jay": "j",
    "kay": "k",
    "cue": "q",
    "double-u": "w",
}
_LETTER_AS: Final = re.compile(
    r"\b([a-z])[,]?\s+(?:as in|for|like in|like|as|from|in)\s+\1[a-z]+\b[,]?", re.IGNORECASE
)
_AT: Final = re.compile(r"\bat the rate(?: of)?\b|\s@\s?|\s?@\s|(?<=\w)@(?=\w)|\bat sign\b", re.IGNORECASE)
_MARKERS: Final = re.compile(r"\b(?:e-?mail|mail|address|it'?s|inbox|send|forward)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    sign: bool = False
    letter: bool = False


def _words(text: str) -> list[str]:
    lowered = text.lower().replace("’", "'")
    lowered = _LETTER_AS.sub(r"\1 ", lowered)
    for phrase in _DROPPED:
        lowered = re.sub(rf"\b{phrase}\b", " ", lowered)
    lowered = _AT.sub(" at ", lowered)
    words: list[str] = []
    for raw in lowered.split():
        word = raw.strip(',;:!?"()<>')
        if len(word) > 1:
            word = word.rstrip(".") or "."
        if re.fullmatch(r"[a-z0-9](?:[-.][a-z0-9])+", word) and "-" in word:
            words.extend(
                word.replace(".", "-").split("-")
            )  # "j-a-n-e": one spells with dashes, Whisper writes them
        elif re.fullmatch(r"\.[a-z][a-z.]*", word):
            words.extend(["dot", word[1:]])
        elif word:
            words.append(word)
    return _lettered(words)


def _lettered(words: list[str]) -> list[str]:
    """Names of letters as letters, where letters are being spelled."""
    done: list[str] = []
    for at, word in enumerate(words):
        near = [words[index] for index in (at - 1, at + 1) if 0 <= index < len(words)]
        if word in _NATO and any(one in _NATO for one in near):
            done.append(_NATO[word])
        elif word in _LETTER_NAMES and any(len(one) == 1 or one in _LETTER_NAMES for one in near):
            done.append(_LETTER_NAMES[word])
        else:
            done.append(word)
    return done


def _repeated(words: list[str], at: int) -> tuple[str, int] | None:
    if words[at] in REPEATS and at + 1 < len(words):
        following = words[at + 1]
        unit = str(UNITS[following]) if following in UNITS and following != "o" else following
        if len(unit) == 1 and unit.isalnum():
            return unit * REPEATS[words[at]], at + 2
        if words[at] == "double" and following in ("you", "u"):
            return "w", at + 2
    return None


def _number(words: list[str], at: int) -> tuple[str, int] | None:
    word = words[at]
    if word in UNITS and word not in ("o", "oh", "tree", "nil"):
        return str(UNITS[word]), at + 1
    if word in TEENS:
        return str(TEENS[word]), at + 1
    if word in TENS:
        following = words[at + 1] if at + 1 < len(words) else ""
        unit = UNITS.get(following, 0)
        return (str(TENS[word] + unit), at + 2) if unit else (str(TENS[word]), at + 1)
    return None


def _pieces(words: list[str]) -> list[_Piece]:
    """Words to pieces of an address; what can't be part of one becomes an empty piece (a wall)."""
    pieces: list[_Piece] = []
    at = 0
    while at < len(words):
        word = words[at]
        got = _repeated(words, at) or _number(words, at)
        if got is not None:
            pieces.append(_Piece(got[0], letter=True))
            at = got[1]
            continue
        if word in _SIGNS:
            pieces.append(_Piece(_SIGNS[word], sign=True))
        elif re.fullmatch(r"[a-z0-9][a-z0-9._+\-]*", word):
            pieces.append(_Piece(word, letter=len(word) == 1))
        else:
            pieces.append(_Piece(""))
        at += 1
    return pieces


def _local(words: list[str]) -> tuple[str, bool, bool]:
    """The part before "at" (the longest tail that can be one), whether it was plainly joined, whether it
    is evident.

    Evident: spelled, joined by signs, or all that was said; "looked at example.com" is none of these.
    """
    start = len(words)
    while start > 0:
        word = words[start - 1]
        before = words[start - 2] if start >= 2 else ""
        after = words[start] if start < len(words) else ""
        spelled = len(word) == 1 and (
            any(
                len(near) == 1 or near in _SIGNS or near in UNITS or near in REPEATS
                for near in (before, after)
            )
            or (start == len(words) and (before in _STOP or not before))
        )
        if word in _STOP and not spelled and before not in _SIGNS:
            break
        if word not in _SIGNS and not re.fullmatch(r"[a-z0-9][a-z0-9._+\-]*", word):
            break
        start -= 1
    pieces = _pieces(words[start:])
    while pieces and (pieces[0].sign or not pieces[0].text):
        pieces = pieces[1:]
    plain = sum(1 for piece in pieces if not piece.sign and not piece.letter) <= 1 or any(
        p.sign for p in pieces
    )
    text = "".join(piece.text for piece in pieces)
    spelled = len(pieces) > 1 and all(piece.letter or piece.sign for piece in pieces)
    return text, plain, spelled or start == 0 or bool(re.search(r"[._0-9+\-]", text))


def _domain(words: list[str]) -> str:
    """The domain at the head of ``words``."""
    taken = 0
    while taken < len(words):
        word = words[taken]
        dotted = taken > 0 and _SIGNS.get(words[taken - 1]) == "."
        so_far = "".join(piece.text for piece in _pieces(words[:taken]))
        following = words[taken + 1] if taken + 1 < len(words) else ""
        joined = following in _SIGNS or (len(word) == 1 and len(following) == 1)
        if word in _AFTER and not joined and not (dotted and word in ("is", "it", "me", "so", "in")):
            break
        spelling = (
            len(word) == 1 and taken > 0 and len(words[taken - 1]) == 1 and words[taken - 1] not in _SIGNS
        )
        if (
            re.search(r"\.[a-z]{2,}$", so_far)
            and not spelling
            and _SIGNS.get(word) not in (".", "-")
            and not so_far.endswith("-")
        ):
            break
        if word not in _SIGNS and not re.fullmatch(r"[a-z0-9][a-z0-9.\-]*", word):
            break
        taken += 1
    return "".join(piece.text for piece in _pieces(words[:taken])).strip(".-_+")


def _spoken(text: str, asked: bool) -> Reading:
    words = _words(text)
    marked = asked or bool(_MARKERS.search(text))
    best = NOTHING
    for index, word in enumerate(words):
        if word != "at":
            continue
        local, plain, evident = _local(words[:index])
        domain = _domain(words[index + 1 :])
        if not local:
            continue
        completed = _PROVIDERS.get(domain)
        value = f"{local}@{completed or domain}"
        sure = plain and not completed
        if _ADDRESS.fullmatch(value) and ".." not in value:
            if marked or evident or "@" in text:
                best = Reading(value=value, display=value, confidence=0.9 if sure else 0.65)
        elif asked and not best:
            lacking = "ending" if domain else "domain"
            best = Reading(display=f"{local}@{domain}", confidence=0.2, missing=lacking)
    return best


def email_read(text: str, *, asked: bool = False) -> Reading:
    """The e-mail address in ``text``, lower-cased. With ``asked``, half an address reads as unfinished.

    ``missing``: ``domain`` (nothing after "at"), ``ending`` (no ".com"), ``at`` (a name alone).
    """
    written = _WRITTEN.findall(text)
    if written:
        value = written[-1].lower()
        if _ADDRESS.fullmatch(value) and ".." not in value:
            return Reading(value=value, display=value, confidence=0.97)
    # Corrections: what was said last counts.
    pieces = re.split(
        r"\b(?:no,? wait|no,? sorry|scratch that|i mean|i meant|no,? it'?s)\b", text, flags=re.IGNORECASE
    )
    for piece in reversed(pieces):
        reading = _spoken(piece, asked or len(pieces) > 1)
        if reading:
            return reading
    reading = _spoken(text, asked)
    if reading.missing == "all" and asked:
        local, plain, _ = _local(_words(text))
        if local and plain and len(local) > 1:
            return Reading(display=local, confidence=0.1, missing="at")
    return reading
