"""What was found in the words, each with its place. Invariant: a fact never holds more than was said; what is open (which
half of the day, which of two Fridays) stays open in it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

GONE: Final = "¦"  # in place of words that became a fact
NOISE: Final = "#"  # in place of words that are none


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A time of day. ``half``: ``am``, ``pm``, ``24`` (said as such), or empty when it may be either.

    ``bound``: ``after``, ``before`` or ``within`` for one end of a stretch. ``sure`` is False for a reading that deserves a
    question.
    """

    start: int
    end: int
    hour: int
    minute: int = 0
    half: str = ""
    bound: str = ""
    sure: bool = True
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day; several ``dates`` when the words leave it open; none when nothing in the calendar fits (30 February).

    ``weekday`` (0 is Monday) for a day said by its name; ``later`` are the same day of later months, for "Monday the 27th".
    """

    start: int
    end: int
    dates: tuple[dt.date, ...]
    weekday: int | None = None
    later: tuple[dt.date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a day: ``morning``, ``after lunch``; or of a longer stretch: ``next week``."""

    start: int
    end: int
    name: str
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """A stretch of time from now; two of them when one of two was said."""

    start: int
    end: int
    deltas: tuple[dt.timedelta, ...]
    sure: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Soon:
    """As soon as possible, or any time that suits."""

    start: int
    end: int
    any: bool = False


Fact = Clock | Day | Part | Offset | Soon


@dataclass(slots=True, kw_only=True)
class Scan:
    """The plain ``words``, the same ``text`` with what is already understood taken out, and the facts so far.

    ``dropped`` are facts that the caller turned down, or told of.
    """

    words: str
    asked: bool = False
    text: str = ""
    facts: list[Fact] = field(default_factory=list)
    dropped: list[Fact] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.text = self.words

    def hide(self, start: int, end: int, *, sign: str = GONE) -> None:
        """These words are accounted for: no other pattern may read them."""
        self.text = self.text[:start] + re.sub(r"\S", sign, self.text[start:end]) + self.text[end:]

    def mask(self, pattern: re.Pattern[str]) -> None:
        for hit in pattern.finditer(self.text):
            self.hide(*hit.span(), sign=NOISE)

    def take(self, pattern: re.Pattern[str], make: Callable[[re.Match[str]], Fact | None]) -> None:
        """Adds what ``make`` makes of every match, and hides its words."""
        at = 0
        while (hit := pattern.search(self.text, at)) is not None:
            fact = make(hit)
            at = max(hit.end(), at + 1) if fact is None else hit.end()
            if fact is not None:
                self.facts.append(fact)
                self.hide(*hit.span())

    def of(self, kind: type) -> list[Fact]:
        return sorted((fact for fact in self.facts if isinstance(fact, kind)), key=lambda fact: fact.start)


def spaced(pattern: str) -> re.Pattern[str]:
    """``pattern`` between spaces (or the ends) of the plain text."""
    return re.compile(rf"(?<!\S)(?:{pattern})(?!\S)")
