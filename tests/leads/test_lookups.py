"""What a look-up finds is taken for the message only if it can be no other's; what waits at the provider is found, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from contactcenter.drill.faults import Faults
from contactcenter.drill.news import Postman
from contactcenter.drill.serving import Server
from contactcenter.drill.twilio import Twilio
from leads import doorbell
from leads.messengers.base import OutgoingMessage, Sent
from leads.messengers.choice import messenger_for
from leads.models import Message
from leads.services import message_claim, message_deliver, message_resolve, message_settle
from leads.services.delivery import CLAIM_TIMEOUT
from leads.status import Status

pytestmark = pytest.mark.django_db
ACCOUNT, TOKEN = "AC" + "2" * 32, "a token"


@pytest.fixture
def twilio(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Twilio]:
    monkeypatch.setattr(doorbell, "ring", lambda *_: True)
    postman = Postman(1)
    standin = Twilio(account=ACCOUNT, token=TOKEN, postman=postman, seed=1)
    server = Server(standin, Faults(1, scale=0.0), patience=1)
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
    settings.TWILIO_SMS_FROM, settings.TWILIO_API_BASE_URL = "+15005550006", server.url
    yield standin
    server.close()
    postman.close()


@pytest.fixture
def text(queue: Callable[..., Message]) -> Callable[[str], Message]:
    """A text to Jane, each alike to the last letter."""

    def ask(key: str) -> Message:
        words = {"template": "callback", "context": {"when": "tomorrow at 10"}, "document_ids": []}
        return queue(key=key, channel="sms", to="+919876543210", **words)

    return ask


def lost(message: Message, *, ago: timedelta = CLAIM_TIMEOUT * 1.5, sent: bool = False) -> str:
    """Its worker died ``ago``, before it sent it or just afterwards; the id at the provider, if it has it."""
    now = timezone.now()
    assert message_claim(message_id=message.id, now=now - ago) is not None
    message.refresh_from_db()
    return messenger_for("twilio").send(_as_sent(message)).provider_id if sent else ""


def _as_sent(message: Message) -> OutgoingMessage:
    return OutgoingMessage(id=str(message.id), channel="sms", to=message.to, body_text=message.body_text)


def status_of(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.status, message.provider_id


def test_a_text_that_waits_in_the_providers_own_queue_is_found(
    twilio: Twilio, text: Callable[[str], Message]
) -> None:
    message = text("a")
    sid = lost(message, sent=True)
    twilio.messages[0]["steps"] = [("sent", timezone.now().timestamp() + 3600)]
    assert message_resolve(message_id=message.id) is Status.SENT
    assert status_of(message) == ("sent", sid)


def test_a_text_of_another_day_is_not_taken_for_this_one(
    twilio: Twilio, text: Callable[[str], Message]
) -> None:
    message = text("a")
    lost(message, sent=True)
    twilio.messages[0]["made"] -= 86400
    assert message_resolve(message_id=message.id) is Status.QUEUED


def test_a_text_alike_that_still_waits_for_its_answer_is_left_its_own(
    twilio: Twilio, text: Callable[[str], Message]
) -> None:
    first, second = text("a"), text("b")
    lost(first)
    sid = lost(second, ago=timedelta(seconds=1), sent=True)
    assert message_resolve(message_id=first.id) is Status.SENDING, "what it found may be the other's"
    claim_of_second = Sent(provider_id=sid)
    message_settle(claim=_claim(second), sent=claim_of_second)
    assert message_resolve(message_id=first.id) is Status.QUEUED
    assert status_of(second) == ("sent", sid)


def _claim(message: Message) -> Any:
    from leads.services.delivery import Claim

    message.refresh_from_db()
    return Claim(message=message, provider="twilio", attempt=message.attempts)


@pytest.mark.django_db(transaction=True)
def test_of_two_lost_texts_alike_of_which_one_arrived_one_is_sent_again(
    twilio: Twilio, text: Callable[[str], Message]
) -> None:
    first, second = text("a"), text("b")
    lost(first)
    sid = lost(second, sent=True)

    def resolve(message: Message) -> None:
        try:
            message_resolve(message_id=message.id)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(resolve, (first, second)))
    message_resolve(message_id=first.id)
    message_resolve(message_id=second.id)
    assert sorted((status_of(first), status_of(second))) == [("queued", ""), ("sent", sid)]


def test_an_attempt_that_was_held_up_until_others_may_take_it_for_lost_is_not_made(
    twilio: Twilio, text: Callable[[str], Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    message = text("a")
    began = timezone.now()
    clock = iter([began, began + CLAIM_TIMEOUT * 0.6])

    def now() -> datetime:
        return next(clock, began + CLAIM_TIMEOUT * 0.6)

    monkeypatch.setattr("leads.services.delivery.timezone.now", now)
    assert message_deliver(message_id=message.id) is Status.QUEUED
    assert twilio.messages == []
