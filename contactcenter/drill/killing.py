"""Which process dies when: every kind in turn, in an order and at moments that chance decides.

Only processes that the drill's own supervisor started are killed, or children of those, each by its id.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
from collections import Counter
from pathlib import Path

from contactcenter.bootstrap.process import mark_of
from contactcenter.bootstrap.supervisor import Supervisor

#: One round: as often as each stands here.
DECK = ("worker", "prompt", "pool", "postgres", "valkey", "beat", "asker", "web")


class Killer:
    """Draws from a shuffled deck, so that each kind has its turn however short the drill is."""

    def __init__(self, supervisor: Supervisor, seed: int, *, start_seconds: float) -> None:
        self.supervisor = supervisor
        #: How long a program needs here until it works. Who dies before only proves that it can't start.
        self.start_seconds = start_seconds
        self.counts: Counter[str] = Counter()
        self._chance = random.Random(seed)
        self._deck: list[str] = []

    def pause(self, mean: float) -> float:
        """Seconds until the next kill."""
        return self._chance.uniform(0.4, 1.6) * mean

    def draw(self) -> list[str]:
        """Who dies next; now and then two at once, and nobody when all are young."""
        cards = [self._card() for _ in range(1 if self._chance.random() < 0.85 else 2)]
        return [card for card in cards if card]

    def round_is_over(self) -> bool:
        return all(self.counts[kind] for kind in DECK)

    def kill(self, kind: str) -> bool:
        """kill -9. False when there was nobody to kill: it is being started again."""
        pid = (
            self._child_of(self._chance.choice(("worker", "prompt")))
            if kind == "pool"
            else self._pid_of(kind)
        )
        if pid is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.counts[kind] += 1
            return True
        return False

    def _card(self) -> str | None:
        """The next card of whoever has worked for a while; one in ten may die while it starts."""
        if not self._deck:
            missing = [kind for kind in DECK if not self.counts[kind]]
            self._deck = missing or list(DECK)
            self._chance.shuffle(self._deck)
        reckless = self._chance.random() < 0.1
        for kind in reversed(self._deck):
            if reckless or self._age("worker" if kind == "pool" else kind) > self._youth(kind):
                self._deck.remove(kind)
                return kind
        return None

    def _youth(self, kind: str) -> float:
        return 3.0 if kind in {"valkey", "postgres"} else 1.5 * self.start_seconds + 8.0

    def _age(self, name: str) -> float:
        """Seconds since it was started; 0 when it does not run."""
        child = self.supervisor.children.get(name)
        if child is None or child.mark is None or not child.mark.alive():
            return 0.0
        up = float(Path("/proc/uptime").read_text().split()[0])
        return up - child.mark.started / os.sysconf("SC_CLK_TCK")

    def _pid_of(self, name: str) -> int | None:
        child = self.supervisor.children.get(name)
        mark = child.mark if child else None
        return mark.pid if mark is not None and mark.alive() else None

    def _child_of(self, name: str) -> int | None:
        """One of the processes that a worker has made to work for it."""
        parent = self._pid_of(name)
        if parent is None:
            return None
        try:
            found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        except OSError:
            return None
        alive = [pid for pid in map(int, found) if mark_of(pid) is not None]
        return self._chance.choice(alive) if alive else None
