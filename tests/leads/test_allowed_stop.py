"""Who says stop is left alone from that second, on whatever way they say it; when and how is on record."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from leads import doorbell
from leads.allowed.verdict import Refusal
from leads.messengers.base import Inbound, OutgoingMessage, ProviderError, Receipt, Sent
from leads.messengers.outbox import OutboxMessenger
from leads.models import Consent, Conversation, Lead, Message, OptOut
from leads.services import (
    consent_note,
    inbound_receive,
    may_call,
    message_claim,
    message_deliver,
    message_queue,
    message_release,
    message_settle,
    receipt_apply,
    start_note,
    stop_note,
)
from leads.status import Failure, News, Status
from leads.unsubscribing import UNSUBSCRIBE_PATH, unsubscribe_url

pytestmark = pytest.mark.django_db
Queue = Callable[..., Message]
PHONE = "+919876543210"
DAY = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _bells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "ring", lambda task, row: True)


def write(body: str, channel: str = "sms", sender: str = PHONE) -> None:
    """Somebody writes to us."""
    inbound = Inbound(provider_id=f"SM{uuid.uuid4().hex}", channel=channel, sender=sender, body=body)
    inbound_receive(inbound=inbound)


def status_of(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.status, message.failure


STOPPED = (Status.FAILED, Failure.OPTED_OUT)


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
@pytest.mark.parametrize("words", ["STOP please", "stop it", "unsubscribe me", "बंद करो"])
def test_what_was_promised_before_the_stop_and_is_not_claimed_is_not_sent(
    queue: Queue, jane: Lead, channel: str, words: str
) -> None:
    waiting = queue(key="1", channel=channel, to=PHONE)
    held = queue(key="2", channel=channel, to=PHONE, not_before=timezone.now() + timedelta(minutes=1))
    other = queue(key="3", channel=channel, to="+919876511111")
    write(words, channel)
    assert status_of(waiting) == status_of(held) == STOPPED
    assert not message_release(key="2")
    assert message_deliver(message_id=waiting.id) is None
    assert status_of(other)[0] == Status.QUEUED
    assert queue(key="4", channel=channel, to=PHONE).failure == Failure.OPTED_OUT


def test_what_a_worker_has_claimed_is_settled_as_the_provider_says(queue: Queue) -> None:
    message = queue(channel="sms", to=PHONE)
    claim = message_claim(message_id=message.id)
    assert claim is not None
    write("STOP")
    message_settle(claim=claim, sent=Sent(provider_id="SM1"))
    assert status_of(message)[0] == Status.SENT


def test_a_stop_that_comes_while_a_worker_looks_is_honoured(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = queue(channel="sms", to=PHONE)
    monkeypatch.setattr("leads.services.delivery.opted_out", lambda **_: False)  # looked a moment too early
    OptOut.objects.create(channel="sms", address=PHONE)
    assert message_claim(message_id=message.id) is None
    assert status_of(message)[0] == Status.QUEUED
    monkeypatch.undo()
    assert message_claim(message_id=message.id) is None
    assert status_of(message) == STOPPED


def test_start_lets_messages_go_again_and_yes_to_something_else_is_no_consent(queue: Queue) -> None:
    write("yes")
    assert not Consent.objects.exists()
    write("STOP")
    write("start again")
    assert queue(channel="sms", to=PHONE).status == Status.QUEUED
    record = Consent.objects.filter(address=PHONE, call_id=None).order_by("id")
    assert [(row.given, row.how, row.source) for row in record] == [
        (False, "written", "STOP"),
        (True, "written", "start again"),
    ]


def test_what_a_caller_asks_for_is_consent_with_its_call_and_turn_and_how_it_was_given(
    queue: Queue, jane: Lead
) -> None:
    call_id = uuid.uuid4()
    Conversation.objects.create(call_id=call_id, turn=3, channel="text", role="customer", message="Mail it")
    queue(key="1", call_id=call_id, turn=1)
    queue(key="2", call_id=call_id, turn=3, channel="sms", to=PHONE)
    queue(key="2", call_id=call_id, turn=3, channel="sms", to=PHONE)
    rows = Consent.objects.filter(call_id=call_id, lead=jane).order_by("id")
    assert [(row.channel, row.address, row.turn, row.how, row.given) for row in rows] == [
        ("email", "jane@example.com", 1, "call", True),
        ("sms", PHONE, 3, "typed", True),
    ]


def test_a_provider_that_was_told_stop_tells_us_and_what_waits_does_not_go(queue: Queue) -> None:
    first, second = queue(key="1"), queue(key="2")
    claim = message_claim(message_id=first.id)
    assert claim is not None
    message_settle(claim=claim, sent=Sent(provider_id="x"))
    news = Receipt(
        event_id="e", news=News.NOTED, provider=claim.provider, message_id=str(first.id), opt_out=True
    )
    receipt_apply(receipt=news)
    assert status_of(second) == STOPPED
    assert Consent.objects.get().how == "provider"


def test_a_provider_that_refuses_because_of_a_stop_is_believed_for_all_that_follows(queue: Queue) -> None:
    first, second = (queue(key=key, channel="sms", to=PHONE) for key in ("1", "2"))
    claim = message_claim(message_id=first.id)
    assert claim is not None
    message_settle(claim=claim, error=ProviderError("Twilio error 21610", failure=Failure.OPTED_OUT))
    assert status_of(first) == status_of(second) == STOPPED
    assert OptOut.objects.get().address == PHONE


# ---- mail


def link(message: Message) -> str:
    return urlsplit(unsubscribe_url(message.id)).path


def test_every_mail_carries_the_two_headers_of_one_click_and_a_text_none(
    queue: Queue, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.PUBLIC_BASE_URL = "https://voice.example.com"
    sent: list[OutgoingMessage] = []
    send = OutboxMessenger.send
    monkeypatch.setattr(OutboxMessenger, "send", lambda self, one: sent.append(one) or send(self, one))
    mail, text = queue(key="1"), queue(key="2", channel="sms", to=PHONE)
    message_deliver(message_id=mail.id)
    message_deliver(message_id=text.id)
    assert dict(sent[0].headers) == {
        "List-Unsubscribe": f"<{unsubscribe_url(mail.id)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert sent[0].headers["List-Unsubscribe"].startswith(f"<https://voice.example.com{UNSUBSCRIBE_PATH}")
    assert not sent[1].headers
    for body in (mail.body_text, mail.body_html):
        assert unsubscribe_url(mail.id) in body
    assert UNSUBSCRIBE_PATH not in text.body_text


def test_the_button_of_a_mail_program_stops_mails_without_a_page_or_a_cookie(queue: Queue) -> None:
    message, waiting = queue(key="1"), queue(key="2")
    answer = Client(enforce_csrf_checks=True).post(
        link(message),
        urlencode({"List-Unsubscribe": "One-Click"}),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200
    assert status_of(waiting) == STOPPED
    assert queue(key="3").failure == Failure.OPTED_OUT
    assert queue(key="4", channel="sms", to=PHONE).status == Status.QUEUED
    assert Consent.objects.get(channel="email").how == "link"


def test_looking_at_the_page_stops_nothing_and_its_button_does_and_undoes_it(
    queue: Queue, client: Client
) -> None:
    path = link(queue())
    for look in (client.get, client.head):
        page: HttpResponse = look(path)
        assert (page.status_code, page["Referrer-Policy"]) == (200, "no-referrer")
    assert not OptOut.objects.exists()
    text = client.get(path).content.decode()
    assert "jane@" not in text
    assert re.search(r"j•••@example\.com", text)
    assert "no more e-mails" in client.post(path, {"wish": "stop"}).content.decode()
    assert queue(key="2").failure == Failure.OPTED_OUT
    assert "e-mails again" in client.post(path, {"wish": "start"}).content.decode()
    assert queue(key="3").status == Status.QUEUED


def test_a_link_that_was_altered_guessed_or_is_of_no_mail_does_nothing(queue: Queue, client: Client) -> None:
    path = link(queue(key="1"))
    text = link(queue(key="2", channel="sms", to=PHONE))
    gone = urlsplit(unsubscribe_url(uuid.uuid4())).path
    for wrong in (
        path[:-1],
        path.replace(":", ":x"),
        f"{UNSUBSCRIBE_PATH}x",
        f"{UNSUBSCRIBE_PATH}:",
        text,
        gone,
    ):
        assert client.post(wrong, {"wish": "stop"}).status_code == 404
        assert client.get(wrong).status_code == 404
    assert not OptOut.objects.exists()


# ---- calls


def test_a_call_is_made_by_day_and_to_ordinary_numbers_of_the_country() -> None:
    assert may_call(phone=PHONE, now=DAY).allowed
    night = may_call(phone=PHONE, now=NIGHT)
    assert (night.refusal, night.until) == (Refusal.QUIET, datetime(2026, 11, 24, 2, 30, tzinfo=UTC))
    assert may_call(phone=PHONE, now=NIGHT, asked=True).allowed
    assert may_call(phone="+14155552671", now=DAY, asked=True).refusal is Refusal.COUNTRY
    assert may_call(phone="+911800123456", now=DAY, asked=True).refusal is Refusal.KIND
    assert may_call(phone="12", now=DAY).refusal is Refusal.NOT_A_NUMBER


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "call"])
def test_who_says_stop_is_not_called_until_they_have_proven_who_they_are_and_ask_for_it(
    jane: Lead, channel: str
) -> None:
    stop_note(channel=channel, address=PHONE, how="written", source="STOP", now=DAY)
    assert may_call(phone=PHONE, now=DAY, asked=True).refusal is Refusal.STOPPED
    claimed = Lead.objects.create(phone=PHONE, verified=False)
    other = Lead.objects.create(phone="+919876511111")
    later = DAY + timedelta(hours=1)
    for somebody in (None, claimed.id, other.id):
        consent_note(channel="call", address=PHONE, lead_id=somebody, now=later)
        assert may_call(phone=PHONE, now=later, asked=True).refusal is Refusal.STOPPED
    consent_note(channel="call", address=PHONE, lead_id=jane.id, now=later)
    assert may_call(phone=PHONE, now=later).allowed
    start_note(channel=channel, address=PHONE, how="written", source="START")
    stop_note(channel=channel, address=PHONE, how="written", source="STOP", now=later + timedelta(hours=1))
    assert may_call(phone=PHONE, now=later).refusal is Refusal.STOPPED


def test_stop_to_mails_is_no_stop_to_calls(jane: Lead) -> None:
    stop_note(channel="email", address="jane@example.com", how="link", source="page")
    assert may_call(phone=PHONE, now=DAY).allowed


def test_a_promise_to_somebody_who_said_stop_is_refused_though_they_asked_in_the_call(jane: Lead) -> None:
    stop_note(channel="sms", address=PHONE, how="written", source="STOP")
    message = message_queue(
        key="k", lead_id=jane.id, call_id=uuid.uuid4(), channel="sms", to=PHONE, template="tracking", context={}
    )  # fmt: skip
    assert (message.status, message.failure) == STOPPED
    assert "no more SMS" in message.error
