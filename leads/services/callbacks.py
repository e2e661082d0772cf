"""Invariant: one key is one callback; what a lead's row says of the next call is what its callbacks say.

A callback is moved or cancelled only by whom it belongs to: the call that made it, or its lead.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from leads.models import Callback, Lead
from leads.recipients import phone_normalise
from leads.services.people import lead_touch

log = structlog.get_logger(__name__)

PENDING_CALL = "execute_call"
#: A time that was ahead when the caller said it may have come by the time it is written.
JUST_NOW = timedelta(minutes=2)


@transaction.atomic
def callback_schedule(
    *,
    key: str,
    lead_id: str | None,
    call_id: UUID | None,
    phone: str,
    due_at: datetime,
    reason: str = "",
    moves: str = "",
    now: datetime | None = None,
) -> Callback:
    """Promise to call ``phone`` at ``due_at``; repeating it with the same ``key`` changes nothing.

    ``moves`` is the key of an earlier callback of the same lead or call that this one takes the place of.
    Raises ValueError for a time without a zone or in the past, and RecipientError for a number that cannot
    exist.
    """
    now = now or timezone.now()
    existing = Callback.objects.filter(key=key).first()
    if existing is not None:
        return existing
    if timezone.is_naive(due_at):
        raise ValueError("the time of a callback needs a zone")
    if due_at < now - JUST_NOW:
        raise ValueError("a callback cannot be in the past")
    number = phone_normalise(phone, region=settings.DEFAULT_PHONE_REGION)
    before = _take_away(key=moves, lead_id=lead_id, call_id=call_id, status=Callback.Status.MOVED)
    callback, created = Callback.objects.get_or_create(
        key=key,
        defaults={
            "lead_id": lead_id,
            "call_id": call_id,
            "phone": number,
            "due_at": due_at,
            "reason": reason.replace("\x00", ""),
        },
    )
    if created:
        log.info("callback_scheduled", callback=callback.id, call=str(call_id))
    if lead_id:
        lead_touch(lead_id=lead_id, preferred_channel="call", at=now)
        lead_next_call(lead_id=lead_id, was=before.due_at if before else None, now=now)
    return callback


@transaction.atomic
def callback_cancel(
    *, key: str, lead_id: str | None, call_id: UUID | None, now: datetime | None = None
) -> Callback | None:
    """Take a callback back. None when there is none to take back, or when it is somebody else's."""
    now = now or timezone.now()
    callback = _take_away(key=key, lead_id=lead_id, call_id=call_id, status=Callback.Status.CANCELLED)
    if callback is None:
        return None
    if callback.lead_id:
        lead_next_call(lead_id=callback.lead_id, was=callback.due_at, now=now)
    log.info("callback_cancelled", callback=callback.id, call=str(call_id))
    return callback


def lead_next_call(*, lead_id: str, was: datetime | None, now: datetime) -> None:
    """Bring the lead's next action in line with its callbacks: the next one, or none if what stands there was ``was``."""
    coming = (
        Callback.objects.filter(lead_id=lead_id, status=Callback.Status.SCHEDULED, due_at__gte=now - JUST_NOW)
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )
    if coming is not None:
        Lead.objects.filter(id=lead_id).update(next_action_time=coming, pending_action=PENDING_CALL)
    elif was is not None:
        Lead.objects.filter(id=lead_id, next_action_time=was, pending_action=PENDING_CALL).update(
            next_action_time=None, pending_action=""
        )


def _take_away(*, key: str, lead_id: str | None, call_id: UUID | None, status: str) -> Callback | None:
    if not key or (lead_id is None and call_id is None):
        return None
    own = Q()
    if lead_id is not None:
        own |= Q(lead_id=lead_id)
    if call_id is not None:
        own |= Q(call_id=call_id)
    callback = (
        Callback.objects.select_for_update(of=("self",))
        .filter(own, key=key, status=Callback.Status.SCHEDULED)
        .first()
    )
    if callback is not None:
        callback.status = status
        callback.save(update_fields=("status", "updated_at"))
    return callback
