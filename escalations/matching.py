"""Invariant: pure. Of those who are free, the one who knows most about it is asked, and among equals who waited longest.

First whoever has the very skill, then whoever takes anything ("general"), then anybody: a caller who wants a person is
better off with one who asks around than with nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

GENERAL: Final = "general"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who takes calls. ``expertise`` is a comma-separated list, as it stands in the table."""

    id: str
    name: str
    expertise: str
    idle_since: datetime
    free: bool = True

    @property
    def skills(self) -> frozenset[str]:
        return frozenset(skill.strip().casefold() for skill in self.expertise.split(",")) - {""}


def agent_match(candidates: Iterable[Candidate], *, skill: str) -> Candidate | None:
    """Who is to be asked first, or None when nobody is free."""
    free = [candidate for candidate in candidates if candidate.free]
    wanted = skill.strip().casefold() or GENERAL
    return min(free, key=lambda one: (_rank(one, wanted), one.idle_since, one.id), default=None)


def _rank(candidate: Candidate, wanted: str) -> int:
    if wanted in candidate.skills:
        return 0
    return 1 if GENERAL in candidate.skills else 2
