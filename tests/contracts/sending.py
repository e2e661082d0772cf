"""What is handed to a provider in these tests, and the two providers with somebody who stands in for them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from leads.messengers.base import (
    OutgoingMessage,
)
from leads.messengers.sendgrid import SendgridMessenger
from leads.messengers.twilio import TwilioMessenger
from tests.contracts.standins import (
    ACCOUNT_SID,
    API_KEY,
    AUTH_TOKEN,
    SendgridStandIn,
    StandIn,
    TwilioStandIn,
    running,
)

LONG = "y" * 10_000


def mail(**other: Any) -> OutgoingMessage:
    fields: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "channel": "email",
        "to": "jane@example.com",
        "subject": "Acme Refund Policy",
        "body_text": "Hello",
        "body_html": "<p>Hello</p>",
    }
    return OutgoingMessage(**{**fields, **other})


def text(channel: str = "sms", **other: Any) -> OutgoingMessage:
    fields: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "channel": channel,
        "to": "+919876543210",
        "body_text": "Hello",
    }
    return OutgoingMessage(**{**fields, **other})


def twilio(url: str) -> TwilioMessenger:
    return TwilioMessenger(
        account_sid=ACCOUNT_SID,
        auth_token=AUTH_TOKEN,
        sms_from="+15005550006",
        whatsapp_from="whatsapp:+15005550007",
        base_url=url,
        status_callback="https://voice.example.com/twilio/status/",
    )


def sendgrid(url: str) -> SendgridMessenger:
    return SendgridMessenger(api_key=API_KEY, sender="support@example.com", sender_name="Acme", base_url=url)


@pytest.fixture
def twilio_standin() -> Iterator[StandIn]:
    with running(TwilioStandIn()) as standin:
        yield standin


@pytest.fixture
def sendgrid_standin() -> Iterator[StandIn]:
    with running(SendgridStandIn()) as standin:
        yield standin
