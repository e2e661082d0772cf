"""Text into sentences, whole or as it streams. Invariant: joined again with single spaces the pieces are
the text, and the first piece is short enough for a voice to begin with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from calls.core.wordlist import word_set

FIRST_LIMIT: Final = 90  # characters; a longer first sentence begins to be spoken at a clause instead
_BORDER_LIMIT: Final = 110  # how late that clause may end
_LEAST: Final = 25  # a first clause shorter than this sounds chopped off
_ABBREVIATIONS: Final = word_set(
    "mr mrs ms dr prof st sr jr vs etc e.g i.e eg ie no nos inc ltd co corp dept approx est fig tel",
    "ext vol jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur fri sat sun",
    "a.m p.m am pm u.s u.k u.s.a rs incl excl min max hrs hr cf al ca pp rev gen col lt sgt capt",
)
# Abbreviations that may also end a sentence: then a capital that isn't a name follows.
_MAY_END: Final = frozenset(
    {"etc", "a.m", "p.m", "am", "pm", "inc", "ltd", "co", "corp", "u.s", "u.k", "hrs", "hr", "min", "no"}
)
_STARTERS: Final = word_set(
    "the a an we you i he she it they this that these those our your my if when please is are do does",
    "can could will would there here for in on at to and but so or after before until all any each",
    "every no not what how why who where which just with as",
)
_END: Final = re.compile(r"([.!?…]+)([\"')\]”’]*)(\s+|$)")
_CLAUSE: Final = re.compile(
    r"(?<=[,;:])\s+|\s+(?=(?:and|but|so|or|because|which|while|if|unless|until"
    r"|when|then)\s)|\s+[–—]\s+(?=\w)"
)


def _is_end(text: str, hit: re.Match[str], *, last: bool) -> bool:
    """Does the mark at ``hit`` end a sentence?"""
    mark, after = hit.group(1), text[hit.end() :]
    if not hit.group(3) and not (last and hit.end() == len(text)):
        return False
    if "\n\n" in hit.group(3):
        return True
    if mark != ".":
        return mark[0] in "!?" or not (after[:1].islower() or (not after and not last))
    word = re.search(r"(\S+)$", text[: hit.start()])
    before = word.group(1).lstrip("(\"'[“") if word else ""
    low = before.lower()
    if not after:
        return last
    if low in _ABBREVIATIONS:
        if not last and not re.search(r"\S\s", after):
            return False  # the next word decides, and it isn't all there
        following = re.match(r"[^\W\d_]+", after)
        starts = (
            bool(following)
            and after[0].isupper()
            and following is not None
            and following.group().lower() in _STARTERS
        )
        if low == "no":
            return not after[:1].isdigit()
        return low in _MAY_END and starts
    if re.fullmatch(r"[A-Z]", before) and after[:1].isupper():
        return False  # an initial: "J. Doe"
    if re.fullmatch(r"\d{1,2}", before) and (
        hit.start() - len(before) == 0 or text[hit.start() - len(before) - 1] == "\n"
    ):
        return False  # "1. First step": the number of an item
    return not after[:1].islower()


def _cut(text: str, *, last: bool) -> tuple[list[str], str]:
    """Finished sentences, and the rest."""
    pieces: list[str] = []
    start = 0
    for hit in _END.finditer(text):
        if hit.start() < start:
            continue
        if _is_end(text, hit, last=last):
            piece = text[start : hit.end()].strip()
            if piece:
                pieces.append(piece)
            start = hit.end()
    return pieces, text[start:]


def first_clauses(sentence: str) -> tuple[str, ...]:
    """A long sentence as a short beginning and the rest, at a clause's border; a short one as it is."""
    if len(sentence) <= FIRST_LIMIT:
        return (sentence,)
    borders = [hit for hit in _CLAUSE.finditer(sentence) if _LEAST <= hit.start() <= _BORDER_LIMIT]
    # "1,299" and "5, 6 or 7" have commas that are no borders; a border needs words after it.
    borders = [
        hit
        for hit in borders
        if len(sentence) - hit.end() >= _LEAST and not sentence[hit.end() : hit.end() + 1].isdigit()
    ]
    if not borders:
        return (sentence,)
    marked = [
        hit
        for hit in borders
        if sentence[hit.start() - 1] in ",;:" or "–" in hit.group() or "—" in hit.group()
    ]
    at = (marked or borders)[0]
    return sentence[: at.start()].rstrip(), sentence[at.start() :].strip()


def split(text: str) -> tuple[str, ...]:
    """``text`` as sentences; a first one over 90 characters is split at a clause so that a voice can start
    early."""
    pieces, rest = _cut(text, last=True)
    if rest.strip():
        pieces.append(rest.strip())
    pieces = [" ".join(piece.split()) for piece in pieces]
    return (*first_clauses(pieces[0]), *pieces[1:]) if pieces else ()


class SentenceStream:
    """Sentences out of text that comes in bits. A sentence is given out once what follows shows that it
    has ended."""

    def __init__(self) -> None:
        self._rest = ""
        self._begun = False

    def feed(self, bit: str) -> tuple[str, ...]:
        """The sentences that ``bit`` finishes; of a first one that grows long, its first clause."""
        self._rest += bit
        # The last mark may yet turn out to be inside "4.99" or "a.m.": it needs something after it.
        pieces, self._rest = (
            _cut(self._rest, last=False)
            if re.search(r"[.!?…][\"')\]”’]*\s+\S", self._rest)
            else ([], self._rest)
        )
        out = self._out(pieces)
        if not self._begun and len(self._rest) > _BORDER_LIMIT + 2 * _LEAST:
            head = first_clauses(" ".join(self._rest.split()))
            if len(head) == 2:
                out, self._rest, self._begun = (
                    (*out, head[0]),
                    head[1] + (" " if self._rest[-1:].isspace() else ""),
                    True,
                )
        return out

    def finish(self) -> tuple[str, ...]:
        """What is left when the text is over."""
        pieces, rest = _cut(self._rest, last=True)
        if rest.strip():
            pieces.append(rest.strip())
        self._rest = ""
        return self._out(pieces)

    def _out(self, pieces: list[str]) -> tuple[str, ...]:
        clean = [" ".join(piece.split()) for piece in pieces]
        if clean and not self._begun:
            self._begun = True
            return (*first_clauses(clean[0]), *clean[1:])
        return tuple(clean)


def stream(bits: Iterable[str]) -> Iterator[str]:
    """Sentences of a stream of bits, each as early as it is certain."""
    splitter = SentenceStream()
    for bit in bits:
        yield from splitter.feed(bit)
    yield from splitter.finish()
