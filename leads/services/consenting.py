"""Invariant: who says stop is left alone from that moment: what was promised to them and has not been claimed does not go.

`OptOut` says how it stands; each yes and no is a `Consent` row beside it, with when and how, and stays.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from leads.live import receipt_announce
from leads.models import Channel, Conversation, Message, OptOut
from leads.models_allowed import Consent, ReachedBy
from leads.status import UNCLAIMED, Failure, Status

#: Stops that were said to us, word by word: they are about what was named, not about calls as well.
SAID_IN_CALL: Final = "said in call"
log = structlog.get_logger(__name__)


def stopped_words(channel: str) -> str:
    """Why nothing goes to who said stop, for people."""
    return f"the recipient asked for no more {ReachedBy(channel).label} messages"


def consent_note(
    *,
    channel: str,
    address: str,
    given: bool = True,
    how: str = "",
    source: str = "",
    lead_id: str | None = None,
    call_id: UUID | str | None = None,
    turn: int | None = None,
    now: datetime | None = None,
) -> Consent:
    """Write down a yes or a no. Without ``how``: typed or said, as that turn of the call was."""
    if not how:
        typed = (
            turn is not None
            and Conversation.objects.filter(call_id=call_id, turn=turn, channel="text").exists()
        )
        how = Consent.How.TYPED if typed else Consent.How.CALL
    return Consent.objects.create(
        channel=channel,
        address=address[:320],
        given=given,
        how=how,
        source=source[:64],
        lead_id=lead_id,
        call_id=call_id,
        turn=turn,
        at=now or timezone.now(),
    )


def said_in_call(call_id: UUID | str) -> str:
    """The source of what somebody said while they were called or calling."""
    return f"{SAID_IN_CALL} {call_id}"


@transaction.atomic
def stop_note(
    *,
    channel: str,
    address: str,
    source: str,
    how: str = "",
    lead_id: str | None = None,
    call_id: UUID | str | None = None,
    turn: int | None = None,
    now: datetime | None = None,
) -> bool:
    """Nothing more on this channel to this address. False when that was so already; the wish is on record all the same.

    ``how`` may be left out for what was said or typed in that turn of the call.
    """
    now = now or timezone.now()
    if OptOut.objects.filter(channel=channel, address__iexact=address).exists():
        new = False
    else:
        _, new = OptOut.objects.get_or_create(
            channel=channel, address=address[:320], defaults={"source": source[:64], "at": now}
        )
    row = consent_note(
        channel=channel,
        address=address,
        given=False,
        how=how,
        source=source,
        lead_id=lead_id,
        call_id=call_id,
        turn=turn,
        now=now,
    )
    _waiting_fail(channel=channel, address=address, now=now)
    log.info("stop_noted", channel=channel, how=row.how, new=new)
    return new


@transaction.atomic
def start_note(
    *,
    channel: str,
    address: str,
    source: str,
    how: str = "",
    lead_id: str | None = None,
    call_id: UUID | str | None = None,
    turn: int | None = None,
    now: datetime | None = None,
) -> bool:
    """Messages may go there again. False when they might anyway: then nothing is noted, since "yes" answers many things."""
    removed, _ = OptOut.objects.filter(channel=channel, address__iexact=address).delete()
    if not removed:
        return False
    row = consent_note(
        channel=channel,
        address=address,
        how=how,
        source=source,
        lead_id=lead_id,
        call_id=call_id,
        turn=turn,
        now=now,
    )
    log.info("start_noted", channel=channel, how=row.how)
    return True


def _waiting_fail(*, channel: str, address: str, now: datetime) -> None:
    """What waits for a worker is not sent. Whoever is still in the call is told."""
    if channel not in Channel.values:
        return
    waiting = Message.objects.select_for_update().filter(
        channel=channel, to__iexact=address, status__in=UNCLAIMED
    )
    for message in list(waiting.order_by("id")):
        message.status = Status.FAILED
        message.error, message.failure = stopped_words(channel), Failure.OPTED_OUT
        message.next_attempt_at = None
        message.save(update_fields=["status", "error", "failure", "next_attempt_at", "updated_at"])
        receipt_announce(message)
