"""Invariant: what a provider gets is the row as it was claimed; a look-up asks for the very same message.

What cannot travel (a document that is gone, a text that WhatsApp would refuse now) is said before anybody is asked.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from knowledge.selectors import document_file
from leads.media import media_url
from leads.messengers.base import ApprovedContent, Attachment, OutgoingMessage, ProviderError
from leads.models import Channel, Message
from leads.status import Failure
from leads.unsubscribing import unsubscribe_headers
from leads.windows import WINDOW_CLOSED, window_open

#: Neither SendGrid nor Twilio takes a mail or a file larger than this once it is encoded.
ATTACHMENTS_MAX_BYTES: Final = 20 * 1024 * 1024


def outgoing_make(message: Message, *, with_files: bool = True) -> OutgoingMessage:
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
