"""What did not arrive is somebody's task, once, and is sent again only where that helps and somebody decided it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from calls.models import Call
from calls.services import failures_sweep
from contactcenter.locks import round_take
from escalations.models import Ticket
from leads.messengers.base import ProviderError, Receipt, Sent
from leads.models import Allowance, Delivery, Lead, Limits, Message
from leads.services import (
    failures_told,
    message_claim,
    message_deliver,
    message_settle,
    messages_sweep,
    receipt_apply,
    stop_note,
)
from leads.services.failures import SendAgainRefusedError, SurelyNotTwiceError, message_send_again
from leads.status import Failure, News, Status

pytestmark = pytest.mark.django_db
Queue = Callable[..., Message]


@pytest.fixture(autouse=True)
def providers(settings: Any, db: None) -> None:
    # Whatever the time of day is where the tests run.
    Limits.objects.update_or_create(id=1, defaults={"quiet_from": time(0), "quiet_until": time(0)})
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC" + "0" * 32, "a-token-of-the-tests"
    settings.TWILIO_SMS_FROM, settings.PUBLIC_BASE_URL = "+15005550006", "https://voice.example.com"


def sms(queue: Queue, key: str = "sms", **other: Any) -> Message:
    return queue(key=key, **{"channel": "sms", "to": "+919876543210", **other})


def failed(message: Message, failure: Failure = Failure.BLOCKED, provider_id: str = "SM1") -> Message:
    claim = message_claim(message_id=message.id)
    assert claim is not None
    message_settle(claim=claim, sent=Sent(provider_id=provider_id))
    receipt_apply(receipt=news(message, News.FAILED, provider_id, failure))
    message.refresh_from_db()
    assert message.status == Status.FAILED
    return message


def news(message: Message, what: News, provider_id: str, failure: Failure | None = None) -> Receipt:
    return Receipt(
        event_id=f"{provider_id}:{what}",
        news=what,
        provider="twilio",
        message_id=str(message.id),
        provider_id=provider_id,
        failure=failure,
    )


# ---- a task for a person


def test_a_failure_after_the_call_becomes_one_ticket_however_often_it_is_looked_at(queue: Queue) -> None:
    call = Call.objects.create(status=Call.Status.ENDED)
    message = failed(sms(queue, call_id=call.id), Failure.INVALID_NUMBER)
    assert [failures_sweep(), failures_sweep()] == [1, 0]
    ticket = Ticket.objects.get()
    assert (ticket.issue_type, ticket.contact) == ("undelivered_message", message.to)
    assert ticket.lead_id == message.lead_id
    assert "nobody can be reached at this number" in ticket.description


def test_while_the_call_lives_the_failure_is_the_agents_to_tell(queue: Queue) -> None:
    call = Call.objects.create(status=Call.Status.ACTIVE)
    message = failed(sms(queue, call_id=call.id))
    assert failures_sweep() == 0
    failures_told(keys=[message.key], now=timezone.now())
    Call.objects.update(status=Call.Status.ENDED)
    assert failures_sweep() == 0
    assert not Ticket.objects.exists()


def test_who_left_before_it_was_told_leaves_a_task(queue: Queue) -> None:
    call = Call.objects.create(status=Call.Status.ACTIVE)
    failed(sms(queue, call_id=call.id))
    Call.objects.update(status=Call.Status.ENDED)
    assert failures_sweep() == 1


@pytest.mark.parametrize("failure", [Failure.OPTED_OUT, Failure.OVER_LIMIT])
def test_a_wish_to_be_left_alone_and_a_limit_are_nobodys_task(queue: Queue, failure: Failure) -> None:
    failed(sms(queue), failure)
    assert failures_sweep() == 0
    assert Message.objects.get().seen_to_at is not None


def test_what_fails_again_reopens_the_ticket_that_there_is(queue: Queue) -> None:
    message = failed(sms(queue))
    failures_sweep()
    Ticket.objects.update(status=Ticket.Status.RESOLVED)
    message_send_again(message_id=message.id)
    failed(message, Failure.UNREACHABLE, "SM2")
    assert failures_sweep() == 1
    ticket = Ticket.objects.get()
    assert ticket.status == Ticket.Status.OPEN
    assert "Sent again, and failed again" in ticket.description


# ---- sent again


def test_sent_again_it_is_the_same_message_with_a_new_attempt_counted_anew(queue: Queue) -> None:
    message = failed(sms(queue))
    old = message.allowance
    message_send_again(message_id=message.id, by="7")
    message.refresh_from_db()
    assert (message.status, message.error, message.failure, message.provider_id) == ("queued", "", "", "")
    assert not Allowance.objects.filter(pk=old.pk).exists()
    claim = message_claim(message_id=message.id)
    assert claim is not None
    assert claim.attempt == 2
    message_settle(claim=claim, sent=Sent(provider_id="SM2"))
    receipt_apply(receipt=news(message, News.DELIVERED, "SM2"))
    message.refresh_from_db()
    assert message.status == Status.DELIVERED


def test_news_of_the_old_attempt_says_nothing_of_the_new_one(queue: Queue) -> None:
    message = failed(sms(queue))
    message_send_again(message_id=message.id)
    claim = message_claim(message_id=message.id)
    assert claim is not None
    message_settle(claim=claim, sent=Sent(provider_id="SM2"))
    late = Receipt(
        event_id="SM1:undelivered",
        news=News.FAILED,
        provider="twilio",
        message_id=str(message.id),
        provider_id="SM1",
    )
    assert receipt_apply(receipt=late)
    message.refresh_from_db()
    assert message.status == Status.SENT
    assert Delivery.objects.filter(message=message, event_id="SM1:undelivered").exists()


def test_of_an_unknown_one_somebody_must_say_that_twice_is_better_than_never(queue: Queue) -> None:
    message = sms(queue)
    Message.objects.update(status=Status.UNKNOWN, attempts=1, provider="twilio")
    with pytest.raises(SurelyNotTwiceError):
        message_send_again(message_id=message.id)
    message.refresh_from_db()
    assert message.status == Status.UNKNOWN
    message_send_again(message_id=message.id, maybe_twice=True)
    message.refresh_from_db()
    assert message.status == Status.QUEUED


@pytest.mark.parametrize("failure", [Failure.INVALID_NUMBER, Failure.INVALID_ADDRESS, Failure.TOO_LONG])
def test_what_cannot_help_is_refused_with_words(queue: Queue, failure: Failure) -> None:
    message = failed(sms(queue), failure)
    with pytest.raises(SendAgainRefusedError, match="that can't change"):
        message_send_again(message_id=message.id)
    message.refresh_from_db()
    assert message.status == Status.FAILED


def test_who_said_stop_is_sent_nothing_again(queue: Queue, jane: Lead) -> None:
    message = failed(sms(queue))
    stop_note(channel="sms", address=jane.phone, how="written", source="STOP")
    with pytest.raises(SendAgainRefusedError, match="no more SMS"):
        message_send_again(message_id=message.id)


def test_what_has_not_failed_is_not_sent_again(queue: Queue) -> None:
    message = sms(queue)
    with pytest.raises(SendAgainRefusedError, match="has not failed"):
        message_send_again(message_id=message.id)


# ---- the list


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    return client


def act(staff: Client, *messages: Message, **more: str) -> str:
    fields = {"action": "send_again", "_selected_action": [str(one.id) for one in messages], **more}
    answer = staff.post("/admin/leads/undelivered/", fields, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_shows_what_did_not_arrive_and_why(staff: Client, queue: Queue) -> None:
    failed(sms(queue))
    unknown, fine = sms(queue, key="two"), sms(queue, key="three")
    Message.objects.filter(id=unknown.id).update(status=Status.UNKNOWN)
    page = staff.get("/admin/leads/undelivered/").content.decode()
    assert "The carrier or the mailbox refuses what we send" in page
    assert "May have arrived" in page
    assert str(fine.id) not in page
    assert "Send again" in staff.get(f"/admin/leads/undelivered/{unknown.id}/change/").content.decode()


def test_many_are_sent_again_at_once_and_those_that_cannot_be_say_so(staff: Client, queue: Queue) -> None:
    good, bad = failed(sms(queue)), failed(sms(queue, key="two"), Failure.INVALID_NUMBER, "SM2")
    page = act(staff, good, bad)
    assert "1 message is on the way again." in page
    assert "nobody can be reached at this number" in page
    assert set(Message.objects.values_list("id", "status")) == {(good.id, "queued"), (bad.id, "failed")}


def test_unknown_ones_are_asked_about_first(staff: Client, queue: Queue) -> None:
    sure, maybe = failed(sms(queue)), sms(queue, key="two")
    Message.objects.filter(id=maybe.id).update(status=Status.UNKNOWN)
    assert "may arrive twice" in act(staff, sure, maybe)
    assert not Message.objects.filter(status=Status.QUEUED).exists()
    assert "left alone" in act(staff, sure, maybe, confirmed="yes", maybe_twice="no")
    assert Message.objects.get(status=Status.QUEUED) == sure
    act(staff, maybe, confirmed="yes", maybe_twice="yes")
    assert Message.objects.filter(status=Status.QUEUED).count() == 2


def test_the_button_of_one_message_asks_the_same(staff: Client, queue: Queue) -> None:
    maybe = sms(queue)
    Message.objects.update(status=Status.UNKNOWN)
    page = staff.post(f"/admin/leads/undelivered/{maybe.id}/again/").content.decode()
    assert "may arrive twice" in page
    assert staff.get(f"/admin/leads/undelivered/{maybe.id}/again/").status_code == 405


# ---- one round at a time


@pytest.mark.django_db(transaction=True)
def test_of_two_schedulers_at_once_one_does_the_round(queue: Queue) -> None:
    sms(queue)
    Message.objects.update(rung_at=None)
    results: list[int] = []

    def second() -> None:
        results.append(messages_sweep())
        connection.close()

    with transaction.atomic():
        assert round_take("messages")
        other = threading.Thread(target=second)
        other.start()
        other.join(timeout=20)
    assert results == [0]
    assert Message.objects.get().rung_at is None


@pytest.mark.django_db(transaction=True)
def test_a_round_outside_a_transaction_is_a_mistake_of_the_program() -> None:
    with pytest.raises(RuntimeError):
        round_take("messages")


# ---- a provider that is down


#: With a thousand it takes a minute here; then 74 attempts in the hour, and all sent 65 s after its end.
BACKLOG = 300


class Provider:
    """A provider on virtual time: down until ``back``; it counts who asks when."""

    name, simulated = "twilio", False

    def __init__(self, now: Any) -> None:
        self.now, self.back = now, now + timedelta(hours=1)
        self.asked: list[Any] = []
        self.taken: list[str] = []

    def send(self, message: Any) -> Sent:
        self.asked.append(self.now)
        if self.now < self.back:
            raise ProviderError("Twilio is out of reach", retryable=True)
        self.taken.append(message.id)
        return Sent(provider_id=f"SM{message.id}")


def test_a_provider_down_for_an_hour_loses_nothing_and_is_not_flooded_on_return(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = timezone.now()
    provider = Provider(began)
    monkeypatch.setattr("leads.services.delivery.messenger_for", lambda _name: provider)
    first = sms(queue)
    rows = [
        Message(
            key=f"k{number}", lead=first.lead, channel="sms", to=first.to, body_text="Hello", created_at=began
        )
        for number in range(BACKLOG - 1)
    ]
    Message.objects.bulk_create(rows)
    Message.objects.filter(id=first.id).update(rung_at=None)
    Allowance.objects.bulk_create(
        [Allowance(message=row, asked=True, day=first.allowance.day) for row in rows]
    )
    monkeypatch.setattr("leads.services.delivery.claim_allow", lambda **_: _Yes)
    rung: list[str] = []
    monkeypatch.setattr("leads.doorbell.ring", lambda _task, row: rung.append(str(row)) is None)
    step = timedelta(seconds=5)
    while provider.now < provider.back + timedelta(minutes=4):
        rung.clear()
        messages_sweep(now=provider.now)
        for message_id in rung:
            message_deliver(message_id=message_id, now=provider.now)
        provider.now += step
    assert sorted(provider.taken) == sorted(str(one) for one in Message.objects.values_list("id", flat=True))
    assert set(Message.objects.values_list("status", flat=True)) == {Status.SENT}
    during = [moment for moment in provider.asked if moment < provider.back]
    # The first minutes find out that it is down; then a handful a minute is enough.
    assert len(during) < 200
    after = [moment for moment in provider.asked if moment >= provider.back]
    busiest = max(after.count(moment) for moment in set(after))
    assert busiest <= 200  # in five seconds
    assert max(after) - provider.back < timedelta(minutes=3)


class _Yes:
    allowed, until = True, None
