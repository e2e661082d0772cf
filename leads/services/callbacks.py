"""Invariant: one key is one callback; what a lead's row says of the next call is what its callbacks say.

A callback is moved or cancelled only by whom it belongs to (the call that made it, or its lead) or by staff, and only while
nobody's telephone rings for it; then it is at least not tried again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from leads import doorbell
from leads.models import Callback, Lead
from leads.recipients import phone_normalise
from leads.services.consenting import consent_note
from leads.services.people import lead_touch

log = structlog.get_logger(__name__)

PENDING_CALL = "execute_call"
#: A time that was ahead when the caller said it may have come by the time it is written.
JUST_NOW = timedelta(minutes=2)
#: Nobody's telephone rings for these, and one is to.
WAITING: Final = (Callback.Status.SCHEDULED, Callback.Status.NO_ANSWER)


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
        # Whoever asks to be called has agreed to it, also after an earlier STOP.
        consent_note(channel="call", address=number, lead_id=lead_id, call_id=call_id, now=now)
        log.info("callback_scheduled", callback=callback.id, call=str(call_id))
    if lead_id:
        lead_touch(lead_id=lead_id, preferred_channel="call", at=now)
        lead_next_call(lead_id=lead_id, was=ready_at(before) if before else None, now=now)
    return callback


@transaction.atomic
def callback_cancel(
    *, key: str, lead_id: str | None, call_id: UUID | None, now: datetime | None = None
) -> Callback | None:
    """Take a callback back. None when there is none to take back, when it is somebody else's, or when the telephone is
    ringing for it (then it is not tried again)."""
    now = now or timezone.now()
    callback = _take_away(key=key, lead_id=lead_id, call_id=call_id, status=Callback.Status.CANCELLED)
    if callback is None:
        return None
    if callback.lead_id:
        lead_next_call(lead_id=callback.lead_id, was=ready_at(callback), now=now)
    log.info("callback_cancelled", callback=callback.id, call=str(call_id))
    return callback


@transaction.atomic
def callback_withdraw(*, callback_id: int, now: datetime | None = None) -> bool:
    """Staff take a callback back. False when it is being called, or was settled before."""
    now = now or timezone.now()
    callback = (
        Callback.objects.select_for_update(of=("self",)).filter(id=callback_id, status__in=WAITING).first()
    )
    if callback is None:
        return False
    callback.status = Callback.Status.CANCELLED
    callback.save(update_fields=("status", "updated_at"))
    if callback.lead_id:
        lead_next_call(lead_id=callback.lead_id, was=ready_at(callback), now=now)
    log.info("callback_withdrawn", callback=callback.id)
    return True


@transaction.atomic
def callback_call_now(*, callback_id: int, now: datetime | None = None) -> bool:
    """Staff want it called at once (within the hours in which people may be called): one that waits, or that has failed or
    is unknown, with all its tries anew. False for any other."""
    now = now or timezone.now()
    again = (*WAITING, Callback.Status.FAILED, Callback.Status.UNKNOWN)
    callback = (
        Callback.objects.select_for_update(of=("self",)).filter(id=callback_id, status__in=again).first()
    )
    if callback is None:
        return False
    Callback.objects.filter(id=callback_id).update(
        status=Callback.Status.SCHEDULED,
        due_at=now,
        tries=0,
        last_try=False,
        error="",
        failure="",
        next_attempt_at=now,
        finished_at=None,
        seen_to_at=None,
        rung_at=now,
        updated_at=now,
    )
    if callback.lead_id:
        lead_next_call(lead_id=callback.lead_id, was=ready_at(callback), now=now)

    def ring() -> None:
        if not doorbell.ring(doorbell.DIAL, callback_id):
            Callback.objects.filter(id=callback_id).update(rung_at=None)

    transaction.on_commit(ring)
    log.info("callback_called_now", callback=callback_id)
    return True


@transaction.atomic
def callback_rearrange(
    *, callback_id: int, due_at: datetime, reason: str, now: datetime | None = None
) -> bool:
    """Staff move a callback that waits. False when it is being called, or was settled before."""
    now = now or timezone.now()
    callback = (
        Callback.objects.select_for_update(of=("self",)).filter(id=callback_id, status__in=WAITING).first()
    )
    if callback is None:
        return False
    moved = due_at != callback.due_at
    was = ready_at(callback)
    callback.due_at, callback.reason = due_at, reason.replace("\x00", "")
    if moved:
        callback.status, callback.next_attempt_at, callback.tries = Callback.Status.SCHEDULED, None, 0
        callback.rung_at = None
    callback.save()
    if moved and callback.lead_id:
        lead_next_call(lead_id=callback.lead_id, was=was, now=now)
    return True


def ready_at(callback: Callback) -> datetime:
    """When its telephone is to ring next."""
    return callback.next_attempt_at or callback.due_at


def lead_next_call(*, lead_id: str, was: datetime | None, now: datetime) -> None:
    """Bring the lead's next action in line with its callbacks: the next one, or none if what stands there was ``was``."""
    coming = (
        Callback.objects.filter(lead_id=lead_id, status__in=WAITING)
        .annotate(ready=Coalesce("next_attempt_at", "due_at"))
        .filter(ready__gte=now - JUST_NOW)
        .order_by("ready")
        .values_list("ready", flat=True)
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
    callback = Callback.objects.select_for_update(of=("self",)).filter(own, key=key).first()
    if callback is None:
        return None
    if callback.status == Callback.Status.CALLING:
        # The telephone is ringing: that can't be taken back, but nobody rings again.
        callback.last_try = True
        callback.save(update_fields=("last_try", "updated_at"))
        return None
    if callback.status not in WAITING:
        return None
    callback.status = status
    callback.save(update_fields=("status", "updated_at"))
    return callback
