"""E-mail addresses out of speech and out of Whisper's spellings of it.

Invariant: every letter of a value was said; only "at", "dot" and the like became signs. A provider's own
ending may be completed ("at gmail"), at a confidence that asks for a read-back.
"""

from __future__ import annotations

import re
from typing import Final

from calls.core.slots.digits import REPEATS, TEENS, TENS, UNITS
from calls.core.slots.email_words import (
    ORDINARY,
    SIGNS,
    STOP,
    Piece,
    Said,
    announces,
    joined,
    pieces_of,
    said_of,
    wordy,
)
from calls.core.slots.reading import NOTHING, Reading
from calls.core.wordlist import word_set

_WRITTEN: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]*@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}"
)
_ADDRESS: Final = re.compile(
    r"[a-z0-9](?:[a-z0-9._%+\-]{0,62}[a-z0-9_\-+])?@(?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)+[a-z]{2,24}"
)
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
_AFTER: Final = word_set(
    "please thanks thank and okay ok so that that's yes right for is it if when but no all lowercase",
    "i you can could the send by my with instead not or actually sorry wait",
)
# Never a local part, not even before a sign.
_CARRIERS: Final = word_set(
    "is it it's its that's the be then and so that that'll it'll at of to my your mail email e-mail address was am i"
)
_GREETINGS: Final = frozenset({"hello", "hi"})  # "hello at example dot com" is a common address
_MARKERS: Final = re.compile(r"\b(?:e-?mail|mail|address|it'?s|inbox|send|forward)\b", re.IGNORECASE)
_MOST: Final = 3  # words that make up one local part without a sign between them


def _single(word: str) -> bool:
    """Is it one letter, or a word that spells (a digit, "double")?"""
    return len(word) == 1 or word in UNITS or word in REPEATS


def _spells(words: list[str], at: int) -> bool:
    """Is ``words[at]`` a letter that is being spelled, not the word "a" or "I"?"""
    if len(words[at]) != 1:
        return False
    before, after = (words[index] if 0 <= index < len(words) else "" for index in (at - 1, at + 1))
    if words[at] in ("a", "i") and before and not _single(before) and before not in SIGNS:
        # "With a j dash p": an article stands before a word, a letter before letters.
        return not after or _single(after) or after in SIGNS
    return (
        any(_single(near) or near in SIGNS for near in (before, after) if near)
        or (not after and (before in STOP or not before))
        or words[at] not in ("a", "i")
    )


def _tail(said: Said, end: int) -> tuple[int, bool]:
    """Where the local part that ends at ``end`` begins, and whether that is plain."""
    words = said.words[:end]
    start, plain, unsigned = end, True, 0
    while start > 0:
        at = start - 1
        word, before = words[at], words[at - 1] if at else ""
        head = words[start] if start < end else ""
        if not wordy(word) or (at + 1 in said.ends and head and not _continues(word, head)):
            break
        sign = word in SIGNS
        if word in STOP and not sign and not _spells(words, at) and before not in SIGNS:
            greeting = word in _GREETINGS and not head and (not before or before in _CARRIERS)
            named = head in SIGNS and head not in ("-", "+", "_", ".") and word not in _CARRIERS
            if not greeting and not named:
                break
        if head and not sign and head not in SIGNS and not _spells(words, at) and not _digits(word):
            verdict = _precedes(words, at, end, comma=start in said.commas)
            if verdict == "out":
                return start, plain
            plain = plain and verdict == "plain"
            unsigned += not _single(head)
            if unsigned >= _MOST:
                return start, False
        start = at
    return start, plain


def _digits(word: str) -> bool:
    """Does it stand for digits, or double what follows? Then it belongs to the spelling."""
    return word.isdigit() or word in UNITS or word in TEENS or word in TENS or word in REPEATS


def _continues(word: str, head: str) -> bool:
    """A full stop inside a dictation ("Kirsty. Dot. Mac. Eight.") ends no sentence."""
    return any(one in SIGNS or _single(one) or one.isdigit() for one in (word, head))


def _precedes(words: list[str], at: int, end: int, *, comma: bool) -> str:
    """How the word at ``at`` goes with what follows it without a sign: ``out`` (no part of it), ``plain``, or ``joined``."""
    word, tail = words[at], words[at + 1 : end]
    before = words[at - 1] if at else ""
    if before in SIGNS:
        return "plain"
    pieces = [piece for piece, _ in pieces_of(tail)]
    text = "".join(piece.text for piece in pieces)
    if text.isdigit():
        return "out" if announces(word) else "plain"
    if word in ORDINARY or text == word:
        return "out"
    signed = any(piece.sign for piece in pieces)
    if before in ("the", "a", "an", "your", "our", "this"):
        return "out"  # a noun: "the quotation jane dot doe at"
    if comma and signed:
        return "out"
    letters = 0
    for piece in pieces:
        if piece.sign or not piece.letter or piece.text.isdigit():
            break
        letters += 1
    spelled = all(piece.sign or piece.letter for piece in pieces)
    if letters >= _MOST or (letters and signed and spelled):
        return "out"
    return "joined"


