"""Invariant: the schedule goes on when the clock is set: neither a burst for the hours that it leapt over, nor a silence as
long as it was set back.

Celery's scheduler reckons by the clock on the wall. When that and the one that only counts part company, everything begins
anew: each entry has just run.
"""

from __future__ import annotations

import time
from typing import Any, Final

from celery.beat import PersistentScheduler

#: Clocks that are kept in step drift by less than this between two looks.
LEAP_S: Final = 2.0


class SteadyScheduler(PersistentScheduler):
    """Celery's own, which notices that the clock was set."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._apart = _apart()
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Also at the start: what the file remembers may lie in a future that was taken back."""
        super().setup_schedule()
        self._begin_anew(only_future=True)

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        apart = _apart()
        if abs(apart - self._apart) > LEAP_S:
            self._apart = apart
            self._begin_anew()
        return super().tick(*args, **kwargs)

    def _begin_anew(self, *, only_future: bool = False) -> None:
        for entry in self.schedule.values():
            now = entry.default_now()
            if not only_future or (entry.last_run_at is not None and entry.last_run_at > now):
                entry.last_run_at = now
        self._heap = None


def _apart() -> float:
    return time.time() - time.monotonic()
