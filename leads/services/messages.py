"""Invariant: one key is one message, however often it is asked for; and it is written with the turn that
promised it.

What cannot be sent (a number that cannot exist, a document that is gone, an address that said STOP) is
still a row: it fails at once and says why, so that the turn it belongs to is kept and the caller can be
told.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from leads import doorbell
from leads.live import receipt_announce
from leads.messengers.choice import OUTBOX, provider_choose
from leads.models import Channel, Lead, Message
from leads.recipients import RecipientError, recipient_normalise
from leads.rendering import Rendered, RenderError, message_render
from leads.selectors import opted_out
from leads.services.allowing import address_allow, message_count, message_uncount
from leads.services.consenting import consent_note, stopped_words
from leads.status import Failure, Status
from leads.unsubscribing import unsubscribe_url
from leads.windows import WINDOW_CLOSED, window_open

log = structlog.get_logger(__name__)

#: Characters. Twilio refuses longer ones; a mail of this size is a mistake somewhere.
BODY_LIMITS = {Channel.SMS: 1600, Channel.WHATSAPP: 1600, Channel.EMAIL: 500_000}


def message_queue(
    *,
    key: str,
    lead_id: str | None,
    call_id: uuid.UUID | str | None,
    channel: str,
    to: str,
    template: str,
    context: Mapping[str, Any],
    document_ids: Sequence[int] = (),
    not_before: datetime | None = None,
    asked: bool | None = None,
    turn: int | None = None,
    write: Callable[[uuid.UUID], Rendered] | None = None,
    now: datetime | None = None,
) -> Message:
    """Promise to send a message, inside the caller's transaction; repeating it with the same `key` changes
    nothing.

    `template` names the text ("document"); `context` is what it needs beside the lead, the company and the
    documents. With `not_before` the message is held until then, or until `message_release`;
    `message_cancel` takes it back. `asked` says that the receiver asks for it in a call that is going on (so of every
    message of a call, if nothing else is said): quiet hours don't hold it, and it is written down as consent, with
    the call's `turn`. `write` makes the words of the message with this id, instead of the template's: a test of words that
    don't count yet. Raises ValueError for a channel or a template that does not exist: that
    is a mistake of the program's, not a recipient's.
    """
    existing = Message.objects.filter(key=key).first()
    if existing is not None:
        return existing
    now = now or timezone.now()
    kind = Channel(channel)
    message_id = uuid.uuid4()
    lead = Lead.objects.filter(id=lead_id).first() if lead_id else None
    fields: dict[str, Any] = {
        "id": message_id,
        "lead": lead,
        "call_id": call_id,
        "channel": kind,
        "to": to[:320].replace("\x00", ""),
        "template": template,
        "status": Status.HELD if not_before else Status.QUEUED,
        "not_before": not_before,
    }
    try:
        fields["to"] = recipient_normalise(to, channel=kind, region=settings.DEFAULT_PHONE_REGION)
        if opted_out(channel=kind, address=fields["to"]):
            raise RecipientError(stopped_words(kind), failure=Failure.OPTED_OUT)
        verdict = address_allow(channel=kind, address=fields["to"])
        if not verdict.allowed:
            raise RecipientError(verdict.reason, failure=verdict.failure)
        rendered = (
            write(message_id)
            if write is not None
            else message_render(
                message_id=message_id,
                channel=kind,
                template=template,
                context=context,
                lead=lead,
                document_ids=document_ids,
                unsubscribe_url=unsubscribe_url(message_id) if kind is Channel.EMAIL else "",
            )
        )
        _body_check(rendered, channel=kind)
        _reach_check(rendered, channel=kind, to=fields["to"], demo=bool(lead and lead.is_demo), now=now)
    except (RecipientError, RenderError) as error:
        fields.update(status=Status.FAILED, error=str(error), failure=failure_of(error))
    else:
        fields.update(
            subject=rendered.subject,
            body_text=rendered.text,
            body_html=rendered.html,
            content=dict(rendered.content),
            attachments=[
                {"document_id": document.document_id, "filename": document.file_name}
                for document in rendered.documents
            ],
        )
    if fields["status"] == Status.QUEUED:
        fields["rung_at"] = now
    with transaction.atomic():
        message, created = Message.objects.get_or_create(key=key, defaults=fields)
        if created and message.status != Status.FAILED:
            _count(message, asked=call_id is not None if asked is None else asked, turn=turn, now=now)
    if created:
        log.info("message_queued", message=str(message.id), channel=kind.value, status=message.status)
        if message.status == Status.QUEUED:
            _ring_on_commit(message.id)
        elif message.status == Status.FAILED:
            receipt_announce(message)
    return message


def message_release(*, key: str) -> bool:
    """Let a held message go now. False when it is not held (released already, taken back, or never was)."""
    with transaction.atomic():
        message = Message.objects.select_for_update().filter(key=key, status=Status.HELD).first()
        if message is None:
            return False
        now = timezone.now()
        Message.objects.filter(id=message.id).update(status=Status.QUEUED, rung_at=now, updated_at=now)
        _ring_on_commit(message.id)
    return True


def message_cancel(*, key: str) -> bool:
    """Take a message back. True only when it had not been claimed for sending: then it certainly stays
    here."""
    with transaction.atomic():
        message = (
            Message.objects.select_for_update()
            .filter(key=key, status__in=[Status.HELD, Status.QUEUED])
            .first()
        )
        # A queued message with attempts behind it was refused each time, so nothing of it has left either.
        if message is None:
            return False
        Message.objects.filter(id=message.id).update(status=Status.CANCELLED, updated_at=timezone.now())
        message_uncount(message, now=timezone.now())
    log.info("message_cancelled", message=str(message.id))
    return True


def failure_of(error: RecipientError | RenderError) -> Failure:
    """Why a message could not be promised, for programs."""
    return error.failure


def _count(message: Message, *, asked: bool, turn: int | None, now: datetime) -> None:
    """Count it against what may be sent; beyond that it has failed. Whoever asked for it has agreed to get it."""
    verdict = message_count(message=message, asked=asked, now=now)
    if not verdict.allowed:
        message.status, message.error = Status.FAILED, verdict.reason
        message.failure = verdict.failure
        message.rung_at = message.not_before = None
        message.save(update_fields=["status", "error", "failure", "rung_at", "not_before", "updated_at"])
    elif asked and message.call_id:
        consent_note(
            channel=message.channel,
            address=message.to,
            lead_id=message.lead_id,
            call_id=message.call_id,
            turn=turn,
            now=now,
        )


def _ring_on_commit(message_id: uuid.UUID) -> None:
    def ring() -> None:
        if not doorbell.ring(doorbell.DELIVER, message_id):
            Message.objects.filter(id=message_id).update(rung_at=None)

    transaction.on_commit(ring)


def _body_check(rendered: Rendered, *, channel: Channel) -> None:
    if not rendered.text.strip():
        raise RenderError("the message has no text")
    if len(rendered.text) > BODY_LIMITS[channel] or len(rendered.html) > BODY_LIMITS[Channel.EMAIL]:
        raise RenderError(f"the text is longer than {channel.label} carries", Failure.TOO_LONG)


def _reach_check(rendered: Rendered, *, channel: Channel, to: str, demo: bool, now: datetime) -> None:
    """What a real provider would refuse, or nobody could open, fails while the caller can still choose another way."""
    if channel is Channel.EMAIL or provider_choose(channel=channel, demo=demo) == OUTBOX:
        return
    if rendered.documents and not settings.PUBLIC_BASE_URL:
        why = "a document goes by its address, and PUBLIC_BASE_URL is not set: nobody could open it"
        raise RenderError(why, Failure.NOT_CONFIGURED)
    if channel is Channel.WHATSAPP and not rendered.content and not window_open(address=to, now=now):
        raise RenderError(WINDOW_CLOSED, Failure.WINDOW_CLOSED)
