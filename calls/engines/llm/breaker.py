"""A circuit breaker: a server that keeps failing is left alone for a while, then asked once to see whether it is back.

Invariant: while it is open nobody waits for the server; half open, exactly one caller does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Breaker:
    """Opens after ``failures`` in a row, for ``seconds``; safe from several threads."""

    def __init__(
        self, *, failures: int = 3, seconds: float = 20.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = failures
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._open_until = 0.0
        self._probing = False

    @property
    def is_open(self) -> bool:
        with self._lock:
            return self._failed >= self._most

    def allow(self) -> bool:
        """May the server be asked now? Who is told yes reports by :meth:`succeeded`, :meth:`failed` or :meth:`gave_up`."""
        with self._lock:
            if self._failed < self._most:
                return True
            if self._probing or self._clock() < self._open_until:
                return False
            self._probing = True
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failed, self._probing = 0, False

    def failed(self, *, seconds: float | None = None) -> bool:
        """Count a failure; ``seconds`` is how long the server asked to be left alone. True if this opened the circuit."""
        with self._lock:
            was_open = self._failed >= self._most
            self._failed = self._most if seconds else self._failed + 1
            self._probing = False
            if self._failed >= self._most:
                self._open_until = self._clock() + max(seconds or 0.0, 0.0 if seconds else self._seconds)
            return self._failed >= self._most and not was_open

    def gave_up(self) -> None:
        """The question was withdrawn before the server could answer: that says nothing about the server."""
        with self._lock:
            self._probing = False
