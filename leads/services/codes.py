"""Invariant: asking for a code looks the same whether or not anybody fits the claim, and every try counts.

A call only notes that a code was asked for; a worker looks whether exactly one lead with a number on file fits, and texts that
number. So neither what the call writes nor how long it takes depends on whom there is. The message does not belong to the call
either: no receipt tells the caller what happened.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from contactcenter.locks import round_take
from leads import doorbell
from leads.codes import (
    CODES_A_CALL,
    CODES_A_DAY,
    CODES_AN_HOUR,
    LIFETIME,
    code_digest,
    code_matches,
    code_new,
    salt_new,
)
from leads.models import Channel, Lead, VerificationCode
from leads.recipients import RecipientError, phone_normalise
from leads.selectors import CodePeek, code_message_key, code_newest, code_state
from leads.services.messages import message_queue

log = structlog.get_logger(__name__)

#: A bell that was missed is rung again after this long.
RING_AGAIN = timedelta(seconds=4)


@transaction.atomic
def code_ask(
    *,
    key: str,
    call_id: UUID,
    order_id: str = "",
    phone: str = "",
    email: str = "",
    now: datetime | None = None,
) -> None:
    """Note that a caller who goes by all of these wants to prove it. Repeating it with the same ``key`` changes nothing.

    A call that has asked too often keeps the code it has.
    """
    now = now or timezone.now()
    if VerificationCode.objects.filter(key=key).exists():
        return
    if VerificationCode.objects.filter(call_id=call_id).count() >= CODES_A_CALL:
        log.warning("code_refused", call=str(call_id), why="too many in this call")
        return
    row, created = VerificationCode.objects.get_or_create(
        key=key,
        defaults={
            "call_id": call_id,
            "claim": {"order_id": order_id, "phone": phone, "email": email},
            "expires_at": now + LIFETIME,
            "created_at": now,
        },
    )
    if created:
        transaction.on_commit(lambda: doorbell.ring(doorbell.SEND_CODE, row.id))
        log.info("code_asked", call=str(call_id))


@transaction.atomic
def code_send(*, code_id: int, now: datetime | None = None) -> None:
    """Text the code to the one lead whom the claim fits, if there is one who wasn't sent too many; once a row."""
    now = now or timezone.now()
    row = VerificationCode.objects.select_for_update().filter(id=code_id, settled_at=None).first()
    if row is None or row.call_id is None or row.expires_at <= now:
        return
    lead = _lead_claimed(row.claim)
    if lead is not None and _sent_too_often(lead, now):
        log.warning("code_refused", call=str(row.call_id), lead=lead.id, why="too many for this lead")
        lead = None
    row.settled_at, row.claim, row.lead = now, {}, lead
    if lead is not None:
        digits, row.salt = code_new(), salt_new()
        row.digest = code_digest(digits, salt=row.salt, call_id=row.call_id)
        message_queue(
            key=code_message_key(row),
            lead_id=lead.id,
            call_id=None,
            channel=Channel.SMS,
            to=lead.phone,
            template="code",
            asked=True,
            now=now,
            context={"code": digits, "minutes": str(LIFETIME // timedelta(minutes=1))},
        )
    row.save()


@transaction.atomic
def code_check(*, call_id: UUID, digits: str, now: datetime | None = None) -> CodePeek:
    """Count one try of ``digits`` against the call's newest code. ``right`` is said once."""
    now = now or timezone.now()
    row = code_newest(call_id=call_id, lock=True)
    if row is None:
        return CodePeek(state="wrong", lead=None)
    state = code_state(row, now=now)
    if state == "open":
        row.tries += 1
        fits = code_matches(digits, digest=row.digest, salt=row.salt, call_id=call_id)
        state = "right" if fits and row.lead_id else "wrong"
        if state == "right":
            row.used_at = now
        row.save(update_fields=("tries", "used_at"))
    log.info("code_checked", call=str(call_id), state=state, tries=row.tries)
    return CodePeek(state=state, lead=row.lead if state == "right" else None)


def codes_sweep(*, now: datetime | None = None) -> int:
    """Ring again for codes that nobody has seen to; returns how many. A bell too many finds nothing to do."""
    now = now or timezone.now()
    with transaction.atomic():
        if not round_take("codes"):
            return 0
        waiting = VerificationCode.objects.filter(
            settled_at=None, expires_at__gt=now, created_at__lt=now - RING_AGAIN
        ).values_list("id", flat=True)[:100]
        return sum(doorbell.ring(doorbell.SEND_CODE, code_id) for code_id in list(waiting))


def _lead_claimed(claim: dict[str, Any]) -> Lead | None:
    """The one verified lead with a number whom all that is claimed fits. Two who fit are none."""
    order_id, phone, email = (str(claim.get(name) or "") for name in ("order_id", "phone", "email"))
    if not (order_id or phone or email):
        return None
    fitting = Lead.objects.filter(verified=True).exclude(phone="")
    if order_id:
        fitting = fitting.filter(orders__order_id__iexact=order_id)
    if email:
        fitting = fitting.filter(email__iexact=email)
    if phone:
        try:
            fitting = fitting.filter(phone=phone_normalise(phone, region=settings.DEFAULT_PHONE_REGION))
        except RecipientError:
            return None
    found = list(fitting.distinct()[:2])
    return found[0] if len(found) == 1 else None


def _sent_too_often(lead: Lead, now: datetime) -> bool:
    # Two calls that ask at the same moment are counted one after the other.
    Lead.objects.select_for_update(no_key=True).get(id=lead.id)
    asked = VerificationCode.objects.filter(lead=lead)
    return (
        asked.filter(created_at__gt=now - timedelta(hours=1)).count() >= CODES_AN_HOUR
        or asked.filter(created_at__gt=now - timedelta(days=1)).count() >= CODES_A_DAY
    )
