"""Invariant: a message whose answer was lost is sent again only when the provider says for certain that it isn't there.

Whose worker died between asking and writing down the answer is looked up; what cannot be told stays `unknown` for good.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from leads.live import receipt_announce
from leads.messengers.base import Lookup, ProviderError, Sent
from leads.messengers.choice import messenger_for
from leads.models import Delivery, Message
from leads.services.delivery import CLAIM_TIMEOUT, GIVE_UP_AFTER, SENT_AGAIN, Claim, message_settle
from leads.services.outgoing import outgoing_make
from leads.status import Status

log = structlog.get_logger(__name__)


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
        found = messenger.lookup(outgoing_make(message, with_files=False), since=since, taken=taken)
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
