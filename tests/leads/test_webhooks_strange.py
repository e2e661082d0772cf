"""What a provider may say and no database can hold, or says in another form: it is answered, and a STOP in it counts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from twilio.request_validator import RequestValidator

from leads.models import Conversation, Delivery, Lead, Message, OptOut
from leads.status import Status
from tests.contracts.standins import AUTH_TOKEN
from tests.leads.test_webhooks import (
    Post,
    credentials,
    event,
    sendgrid,
    sent_mail,
    sent_sms,
    status_of,
    twilio,
)

__all__ = ["credentials", "sendgrid", "sent_mail", "sent_sms", "twilio"]
pytestmark = pytest.mark.django_db
INBOUND = "/twilio/inbound/"


def as_json(client: Client, path: str, fields: dict[str, Any]) -> HttpResponse:
    """Post it as Twilio posts JSON: signed over the address, which holds the hash of the body."""
    body = json.dumps(fields)
    validator = RequestValidator(AUTH_TOKEN)
    path = f"{path}?bodySHA256={validator.compute_hash(body)}"
    signature = validator.compute_signature(f"http://testserver{path}", {})
    answer: HttpResponse = client.post(
        path, body, content_type="application/json", headers={"X-Twilio-Signature": signature}
    )
    return answer


@pytest.mark.parametrize("body", ["STOP\x00", "\x00stop", "stop\ud800"])
def test_a_stop_with_letters_that_no_database_holds_is_a_stop(client: Client, jane: Lead, body: str) -> None:
    assert (
        as_json(client, INBOUND, {"MessageSid": "SM1", "From": jane.phone, "Body": body}).status_code == 200
    )
    assert OptOut.objects.filter(channel="sms", address=jane.phone).exists()


def test_a_stop_as_a_form_with_a_null_byte_is_a_stop(twilio: Post, jane: Lead) -> None:
    fields = {"MessageSid": "SM1", "From": jane.phone, "Body": "STOP\x00"}
    assert twilio(INBOUND, fields).status_code == 200
    assert OptOut.objects.filter(channel="sms", address=jane.phone).exists()


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_a_word_that_was_agreed_with_twilio_counts_as_twilio_says(
    client: Client, jane: Lead, channel: str
) -> None:
    sender = jane.phone if channel == "sms" else f"whatsapp:{jane.phone}"

    def write(sid: str, body: str, kind: str) -> bool:
        fields = {"MessageSid": sid, "From": sender, "Body": body, "OptOutType": kind}
        assert as_json(client, INBOUND, fields).status_code == 200
        return OptOut.objects.filter(channel=channel, address=jane.phone).exists()

    assert write("SM1", "NOADS", "STOP")
    assert write("SM2", "HELP", "HELP")
    assert not write("SM3", "MOREADS", "START")


def test_what_json_leaves_empty_is_empty(client: Client, jane: Lead, sent_sms: Message) -> None:
    news = {"MessageSid": "SM1", "MessageStatus": "delivered", "ErrorCode": None}
    assert as_json(client, "/twilio/status/", news).status_code == 204
    assert status_of(sent_sms) == Status.DELIVERED
    assert Delivery.objects.get(message=sent_sms, status="delivered").detail == ""
    as_json(client, INBOUND, {"MessageSid": "SM5", "From": jane.phone, "Body": None})
    assert Conversation.objects.get(source_id="SM5").message == ""


def test_a_reason_that_no_database_holds_does_not_hide_the_bounce(sendgrid: Post, sent_mail: Message) -> None:
    said = event("bounce", 1, sent_mail, reason="550 no\x00such\ud800box", response={"a": ["\x00"]})
    assert sendgrid([said, event("open", 2, sent_mail)]).status_code == 204
    assert status_of(sent_mail) == Status.FAILED
