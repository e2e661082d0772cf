"""Invariant: a message is handed to a provider at most once for every answer we know.

A worker claims a row with one conditional UPDATE, calls the provider outside any transaction, and settles.
A claim that died before its answer was recorded is looked up (`lookups`); where the provider cannot tell, the
message stays `unknown` and is never sent again by itself.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from leads.live import receipt_announce
from leads.messengers.base import (
    CONNECT_TIMEOUT,
    READ_TIMEOUT,
    ProviderError,
    Receipt,
    Sent,
)
from leads.messengers.choice import messenger_for, provider_choose
from leads.models import Channel, Conversation, Delivery, Message, OptOut
from leads.selectors import opted_out
from leads.services.allowing import claim_allow
from leads.services.consenting import stop_note, stopped_words
from leads.services.outgoing import outgoing_make
from leads.services.pacing import provider_answered, provider_failed, provider_resting
from leads.services.people import conversation_log
from leads.status import Failure, Status, status_advance

log = structlog.get_logger(__name__)

_chance = random.SystemRandom().uniform
#: A claim this old has no worker any more: four times what connecting and reading may take together (80 s).
CLAIM_TIMEOUT: Final = timedelta(seconds=4 * (CONNECT_TIMEOUT + READ_TIMEOUT))
#: News of our own: this message was sent again, and the provider's id that follows is of an attempt before.
SENT_AGAIN: Final = "again:"
#: What still fails after this long has failed.
GIVE_UP_AFTER: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to make one attempt. `attempt` counts from 1 and names it: a settle of an older one is
    refused."""

    message: Message
    provider: str
    attempt: int


def message_deliver(*, message_id: UUID | str, now: datetime | None = None) -> Status | None:
    """Claim a message, hand it to its provider, record the answer. None when there was nothing to claim."""
    claim = message_claim(message_id=message_id, now=now)
    if claim is None:
        return None
    try:
        outgoing = outgoing_make(claim.message)
        if claim.message.claimed_at is None or timezone.now() - claim.message.claimed_at > CLAIM_TIMEOUT / 2:
            # This process was held up (a machine that slept): soon others take the claim for lost.
            raise ProviderError("the attempt was held up for too long", retryable=True)
        sent = messenger_for(claim.provider).send(outgoing)
    except ProviderError as error:
        return message_settle(claim=claim, error=error, now=now)
    return message_settle(claim=claim, sent=sent, now=now)


def message_claim(*, message_id: UUID | str, now: datetime | None = None) -> Claim | None:
    """queued → sending, for exactly one worker. None for everybody else, for what is not due, and for an
    address that has opted out since (that message fails here)."""
    now = now or timezone.now()
    message = Message.objects.select_related("lead").filter(id=message_id, status=Status.QUEUED).first()
    if message is None:
        return None
    if opted_out(channel=message.channel, address=message.to):
        _fail(message, stopped_words(message.channel), now, failure=Failure.OPTED_OUT)
        return None
    verdict = claim_allow(message=message, now=now)
    if verdict.until is not None:
        # The receiver's night: it waits, and has its whole time for attempts from then on.
        Message.objects.filter(id=message_id, status=Status.QUEUED).update(
            next_attempt_at=verdict.until, not_before=verdict.until, rung_at=None, updated_at=now
        )
        log.info("message_waits", message=str(message.id), why=verdict.refusal)
        return None
    if not verdict.allowed:
        _fail(message, verdict.reason, now, failure=verdict.failure)
        return None
    provider = provider_choose(channel=message.channel, demo=bool(message.lead and message.lead.is_demo))
    until = provider_resting(provider=provider, now=now)
    if until is not None:
        # No attempt: it waits with the others of this provider.
        Message.objects.filter(id=message_id, status=Status.QUEUED).update(
            provider=provider, next_attempt_at=until, rung_at=None, updated_at=now
        )
        return None
    claimed = (
        Message.objects.filter(id=message_id, status=Status.QUEUED)
        .filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=now))
        # In the same statement: who says stop while we look is left alone.
        .filter(~Exists(OptOut.objects.filter(channel=OuterRef("channel"), address__iexact=OuterRef("to"))))
        .update(
            status=Status.SENDING,
            claimed_at=now,
            rung_at=None,
            updated_at=now,
            attempts=F("attempts") + 1,
            provider=provider,
            simulated=messenger_for(provider).simulated,
        )
    )
    if not claimed:
        return None
    message.refresh_from_db()
    return Claim(message=message, provider=provider, attempt=message.attempts)


def message_settle(
    *, claim: Claim, sent: Sent | None = None, error: ProviderError | None = None, now: datetime | None = None
) -> Status:
    """Record what became of an attempt: exactly one of `sent` and `error`. Returns the message's status.

    An answer is the truth whenever it comes. A failure counts only for the attempt it belongs to, and never
    against news that came in between.
    """
    if (sent is None) == (error is None):
        raise ValueError("an attempt ends with either an answer or an error")
    now = now or timezone.now()
    if error is not None and (error.retryable or error.outcome_unknown):
        provider_failed(provider=claim.provider, error=error, now=now)
    else:
        provider_answered(provider=claim.provider)
    with transaction.atomic():
        message = Message.objects.select_for_update().get(id=claim.message.id)
        if sent is not None:
            _settle_sent(message, sent, now)
        elif error is not None and message.status == Status.SENDING and message.attempts == claim.attempt:
            _settle_error(message, error, now)
    status = Status(message.status)
    log.info("message_settled", message=str(message.id), provider=claim.provider, status=status.value)
    return status


