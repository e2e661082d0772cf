"""Invariant: who says STOP is left alone from that moment, whatever else we know or don't know of them."""

from __future__ import annotations

from typing import Final

import structlog
from django.conf import settings
from django.db import transaction

from leads.allowed.words import Said, word_said
from leads.messengers.base import Inbound
from leads.models import Conversation
from leads.recipients import RecipientError, phone_normalise
from leads.selectors import leads_by_phone
from leads.services.consenting import start_note, stop_note

log = structlog.get_logger(__name__)

_NOTES: Final = {Said.STOP: stop_note, Said.START: start_note}


def inbound_receive(*, inbound: Inbound) -> Conversation | None:
    """Keep a message that somebody sent us, and honour STOP and START. None when we have it already."""
    try:
        sender = phone_normalise(inbound.sender, region=settings.DEFAULT_PHONE_REGION)
    except RecipientError:
        sender = inbound.sender  # A short code or an alphanumeric sender: it may still say STOP.
    said = Said(inbound.wish) if inbound.wish else word_said(inbound.body)
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
        note = _NOTES.get(said) if said else None
        if note is not None:
            # The words, as far as they are nothing but the wish: what a court would want to see.
            note(
                channel=inbound.channel,
                address=sender,
                how="written",
                source=inbound.body.strip(),
                lead_id=row.lead_id,
            )
    log.info("inbound_received", conversation=row.id, channel=inbound.channel, said=said)
    return row
