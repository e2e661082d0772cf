"""However many ask at once, no more goes out than may, and what may not is said where it was promised."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from leads import doorbell
from leads.allowed.money import price_of, sms_parts
from leads.models import Allowance, Consent, Lead, Limits, Message, OptOut, Price, Tally
from leads.services import (
    call_count,
    message_cancel,
    message_claim,
    message_deliver,
    message_queue,
    messages_sweep,
    tallies_forget,
)
from leads.status import Failure, Status
from tests.contracts.standins import ACCOUNT_SID, AUTH_TOKEN, TwilioStandIn, running

pytestmark = pytest.mark.django_db
Ask = Callable[..., Message]
PHONE = "+919876543210"
NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # in India
NIGHT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # half past ten in the evening there
MORNING = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def bells(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    rung: list[tuple[str, str]] = []
    monkeypatch.setattr(doorbell, "ring", lambda task, row: bool(rung.append((task, str(row)))) or True)
    return rung


@pytest.fixture
def real(settings: Any) -> Iterator[TwilioStandIn]:
    """Somebody who takes texts for money."""
    with running(TwilioStandIn()) as standin:
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT_SID, AUTH_TOKEN
        settings.TWILIO_SMS_FROM = settings.TWILIO_WHATSAPP_FROM = "+15005550006"
        settings.TWILIO_API_BASE_URL = standin.url
        yield standin


def limit(**changes: Any) -> None:
    Limits.objects.update_or_create(id=1, defaults={"outbox_factor": 1, **changes})


def ask(**other: Any) -> Message:
    """A text about a parcel, asked for in a call of its own."""
    asked: dict[str, Any] = {
        "key": str(uuid.uuid4()),
        "lead_id": None,
        "call_id": uuid.uuid4(),
        "channel": "sms",
        "to": PHONE,
        "template": "tracking",
        "context": {"order_id": "ORD98765", "url": "https://example.com/TRK1"},
        "now": NOON,
    }
    return message_queue(**{**asked, **other})


def number(place: int) -> str:
    return f"+9198{place:04d}{place * 7 % 10_000:04d}"


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """All of them, twenty at a time, each in a transaction of its own."""
    gate = threading.Barrier(min(20, len(works)))

    def run(work: Callable[[], Any], first: bool) -> Any:
        try:
            if first:
                gate.wait(timeout=20)
            with transaction.atomic():
                return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        return list(pool.map(run, works, [place < gate.parties for place in range(len(works))]))


# ---- many at once


@pytest.mark.django_db(transaction=True)
def test_a_loop_of_calls_that_ask_for_texts_costs_no_more_than_the_limit(real: TwilioStandIn) -> None:
    Price.objects.update_or_create(channel="sms", country="IN", defaults={"price": "0.1500"})
    limit(spend_day=Decimal("3.00"), per_prefix_hour=1000)
    asked = at_once([lambda place=place: ask(to=number(place)) for place in range(120)])
    going = [message for message in asked if message.status == Status.QUEUED]
    assert len(going) == 20
    assert {message.failure for message in asked if message not in going} == {Failure.OVER_LIMIT}
    assert Tally.objects.get(scope="spend").used == Decimal("3.0000")
    for message in asked:
        message_deliver(message_id=message.id)
    assert len(real.accepted) == 20


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("cap", "who"),
    [
        ({"per_number_day": 10}, lambda place: {}),
        ({"per_prefix_hour": 10}, lambda place: {"to": f"+91987654{place:04d}"}),
        ({"per_hour": 10}, lambda place: {"to": number(place)}),
        ({"per_day": 10}, lambda place: {"to": number(place)}),
        ({"per_call": 10}, lambda place: {"to": number(place), "call_id": uuid.UUID(int=7)}),
        (
            {"per_number_day": 10},
            lambda place: {"channel": ("sms", "whatsapp")[place % 2], "template": "code"},
        ),
    ],
)
def test_a_hundred_at_the_same_moment_get_exactly_as_much_as_there_is(
    cap: dict[str, int], who: Callable[[int], dict[str, Any]]
) -> None:
    limit(**{"per_prefix_hour": 1000, "per_number_day": 1000, **cap})
    asked = at_once([lambda place=place: ask(**who(place)) for place in range(100)])
    assert sum(message.status == Status.QUEUED for message in asked) == 10
    assert Allowance.objects.count() == 10
    refused = [message for message in asked if message.status == Status.FAILED]
    assert len(refused) == 90
    assert all(message.error and PHONE not in message.error for message in refused)


@pytest.mark.django_db(transaction=True)
def test_turns_that_promise_several_messages_each_never_wait_for_each_other_in_a_circle() -> None:
    """Ten callers to the same two numbers, in opposite orders: a deadlock would fail a turn."""
    ways = [(PHONE, "+919876511111"), ("+919876511111", PHONE)]

    def turn(place: int) -> list[Message]:
        return [ask(to=to) for to in ways[place % 2]]

    limit(per_number_day=1000, per_prefix_hour=1000)
    turns = at_once([lambda place=place: turn(place) for place in range(60)])
    assert all(message.status == Status.QUEUED for two in turns for message in two)
    assert set(Tally.objects.filter(scope="number").values_list("used", flat=True)) == {Decimal(60)}


@pytest.mark.django_db(transaction=True)
def test_one_promise_made_by_many_hands_is_counted_once() -> None:
    asked = at_once([lambda: ask(key="one")] * 30)
    assert len({message.id for message in asked}) == 1
    assert set(Tally.objects.values_list("used", flat=True)) == {Decimal(1)}


@pytest.mark.django_db(transaction=True)
def test_a_turn_that_is_rolled_back_counted_nothing() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        ask()
        raise RuntimeError("the turn failed")
    assert not Tally.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_was_refused_counted_nothing_either() -> None:
    limit(per_number_day=1)
    ask()
    assert ask().failure == Failure.OVER_LIMIT
    assert Tally.objects.get(scope="day").used == 1


# ---- what is refused, and in which words


@pytest.mark.parametrize(
    ("changes", "to", "failure", "why"),
    [
        ({}, "+14155552671", Failure.NOT_ALLOWED, "country"),
        ({"countries": "*"}, "+19002345678", Failure.NOT_ALLOWED, "ordinary"),
        ({"countries": "US"}, PHONE, Failure.NOT_ALLOWED, "country"),
        ({"per_call": 0}, PHONE, Failure.OVER_LIMIT, "one call"),
        ({"per_number_day": 0}, PHONE, Failure.OVER_LIMIT, "recipient"),
        ({"per_prefix_hour": 0}, PHONE, Failure.OVER_LIMIT, "last hour"),
        ({"per_hour": 0}, PHONE, Failure.OVER_LIMIT, "this hour"),
        ({"per_day": 0}, PHONE, Failure.OVER_LIMIT, "today"),
        ({"spend_day": 0}, PHONE, Failure.OVER_LIMIT, "today"),
    ],
)
def test_a_refusal_is_a_row_that_says_why_and_rings_no_bell(
    real: TwilioStandIn, bells: list[Any], changes: dict[str, Any], to: str, failure: Failure, why: str
) -> None:
    limit(**changes)
    message = ask(to=to)
    assert (message.status, message.failure) == (Status.FAILED, failure)
    assert why in message.error
    assert bells == []
    assert not Consent.objects.exists()


def test_a_country_that_an_admin_allows_is_sent_to(real: TwilioStandIn) -> None:
    limit(countries="IN, US")
    assert ask(to="+14155552671").status == Status.QUEUED


def test_one_lead_gets_no_more_over_all_calls_and_channels(jane: Lead) -> None:
    limit(per_caller_day=3)
    ways = [("sms", PHONE), ("whatsapp", PHONE), ("sms", "+919876500001"), ("sms", "+919876500002")]
    asked = [ask(lead_id=jane.id, channel=way, to=to, template="code") for way, to in ways]
    assert [message.status for message in asked] == [Status.QUEUED] * 3 + [Status.FAILED]


def test_another_hour_and_another_day_have_their_own_measure(real: TwilioStandIn) -> None:
    limit(per_prefix_hour=1, per_number_day=2)
    assert ask().status == Status.QUEUED
    assert ask(now=NOON + timedelta(minutes=20)).status == Status.FAILED
    assert ask(now=NOON + timedelta(hours=1)).status == Status.QUEUED
    assert ask(now=NOON + timedelta(hours=2)).status == Status.FAILED
    # The company's day begins at half past six in the evening of the one before, by UTC.
    assert ask(now=datetime(2026, 11, 23, 18, 29, tzinfo=UTC)).status == Status.FAILED
    assert ask(now=datetime(2026, 11, 23, 18, 30, tzinfo=UTC)).status == Status.QUEUED


def test_what_is_taken_back_before_it_leaves_is_given_back(django_capture_on_commit_callbacks: Any) -> None:
    limit(per_call=1)
    call_id = uuid.uuid4()
    with django_capture_on_commit_callbacks(execute=True):
        first = ask(call_id=call_id, not_before=NOON + timedelta(minutes=1))
        assert ask(call_id=call_id).status == Status.FAILED
        assert message_cancel(key=first.key)
    assert set(Tally.objects.values_list("used", flat=True)) == {Decimal(0)}
    assert ask(call_id=call_id).status == Status.QUEUED


def test_ordinary_use_of_a_demo_is_not_throttled(demo: Lead) -> None:
    """Thirty calls in an afternoon by somebody who shows it to others, three messages each."""
    ways = [("sms", demo.phone), ("whatsapp", demo.phone), ("sms", demo.phone)]
    for _ in range(30):
        call_id = uuid.uuid4()
        for way, to in ways:
            message = ask(lead_id=demo.id, call_id=call_id, channel=way, to=to, template="code")
            assert message.status == Status.QUEUED


def test_what_stays_in_the_outbox_takes_nothing_from_what_is_sent(
    real: TwilioStandIn, demo: Lead, jane: Lead
) -> None:
    limit(per_day=1, outbox_factor=2)
    assert [ask(lead_id=demo.id).status for _ in range(3)] == [Status.QUEUED] * 2 + [Status.FAILED]
    assert ask(lead_id=jane.id).status == Status.QUEUED
    assert Tally.objects.get(scope="spend").used == Allowance.objects.get(message__lead=jane).cost > 0


def test_a_text_in_a_dear_country_and_in_several_parts_costs_accordingly() -> None:
    table = {("sms", "IN"): Decimal("0.1"), ("sms", ""): Decimal("0.2")}
    assert price_of(channel="sms", country="IN", text="a" * 160, prices=table) == Decimal("0.1")
    assert price_of(channel="sms", country="IN", text="a" * 161, prices=table) == Decimal("0.2")
    assert price_of(channel="sms", country="DE", text="ж" * 71, prices=table) == Decimal("0.4")
    assert price_of(channel="fax", country="DE", prices=table) > 0
    assert [sms_parts(text) for text in ("", "€" * 80, "€" * 81, "😀" * 35, "😀" * 36)] == [1, 1, 2, 1, 2]


# ---- between the promise and the provider


def test_a_message_that_nobody_asked_for_waits_for_the_receivers_morning(real: TwilioStandIn) -> None:
    message = ask(call_id=None, now=NIGHT)
    assert message_claim(message_id=message.id, now=NIGHT) is None
    message.refresh_from_db()
    assert (message.status, message.next_attempt_at) == (Status.QUEUED, MORNING)
    assert messages_sweep(now=MORNING - timedelta(seconds=1)) == 0
    assert messages_sweep(now=MORNING) == 1
    assert message_claim(message_id=message.id, now=MORNING) is not None


def test_what_a_caller_asks_for_comes_at_night_too(real: TwilioStandIn) -> None:
    message = ask(now=NIGHT)
    assert message_claim(message_id=message.id, now=NIGHT) is not None


def test_a_mail_does_not_wake_anybody(jane: Lead) -> None:
    message = ask(call_id=None, channel="email", to="jane@example.com", template="ticket_opened", now=NIGHT)
    assert message_claim(message_id=message.id, now=NIGHT) is not None


def test_who_says_stop_in_the_night_is_not_texted_in_the_morning(real: TwilioStandIn) -> None:
    message = ask(call_id=None, now=NIGHT)
    message_claim(message_id=message.id, now=NIGHT)
    OptOut.objects.create(channel="sms", address=PHONE)  # by another program: nothing has told the message
    assert message_claim(message_id=message.id, now=MORNING) is None
    message.refresh_from_db()
    assert (message.status, message.failure) == (Status.FAILED, Failure.OPTED_OUT)


def test_what_leaves_on_another_day_is_paid_from_that_days_money(real: TwilioStandIn) -> None:
    limit(spend_day=Decimal("0.20"))
    late = ask(now=NOON)
    assert ask(now=NOON, to="+919876511111").status == Status.FAILED
    tomorrow = NOON + timedelta(days=1)
    assert ask(now=tomorrow, to="+919876511111").status == Status.QUEUED
    assert message_claim(message_id=late.id, now=tomorrow) is None
    late.refresh_from_db()
    assert (late.status, late.failure) == (Status.FAILED, Failure.OVER_LIMIT)


def test_an_admin_who_lowers_the_money_stops_what_waits(real: TwilioStandIn) -> None:
    message = ask()
    limit(spend_day=Decimal(0))
    assert message_claim(message_id=message.id, now=NOON) is None
    message.refresh_from_db()
    assert message.status == Status.FAILED
    assert real.accepted == []


def test_a_row_that_another_program_wrote_is_counted_before_it_leaves(real: TwilioStandIn) -> None:
    limit(per_number_day=1)
    rows = [Message.objects.create(key=key, channel="sms", to=PHONE, body_text="Hello") for key in ("a", "b")]
    claims = [message_claim(message_id=row.id, now=NOON) for row in rows]
    assert [claim is not None for claim in claims] == [True, False]
    assert message_claim(message_id=rows[0].id, now=NOON) is None
    assert Tally.objects.get(scope="number").used == 1


def test_calls_that_are_dialled_are_paid_from_the_same_money() -> None:
    limit(spend_day=Decimal("1.20"))
    Price.objects.filter(channel="call").delete()
    verdicts = [call_count(phone=number(place), kept_here=False, now=NOON) for place in range(3)]
    assert [verdict.allowed for verdict in verdicts] == [True, True, False]


def test_old_tallies_are_forgotten_and_todays_are_not() -> None:
    ask(now=timezone.now())
    assert tallies_forget(before=timezone.now() - timedelta(days=2)) == 0
    assert tallies_forget(before=timezone.now() + timedelta(days=1)) > 0
    assert not Tally.objects.exists()
