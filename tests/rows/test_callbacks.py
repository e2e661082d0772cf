"""Promises to call back: the row, what the lead's row says of it, the message, and who may take it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from calls.engines.base import Request
from calls.knowing import known_read
from leads.models import Callback, Conversation, Lead, Message
from tests.rows.conftest import Talking, order, text, tomorrow

pytestmark = pytest.mark.django_db
Begin = Callable[..., Talking]
PHONE = "+919876543210"


def callback(at: dt.datetime, key: str = "schedule_callback|1", to: str = PHONE, **slots: str):  # type: ignore[no-untyped-def]
    return order("schedule_callback", key, to=to, due=at.isoformat(), **slots)


def test_a_proven_callers_callback_is_a_row_and_stands_on_the_lead(begin: Begin, jane: Lead) -> None:
    talk, due = begin(jane), tomorrow()
    receipts = talk.exchange(
        "Tomorrow at 10 AM",
        callback(due, reason="a question about laptops"),
        text("sms", "callback", PHONE, when="tomorrow at 10 AM"),
        intent="callback_request",
    )
    assert [(kind, status) for _key, kind, status, _label in receipts] == [
        ("schedule_callback", "scheduled"),
        ("send_sms", "queued"),
    ]
    row = Callback.objects.get()
    assert (row.lead_id, row.call_id, row.phone, row.due_at, row.status, row.reason) == (
        "user_123",
        talk.id,
        PHONE,
        due,
        "scheduled",
        "a question about laptops",
    )
    jane.refresh_from_db()
    assert (jane.next_action_time, jane.pending_action, jane.preferred_channel) == (
        due,
        "execute_call",
        "call",
    )
    assert jane.lead_status == "contacted"
    assert Message.objects.get().body_text == (
        "Your callback is scheduled for tomorrow at 10 AM. We'll call you then. - TechCorp\n"
    )
    shown = talk.document()["callback"]
    assert (shown["due"], shown["phone"], shown["status"]) == (
        timezone.localtime(due).isoformat(),
        PHONE,
        "scheduled",
    )


@pytest.mark.parametrize(
    ("slots", "reason"),
    [
        ({"reason": "callback"}, ""),
        ({"reason": "callback", "words": "about my invoice"}, "about my invoice"),
        ({"reason": "missed_transfer"}, "They wanted to speak to a colleague, and nobody was free."),
    ],
)
def test_who_is_to_call_reads_what_was_said_and_no_code_of_the_dialogues(
    begin: Begin, jane: Lead, slots: dict[str, str], reason: str
) -> None:
    begin(jane).exchange("Call me tomorrow", callback(tomorrow(), **slots), intent="callback_request")
    assert Callback.objects.get().reason == reason


def test_an_exchange_that_is_written_again_changes_nothing(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    first = talk.exchange("Tomorrow at 10", callback(tomorrow()), text("sms", "callback", PHONE, when="x"))
    assert talk.again() == first
    assert Callback.objects.count() == Message.objects.count() == 1
    assert Conversation.objects.filter(call_id=talk.id).count() == 2


def test_a_moved_callback_leaves_one_that_is_due(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    talk.exchange("Tomorrow at 10", callback(tomorrow(10)))
    talk.exchange("No, eleven", callback(tomorrow(11), "schedule_callback|2", moves="schedule_callback|1"))
    assert list(Callback.objects.order_by("id").values_list("status", flat=True)) == ["moved", "scheduled"]
    jane.refresh_from_db()
    assert jane.next_action_time == tomorrow(11)
    assert talk.document()["callback"]["due"] == tomorrow(11).isoformat()


def test_a_callback_of_an_earlier_call_is_known_and_cancelled_by_its_key(begin: Begin, jane: Lead) -> None:
    begin(jane).exchange("Tomorrow at 10", callback(tomorrow()))
    talk = begin(jane)
    known = known_read(call_id=talk.id, request=Request(text="cancel my callback"))
    assert [(one.due, one.phone) for one in known.callbacks] == [(tomorrow(), PHONE)]
    receipts = talk.exchange("Cancel it", order("cancel_callback", callback=known.callbacks[0].key))
    assert receipts[0][2] == "done"
    jane.refresh_from_db()
    assert (jane.next_action_time, jane.pending_action) == (None, "")
    assert talk.document()["callback"]["status"] == "cancelled"
    assert known_read(call_id=talk.id, request=Request(text="")).callbacks == ()


def test_cancelling_one_of_two_leaves_the_other_as_the_next_call(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    talk.exchange("Tomorrow at 10 and at 12", callback(tomorrow(10), "a"), callback(tomorrow(12), "b"))
    talk.exchange("Not the first one", order("cancel_callback", callback="a"))
    jane.refresh_from_db()
    assert (jane.next_action_time, jane.pending_action) == (tomorrow(12), "execute_call")


def test_what_the_company_itself_has_planned_is_not_cleared_with_a_callback(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    talk.exchange("Tomorrow at 10", callback(tomorrow()))
    planned = tomorrow(15)
    Lead.objects.filter(id=jane.id).update(next_action_time=planned, pending_action="visit")
    talk.exchange("Cancel it", order("cancel_callback", callback="schedule_callback|1"))
    jane.refresh_from_db()
    assert (jane.next_action_time, jane.pending_action) == (planned, "visit")


def test_somebody_elses_callback_can_be_neither_seen_nor_cancelled_nor_moved(
    begin: Begin, jane: Lead
) -> None:
    begin(jane).exchange("Tomorrow at 10", callback(tomorrow()))
    theirs = str(Callback.objects.get().key)
    other = begin(None, name="Jane Doe", phone=PHONE)
    assert known_read(call_id=other.id, request=Request(text="my callback")).callbacks == ()
    receipts = other.exchange(
        "Cancel it",
        order("cancel_callback", callback=theirs),
        callback(tomorrow(12), "mine", to="+919845067781", moves=theirs),
    )
    assert [status for _key, _kind, status, _label in receipts] == ["failed", "scheduled"]
    assert Callback.objects.get(key=theirs).status == "scheduled"
    jane.refresh_from_db()
    assert jane.next_action_time == tomorrow()


def test_an_unproven_caller_gets_a_lead_of_their_own_and_changes_nobody_elses(
    begin: Begin, jane: Lead
) -> None:
    before = Lead.objects.filter(id=jane.id).values().get()
    talk = begin(None, name="Jane Doe")
    talk.exchange("Tomorrow at 10", callback(tomorrow()), order("create_ticket", to=PHONE, words="help"))
    own = talk.row.lead
    assert own is not None
    assert (own.name, own.phone, own.verified, own.pending_action) == (
        "Jane Doe",
        PHONE,
        False,
        "execute_call",
    )
    assert Lead.objects.count() == 2
    assert Lead.objects.filter(id=jane.id).values().get() == before
    assert set(Conversation.objects.filter(call_id=talk.id).values_list("lead_id", flat=True)) == {own.id}
    known = known_read(call_id=talk.id, request=Request(text="move it"))
    assert [one.due for one in known.callbacks] == [tomorrow()]
    assert known.orders == ()


@pytest.mark.parametrize(
    ("due", "to"),
    [
        ("2020-01-01T10:00:00+05:30", PHONE),
        ("2099-01-01T10:00:00", PHONE),
        ("tomorrow", PHONE),
        ("2099-01-01T10:00:00+05:30", "12"),
    ],
    ids=["a time that has passed", "a time without a zone", "no time at all", "a number that cannot exist"],
)
def test_what_cannot_be_kept_is_not_promised_and_the_exchange_stands(
    begin: Begin, jane: Lead, due: str, to: str
) -> None:
    talk = begin(jane)
    receipts = talk.exchange(
        "Call me", order("schedule_callback", "bad", to=to, due=due), order("create_ticket", words="call me")
    )
    assert [status for _key, _kind, status, _label in receipts] == ["failed", "done"]
    assert not Callback.objects.exists()
    assert len(talk.document()["turns"]) == 2
    jane.refresh_from_db()
    assert jane.pending_action == ""


def test_a_callback_that_is_taken_back_before_it_stood_is_cancelled(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    talk.exchange(
        "Tomorrow at 10",
        callback(tomorrow()),
        text("sms", "callback", PHONE, key="sms", hold=True, when="tomorrow at 10 AM"),
    )
    talk.revoke("schedule_callback|1", "sms")
    assert Callback.objects.get().status == "cancelled"
    assert Message.objects.get().status == "cancelled"
    assert {action["status"] for action in talk.document()["actions"]} == {"cancelled"}
