"""What goes wrong at a stand-in, and how often: the same sequence for the same seed.

Pure. Nothing here is a permanent refusal, so whatever was promised can be kept.
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Fault(StrEnum):
    NONE = "answers"
    BUSY = "429"  # refused, with Retry-After
    BROKEN = "500"  # failed before it did anything
    CUT_BEFORE = "cut before"  # the line dropped, nothing was done
    CUT_AFTER = "cut after"  # done, and the line dropped before the answer
    GATEWAY = "502 after"  # done, and the gateway lost the answer
    SLOW = "too slow"  # done, and answered when nobody waits any more


#: Out of a thousand requests that would have an effect.
EFFECT_RATES: Final = {
    Fault.BUSY: 40,
    Fault.BROKEN: 30,
    Fault.CUT_AFTER: 30,
    Fault.GATEWAY: 15,
    Fault.CUT_BEFORE: 4,
    Fault.SLOW: 6,
}
#: Out of a thousand questions.
QUESTION_RATES: Final = {Fault.BUSY: 40, Fault.BROKEN: 30, Fault.CUT_BEFORE: 30}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What one request meets: its fault, the seconds until the answer, and what Retry-After says."""

    fault: Fault
    latency: float
    retry_after: int = 1


class Faults:
    """Draws the weather of each request. Safe for many threads; counts what it drew."""

    def __init__(self, seed: int, *, scale: float = 1.0) -> None:
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._scale = scale
        self._down = False
        self.drawn: dict[Fault, int] = {}

    def outage(self, down: bool) -> None:
        """While down the provider fails every request before it does anything."""
        self._down = down

    def down(self) -> bool:
        return self._down

    def draw(self, *, effect: bool) -> Weather:
        with self._lock:
            fault = self._fault(EFFECT_RATES if effect else QUESTION_RATES)
            self.drawn[fault] = self.drawn.get(fault, 0) + 1
            slow_one = self._chance.random() < 0.03
            latency = self._chance.uniform(0.6, 1.5) if slow_one else self._chance.uniform(0.02, 0.3)
            return Weather(fault=fault, latency=latency, retry_after=self._chance.choice((1, 1, 2, 3)))

    def _fault(self, rates: dict[Fault, int]) -> Fault:
        point = self._chance.random() * 1000 / self._scale if self._scale else 1000.0
        if self._down:
            return Fault.BROKEN
        for fault, rate in rates.items():
            if point < rate:
                return fault
            point -= rate
        return Fault.NONE
