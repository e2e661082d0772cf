"""Invariant: nobody is disturbed at night by their own clock, also on the two days a year when that clock jumps.

A number of which only the country is known may be in several zones: then it has to be day in all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_DAY: Final = timedelta(days=1)
#: Zones so far apart that it is never day in all of them settle within fewer rounds than this.
_ROUNDS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From one time of day until another, over midnight if ``begins`` is the later one. The same twice: never."""

    begins: time
    ends: time

    def covers(self, at: time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


def is_quiet(moment: datetime, *, zone: ZoneInfo, hours: QuietHours) -> bool:
    """Whether it is night at ``moment`` for somebody in ``zone``."""
    return hours.covers(moment.astimezone(zone).time())


def quiet_until(moment: datetime, *, zones: Sequence[ZoneInfo], hours: QuietHours) -> datetime | None:
    """When the night is over in all ``zones``; None when it is not night in any of them now.

    Where it is never day in all of them, the middle one counts.
    """
    at = moment.astimezone(UTC)
    for _ in range(_ROUNDS):
        night = [zone for zone in zones if is_quiet(at, zone=zone, hours=hours)]
        if not night:
            return None if at <= moment else at
        at = max(_morning(at, zone=zone, hours=hours) for zone in night)
    middle = sorted(zones, key=lambda zone: (moment.astimezone(zone).utcoffset() or timedelta(), str(zone)))
    zone = middle[len(middle) // 2]
    return _morning(moment, zone=zone, hours=hours) if is_quiet(moment, zone=zone, hours=hours) else None


def _morning(moment: datetime, *, zone: ZoneInfo, hours: QuietHours) -> datetime:
    """The end of the night that ``moment`` is in, in UTC."""
    moment = moment.astimezone(UTC)
    today = moment.astimezone(zone).date()
    for day in (today, today + _DAY, today + 2 * _DAY):
        # The clock may show the time twice that day (two folds), or never (both folds are beside the gap).
        for fold in (0, 1):
            end = datetime.combine(day, hours.ends, tzinfo=zone).replace(fold=fold).astimezone(UTC)
            if end > moment and not is_quiet(end, zone=zone, hours=hours):
                return end
    raise AssertionError("every night has an end")  # pragma: no cover
