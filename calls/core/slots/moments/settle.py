"""From what was said to moments of the calendar. Invariant: a moment that its zone's clocks skip is none."""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from calls.core.slots.moments.facts import Clock, Day

ZONES: Final = {
    "gmt": "UTC",
    "utc": "UTC",
    "ist": "Asia/Kolkata",
    **dict.fromkeys(("est", "edt", "et", "eastern"), "America/New_York"),
    **dict.fromkeys(("cst", "cdt", "ct", "central"), "America/Chicago"),
    **dict.fromkeys(("mst", "mdt"), "America/Denver"),
    **dict.fromkeys(("pst", "pdt", "pt", "pacific"), "America/Los_Angeles"),
    "bst": "Europe/London",
    **dict.fromkeys(("cet", "cest"), "Europe/Paris"),
}
# When the parts of a day begin and end, in hours; for choosing between the two halves of the day and for "is it over?".
PARTS: Final = {
    "morning": (0, 12),
    "midmorning": (9, 12),
    "forenoon": (6, 12),
    "breakfast": (6, 11),
    "lunch": (11, 15),
    "afternoon": (12, 19),
    "midafternoon": (13, 17),
    "evening": (16, 24),
    "daytime": (7, 20),
    "dinner": (11, 23),  # to many the meal in the middle of the day
    "night": (18, 29),
    "end of day": (16, 24),
    "after lunch": (12, 19),
    "before lunch": (6, 13),
    "around lunch": (11, 15),
    "after work": (16, 24),
    "before work": (5, 10),
    "after office": (16, 24),
    "after noon": (12, 19),
    "before noon": (4, 12),
    "after dinner": (18, 24),
    "after breakfast": (7, 12),
}


def hours_of(clock: Clock, part: str) -> list[int]:
    """The hours (0 to 23) that a time may mean, given the part of the day that was said with it."""
    if clock.half == "24":
        options = [clock.hour]
    elif clock.half == "am":
        options = [clock.hour % 12]
    elif clock.half == "pm":
        options = [clock.hour % 12 + 12]
    else:
        options = [clock.hour % 12, clock.hour % 12 + 12]
    if part in PARTS:
        begin, end = PARTS[part]
        late = end - 24 if end > 24 else 0
        return [
            hour
            for hour in options
            if begin <= hour < end or hour < late or (hour == end and clock.minute == 0)
        ]
    return options


def stretched(clocks: list[Clock]) -> list[Clock]:
    """Both ends of a stretch; of an open one the hour next to its end."""
    if len(clocks) > 1:
        return clocks
    only = clocks[0]
    step = 1 if only.bound == "after" else -1
    return [_moved(only, step)] if only.bound == "before" else [only, _moved(only, step)]


def _moved(clock: Clock, step: int) -> Clock:
    hour = clock.hour + step
    if clock.half == "24":
        return Clock(
            start=clock.start,
            end=clock.end,
            hour=hour % 24,
            minute=clock.minute,
            half="24",
            bound=clock.bound,
        )
    if clock.half:
        full = (clock.hour % 12 + (12 if clock.half == "pm" else 0) + step) % 24
        return Clock(
            start=clock.start, end=clock.end, hour=full, minute=clock.minute, half="24", bound=clock.bound
        )
    return Clock(
        start=clock.start, end=clock.end, hour=(hour - 1) % 12 + 1, minute=clock.minute, bound=clock.bound
    )


def common(days: list[Day], *, either: bool = False) -> tuple[dt.date, ...]:
    """The dates that all the days named agree on ("Monday the 25th"); all of them when they don't."""
    if not days:
        return ()
    if either and len(days) > 1:
        return tuple(sorted({date for day in days for date in day.dates}))
    name = next((day.weekday for day in days if day.weekday is not None), None)
    for day in days:
        if day.later and name is not None:
            fitting = [date for date in (*day.dates, *day.later) if date.weekday() == name]
            # Farther off, one of the two was misheard.
            if fitting and fitting[0] - min(day.dates) < dt.timedelta(days=100):
                return (fitting[0],)
    both = set(days[0].dates)
    for day in days[1:]:
        both &= set(day.dates)
    return tuple(sorted(both or {date for day in days for date in day.dates}))


def moment_of(day: dt.date, hour: int, minute: int, zone: ZoneInfo) -> dt.datetime | None:
    """The moment of a local time; None for one that the clocks skip."""
    moment = dt.datetime.combine(day, dt.time(hour, minute), tzinfo=zone)
    back = moment.astimezone(dt.UTC).astimezone(zone)
    return moment if back.replace(tzinfo=None) == moment.replace(tzinfo=None) else None


def minute_up(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """``moment`` in ``zone``, rounded up to a whole minute."""
    short = moment.second or moment.microsecond
    whole = moment.astimezone(dt.UTC).replace(second=0, microsecond=0) + dt.timedelta(
        minutes=1 if short else 0
    )
    return whole.astimezone(zone)
