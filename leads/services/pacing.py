"""Invariant: a provider that is down is asked by few, and found again by few; what waits for it loses nothing but time.

After some failures in a row a provider rests, each time longer, up to a minute, and as long as it asks for itself. Meanwhile
nothing claims a message of its; afterwards a handful is tried, and the rest only once one of them got through.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from leads.messengers.base import ProviderError
from leads.models_jobs import ProviderPause

log = structlog.get_logger(__name__)

_chance = random.SystemRandom().uniform
#: So many failures in a row are no accident any more.
FAILURES: Final = 5
REST_FIRST_S: Final = 2.0
REST_LONGEST_S: Final = 60.0
#: How many messages a round tries at a provider that has failed and not yet been heard of again.
PROBES: Final = 5


def provider_resting(*, provider: str, now: datetime) -> datetime | None:
    """Until when nothing is sent by this provider; None when it may be asked."""
    return (
        ProviderPause.objects.filter(provider=provider, until__gt=now).values_list("until", flat=True).first()
    )


def providers_troubled(*, now: datetime) -> tuple[Collection[str], Collection[str]]:
    """(those that rest, those that have rested and are to be tried with a few)."""
    rows = list(ProviderPause.objects.filter(Q(failures__gte=FAILURES) | Q(until__gt=now)))
    resting = {row.provider for row in rows if row.until and row.until > now}
    return resting, {row.provider for row in rows} - resting


def provider_answered(*, provider: str) -> None:
    """It took a message, or said no to one: it is there."""
    recovered = ProviderPause.objects.filter(provider=provider, failures__gte=1)
    if recovered.update(failures=0, until=None):
        log.info("provider_back", provider=provider)


@transaction.atomic
def provider_failed(
    *, provider: str, error: ProviderError, now: datetime, longest_s: float = REST_LONGEST_S
) -> None:
    """It did not take a message for a reason that is not the message's. It rests no longer than ``longest_s`` unless it asks
    for more."""
    ProviderPause.objects.get_or_create(provider=provider)
    ProviderPause.objects.filter(provider=provider).update(failures=F("failures") + 1)
    failures = ProviderPause.objects.filter(provider=provider).values_list("failures", flat=True).get()
    rest = 0.0
    if failures >= FAILURES:
        rest = min(REST_FIRST_S * 2 ** min(failures - FAILURES, 10), longest_s) * _chance(0.75, 1.0)
    # "Too many requests" is said of the account, not of one message.
    rest = max(rest, error.retry_after or 0.0)
    if not rest:
        return
    until = now + timedelta(seconds=rest)
    ProviderPause.objects.filter(provider=provider).update(until=Greatest(F("until"), until))
    log.warning("provider_rests", provider=provider, failures=failures, seconds=round(rest))
