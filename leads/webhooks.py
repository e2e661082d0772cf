"""Invariant: a call without the provider's own signature has no effect, whatever it says and however often.

Each view verifies, parses and hands over; the provider's file knows how. A repeated call is answered like
the first.
"""

from __future__ import annotations

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from leads.messengers.base import ForgedError, Inbox, Receipts, WebhookCall
from leads.messengers.choice import messenger_for
from leads.services import inbound_receive, receipt_apply

log = structlog.get_logger(__name__)

#: "Nothing to answer": https://www.twilio.com/docs/messaging/twiml
_NO_REPLY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@csrf_exempt
@require_POST
def twilio_status(request: HttpRequest) -> HttpResponse:
    """What became of an SMS or a WhatsApp message. 204, or 403 without Twilio's signature."""
    return _receipts_take(request, provider="twilio")


@csrf_exempt
@require_POST
def sendgrid_events(request: HttpRequest) -> HttpResponse:
    """What became of mails, many at a time. 204, or 403 without SendGrid's signature."""
    return _receipts_take(request, provider="sendgrid")


@csrf_exempt
@require_POST
def twilio_inbound(request: HttpRequest) -> HttpResponse:
    """A message that somebody sent us. Empty TwiML, or 403 without Twilio's signature."""
    messenger = messenger_for("twilio")
    if not isinstance(messenger, Inbox):
        return HttpResponse(status=403)
    try:
        inbound = messenger.parse_inbound(webhook_call(request))
    except ForgedError as error:
        return webhook_refused(error, provider="twilio")
    inbound_receive(inbound=inbound)
    return HttpResponse(_NO_REPLY, content_type="text/xml")


def _receipts_take(request: HttpRequest, *, provider: str) -> HttpResponse:
    messenger = messenger_for(provider)
    if not isinstance(messenger, Receipts):
        return HttpResponse(status=403)
    try:
        receipts = messenger.parse_receipt(webhook_call(request))
    except ForgedError as error:
        return webhook_refused(error, provider=provider)
    for receipt in receipts:
        receipt_apply(receipt=receipt)
    return HttpResponse(status=204)


def webhook_call(request: HttpRequest) -> WebhookCall:
    """The request as the provider made it: behind a proxy only the public address is the one that was
    signed."""
    base = settings.PUBLIC_BASE_URL.rstrip("/")
    url = base + request.get_full_path() if base else request.build_absolute_uri()
    headers = {name.lower(): value for name, value in request.headers.items()}
    return WebhookCall(url=url, headers=headers, body=request.body)


def webhook_refused(error: ForgedError, *, provider: str) -> HttpResponse:
    log.warning("webhook_refused", provider=provider, reason=str(error))
    return HttpResponse(status=403)
