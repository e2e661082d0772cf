"""WhatsApp: words of our own to whoever wrote to us within a day, an approved text to anybody else, or another way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from knowledge.models import Document
from leads import live
from leads.messengers.base import Receipt
from leads.models import Conversation, Lead, Message, WhatsAppTemplate
from leads.services import message_deliver, receipt_apply
from leads.status import Failure, News, Status
from leads.windows import window_open
from tests.contracts.standins import ACCOUNT_SID, AUTH_TOKEN, Fault, TwilioStandIn, running

pytestmark = pytest.mark.django_db
JANE = "+919876543210"
SID = "HX" + "a" * 32


@pytest.fixture
def twilio(settings: Any) -> Iterator[TwilioStandIn]:
    with running(TwilioStandIn()) as standin:
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT_SID, AUTH_TOKEN
        settings.TWILIO_SMS_FROM, settings.TWILIO_WHATSAPP_FROM = "+15005550006", "+15005550007"
        settings.TWILIO_API_BASE_URL = standin.url
        settings.PUBLIC_BASE_URL = "https://voice.example.com"
        yield standin


@pytest.fixture
def ask(queue: Callable[..., Message]) -> Callable[..., Message]:
    """Ask for the policy by WhatsApp, in a call, so that no night holds it."""

    def asked(**other: Any) -> Message:
        return queue(
            **{"channel": "whatsapp", "to": JANE, "call_id": "00000000-0000-4000-8000-000000000001", **other}
        )

    return asked


def wrote(hours: float, **other: Any) -> None:
    at = timezone.now() - timedelta(hours=hours)
    Conversation.objects.create(
        **{"channel": "whatsapp", "role": "customer", "address": JANE, "timestamp": at, **other}
    )


def approve(**other: Any) -> None:
    fields: dict[str, Any] = {
        "name": "document",
        "content_sid": SID,
        "variables": {"1": "name", "2": "document", "3": "media_path"},
        "text": "Hello {{1}}, your {{2}} is ready: https://voice.example.com/{{3}}",
    }
    WhatsAppTemplate.objects.create(**{**fields, **other})


@pytest.mark.parametrize(
    ("hours", "other", "opened"),
    [
        (0.1, {}, True),
        (23.5, {}, True),
        (24.1, {}, False),
        (0.1, {"channel": "sms"}, False),
        (0.1, {"role": "agent"}, False),
        (0.1, {"address": "+919876543211"}, False),
        (-1, {}, False),
    ],
)
def test_the_window_is_opened_by_their_message_of_the_last_day(
    hours: float, other: Any, opened: bool
) -> None:
    wrote(hours, **other)
    assert window_open(address=JANE, now=timezone.now()) is opened


def test_inside_the_window_our_own_words_go_with_the_document(ask: Any, twilio: TwilioStandIn) -> None:
    wrote(1)
    approve()
    message = ask()
    assert message_deliver(message_id=message.id) is Status.SENT
    [taken] = twilio.accepted
    assert "Here's our Refund Policy as requested." in taken["Body"]
    assert taken["media"][0].startswith("https://voice.example.com/media/d/")
    assert "ContentSid" not in taken


def test_outside_it_the_approved_text_goes_with_its_variables(
    ask: Any, twilio: TwilioStandIn, policy: Document
) -> None:
    approve()
    message = ask()
    assert message_deliver(message_id=message.id) is Status.SENT
    [taken] = twilio.accepted
    variables = json.loads(taken["ContentVariables"])
    assert taken["ContentSid"] == SID
    assert (variables["1"], variables["2"]) == ("Jane Doe", "Refund Policy")
    assert variables["3"].startswith("media/d/")
    assert "Body" not in taken
    assert taken["media"] == []


def test_a_variable_of_whatsapp_is_one_line_and_never_empty(
    ask: Any, twilio: TwilioStandIn, jane: Lead
) -> None:
    Lead.objects.filter(id=jane.id).update(name="Jane\r\n\tX" + " " * 9 + "Doe")
    approve(variables={"1": "name", "2": "order_id"})
    assert ask().content["variables"] == {"1": "Jane X Doe", "2": "-"}


def test_the_template_of_the_language_goes_before_another(ask: Any, twilio: TwilioStandIn) -> None:
    approve(language="de", content_sid="HX" + "d" * 32)
    assert ask(key="1").content["sid"] == "HX" + "d" * 32
    approve()
    assert ask(key="2").content["sid"] == SID


def test_without_a_template_it_fails_at_once_and_the_call_hears_why(
    ask: Any, twilio: TwilioStandIn, django_capture_on_commit_callbacks: Any
) -> None:
    layer = mock.Mock(group_send=mock.AsyncMock())
    with (
        mock.patch.object(live, "get_channel_layer", return_value=layer),
        django_capture_on_commit_callbacks(execute=True),
    ):
        message = ask()
    assert (message.status, message.failure) == (Status.FAILED, Failure.WINDOW_CLOSED)
    assert "has not written to us within a day" in message.error
    told = layer.group_send.await_args.args[1]
    assert (told["kind"], told["status"], told["failure"]) == ("send_whatsapp", "failed", "window_closed")
    assert twilio.accepted == []


def test_a_window_that_closed_while_it_waited_sends_nothing(ask: Any, twilio: TwilioStandIn) -> None:
    wrote(1)
    message = ask()
    Conversation.objects.update(timestamp=timezone.now() - timedelta(days=2))
    assert message_deliver(message_id=message.id) is Status.FAILED
    message.refresh_from_db()
    assert message.failure == Failure.WINDOW_CLOSED
    assert twilio.accepted == []


def test_twilios_own_refusal_says_the_same(ask: Any, twilio: TwilioStandIn) -> None:
    wrote(1)
    said = '{"code": 63016, "message": "Failed to send freeform message", "status": 400}'
    twilio.faults.append(Fault(status=400, body=said))
    message = ask()
    assert message_deliver(message_id=message.id) is Status.FAILED
    message.refresh_from_db()
    assert message.failure == Failure.WINDOW_CLOSED


def test_a_receipt_that_says_it_later_says_the_same(ask: Any, twilio: TwilioStandIn) -> None:
    wrote(1)
    message = ask()
    message_deliver(message_id=message.id)
    receipt_apply(
        receipt=Receipt(
            event_id="e1",
            news=News.FAILED,
            provider="twilio",
            message_id=str(message.id),
            detail="Twilio error 63016",
            failure=Failure.WINDOW_CLOSED,
        )
    )
    message.refresh_from_db()
    assert (message.status, message.failure) == (Status.FAILED, Failure.WINDOW_CLOSED)


def test_the_outbox_asks_nobody_for_a_window(
    queue: Callable[..., Message], demo: Lead, twilio: TwilioStandIn
) -> None:
    message = queue(
        channel="whatsapp", to=demo.phone, lead_id=demo.id, call_id="00000000-0000-4000-8000-000000000001"
    )
    assert message_deliver(message_id=message.id) is Status.DELIVERED
    assert twilio.accepted == []


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_a_document_that_nobody_could_open_is_not_promised(
    ask: Any, twilio: TwilioStandIn, settings: Any, channel: str
) -> None:
    wrote(1)
    settings.PUBLIC_BASE_URL = ""
    message = ask(channel=channel)
    assert (message.status, message.failure) == (Status.FAILED, Failure.NOT_CONFIGURED)
