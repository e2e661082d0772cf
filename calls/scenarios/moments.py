"""Dates as a scenario writes them: "tomorrow 10:00", resolved in the company's zone at the moment a call begins. Pure."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK: Final = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})"
_FORMS: Final = (
    re.compile(rf"(?P<day>today|tomorrow|yesterday|next|{'|'.join(WEEKDAYS)}) {_CLOCK}"),
    re.compile(rf"in (?P<days>\d+) days? {_CLOCK}"),
    re.compile(rf"(?P<ago>\d+) days? ago {_CLOCK}"),
    re.compile(r"in (?P<after>\d+) (?P<unit>minutes?|hours?)"),
)


def is_moment(text: str) -> bool:
    return _match(text) is not None


def moment_resolve(text: str, now: dt.datetime) -> dt.datetime:
    """``today|tomorrow|yesterday|next|<weekday> HH:MM``, ``in N days HH:MM``, ``N days ago HH:MM``, ``in N hours|minutes``.

    ``next 18:00`` is today, or tomorrow once it has struck; a weekday is the next one after today. ``now`` is aware, in the
    company's zone. Raises ``ValueError`` for anything else.
    """
    hit = _match(text)
    if hit is None:
        raise ValueError(f"{text!r} is no moment, such as 'tomorrow 10:00'")
    parts = hit.groupdict()
    if parts.get("after"):
        span = int(parts["after"])
        return now + (dt.timedelta(hours=span) if parts["unit"][0] == "h" else dt.timedelta(minutes=span))
    clock = dt.time(int(parts["hour"]), int(parts["minute"]))
    if parts.get("days"):
        days = int(parts["days"])
    elif parts.get("ago"):
        days = -int(parts["ago"])
    elif parts["day"] == "next":
        days = int(clock <= now.time())
    elif parts["day"] in WEEKDAYS:
        days = (WEEKDAYS.index(parts["day"]) - now.weekday() - 1) % 7 + 1
    else:
        days = {"today": 0, "tomorrow": 1, "yesterday": -1}[parts["day"]]
    return dt.datetime.combine(now.date() + dt.timedelta(days=days), clock, tzinfo=now.tzinfo)


def tolerance(text: str) -> dt.timedelta:
    """How far off a row may be: "in 2 hours" is counted from when it was said, a clock time is exact."""
    hit = _match(text)
    return dt.timedelta(minutes=3) if hit is not None and hit.groupdict().get("after") else dt.timedelta()


def day_word(moment: dt.datetime, now: dt.datetime) -> str:
    """ "today", "tomorrow", or the weekday."""
    days = (moment.date() - now.date()).days
    return {0: "today", 1: "tomorrow"}.get(days, moment.strftime("%A"))


def clock_word(moment: dt.datetime) -> str:
    """ "6 PM", "10:30 AM"."""
    hour = moment.hour % 12 or 12
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{hour}{minutes} {'AM' if moment.hour < 12 else 'PM'}"


def _match(text: str) -> re.Match[str] | None:
    words = " ".join(text.split()).lower()
    found = next((hit for form in _FORMS if (hit := form.fullmatch(words))), None)
    if found is None:
        return None
    parts = found.groupdict()
    if parts.get("hour") and (int(parts["hour"]) > 23 or int(parts["minute"]) > 59):
        return None
    return found
