"""Invariant: the outbox shows what was kept here and was sent to nobody; a signed address opens one
document."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from knowledge.selectors import DocumentFile, document_file
from leads.context import demo_mode
from leads.media import MediaRefusedError, media_open
from leads.models import Channel, Message
from leads.ranges import UnsatisfiableError, range_of
from leads.selectors import outbox_messages, outbox_version
from leads.status import Status

#: A mail may style itself and nothing more: no script, no form, no picture from elsewhere, no frame of ours.
_FILE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
_MAIL_POLICY: Final = f"{_FILE_POLICY} allow-popups; frame-ancestors 'self'"

_View = Callable[..., HttpResponse]


def _outbox_reader(view: _View) -> _View:
    """Staff, or in a demo anybody who is signed in: all that is in there belongs to made-up people."""

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not (request.user.is_staff or demo_mode()):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return login_required(checked)


@_outbox_reader
@require_safe
def outbox(request: HttpRequest, message_id: UUID | None = None) -> HttpResponse:
    """The messages that were kept here, newest first, and the chosen one as its receiver would see it.

    `?channel=` shows one channel. A poll says with `seen` what it has; when that is all there is, the
    answer is 204.
    """
    channel = request.GET.get("channel", "")
    if channel not in Channel.values:
        channel = ""
    polling = request.headers.get("HX-Request") == "true" and "seen" in request.GET
    version = outbox_version(channel=channel)
    if polling and request.GET["seen"] == version:
        return HttpResponse(status=204)
    messages = outbox_messages(channel=channel)
    chosen = get_object_or_404(outbox_messages(), id=message_id) if message_id else None
    context = {
        "messages_kept": messages[:100],
        "chosen": chosen,
        "channel": channel,
        "query": f"?{urlencode({'channel': channel})}" if channel else "",
        "channels": [("", "All"), *Channel.choices],
        "version": version,
    }
    return render(request, "leads/outbox/_list.html" if polling else "leads/outbox/page.html", context)


@_outbox_reader
@require_safe
def outbox_mail(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """The mail's own HTML, to stand in a frame that can do nothing."""
    message = get_object_or_404(outbox_messages(), id=message_id, channel=Channel.EMAIL)
    return HttpResponse(
        message.body_html,
        headers={"Content-Security-Policy": _MAIL_POLICY, "X-Content-Type-Options": "nosniff"},
    )


@_outbox_reader
@require_safe
def outbox_attachment(request: HttpRequest, message_id: UUID, number: int) -> HttpResponse:
    """A file that goes with a message."""
    message = get_object_or_404(outbox_messages(), id=message_id)
    if number >= len(message.attachments):
        raise Http404
    entry = message.attachments[number]
    return _file_response(request, entry["document_id"], file_name=entry["filename"], attachment=True)


@require_safe
def media(request: HttpRequest, signed: str) -> HttpResponse:
    """The document that a signed address opens, for whoever has the address. 404 for any other."""
    try:
        target = media_open(signed)
    except MediaRefusedError as error:
        return render(request, "leads/media_refused.html", {"reason": str(error)}, status=404)
    # What was taken back, such as one to a number that was misheard, opens nothing.
    message = Message.objects.filter(id=target.message_id).exclude(status=Status.CANCELLED).first()
    for entry in message.attachments if message else ():
        if entry["document_id"] == target.document_id:
            return _file_response(request, target.document_id, file_name=entry["filename"], attachment=False)
    return render(
        request, "leads/media_refused.html", {"reason": "This document is no longer there."}, status=404
    )


def _file_response(
    request: HttpRequest, document_id: int, *, file_name: str, attachment: bool
) -> HttpResponse:
    try:
        file: DocumentFile = document_file(document_id=document_id)
    except (ObjectDoesNotExist, OSError) as error:
        raise Http404 from error
    headers = {
        "Content-Disposition": content_disposition_header(attachment, file_name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "bytes",
    }
    if file.mime != "application/pdf":
        # A sandbox keeps browsers from showing a PDF at all; anything else must not run as a page of ours.
        headers["Content-Security-Policy"] = _FILE_POLICY
    size = len(file.content)
    try:
        part = range_of(request.headers.get("Range", ""), size=size)
    except UnsatisfiableError:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    if part is None:
        return HttpResponse(file.content, content_type=file.mime, headers=headers)
    first, last = part
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return HttpResponse(file.content[first : last + 1], status=206, content_type=file.mime, headers=headers)
