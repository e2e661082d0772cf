"""How late callbacks rang, and what of it is the kills' and what the product's own.

Pure but for the watch, which only looks. The product's own is counted against it: every second from the time that was arranged
to the first request at the provider in which the scheduler, a worker, Valkey, PostgreSQL and the provider were all up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from contactcenter.bootstrap.process import Mark
from contactcenter.bootstrap.supervisor import Supervisor

#: Of each group one must be up for a telephone to ring.
NEEDED: Final = (("beat",), ("valkey",), ("postgres",), ("worker", "prompt"))
LOOK_SECONDS: Final = 0.1
Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One callback: when it was due, when the provider was first asked for it, and when it took the order."""

    due: float
    asked: float
    made: float
    #: An attempt that the database counts and the provider never saw: its worker died between the two.
    cut_off: bool = False


def overlap(spans: Iterable[Span], start: float, end: float) -> float:
    """How many of the seconds from start to end lie in one of the spans, which don't overlap."""
    return sum(max(0.0, min(end, until) - max(start, since)) for since, until in spans)


def spread(values: Sequence[float]) -> str:
    """Median, 95th percentile and maximum in words."""
    ordered = sorted(values)
    at = [ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.95)]
    return f"p50 {at[0]:.1f} s, p95 {at[1]:.1f} s, max {ordered[-1]:.1f} s"


def lateness_said(rung: Sequence[Rung], down: Sequence[Span]) -> list[str]:
    """The lines of a report; none without callbacks."""
    if not rung:
        return []
    own = [one.asked - one.due - overlap(down, one.due, one.asked) for one in rung]
    calm = [value for value, one in zip(own, rung, strict=True) if not one.cut_off]
    lines = [
        f"{len(rung)} callbacks, from their time to the order: {spread([one.made - one.due for one in rung])}",
        f"- to the first request at the provider: {spread([one.asked - one.due for one in rung])}",
        f"- of that with scheduler, a worker, Valkey, PostgreSQL and provider all up: {spread(own)}",
    ]
    if cut := len(rung) - len(calm):
        lines.append(
            f"- of that, {cut} whose worker died between claim and request left out: {spread(calm or [0.0])}"
        )
    lines.append(f"- from the first request to the order: {spread([one.made - one.asked for one in rung])}")
    return lines


@dataclass
class Watch:
    """Notes when a callback could not ring, whatever the product did."""

    supervisor: Supervisor
    start_seconds: float
    provider_down: Callable[[], bool]
    down: list[Span] = field(default_factory=list)
    _ready: dict[str, Mark] = field(default_factory=dict)
    _since: dict[str, tuple[Mark, float]] = field(default_factory=dict)

    async def run(self) -> None:
        """Look until cancelled; who is down then stays down."""
        since: float | None = None
        try:
            while True:
                up = await asyncio.to_thread(self._all_up)
                now = time.time()
                if not up and since is None:
                    since = now
                elif up and since is not None:
                    self.down.append((since, now))
                    since = None
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            if since is not None:
                self.down.append((since, float("inf")))

    def _all_up(self) -> bool:
        return not self.provider_down() and all(any(map(self._up, group)) for group in NEEDED)

    def _up(self, name: str) -> bool:
        child = self.supervisor.children.get(name)
        mark = child.mark if child else None
        if child is None or mark is None or not mark.alive():
            return False
        if self._ready.get(name) != mark:
            first, began = self._since.setdefault(name, (mark, time.monotonic()))
            if first != mark:
                self._since[name] = (mark, began := time.monotonic())
            ready = child.program.ready
            works = ready() if ready is not None else self._settled(name, mark, began)
            if not works:
                return False
            self._ready[name] = mark
        return True

    def _settled(self, name: str, mark: Mark, began: float) -> bool:
        """A worker works when it has made its pool; of the scheduler nothing is to be seen from outside."""
        if name == "beat":
            return time.monotonic() - began > self.start_seconds
        try:
            return bool(Path(f"/proc/{mark.pid}/task/{mark.pid}/children").read_text().split())
        except OSError:
            return False


def rungs_of(
    due: Mapping[str, float],
    requests: Iterable[tuple[float, str]],
    made: Mapping[str, float],
    attempts: Mapping[str, int],
) -> list[Rung]:
    """From what the stand-in saw, by the number called: each request with its moment, the orders taken, the row's attempts."""
    first: dict[str, float] = {}
    times: dict[str, int] = {}
    for at, number in requests:
        first[number] = min(at, first.get(number, at))
        times[number] = times.get(number, 0) + 1
    return [
        Rung(
            due=due[number],
            asked=first[number],
            made=at,
            cut_off=attempts.get(number, 0) > times[number],
        )
        for number, at in made.items()
        if number in due and number in first
    ]
