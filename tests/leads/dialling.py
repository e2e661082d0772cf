"""A Twilio that rings nobody, a callback that is due, and the news that Twilio would send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client
from twilio.request_validator import RequestValidator

from leads import doorbell
from leads.models import Callback, Lead
from leads.services import callback_claim, callback_dial, callback_schedule
from tests.contracts.standins import ACCOUNT_SID, AUTH_TOKEN, TwilioCallsStandIn, running

PHONE = "+919876543210"
#: Noon in India: nobody's night.
NOON = datetime.now(UTC).replace(hour=6, minute=30, second=0, microsecond=0)
CALLS = "/2010-04-01"
Post = Callable[..., HttpResponse]
Due = Callable[..., Callback]
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def twilio(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioCallsStandIn]:
    monkeypatch.setattr(doorbell, "ring", lambda *_: True)
    with running(TwilioCallsStandIn()) as standin:
        assert isinstance(standin, TwilioCallsStandIn)
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT_SID, AUTH_TOKEN
        settings.TWILIO_VOICE_FROM, settings.TWILIO_SMS_FROM = "+15005550008", "+15005550006"
        settings.TWILIO_API_BASE_URL = standin.url
        settings.PUBLIC_BASE_URL = "http://testserver"
        settings.CALLBACK_CONNECT_TO = ""
        yield standin


@pytest.fixture
def due(jane: Lead) -> Callable[..., Callback]:
    """A callback that Jane was promised; anything can be said otherwise."""

    def promise(**other: Any) -> Callback:
        fields: dict[str, Any] = {
            "key": "call-1:schedule_callback",
            "lead_id": jane.id,
            "call_id": None,
            "phone": PHONE,
            "due_at": NOON,
            "reason": "the laptop",
            "now": NOON - timedelta(hours=1),
        }
        return callback_schedule(**{**fields, **other})

    return promise


@pytest.fixture
def news(client: Client) -> Post:
    """What Twilio posts when a call of ours changes."""

    def post(
        row: Callback, status: str, *, attempt: int = 0, sid: str = "", token: str = AUTH_TOKEN, **other: str
    ) -> HttpResponse:
        row.refresh_from_db()
        path = f"/twilio/voice/status/?{urlencode({'callback': row.id, 'attempt': attempt or row.attempts})}"
        fields = {"CallSid": sid or row.provider_id or "CAx", "CallStatus": status, **other}
        return signed(client, path, fields, token=token)

    return post


def signed(client: Client, path: str, fields: dict[str, str], *, token: str = AUTH_TOKEN) -> HttpResponse:
    signature = RequestValidator(token).compute_signature(f"http://testserver{path}", fields)
    return client.post(
        path,
        urlencode(fields),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature},
    )


def claimed(row: Callback, *, now: datetime = NOON) -> Callback:
    """Its worker has died just after it claimed it."""
    assert callback_claim(callback_id=row.id, now=now) is not None
    row.refresh_from_db()
    return row


def dial(row: Callback, *, now: datetime = NOON) -> str | None:
    status = callback_dial(callback_id=row.id, now=now)
    row.refresh_from_db()
    return status
