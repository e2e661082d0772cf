"""Invariant: a message is handed to a provider at most once for every answer we know.

A worker claims a row with one conditional UPDATE, calls the provider outside any transaction, and settles.
A claim that died before its answer was recorded is looked up at the provider; where that cannot tell, the
message stays `unknown` and is never sent again by itself.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from knowledge.selectors import document_file
from leads.live import receipt_announce
from leads.media import media_url
from leads.messengers.base import (
    CONNECT_TIMEOUT,
    READ_TIMEOUT,
    ApprovedContent,
    Attachment,
    Lookup,
    OutgoingMessage,
    ProviderError,
    Receipt,
    Sent,
)
from leads.messengers.choice import messenger_for, provider_choose
from leads.models import Channel, Conversation, Delivery, Message, OptOut
from leads.selectors import opted_out
from leads.services.allowing import claim_allow
from leads.services.consenting import stop_note, stopped_words
from leads.services.pacing import provider_answered, provider_failed, provider_resting
from leads.services.people import conversation_log
from leads.status import Failure, Status, status_advance
from leads.unsubscribing import unsubscribe_headers
from leads.windows import WINDOW_CLOSED, window_open

log = structlog.get_logger(__name__)

_chance = random.SystemRandom().uniform
#: A claim this old has no worker any more: four times what connecting and reading may take together (80 s).
CLAIM_TIMEOUT: Final = timedelta(seconds=4 * (CONNECT_TIMEOUT + READ_TIMEOUT))
#: News of our own: this message was sent again, and the provider's id that follows is of an attempt before.
SENT_AGAIN: Final = "again:"
#: What still fails after this long has failed.
GIVE_UP_AFTER: Final = timedelta(hours=6)
#: Neither SendGrid nor Twilio takes a mail or a file larger than this once it is encoded.
ATTACHMENTS_MAX_BYTES: Final = 20 * 1024 * 1024


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
        outgoing = _outgoing(claim.message)
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


def message_resolve(*, message_id: UUID | str, now: datetime | None = None) -> Status | None:
    """Find out what became of an abandoned claim. None when the message is not one.

    Found at the provider: sent. Certainly not there: queued again. The provider cannot tell: `unknown`. The
    provider is out of reach: left as it is, for the next sweep, until it is given up as `unknown`.
    """
    now = now or timezone.now()
    message = (
        Message.objects.select_related("lead")
        .filter(id=message_id, status=Status.SENDING, claimed_at__lt=now - CLAIM_TIMEOUT)
        .first()
    )
    if message is None or message.claimed_at is None:
        return None
    claim = Claim(message=message, provider=message.provider, attempt=message.attempts)
    messenger = messenger_for(message.provider)
    if not isinstance(messenger, Lookup):
        return _unresolved(claim, Status.UNKNOWN, "the answer was lost, and the provider has no way to ask")
    taken = _ids_taken(message)
    since = message.claimed_at - timedelta(minutes=1)
    try:
        found = messenger.lookup(_outgoing(message, with_files=False), since=since, taken=taken)
    except ProviderError as error:
        if error.retryable and now < message.claimed_at + GIVE_UP_AFTER:
            return Status.SENDING
        return _unresolved(claim, Status.UNKNOWN, str(error))
    if found is None:
        return _unresolved(claim, Status.QUEUED, "the provider does not have it: asked again")
    with transaction.atomic():
        if not _found_is_ours(message, found, now):
            return Status.SENDING  # The next sweep asks again.
        return message_settle(claim=claim, sent=found, now=now)


def _found_is_ours(message: Message, found: Sent, now: datetime) -> bool:
    """Whether what a look-up found can't be another message, alike to the last letter, for the same receiver: one that
    has been given this very id meanwhile, or one that was asked for a moment ago and waits for its answer."""
    alike = Message.objects.filter(
        provider=message.provider, channel=message.channel, to=message.to, body_text=message.body_text
    )
    # Locked in one order, so that of two look-ups at once the second sees what the first one took.
    rows = list(alike.select_for_update(of=("self",)).order_by("id"))
    others = [row for row in rows if row.id != message.id]
    asked = [row for row in others if row.status == Status.SENDING and not row.provider_id]
    return not any(row.provider_id == found.provider_id for row in others) and not any(
        row.claimed_at is not None and row.claimed_at >= now - CLAIM_TIMEOUT for row in asked
    )


def _unresolved(claim: Claim, status: Status, why: str) -> Status:
    with transaction.atomic():
        message = Message.objects.select_for_update().get(id=claim.message.id)
        if message.status == Status.SENDING and message.attempts == claim.attempt:
            message.status = status
            message.error = why[:2000]
            message.next_attempt_at = None
            message.rung_at = None
            message.save()
            if status is Status.UNKNOWN:
                receipt_announce(message)
    log.warning("message_resolved", message=str(message.id), provider=claim.provider, status=message.status)
    return Status(message.status)


def _outgoing(message: Message, *, with_files: bool = True) -> OutgoingMessage:
    """The message as a provider gets it. Raises ProviderError when a document is gone or too large to
    travel."""
    attachments = []
    for entry in message.attachments if with_files else ():
        document_id = int(entry["document_id"])
        try:
            file = document_file(document_id=document_id)
        except (ObjectDoesNotExist, OSError) as error:
            raise ProviderError("the document is no longer there", failure=Failure.NO_DOCUMENT) from error
        url = media_url(document_id=document_id, message_id=message.id) if settings.PUBLIC_BASE_URL else ""
        attachments.append(
            Attachment(file_name=entry["filename"], mime=file.mime, content=file.content, url=url)
        )
    if sum(len(attachment.content) for attachment in attachments) > ATTACHMENTS_MAX_BYTES:
        raise ProviderError("the documents are too large to be sent", failure=Failure.TOO_LONG)
    return OutgoingMessage(
        id=str(message.id),
        channel=message.channel,
        to=message.to,
        subject=message.subject,
        body_text=message.body_text,
        body_html=message.body_html,
        attachments=tuple(attachments),
        headers=unsubscribe_headers(message.id) if message.channel == Channel.EMAIL else {},
        content=_content(message),
    )


def _content(message: Message) -> ApprovedContent | None:
    """What WhatsApp lets us say when nobody has written to us within a day; None for a text of our own. Decided for
    the moment of the claim, so that a look-up asks for what was sent."""
    if message.channel != Channel.WHATSAPP or message.simulated:
        return None
    if window_open(address=message.to, now=message.claimed_at or timezone.now()):
        return None
    if not message.content:
        raise ProviderError(WINDOW_CLOSED, failure=Failure.WINDOW_CLOSED)
    return ApprovedContent(
        sid=message.content["sid"],
        variables=message.content["variables"],
        text=message.content.get("text", ""),
    )


def _of_old_attempt(message: Message, receipt: Receipt) -> bool:
    return bool(receipt.provider_id) and (
        Delivery.objects.filter(message=message, event_id=f"{SENT_AGAIN}{receipt.provider_id}").exists()
    )


def _ids_taken(message: Message) -> frozenset[str]:
    """Ids at the provider that are other messages, or this one's earlier attempts."""
    others = (
        Message.objects.filter(provider=message.provider, channel=message.channel, to=message.to)
        .exclude(id=message.id)
        .exclude(provider_id="")
        .values_list("provider_id", flat=True)
    )
    earlier = Delivery.objects.filter(
        message__channel=message.channel, message__to=message.to, event_id__startswith=SENT_AGAIN
    ).values_list("event_id", flat=True)
    return frozenset(others) | {event.removeprefix(SENT_AGAIN) for event in earlier}


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
    "message_resolve",
    "message_settle",
    "receipt_apply",
]