def _echoless(said: Said, end: int) -> tuple[Said, int]:
    """Without the word that says again what has just been spelled ("b o b, that's bob, at …")."""
    words = said.words[:end]
    if not words or len(words[-1]) < 3:
        return said, end
    at = end - 1
    while at > 0 and words[at - 1] in ("that's", "is", "that", "so", "it's", "i.e"):
        at -= 1
    run = at
    while run > 0 and len(words[run - 1]) == 1:
        run -= 1
    if at - run >= 2 and words[-1].endswith("".join(words[run:at])):
        kept = [*said.words[:at], *said.words[end:]]
        return Said(kept, said.ends, said.commas), at
    return said, end


def _local(said: Said, end: int) -> tuple[str, bool, bool]:
    """The part before "at" (the longest tail that can be one), whether it was plainly joined, whether it
    is evident.

    Evident: spelled, joined by signs, or all that was said; "looked at example.com" is none of these.
    """
    said, end = _echoless(said, end)
    start, plain = _tail(said, end)
    pieces = [piece for piece, _ in pieces_of(said.words[start:end])]
    while pieces and (pieces[0].sign or not pieces[0].text):
        pieces = pieces[1:]
    text = "".join(piece.text for piece in pieces)
    spelled = len(pieces) > 1 and all(piece.letter or piece.sign for piece in pieces)
    alone = start == 0 and text not in ORDINARY
    return text, plain and not _doubtful(pieces), spelled or alone or bool(re.search(r"[._0-9+\-]", text))


def _doubtful(pieces: list[Piece]) -> bool:
    """An "o" beside digits may be either."""
    texts = [piece.text for piece in pieces]
    return any(
        text == "o"
        and any(texts[near].isdigit() for near in (at - 1, at + 1) if 0 <= near < len(texts) and texts[near])
        for at, text in enumerate(texts)
    )


def _domain(words: list[str]) -> str:
    """The domain at the head of ``words``."""
    taken = 0
    while taken < len(words):
        word = words[taken]
        dotted = taken > 0 and SIGNS.get(words[taken - 1]) == "."
        so_far = joined(words[:taken])
        following = words[taken + 1] if taken + 1 < len(words) else ""
        linked = following in SIGNS or (len(word) == 1 and len(following) == 1)
        if word in _AFTER and not linked and not (dotted and word in ("is", "it", "me", "so", "in")):
            break
        spelling = (
            len(word) == 1 and taken > 0 and len(words[taken - 1]) == 1 and words[taken - 1] not in SIGNS
        )
        if (
            re.search(r"\.[a-z]{2,}$", so_far)
            and not spelling
            and SIGNS.get(word) not in (".", "-")
            and not so_far.endswith("-")
        ):
            break
        if word not in SIGNS and not re.fullmatch(r"[a-z0-9][a-z0-9.\-]*", word):
            break
        if "." in so_far and len(word) > 1 and words[taken - 1] not in SIGNS and word not in SIGNS:
            break  # "at 10 a.m. tomorrow": nothing is joined to an ending
        taken += 1
    return joined(words[:taken]).strip(".-_+")


def _spoken(text: str, asked: bool) -> Reading:
    said = said_of(text)
    marked = asked or bool(_MARKERS.search(text))
    best = NOTHING
    for index, word in enumerate(said.words):
        if word != "at":
            continue
        local, plain, evident = _local(said, index)
        domain = _domain(said.words[index + 1 :])
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


# "J-A-N-E---D-O-E": a recogniser writes a hyphen between spelled letters, and the one that was said between two more.
_HYPHEN_SPELLED: Final = re.compile(
    r"(?:(?<=\b[a-z0-9])|(?<=-[a-z0-9]))-(?:-|dash|hyphen|minus)-(?=[a-z0-9]\b)", re.IGNORECASE
)


def email_read(text: str, *, asked: bool = False) -> Reading:
    """The e-mail address in ``text``, lower-cased. With ``asked``, half an address reads as unfinished.

    ``missing``: ``domain`` (nothing after "at"), ``ending`` (no ".com"), ``at`` (a name alone).
    """
    written = _WRITTEN.findall(text)
    if written:
        value = written[-1].lower()
        if _ADDRESS.fullmatch(value) and ".." not in value:
            return Reading(value=value, display=value, confidence=0.97)
    text = _HYPHEN_SPELLED.sub(" dash ", text)
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
        said = said_of(text)
        local, plain, _ = _local(said, len(said.words))
        if local and plain and len(local) > 1 and local not in ORDINARY and local not in _PROVIDERS:
            return Reading(display=local, confidence=0.1, missing="at")
    return reading
