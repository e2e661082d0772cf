"""Invariant: what a message says is changed by one way, and every wording that ever counted is kept."""

from __future__ import annotations

from uuid import uuid4

import structlog
from django.db import transaction

from leads.models import Channel, Message, MessageTemplate, MessageTemplateVersion
from leads.previewing import words_same, words_written
from leads.services.messages import message_queue
from leads.shipped import Words, kinds
from leads.unsubscribing import unsubscribe_url

log = structlog.get_logger(__name__)


def templates_fill() -> None:
    """A row for each text there is, so that there is something to click on. Repeating it changes nothing."""
    there = set(MessageTemplate.objects.values_list("name", "channel"))
    MessageTemplate.objects.bulk_create(
        [
            MessageTemplate(name=kind.name, channel=channel)
            for kind in kinds().values()
            for channel in kind.words
            if (kind.name, channel) not in there
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def template_change(*, template_id: int, words: Words, by: str) -> MessageTemplate:
    """Let a message say this from now on. The shipped words are no edit: with them, the next release's count."""
    row = MessageTemplate.objects.select_for_update().get(id=template_id)
    shipped = kinds()[row.name].words[row.channel]
    row.edited = not words_same(words, shipped)
    row.body, row.subject = words.body.replace("\r\n", "\n").strip(), words.subject.strip()
    row.preheader, row.footer = words.preheader.strip(), words.footer.replace("\r\n", "\n").strip()
    row.save()
    MessageTemplateVersion.objects.create(
        template=row,
        subject=row.subject,
        preheader=row.preheader,
        body=row.body,
        footer=row.footer,
        by=by[:150],
    )
    log.info("template_changed", template=row.name, channel=row.channel, edited=row.edited)
    return row


def template_test(*, template_id: int, words: Words, to: str) -> Message:
    """Send these words, with samples for what varies, to whoever edits them: by the providers and within the limits of every
    message. A row that has failed says why."""
    row = MessageTemplate.objects.get(id=template_id)
    mail = row.channel == Channel.EMAIL
    message = message_queue(
        key=f"test:{uuid4()}",
        lead_id=None,
        call_id=None,
        channel=row.channel,
        to=to,
        template=row.name,
        context={},
        asked=True,  # whoever presses the button wants it now
        write=lambda message_id: words_written(
            name=row.name,
            channel=row.channel,
            words=words,
            unsubscribe_url=unsubscribe_url(message_id) if mail else "",
        ),
    )
    log.info("template_tested", template=row.name, channel=row.channel, message=str(message.id))
    return message
