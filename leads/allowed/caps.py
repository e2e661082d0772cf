"""Invariant: whatever is sent is counted by whom, to whom and when, and the count that is everybody's comes first.

All who count take that one row before any other and keep it until they are done, so that no two can wait for each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from leads.allowed.numbers import number_range
from leads.allowed.verdict import Refusal

#: The window of what is counted once and for all.
ALWAYS: Final = datetime(2000, 1, 1, tzinfo=UTC)
ONE: Final = Decimal(1)
#: Before the subject of what only goes to the outbox.
OUTBOX_SIDE: Final = "outbox:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """How many there may be. ``spend`` is money."""

    per_call: int
    per_caller_day: int
    per_number_day: int
    per_prefix_hour: int
    per_hour: int
    per_day: int
    spend_day: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One tally that a message adds ``used`` to, and beyond ``most`` may not."""

    scope: Refusal
    subject: str
    begins: datetime
    used: Decimal
    most: Decimal


def day_of(now: datetime, *, zone: ZoneInfo) -> datetime:
    """Midnight before ``now``, by the company's clock."""
    return datetime.combine(now.astimezone(zone).date(), time(), tzinfo=zone).astimezone(UTC)


def hour_of(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def counts_of(
    *,
    caps: Caps,
    now: datetime,
    zone: ZoneInfo,
    address: str,
    cost: Decimal,
    call: str = "",
    caller: str = "",
    kept_here: bool = False,
    factor: int = 1,
) -> tuple[Count, ...]:
    """Everything that one message to ``address`` counts for, in the order in which it must be counted.

    ``kept_here``: it only goes to the outbox. That reaches nobody and costs nothing, so it is counted apart, ``factor`` times
    as much is allowed of it, and none of it is money.
    """
    side = OUTBOX_SIDE if kept_here else ""
    times = factor if kept_here else 1
    day, hour = day_of(now, zone=zone), hour_of(now)
    number = address.casefold()

    def count(scope: Refusal, subject: str, begins: datetime, most: int) -> Count:
        return Count(
            scope=scope, subject=f"{side}{subject}", begins=begins, used=ONE, most=Decimal(most * times)
        )

    counts = [count(Refusal.DAY, "", day, caps.per_day)]
    if cost and not kept_here:
        counts.append(Count(scope=Refusal.SPEND, subject="", begins=day, used=cost, most=caps.spend_day))
    counts.append(count(Refusal.HOUR, "", hour, caps.per_hour))
    if "@" not in number:
        counts.append(count(Refusal.PREFIX, number_range(number), hour, caps.per_prefix_hour))
    counts.append(count(Refusal.NUMBER, number, day, caps.per_number_day))
    if caller:
        counts.append(count(Refusal.CALLER, caller, day, caps.per_caller_day))
    if call:
        most = Decimal(caps.per_call)
        counts.append(Count(scope=Refusal.CALL, subject=call, begins=ALWAYS, used=ONE, most=most))
    return tuple(counts)
