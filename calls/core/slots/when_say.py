"""A moment in words. Invariant: what is said, read again at the same ``now``, gives the same moment."""

from __future__ import annotations

import datetime as dt
from typing import Final

from calls.core.slots.moments.words import MONTHS, WEEKDAYS

_WEEK: Final = 7
_YEAR: Final = 330  # days ahead from which a date needs its year


def _clock(moment: dt.datetime) -> str:
    hour = moment.hour % 12 or 12
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{hour}{minutes} {'AM' if moment.hour < 12 else 'PM'}"


def day_say(day: dt.date, *, today: dt.date) -> str:
    """ "today", "tomorrow", "Monday" within a week, else "4 December" (with the year when far away)."""
    away = (day - today).days
    if away in (0, 1):
        return "today" if away == 0 else "tomorrow"
    if 1 < away < _WEEK:
        return WEEKDAYS[day.weekday()].capitalize()
    year = f" {day.year}" if away < 0 or away > _YEAR else ""
    return f"{day.day} {MONTHS[day.month - 1].capitalize()}{year}"


def when_say(moment: dt.datetime, *, now: dt.datetime) -> str:
    """ "today at 6 PM", "tomorrow at 10 AM", "Monday at 3:30 PM", "on 4 December at 10 AM", on the clock of ``now``'s zone."""
    local = moment.astimezone(now.tzinfo)
    day = day_say(local.date(), today=now.date())
    return f"{'on ' if day[0].isdigit() else ''}{day} at {_clock(local)}"


def by_say(moment: dt.datetime, now: dt.datetime) -> str:
    """ "by 6 PM today", "by Tuesday, 5 PM", "by 4 December, 10 AM"."""
    local = moment.astimezone(now.tzinfo)
    day = day_say(local.date(), today=now.date())
    return f"by {_clock(local)} {day}" if day in ("today", "tomorrow") else f"by {day}, {_clock(local)}"
