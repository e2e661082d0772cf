"""Scores, and the data sets they are made of. Invariant: what was looked at while the readers were written (``dev``) is never
mixed with what was not (``held-out``).

The collections have no splits of their own, so a quarter of each is held out, chosen by a checksum of the words.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """One that was not right: the words, what they mean, what was made of them."""

    text: str
    expected: str
    got: str


@dataclass(slots=True, kw_only=True)
class Score:
    """What was made of ``n`` utterances.

    ``right``; ``asked`` (the agent would ask about it: several readings, or one that it can name as unusable);
    ``missed`` (nothing was heard: the agent asks openly); ``wrong`` (another value). ``false`` counts what should never
    be: a time scheduled that was not said, an address or a number where there is none, a "no" taken for a yes.
    """

    name: str
    n: int = 0
    right: int = 0
    asked: int = 0
    missed: int = 0
    wrong: int = 0
    false: int = 0
    misses: list[Miss] = field(default_factory=list)

    def count(self, verdict: str, *, text: str, expected: object, got: object, false: bool = False) -> None:
        self.n += 1
        setattr(self, verdict, getattr(self, verdict) + 1)
        self.false += false
        if verdict != "right" or false:
            self.misses.append(Miss(text=text, expected=str(expected), got=f"{verdict}: {got}"))

    @property
    def accuracy(self) -> float:
        return self.right / self.n if self.n else 0.0

    @property
    def right_or_asked(self) -> float:
        """Right, or asked about: what was missed counts as asked only by :attr:`harmless`."""
        return (self.right + self.asked) / self.n if self.n else 0.0

    @property
    def harmless(self) -> float:
        """Anything but wrong."""
        return 1 - self.wrong / self.n if self.n else 0.0


def in_part(text: str, part: str) -> bool:
    """Is ``text`` in this part (``dev``, ``held-out``; empty is both)? By a checksum of its words: copies stay together."""
    if not part:
        return True
    words = " ".join(re.findall(r"\w+", text.lower()))
    return (zlib.crc32(words.encode()) % 4 == 3) == (part == "held-out")


def spec_read(path: Path, part: str = "") -> Iterator[Mapping[str, Any]]:
    """The cases of one Recognizers-Text specification file."""
    for case in json.loads(path.read_text("utf-8-sig")):
        if in_part(case["Input"], part):
            yield case


def pairs_read(path: Path, part: str = "") -> Iterator[tuple[str, str]]:
    """(spoken, written) of one NeMo test file. Those for text normalisation hold them the other way round."""
    turned = "data_text_normalization" in path.parts
    for line in path.read_text("utf-8").splitlines():
        first, sign, second = line.partition("~")
        spoken, written = (second, first) if turned else (first, second)
        if sign and in_part(spoken, part):
            yield spoken.strip(), written.strip()


def pairs_unique(paths: Iterable[Path], part: str) -> Iterator[tuple[str, str]]:
    """The pairs of all files, each way of speaking once, whatever its capitals."""
    seen: set[str] = set()
    for path in sorted(paths):
        for spoken, written in pairs_read(path, part):
            if spoken.lower() not in seen:
                seen.add(spoken.lower())
                yield spoken, written
