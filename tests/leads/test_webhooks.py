"""What a provider tells us is believed with its signature, and has no effect without."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.http import HttpResponse
from django.test import Client
from twilio.request_validator import RequestValidator

from leads.messengers.base import Sent
from leads.models import Conversation, Delivery, Lead, Message, OptOut
from leads.services import message_claim, message_settle
from leads.status import Status
from tests.contracts.standins import ACCOUNT_SID, API_KEY, AUTH_TOKEN

pytestmark = pytest.mark.django_db

KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC_KEY = base64.b64encode(
    KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()
Post = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def credentials(settings: Any) -> None:
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT_SID, AUTH_TOKEN
    settings.TWILIO_SMS_FROM, settings.TWILIO_WHATSAPP_FROM = "+15005550006", "+15005550007"
    settings.SENDGRID_API_KEY, settings.EMAIL_FROM = API_KEY, "support@example.com"
    settings.SENDGRID_WEBHOOK_PUBLIC_KEY = PUBLIC_KEY
    settings.PUBLIC_BASE_URL = "http://testserver"  # without it no document can be opened by its address


@pytest.fixture
def twilio(client: Client) -> Post:
    def post(
        path: str, fields: dict[str, str], *, token: str = AUTH_TOKEN, signature: str | None = None
    ) -> HttpResponse:
        if signature is None:
            signature = RequestValidator(token).compute_signature(f"http://testserver{path}", fields)
        return client.post(
            path,
            urlencode(fields),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature},
        )

    return post


@pytest.fixture
def sendgrid(client: Client) -> Post:
    def post(
        events: Any, *, key: ec.EllipticCurvePrivateKey = KEY, altered: bytes | None = None
    ) -> HttpResponse:
        body, stamp = json.dumps(events).encode(), "1763820000"
        signature = base64.b64encode(key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
        return client.post(
            "/sendgrid/events/",
            altered or body,
            content_type="application/json",
            headers={
                "X-Twilio-Email-Event-Webhook-Signature": signature,
                "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
            },
        )

    return post


@pytest.fixture
def sent_sms(queue: Callable[..., Message]) -> Message:
    return sent(queue(channel="sms", to="+919876543210"), provider_id="SM1")


@pytest.fixture
def sent_mail(queue: Callable[..., Message]) -> Message:
    return sent(queue(), provider_id="sg1")


def sent(message: Message, *, provider_id: str) -> Message:
    claim = message_claim(message_id=message.id)
    assert claim is not None
    message_settle(claim=claim, sent=Sent(provider_id=provider_id))
    message.refresh_from_db()
    return message


def status_of(message: Message) -> str:
    message.refresh_from_db()
    return message.status


def event(name: str, number: int, message: Message, **more: Any) -> dict[str, Any]:
    return {
        "email": message.to,
        "event": name,
        "sg_event_id": f"event-{number}",
        "sg_message_id": f"{message.provider_id}.recvd-5f",
        "message_id": str(message.id),
        "timestamp": 1763820000,
        **more,
    }


def test_a_signed_status_moves_the_message_forward_and_only_forward(twilio: Post, sent_sms: Message) -> None:
    for status in ("delivered", "sent", "queued", "undelivered"):
        answer = twilio("/twilio/status/", {"MessageSid": "SM1", "MessageStatus": status})
        assert answer.status_code == 204
        assert status_of(sent_sms) == Status.DELIVERED
    assert Delivery.objects.filter(message=sent_sms).count() == 5


def test_a_status_is_found_by_our_own_id_when_the_answer_was_lost(twilio: Post, queue: Any) -> None:
    message = queue(channel="sms", to="+919876543210")
    message_claim(message_id=message.id)
    path = f"/twilio/status/?message={message.id}"
    assert twilio(path, {"MessageSid": "SM77", "MessageStatus": "sent"}).status_code == 204
    assert status_of(message) == Status.SENT
    assert message.provider_id == "SM77"


def test_behind_a_proxy_the_public_address_is_what_was_signed(
    settings: Any, client: Client, sent_sms: Message
) -> None:
    settings.PUBLIC_BASE_URL = "https://voice.example.com"
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    signature = RequestValidator(AUTH_TOKEN).compute_signature(
        "https://voice.example.com/twilio/status/", fields
    )
    answer = client.post(
        "/twilio/status/",
        urlencode(fields),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature},
    )
    assert answer.status_code == 204
    assert status_of(sent_sms) == Status.DELIVERED


@pytest.mark.parametrize("forgery", [{"token": "another"}, {"signature": ""}, {"signature": "bm9uc2Vuc2U="}])
def test_a_forged_status_has_no_effect(twilio: Post, sent_sms: Message, forgery: dict[str, str]) -> None:
    answer = twilio("/twilio/status/", {"MessageSid": "SM1", "MessageStatus": "failed"}, **forgery)
    assert answer.status_code == 403
    assert status_of(sent_sms) == Status.SENT


def test_without_credentials_nobody_is_believed(
    settings: Any, twilio: Post, sendgrid: Post, sent_mail: Message
) -> None:
    settings.TWILIO_AUTH_TOKEN = settings.SENDGRID_WEBHOOK_PUBLIC_KEY = ""
    assert (
        twilio("/twilio/status/", {"MessageSid": "SM1", "MessageStatus": "failed"}, token="").status_code
        == 403
    )
    assert (
        twilio("/twilio/inbound/", {"MessageSid": "SM1", "From": "+1", "Body": "STOP"}, token="").status_code
        == 403
    )
    assert sendgrid([event("bounce", 1, sent_mail)]).status_code == 403
    assert status_of(sent_mail) == Status.SENT
    assert not OptOut.objects.exists()


def test_a_webhook_is_only_posted_to(client: Client) -> None:
    for path in ("/twilio/status/", "/twilio/inbound/", "/sendgrid/events/"):
        assert client.get(path).status_code == 405


def test_signed_events_in_any_order_and_repeated_end_where_the_mail_is(
    sendgrid: Post, sent_mail: Message
) -> None:
    events = [
        event("delivered", 2, sent_mail),
        event("processed", 1, sent_mail),
        event("open", 3, sent_mail),
        event("deferred", 4, sent_mail),
    ]
    for _ in range(3):
        assert sendgrid(events).status_code == 204
    assert status_of(sent_mail) == Status.DELIVERED
    assert Delivery.objects.filter(message=sent_mail).count() == 5


def test_a_bounce_after_the_delivery_is_the_last_word(sendgrid: Post, sent_mail: Message) -> None:
    sendgrid([event("delivered", 1, sent_mail), event("bounce", 2, sent_mail, reason="550 no such user")])
    assert status_of(sent_mail) == Status.FAILED
    assert sent_mail.error == "550 no such user"


def test_events_signed_by_another_key_or_altered_on_the_way_have_no_effect(
    sendgrid: Post, sent_mail: Message
) -> None:
    forged = [event("bounce", 1, sent_mail)]
    assert sendgrid(forged, key=ec.generate_private_key(ec.SECP256R1())).status_code == 403
    assert sendgrid([], altered=json.dumps(forged).encode()).status_code == 403
    assert status_of(sent_mail) == Status.SENT


@pytest.mark.parametrize(
    "events", [{"event": "bounce"}, "bounce", [1, None, {}, {"sg_event_id": 5, "event": []}]]
)
def test_signed_nonsense_is_no_error_and_no_effect(sendgrid: Post, sent_mail: Message, events: Any) -> None:
    assert sendgrid(events).status_code in {204, 403}
    assert status_of(sent_mail) == Status.SENT


def test_who_marks_a_mail_as_spam_is_left_alone(sendgrid: Post, sent_mail: Message, queue: Any) -> None:
    sendgrid([event("spamreport", 1, sent_mail)])
    assert queue(key="next").status == Status.FAILED


def test_what_people_write_is_kept_with_their_lead_once(twilio: Post, jane: Lead) -> None:
    fields = {
        "MessageSid": "SM9",
        "From": "whatsapp:+919876543210",
        "To": "whatsapp:+15005550007",
        "Body": "Hi 👋 שלום",
    }
    for _ in range(3):
        answer = twilio("/twilio/inbound/", fields)
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml")
    row = Conversation.objects.get()
    assert (row.lead, row.message, row.channel, row.role) == (jane, "Hi 👋 שלום", "whatsapp", "customer")


def test_stop_and_start_are_honoured_on_their_own_channel(twilio: Post, jane: Lead, queue: Any) -> None:
    def say(body: str, sid: str) -> None:
        assert (
            twilio("/twilio/inbound/", {"MessageSid": sid, "From": jane.phone, "Body": body}).status_code
            == 200
        )

    # Somebody who wrote to us in WhatsApp, so that it is the channel alone that makes the difference.
    Conversation.objects.create(channel="whatsapp", role="customer", address=jane.phone)
    say(" Stop. ", "SM1")
    assert queue(key="1", channel="sms", to=jane.phone).status == Status.FAILED
    assert queue(key="2", channel="whatsapp", to=jane.phone).status == Status.QUEUED
    say("please don't stop the order", "SM2")
    say("START", "SM3")
    assert queue(key="3", channel="sms", to=jane.phone).status == Status.QUEUED
