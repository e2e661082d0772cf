"""However a provider's news arrive (a hundred times, in any order, at once, late), they have one effect."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from twilio.request_validator import RequestValidator

from leads.messengers.base import Receipt
from leads.models import Delivery, Message
from leads.services import receipt_apply
from leads.status import News, Status
from tests.contracts.standins import AUTH_TOKEN
from tests.leads.test_webhooks import (
    Post,
    credentials,
    event,
    sendgrid,
    sent,
    sent_mail,
    sent_sms,
    status_of,
    twilio,
)

__all__ = ["credentials", "sendgrid", "sent_mail", "sent_sms", "twilio"]  # fixtures
pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the live call was told."""
    heard: list[str] = []
    monkeypatch.setattr(
        "leads.services.delivery.receipt_announce", lambda message: heard.append(message.status)
    )
    return heard


def test_a_hundred_times_in_any_order_is_told_once(twilio: Post, sent_sms: Message, told: list[str]) -> None:
    news = ["queued", "sending", "sent", "delivered"] * 25
    random.Random(4).shuffle(news)
    for status in news:
        fields = {"MessageSid": "SM1", "MessageStatus": status}
        assert twilio("/twilio/status/", fields).status_code == 204
    assert status_of(sent_sms) == Status.DELIVERED
    assert told == ["delivered"]
    assert Delivery.objects.filter(message=sent_sms).exclude(event_id__startswith="accepted:").count() == 4


def test_a_hundred_forgeries_among_them_do_nothing(twilio: Post, sent_sms: Message, told: list[str]) -> None:
    for _ in range(100):
        fields = {"MessageSid": "SM1", "MessageStatus": "failed"}
        assert twilio("/twilio/status/", fields, token="guessed").status_code == 403
    assert (status_of(sent_sms), told) == (Status.SENT, [])


def test_news_that_come_a_week_late_take_nothing_back(
    sendgrid: Post, sent_mail: Message, told: list[str]
) -> None:
    sendgrid([event("delivered", 1, sent_mail)])
    sendgrid([event("processed", 2, sent_mail, timestamp=1763215200), event("deferred", 3, sent_mail)])
    assert (status_of(sent_mail), told) == (Status.DELIVERED, ["delivered"])


@pytest.mark.parametrize("altered", [False, True])
def test_a_status_as_json_is_signed_by_its_hash(client: Client, sent_sms: Message, altered: bool) -> None:
    body = json.dumps({"MessageSid": "SM1", "MessageStatus": "delivered"})
    path = f"/twilio/status/?bodySHA256={RequestValidator(AUTH_TOKEN).compute_hash(body)}"
    signature = RequestValidator(AUTH_TOKEN).compute_signature(f"http://testserver{path}", {})
    if altered:
        body = body.replace("delivered", "failed")
    answer: HttpResponse = client.post(
        path, body, content_type="application/json", headers={"X-Twilio-Signature": signature}
    )
    assert answer.status_code == (403 if altered else 204)
    assert status_of(sent_sms) == (Status.SENT if altered else Status.DELIVERED)


@pytest.mark.django_db(transaction=True)
def test_the_same_news_by_eight_hands_at_once_is_one(queue: Callable[..., Message], told: list[str]) -> None:
    message = sent(queue(channel="sms", to="+919876543210"), provider_id="SM1")
    told.clear()
    start, results = threading.Barrier(8), list[Any]()

    def tell() -> None:
        start.wait(timeout=10)
        news = Receipt(event_id="SM1:delivered", news=News.DELIVERED, provider="twilio", provider_id="SM1")
        results.append(receipt_apply(receipt=news))
        connection.close()

    threads = [threading.Thread(target=tell) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(results) == [False] * 7 + [True]
    assert (status_of(message), told) == (Status.DELIVERED, ["delivered"])
