"""Invariant: WhatsApp carries words of our own only to whoever wrote to us within a day; to anybody else only a text
that WhatsApp approved.

https://www.twilio.com/docs/whatsapp/key-concepts#the-24-hour-customer-service-window
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from leads.models import Channel, Conversation, WhatsAppTemplate
from leads.recipients import header_clean

#: A little less than WhatsApp's day: a message may wait at the provider, too.
WINDOW: Final = timedelta(hours=24) - timedelta(minutes=5)
#: What a person reads; the caller hears it in the agent's words (`Failure.WINDOW_CLOSED`).
WINDOW_CLOSED: Final = (
    "WhatsApp lets nobody be written to who has not written to us within a day, and no approved template is set up "
    "for this message"
)
_VALUE_LIMIT: Final = 1000
_SLOT: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def window_open(*, address: str, now: datetime) -> bool:
    """Whether this number has written to us by WhatsApp within a day."""
    return Conversation.objects.filter(
        address=address,
        channel=Channel.WHATSAPP,
        role=Conversation.Role.CUSTOMER,
        timestamp__gt=now - WINDOW,
        timestamp__lte=now,
    ).exists()


def content_approved(*, template: str, values: Mapping[str, Any], language: str = "en") -> dict[str, Any]:
    """The approved text that stands for one of our messages, with its variables filled: what `Message.content` holds.
    Empty when there is none. Without one in the language, any that is approved."""
    rows = list(WhatsAppTemplate.objects.filter(name=template))
    rows.sort(key=lambda row: (row.language != language, row.language))
    if not rows:
        return {}
    row = rows[0]
    variables = {str(slot): _value(values.get(str(name))) for slot, name in row.variables.items()}
    text = _SLOT.sub(lambda match: variables.get(match[1], match[0]), row.text)
    return {"sid": row.content_sid, "variables": variables, "text": text}


def _value(value: Any) -> str:
    """WhatsApp takes no line breaks, no run of spaces and nothing empty in a variable."""
    return header_clean(str(value or ""), limit=_VALUE_LIMIT) or "-"