def _settle_sent(message: Message, sent: Sent, now: datetime) -> None:
    first = message.sent_at is None
    message.provider_id = sent.provider_id
    message.status = status_advance(Status(message.status), sent.news)
    message.error = sent.detail if message.status == Status.FAILED else ""
    message.failure = (sent.failure or Failure.REFUSED) if message.status == Status.FAILED else ""
    message.next_attempt_at = None
    message.sent_at = message.sent_at or now
    message.save()
    if first:
        Delivery.objects.get_or_create(
            message=message,
            event_id=f"accepted:{sent.provider_id}",
            defaults={"status": sent.news, "simulated": message.simulated, "at": now, "detail": sent.detail},
        )
        conversation_log(
            message=f"{Channel(message.channel).label.replace('E-mail', 'Email')} sent to {message.to}",
            role=Conversation.Role.SYSTEM,
            lead_id=message.lead_id,
            channel=message.channel,
            call_id=message.call_id,
            at=now,
        )
    receipt_announce(message)
    for receipt in sent.receipts:
        receipt_apply(receipt=receipt)
    message.refresh_from_db()


def _settle_error(message: Message, error: ProviderError, now: datetime) -> None:
    message.error = str(error)[:2000]
    if error.outcome_unknown:
        # Stays `sending`: the sweep sees an old claim and has it looked up.
        message.save(update_fields=["error", "updated_at"])
        return
    if (
        error.retryable
        and now < max(message.created_at, message.not_before or message.created_at) + GIVE_UP_AFTER
    ):
        message.status = Status.QUEUED
        message.next_attempt_at = now + attempt_delay(attempt=message.attempts, retry_after=error.retry_after)
        message.save(update_fields=["error", "status", "next_attempt_at", "updated_at"])
        return
    if error.failure is Failure.OPTED_OUT:
        # They said stop to the provider, and nobody told us.
        stop_note(
            channel=message.channel,
            address=message.to,
            how="provider",
            source=message.provider,
            lead_id=message.lead_id,
            now=now,
        )
    _fail(message, message.error, now, failure=Failure.EXPIRED if error.retryable else error.failure)


def attempt_delay(*, attempt: int, retry_after: float | None = None) -> timedelta:
    """How long to wait after attempt number `attempt`: 2 s doubling up to 10 minutes, half of it left to
    chance so that what failed together does not come back together; never less than the provider asked
    for."""
    span = min(2.0 * 2 ** min(attempt - 1, 20), 600.0)
    return timedelta(seconds=max(span * _chance(0.5, 1.0), (retry_after or 0.0) * _chance(1.0, 1.2)))


def receipt_apply(*, receipt: Receipt) -> bool:
    """Take one piece of a provider's news. False when it is of no message of ours, or was told before."""
    with transaction.atomic():
        found = Message.objects.select_for_update()
        try:
            message_id = UUID(receipt.message_id) if receipt.message_id else None
        except ValueError:
            message_id = None
        if message_id is not None:
            message = found.filter(id=message_id).first()
        elif receipt.provider_id:
            message = found.filter(provider=receipt.provider, provider_id=receipt.provider_id).first()
        else:
            message = None
        # News of a message from a provider that was never asked to carry it is a mix-up or an attempt.
        if message is None or message.provider != receipt.provider:
            return False
        _, new = Delivery.objects.get_or_create(
            message=message,
            event_id=receipt.event_id,
            defaults={
                "status": receipt.news,
                "detail": receipt.detail,
                "simulated": receipt.simulated,
                "at": receipt.at or timezone.now(),
                "raw": dict(receipt.raw),
            },
        )
        if not new:
            return False
        if receipt.opt_out:
            stop_note(
                channel=message.channel,
                address=message.to,
                how="provider",
                source=receipt.provider,
                lead_id=message.lead_id,
            )
        before = Status(message.status)
        # What staff had sent again is judged by its new attempt; the old one's news is kept for the record.
        after = before if _of_old_attempt(message, receipt) else status_advance(before, receipt.news)
        if receipt.provider_id and not message.provider_id:
            message.provider_id = receipt.provider_id
        if after != before:
            message.status = after
            message.error = receipt.detail if after is Status.FAILED else ""
            message.failure = (receipt.failure or Failure.REFUSED) if after is Status.FAILED else ""
        message.save()
        if after != before:
            receipt_announce(message)
    log.info("receipt_applied", message=str(message.id), news=receipt.news.value, status=message.status)
    return True


def _of_old_attempt(message: Message, receipt: Receipt) -> bool:
    return bool(receipt.provider_id) and (
        Delivery.objects.filter(message=message, event_id=f"{SENT_AGAIN}{receipt.provider_id}").exists()
    )


def _fail(message: Message, why: str, now: datetime, *, failure: Failure = Failure.REFUSED) -> None:
    """Give a message up, unless news of it came in between."""
    changed = Message.objects.filter(id=message.id, status__in=[Status.QUEUED, Status.SENDING]).update(
        status=Status.FAILED, error=why, failure=failure, next_attempt_at=None, updated_at=now
    )
    message.refresh_from_db()
    if changed:
        receipt_announce(message)
        log.warning("message_failed", message=str(message.id), channel=message.channel)


__all__ = [
    "Claim",
    "attempt_delay",
    "message_claim",
    "message_deliver",
    "message_settle",
    "receipt_apply",
]
