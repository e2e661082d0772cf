"""No more messages, said in a call: the rows of it, from the commit of the turn that says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from calls.engines.base import Request
from calls.knowing import known_read
from leads.models import Callback, Consent, Lead, Message, OptOut
from leads.selectors import stopped_calls
from leads.services import message_claim, message_queue, message_release
from leads.status import Failure, Status
from tests.rows.conftest import Talking, order, text, tomorrow

pytestmark = pytest.mark.django_db
Begin = Callable[..., Talking]


def stop(way: str) -> object:
    return order("stop_messages", f"stop_messages|{way}", way=way)


def allow(way: str) -> object:
    return order("allow_messages", f"allow_messages|{way}", way=way)


def status_of(row: Message) -> tuple[str, str]:
    row.refresh_from_db()
    return row.status, row.failure


def test_a_stop_said_in_a_call_is_in_force_with_its_commit_and_on_record(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    talk.exchange("Text me when you call", text("sms", "callback", jane.phone, when="x"))
    waiting = Message.objects.get()
    receipts = talk.exchange("And now stop texting me", stop("sms"))
    assert [(kind, status) for _key, kind, status, _label in receipts] == [("stop_messages", "done")]
    assert (
        status_of(waiting) == (Status.FAILED, Failure.OPTED_OUT)
        and message_claim(message_id=waiting.id) is None
    )
    row = Consent.objects.filter(given=False).get()
    assert (row.channel, row.address, row.how, row.call_id, row.turn, row.lead_id) == (
        "sms", jane.phone, "call", talk.id, 3, jane.id,
    )  # fmt: skip
    assert row.source == f"said in call {talk.id}" and OptOut.objects.get().source == row.source
    assert known_read(call_id=talk.id, request=Request(text="")).stopped == ("sms",)


def test_a_held_message_does_not_go_though_its_read_back_stands(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    talk.exchange("Text me", text("sms", "callback", jane.phone, key="held", hold=True, when="x"))
    talk.exchange("No more texts please", stop("sms"))
    talk.release("held")
    assert status_of(Message.objects.get()) == (Status.FAILED, Failure.OPTED_OUT)
    assert not message_release(key=f"{talk.id}:held")


def test_other_ways_and_other_people_are_as_they_were(begin: Begin, jane: Lead) -> None:
    begin(jane).exchange("stop texting me", stop("sms"))
    queue = {"lead_id": jane.id, "call_id": None, "template": "callback", "context": {"when": "x"}}
    assert message_queue(key="w", channel="whatsapp", to=jane.phone, **queue).failure != Failure.OPTED_OUT
    assert message_queue(key="s", channel="sms", to="+919876511111", **queue).failure != Failure.OPTED_OUT
    assert message_queue(key="t", channel="sms", to=jane.phone, **queue).failure == Failure.OPTED_OUT


def test_texts_that_were_stopped_in_a_call_stop_no_callback(begin: Begin, jane: Lead) -> None:
    begin(jane).exchange("stop texting me", stop("sms"), stop("whatsapp"))
    assert not stopped_calls(phone=jane.phone)
    OptOut.objects.filter(channel="sms").update(source="STOP")
    assert stopped_calls(phone=jane.phone)


def test_nobody_who_is_not_proven_closes_or_opens_a_way(begin: Begin, jane: Lead) -> None:
    talk = begin(None, name="Jane", phone=jane.phone)
    receipts = talk.exchange("stop texting me", stop("sms"))
    assert [status for _key, _kind, status, _label in receipts] == ["failed"]
    assert not OptOut.objects.exists() and not Consent.objects.filter(given=False).exists()
    assert known_read(call_id=talk.id, request=Request(text="")).stopped == ()


def test_what_a_written_stop_closed_is_known_and_opened_by_the_callers_own_word(
    begin: Begin, jane: Lead
) -> None:
    OptOut.objects.create(channel="email", address=jane.email.upper(), source="link")
    talk = begin(jane)
    assert known_read(call_id=talk.id, request=Request(text="")).stopped == ("email",)
    talk.exchange(
        "you may email me again",
        allow("email"),
        text("email", "order_update", jane.email, order_id="1", product="x", status="y"),
    )
    assert not OptOut.objects.exists() and Message.objects.get().status == Status.QUEUED
    yes = Consent.objects.filter(given=True, source=f"said in call {talk.id}").get()
    assert (yes.channel, yes.how, yes.call_id) == ("email", "call", talk.id)


def test_a_stop_that_is_written_twice_is_one(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    first = talk.exchange("stop texting me", stop("sms"))
    assert talk.again() == first and Consent.objects.filter(given=False).count() == 1


# --- a callback whose telephone rings -----------------------------------------------------------------------------------


@pytest.fixture
def ringing(begin: Begin, jane: Lead) -> tuple[Talking, Callback]:
    talk = begin(jane)
    talk.exchange("Call me", order("schedule_callback", "first", to=jane.phone, due=tomorrow().isoformat()))
    Callback.objects.update(
        status="calling",
        due_at=timezone.now() - dt.timedelta(seconds=5),
        claimed_at=timezone.now(),
        attempts=1,
    )
    return talk, Callback.objects.get()


def test_one_that_rings_is_known_as_such(ringing: tuple[Talking, Callback]) -> None:
    talk, row = ringing
    (known,) = known_read(call_id=talk.id, request=Request(text="")).callbacks
    assert known.ringing and known.key == row.key


def test_one_that_rang_in_vain_is_still_to_be_taken_back(ringing: tuple[Talking, Callback]) -> None:
    talk, row = ringing
    soon = timezone.now() + dt.timedelta(minutes=10)
    Callback.objects.update(status="no_answer", tries=1, next_attempt_at=soon)
    (known,) = known_read(call_id=talk.id, request=Request(text="")).callbacks
    assert not known.ringing and known.due == soon
    (receipt,) = talk.exchange("No need", order("cancel_callback", "off", callback=known.key))
    row.refresh_from_db()
    assert (receipt[2], row.status) == ("done", "cancelled")


def test_known_to_ring_it_is_not_tried_again_as_was_said(ringing: tuple[Talking, Callback]) -> None:
    talk, row = ringing
    (receipt,) = talk.exchange("Cancel it", order("cancel_callback", "off", callback="first", ringing="yes"))
    row.refresh_from_db()
    assert (receipt[2], row.status, row.last_try) == ("done", "calling", True)


def test_said_to_be_cancelled_while_it_began_to_ring_it_has_failed(ringing: tuple[Talking, Callback]) -> None:
    talk, row = ringing
    (receipt,) = talk.exchange(
        "Cancel it", order("cancel_callback", "cancel_callback|first", callback="first")
    )
    row.refresh_from_db()
    assert (receipt[0], receipt[2], row.last_try) == ("cancel_callback|first", "failed", True)


@pytest.mark.parametrize(("said", "news"), [("", 1), ("yes", 0)])
def test_a_move_of_one_that_began_to_ring_is_told_unless_it_was_said(
    ringing: tuple[Talking, Callback], jane: Lead, said: str, news: int
) -> None:
    talk, row = ringing
    due = tomorrow(11).isoformat()
    moved = order("schedule_callback", "second", to=jane.phone, due=due, moves="first", ringing=said)
    receipts = talk.exchange("Eleven", moved)
    row.refresh_from_db()
    assert [one for one in receipts if one[2] == "failed"] == receipts[1:] and len(receipts) == 1 + news
    assert all(one[:2] == ("cancel_callback|first", "cancel_callback") for one in receipts[1:])
    assert row.last_try and Callback.objects.filter(status="scheduled").count() == 1
