"""When the company is there to call somebody back. Invariant: pure; a moment is judged in the company's own zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from zoneinfo import ZoneInfo

Span = tuple[dt.time, dt.time]
_DAILY: Mapping[int, tuple[Span, ...]] = MappingProxyType(
    {day: ((dt.time(9), dt.time(20)),) for day in range(7)}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Opening hours. ``week`` maps a weekday (0 is Monday) to spans of local time; ``closed`` holds dates without any."""

    zone: str = "Asia/Kolkata"
    week: Mapping[int, tuple[Span, ...]] = field(default_factory=lambda: _DAILY)
    closed: frozenset[dt.date] = frozenset()

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def spans(self, day: dt.date) -> tuple[Span, ...]:
        """The spans of ``day``, in order; none when it is closed."""
        return () if day in self.closed else tuple(sorted(self.week.get(day.weekday(), ())))

    def is_open(self, moment: dt.datetime) -> bool:
        """Whether the company is there at ``moment`` (aware). The end of a span is not part of it."""
        local = moment.astimezone(self.tz)
        return any(begin <= local.time() < end for begin, end in self.spans(local.date()))

    def next_open(self, moment: dt.datetime) -> dt.datetime | None:
        """``moment`` if open then, else the next opening within 30 days; None if there is none."""
        if self.is_open(moment):
            return moment
        local = moment.astimezone(self.tz)
        for days in range(31):
            day = local.date() + dt.timedelta(days=days)
            for begin, _end in self.spans(day):
                opening = dt.datetime.combine(day, begin, tzinfo=self.tz)
                if opening > moment:
                    return opening
        return None
