"""Invariant: a request about a call without the provider's own signature has no effect and learns nothing."""

from __future__ import annotations

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from leads.dialers.base import CallNewsSource, CallReport, ForgedError
from leads.dialers.choice import dialer_for
from leads.dialers.twiml import after_twiml, stale_twiml
from leads.models import Callback
from leads.services import call_news_apply, callback_connected
from leads.voice import VoiceRefusedError, after_url, greeting, voice_open
from leads.webhooks import webhook_call, webhook_refused

log = structlog.get_logger(__name__)

_STALE = (Callback.Status.CANCELLED, Callback.Status.MOVED)


@csrf_exempt
@require_POST
def voice_status(request: HttpRequest) -> HttpResponse:
    """How a call goes. 204, or 403 without Twilio's signature."""
    try:
        report = _report(request)
    except ForgedError as error:
        return webhook_refused(error, provider="twilio")
    if report is not None:
        call_news_apply(report=report)
    return HttpResponse(status=204)


@csrf_exempt
@require_POST
def voice_answer(request: HttpRequest, signed: str) -> HttpResponse:
    """What is said to who picks up. TwiML, or 403 without Twilio's signature, or 404 for an address that isn't ours."""
    try:
        _report(request)
        callback_id, attempt = voice_open(signed)
    except ForgedError as error:
        return webhook_refused(error, provider="twilio")
    except VoiceRefusedError:
        return HttpResponse(status=404)
    if not Callback.objects.filter(id=callback_id).exclude(status__in=_STALE).exists():
        return _twiml(stale_twiml())
    return _twiml(greeting(after_url=after_url(callback_id=callback_id, attempt=attempt)))


@csrf_exempt
@require_POST
def voice_after(request: HttpRequest, signed: str) -> HttpResponse:
    """What is said once the office has hung up, or did not answer; the first is noted."""
    try:
        _report(request)
        callback_id, attempt = voice_open(signed)
    except ForgedError as error:
        return webhook_refused(error, provider="twilio")
    except VoiceRefusedError:
        return HttpResponse(status=404)
    connected = request.POST.get("DialCallStatus") in {"completed", "answered"}
    if connected:
        callback_connected(callback_id=callback_id, attempt=attempt)
    return _twiml(after_twiml(connected=connected))


def _report(request: HttpRequest) -> CallReport | None:
    dialer = dialer_for("twilio")
    if not isinstance(dialer, CallNewsSource):
        raise ForgedError("nobody who signs")
    return dialer.parse_status(webhook_call(request))


def _twiml(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/xml")
