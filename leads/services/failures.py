"""Invariant: a message is sent again only by a person's decision, as the same message, and only where that can help.

What has not arrived is `failed` (it certainly did not) or `unknown` (it may have): of the second kind somebody must say that
twice is better than never.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from leads import doorbell
from leads.live import receipt_announce
from leads.models import Channel, Delivery, Message
from leads.models_allowed import Allowance
from leads.selectors import opted_out
from leads.services.allowing import address_allow
from leads.services.consenting import stopped_words
from leads.services.delivery import SENT_AGAIN
from leads.status import Failure, News, Status
from leads.windows import window_open

log = structlog.get_logger(__name__)

WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Failure.WINDOW_CLOSED: "WhatsApp lets us write first only with an approved template, and there is none for this",
        Failure.INVALID_NUMBER: "nobody can be reached at this number",
        Failure.INVALID_ADDRESS: "this is no e-mail address",
        Failure.BLOCKED: "the carrier or the mailbox refuses what we send",
        Failure.BOUNCED: "the mailbox sent it back",
        Failure.OPTED_OUT: "the recipient asked for no more messages",
        Failure.UNREACHABLE: "the telephone could not be reached",
        Failure.NO_DOCUMENT: "the document is no longer there",
        Failure.TOO_LONG: "it is longer than can be sent this way",
        Failure.NOT_CONFIGURED: "the provider is not set up for it: see the settings",
        Failure.REFUSED: "the provider refused it",
        Failure.EXPIRED: "the provider could not be reached for hours",
        Failure.OVER_LIMIT: "as much was sent as may be: see the limits of messages",
        Failure.NOT_ALLOWED: "nothing is sent to this country or this kind of number",
    }
)
_UNKNOWN: Final = "the provider's answer was lost, and it cannot say whether it has the message"
#: The same address and the same words fail the same way, whoever asks.
_HOPELESS: Final = frozenset({Failure.INVALID_NUMBER, Failure.INVALID_ADDRESS, Failure.TOO_LONG})
#: The receiver's wish, or a limit that did what it is for: no work for anybody.
_NOBODYS_TASK: Final = frozenset({Failure.OPTED_OUT, Failure.OVER_LIMIT})
#: A code is worth nothing by the time a person reads of it; who still wants in asks for another.
_CODE: Final = "code"


class SendAgainRefusedError(Exception):
    """It would not help, or must not be. The text says why, to staff, without an address."""


class SurelyNotTwiceError(SendAgainRefusedError):
    """It may have arrived: somebody has to say that it may arrive twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnseenFailure:
    """A failed message that nobody has been told of, or given as a task, yet."""

    message_id: UUID
    lead_id: str | None
    call_id: UUID | None
    channel: str
    to: str
    subject: str
    told: bool
    needs_somebody: bool
    why: str


def failure_words(message: Message) -> str:
    """Why a message did not arrive, for people."""
    if message.status == Status.UNKNOWN:
        return _UNKNOWN
    return WORDS.get(message.failure) or message.error or WORDS[Failure.REFUSED]


@transaction.atomic
def message_send_again(
    *, message_id: UUID | str, maybe_twice: bool = False, by: str = "", now: datetime | None = None
) -> Message:
    """Queue a failed or unknown message once more: the same row and key, a new attempt, counted anew.

    ``maybe_twice``: the person knows that an ``unknown`` one may arrive twice. Raises SendAgainRefusedError with words.
    """
    now = now or timezone.now()
    message = Message.objects.select_for_update(of=("self",)).filter(id=message_id).first()
    if message is None or message.status not in {Status.FAILED, Status.UNKNOWN}:
        raise SendAgainRefusedError("it has not failed, or is on its way again")
    _check(message, now=now)
    if message.status == Status.UNKNOWN and not maybe_twice:
        raise SurelyNotTwiceError("it may have arrived: sent again, it may arrive twice")
    Delivery.objects.get_or_create(
        message=message,
        event_id=f"{SENT_AGAIN}{message.provider_id or message.attempts}"[:200],
        defaults={
            "status": News.NOTED,
            "detail": f"sent again by {by}"[:200] if by else "sent again",
            "at": now,
        },
    )
    # It is counted again when it is claimed, against the limits of that day.
    Allowance.objects.filter(message=message).delete()
    message.status = Status.QUEUED
    message.error = message.failure = message.provider_id = ""
    message.sent_at = message.claimed_at = message.next_attempt_at = None
    message.told_at = message.seen_to_at = None
    message.not_before = message.rung_at = now  # attempts have their whole time again
    message.save()
    receipt_announce(message)

    def ring() -> None:
        if not doorbell.ring(doorbell.DELIVER, message.id):
            Message.objects.filter(id=message.id).update(rung_at=None)

    transaction.on_commit(ring)
    log.info("message_sent_again", message=str(message.id), by=by)
    return message


def _check(message: Message, *, now: datetime) -> None:
    if message.template == _CODE:
        raise SendAgainRefusedError("a one-time code is too old by now; the caller can ask for another")
    if opted_out(channel=message.channel, address=message.to):
        raise SendAgainRefusedError(stopped_words(message.channel))
    if message.failure in _HOPELESS or not message.to:
        raise SendAgainRefusedError(f"{failure_words(message)}: that can't change")
    if not message.body_text.strip():
        raise SendAgainRefusedError(
            "it was never written, because of what was wrong with it; ask for it anew"
        )
    verdict = address_allow(channel=message.channel, address=message.to)
    if not verdict.allowed:
        raise SendAgainRefusedError(verdict.reason)
    closed = message.failure == Failure.WINDOW_CLOSED and not message.content
    if closed and message.channel == Channel.WHATSAPP and not window_open(address=message.to, now=now):
        raise SendAgainRefusedError(WORDS[Failure.WINDOW_CLOSED])


def failures_unseen(*, limit: int = 200) -> Sequence[UnseenFailure]:
    """Failed messages that wait for somebody to be told, oldest first; locked until the transaction ends."""
    rows = (
        Message.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(status=Status.FAILED, seen_to_at=None)
        .order_by("updated_at")[:limit]
    )
    return [
        UnseenFailure(
            message_id=row.id,
            lead_id=row.lead_id,
            call_id=row.call_id,
            channel=str(Channel(row.channel).label),
            to=row.to,
            subject=row.subject,
            told=row.told_at is not None,
            needs_somebody=row.failure not in _NOBODYS_TASK and row.template != _CODE,
            why=failure_words(row),
        )
        for row in rows
    ]


def failures_seen(*, message_ids: Sequence[UUID], now: datetime) -> None:
    """Somebody has these as a task, or nobody needs to."""
    Message.objects.filter(id__in=message_ids).update(seen_to_at=now)


def failures_told(*, keys: Sequence[str], now: datetime) -> None:
    """The caller has been told that these could not be sent, and what can be done instead."""
    Message.objects.filter(Q(key__in=keys), status__in=[Status.FAILED, Status.UNKNOWN]).update(told_at=now)
