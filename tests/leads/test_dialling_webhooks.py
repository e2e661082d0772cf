"""What Twilio says of a call is believed with its signature, once, in any order; and who picks up is not left alone."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from calls.services import callback_tasks_open
from escalations.models import Ticket
from leads.models import Callback, CallbackEvent, Lead, Message
from leads.services import callback_dial
from tests.contracts.standins import TwilioCallsStandIn
from tests.leads.dialling import NOON, PHONE, Post, due, news, signed, twilio

__all__ = ["due", "news", "twilio"]
pytestmark = pytest.mark.django_db
Due = Callable[..., Callback]


@pytest.fixture
def calling(twilio: TwilioCallsStandIn, due: Due) -> Callback:
    row = due()
    assert callback_dial(callback_id=row.id, now=NOON) == "calling"
    row.refresh_from_db()
    return row


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (("initiated", "ringing", "in-progress", "completed"), "done"),
        (("initiated", "ringing", "no-answer"), "no_answer"),
        (("initiated", "failed"), "no_answer"),
    ],
)
def test_news_in_any_order_and_a_hundred_times_ends_the_same(
    calling: Callback, news: Post, told: Sequence[str], status: str
) -> None:
    for order in itertools.permutations(told):
        CallbackEvent.objects.exclude(event_id__endswith=":ordered").delete()
        Callback.objects.filter(id=calling.id).update(
            status="calling", stage="placed", tries=0, answered_at=None, next_attempt_at=None
        )
        for one in order:
            for _ in range(25 if order == told else 2):
                assert news(calling, one).status_code == 204
        calling.refresh_from_db()
        assert (order, calling.status) == (order, status)
        assert calling.tries == (1 if status == "no_answer" else 0)
        assert calling.events.exclude(event_id__endswith=":ordered").count() == len(told)


def test_a_forgery_has_no_effect(calling: Callback, news: Post, client: Client, settings: Any) -> None:
    assert news(calling, "completed", token="another").status_code == 403
    path = f"/twilio/voice/status/?callback={calling.id}&attempt=1"
    assert client.post(path, {"CallSid": "CA1", "CallStatus": "completed"}).status_code == 403
    assert client.get(path).status_code == 405
    settings.TWILIO_AUTH_TOKEN = ""
    assert news(calling, "completed").status_code == 403
    calling.refresh_from_db()
    assert (calling.status, calling.events.count()) == ("calling", 1)


def test_news_of_nothing_of_ours_is_taken_and_forgotten(
    calling: Callback, news: Post, client: Client
) -> None:
    news(calling, "completed", attempt=7)
    fields = {"CallSid": "CA1", "CallStatus": "completed"}
    for query in (
        "",
        "?callback=999999&attempt=1",
        "?callback=x&attempt=1",
        f"?callback={'9' * 30}&attempt=1",
    ):
        assert signed(client, f"/twilio/voice/status/{query}", fields).status_code == 204
    calling.refresh_from_db()
    assert calling.status == "calling"


def test_late_news_of_an_earlier_try_settles_it_only_if_they_were_reached(
    calling: Callback, news: Post
) -> None:
    sid = calling.provider_id
    news(calling, "no-answer")
    news(calling, "busy", sid=sid, attempt=1)
    calling.refresh_from_db()
    assert (calling.status, calling.tries) == ("no_answer", 1)
    news(calling, "in-progress", sid=sid, attempt=1)
    calling.refresh_from_db()
    assert calling.status == "done"
    news(calling, "ringing", sid=sid, attempt=1)
    calling.refresh_from_db()
    assert (calling.status, calling.stage) == ("done", "completed")


def test_what_was_unknown_is_settled_by_news(calling: Callback, news: Post) -> None:
    Callback.objects.filter(id=calling.id).update(status="unknown")
    news(calling, "no-answer")
    calling.refresh_from_db()
    assert calling.status == "no_answer"


# --- picking up -------------------------------------------------------------------------------------------------------------


def heard(client: Client, standin: TwilioCallsStandIn, *, after: str = "", **fields: str) -> str:
    path = standin.accepted[-1]["Url"].removeprefix("http://testserver") + after
    answer = signed(client, path, {"CallSid": "CA1", "CallStatus": "in-progress", **fields})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/xml"
    return str(answer.content.decode())


def test_who_picks_up_hears_who_is_calling_and_not_what_about(
    calling: Callback, client: Client, twilio: TwilioCallsStandIn, settings: Any
) -> None:
    said = heard(client, twilio)
    assert settings.COMPANY_NAME in said
    assert "You asked us to call you back" in said
    assert "laptop" not in said
    assert "<Dial" not in said


def test_the_office_is_connected_and_if_it_does_not_answer_they_are_told(
    calling: Callback, client: Client, twilio: TwilioCallsStandIn, settings: Any
) -> None:
    settings.CALLBACK_CONNECT_TO = "+914412345678"
    said = heard(client, twilio)
    assert "+914412345678</Dial>" in said
    action = re.search(r'action="http://testserver([^"]+)"', said)
    assert action is not None
    assert "in touch" in heard(client, twilio, after="after/", DialCallStatus="no-answer")
    calling.refresh_from_db()
    assert calling.connected_at is None
    fields = {"CallSid": "CA1", "CallStatus": "in-progress", "DialCallStatus": "completed"}
    assert b"in touch" not in signed(client, action.group(1), fields).content
    calling.refresh_from_db()
    assert calling.connected_at is not None


def test_a_callback_that_was_taken_back_is_said_to_be(
    calling: Callback, client: Client, twilio: TwilioCallsStandIn
) -> None:
    Callback.objects.filter(id=calling.id).update(status="cancelled")
    assert "no longer needed" in heard(client, twilio)


def test_an_address_that_was_made_up_or_not_signed_says_nothing(
    calling: Callback, client: Client, twilio: TwilioCallsStandIn
) -> None:
    path = twilio.accepted[-1]["Url"].removeprefix("http://testserver")
    assert client.post(path, {"CallSid": "CA1"}).status_code == 403
    other = path.replace(f"/{calling.id}.", f"/{calling.id + 1}.")
    for made_up in (other, f"{other}after/"):
        assert signed(client, made_up, {"CallSid": "CA1", "CallStatus": "ringing"}).status_code == 404


# --- a person's task --------------------------------------------------------------------------------------------------------


def done_a_minute_ago(row: Callback, **other: Any) -> None:
    at = timezone.now() - timedelta(minutes=1)
    Callback.objects.filter(id=row.id).update(**{"status": "done", "finished_at": at, **other})


def test_who_was_reached_but_spoke_to_nobody_is_a_persons_task_once(calling: Callback, news: Post) -> None:
    news(calling, "completed")
    assert callback_tasks_open() == 0  # that they were connected may be told a moment later
    done_a_minute_ago(calling)
    assert callback_tasks_open() == 1
    assert callback_tasks_open() == 0
    ticket = Ticket.objects.get()
    assert (ticket.lead_id, ticket.contact, ticket.issue_type) == ("jane_1", PHONE, "callback")
    assert "could not be connected" in ticket.description
    assert "the laptop" in ticket.description


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": "unknown"}, "not known"),
        ({"status": "failed", "failure": "invalid_number", "error": "21211"}, "21211"),
        ({"simulated": True}, "did not ring"),
        ({"connected_at": timezone.now()}, ""),
        ({"status": "failed", "failure": "unreachable"}, ""),
        ({"status": "failed", "failure": "opted_out"}, ""),
        ({"status": "cancelled"}, ""),
    ],
)
def test_what_a_person_must_see_to_and_what_not(calling: Callback, changes: dict[str, Any], why: str) -> None:
    done_a_minute_ago(calling, **changes)
    assert callback_tasks_open() == (1 if why else 0)
    assert [why in ticket.description for ticket in Ticket.objects.all()] == ([True] if why else [])


def test_a_demo_leads_callback_is_nobodys_task(due: Due, demo: Lead) -> None:
    row = due(lead_id=demo.id)
    callback_dial(callback_id=row.id, now=NOON)
    done_a_minute_ago(row)
    assert callback_tasks_open() == 0


def test_called_again_in_vain_the_ticket_is_open_again(calling: Callback) -> None:
    done_a_minute_ago(calling, status="unknown")
    callback_tasks_open()
    Ticket.objects.update(status="resolved")
    done_a_minute_ago(calling, seen_to_at=None)
    assert callback_tasks_open() == 1
    assert Ticket.objects.get().status == "open"


def test_the_last_try_in_vain_is_one_text_however_often_it_is_told(calling: Callback, news: Post) -> None:
    Callback.objects.filter(id=calling.id).update(tries=2)
    for _ in range(3):
        news(calling, "no-answer")
        news(calling, "busy")
    assert Message.objects.filter(template="callback_unreached").count() == 1
    calling.refresh_from_db()
    assert (calling.status, calling.failure) == ("failed", "unreachable")
