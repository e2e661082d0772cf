"""Invariant: what waits is rung for, however often a bell was lost, and never faster than the way out carries.

The rows say what waits; a bell too many finds nothing to claim.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from contactcenter.locks import round_take
from leads import doorbell
from leads.models import Message
from leads.services.delivery import CLAIM_TIMEOUT
from leads.services.pacing import PROBES, providers_troubled
from leads.status import Status

#: A doorbell is rung again after this long; a bell too many finds nothing to claim.
RING_AGAIN: Final = timedelta(seconds=15)
#: How many bells one sweep rings: after a long outage the backlog goes out steadily instead of all at once.
SWEEP_LIMIT: Final = 200


def messages_sweep(*, now: datetime | None = None) -> int:
    """Ring for everything that waits: holds that are due, bells that were missed, claims without an answer.

    Harmless if it runs twice at once: one of the two does the round, and rows are locked with SKIP LOCKED and marked as rung.
    Returns how many it rang.
    """
    now = now or timezone.now()
    not_rung = Q(rung_at=None) | Q(rung_at__lt=now - RING_AGAIN)
    with transaction.atomic():
        if not round_take("messages"):
            return 0
        resting, tried = providers_troubled(now=now)
        rows = Message.objects.select_for_update(skip_locked=True)
        held = list(
            rows.filter(status=Status.HELD, not_before__lte=now).values_list("id", flat=True)[:SWEEP_LIMIT]
        )
        Message.objects.filter(id__in=held).update(status=Status.QUEUED, updated_at=now)
        due = rows.filter(not_rung, status=Status.QUEUED).filter(
            Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
        )
        due = due.exclude(provider__in=resting).order_by("created_at")
        ringing = list(due.exclude(provider__in=tried).values_list("id", flat=True)[:SWEEP_LIMIT])
        for provider in tried:
            ringing += due.filter(provider=provider).values_list("id", flat=True)[:PROBES]
        lost = rows.filter(not_rung, status=Status.SENDING, claimed_at__lt=now - CLAIM_TIMEOUT)
        asking = list(lost.order_by("claimed_at").values_list("id", flat=True)[:SWEEP_LIMIT])
        Message.objects.filter(id__in=[*ringing, *asking]).update(rung_at=now)
    rung = 0
    for task, ids in ((doorbell.DELIVER, ringing), (doorbell.RESOLVE, asking)):
        for message_id in ids:
            if not doorbell.ring(task, message_id):
                return rung  # The broker is down; the next sweep tries again.
            rung += 1
    return rung
