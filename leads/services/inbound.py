"""Invariant: who says STOP is left alone from that moment, whatever else we know or don't know of them."""

from __future__ import annotations

from typing import Final

import structlog
from django.conf import settings
from django.db import transaction

from leads.messengers.base import Inbound
from leads.models import Conversation, OptOut
from leads.recipients import RecipientError, phone_normalise
from leads.selectors import leads_by_phone

log = structlog.get_logger(__name__)

#: The words that carriers honour; alone in a message, in any case.
STOP_WORDS: Final = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke"})
START_WORDS: Final = frozenset({"start", "unstop", "yes"})


def inbound_receive(*, inbound: Inbound) -> Conversation | None:
    """Keep a message that somebody sent us, and honour STOP and START. None when we have it already."""
    try:
        sender = phone_normalise(inbound.sender, region=settings.DEFAULT_PHONE_REGION)
    except RecipientError:
        sender = inbound.sender  # A short code or an alphanumeric sender: it may still say STOP.
    word = "".join(letter for letter in inbound.body.casefold() if letter.isalnum())
    with transaction.atomic():
        if Conversation.objects.filter(source_id=inbound.provider_id).exists():
            return None
        leads = leads_by_phone(phone=sender)
        row, created = Conversation.objects.get_or_create(
            source_id=inbound.provider_id,
            defaults={
                # With two people at one number we don't know who wrote, and don't guess.
                "lead": leads[0] if len(leads) == 1 else None,
                "message": inbound.body.replace("\x00", ""),
                "role": Conversation.Role.CUSTOMER,
                "channel": inbound.channel,
                "address": sender[:64],
            },
        )
        if not created:
            return None
        if word in STOP_WORDS:
            OptOut.objects.get_or_create(
                channel=inbound.channel, address=sender, defaults={"source": word.upper()}
            )
        elif word in START_WORDS:
            OptOut.objects.filter(channel=inbound.channel, address=sender).delete()
    log.info("inbound_received", conversation=row.id, channel=inbound.channel, stop=word in STOP_WORDS)
    return row
