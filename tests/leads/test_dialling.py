"""Whoever was promised a call is called: once for each try, whoever is killed when, until they are reached or told."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from leads import doorbell
from leads.models import Callback, Lead, Limits, Message
from leads.services import (
    callback_claim,
    callback_dial,
    callback_resolve,
    callbacks_sweep,
)
from leads.services import dialling as dialling_module
from leads.services.delivery import CLAIM_TIMEOUT, GIVE_UP_AFTER
from leads.services.dialling import callback_settle
from tests.contracts.standins import Fault, TwilioCallsStandIn
from tests.leads.dialling import (
    HOUR,
    MINUTE,
    NOON,
    PHONE,
    SECOND,
    Due,
    Post,
    claimed,
    dial,
    due,
    news,
    twilio,
)

__all__ = ["due", "news", "twilio"]
pytestmark = pytest.mark.django_db
LOST = CLAIM_TIMEOUT + SECOND


def test_a_due_callback_is_ordered_once_and_done_when_they_have_spoken(
    twilio: TwilioCallsStandIn, due: Due, news: Post, jane: Lead
) -> None:
    row = due()
    assert dial(row) == "calling"
    assert dial(row) is None
    [ordered] = twilio.accepted
    assert ordered["To"] == PHONE
    for status in ("initiated", "ringing", "in-progress", "completed"):
        assert news(row, status).status_code == 204
    row.refresh_from_db()
    jane.refresh_from_db()
    assert (row.status, row.stage, row.provider_id) == ("done", "completed", ordered["sid"])
    assert (jane.next_action_time, jane.pending_action) == (None, "")


def test_nobody_is_called_before_their_time(twilio: TwilioCallsStandIn, due: Due) -> None:
    row = due()
    assert dial(row, now=NOON - SECOND) is None
    assert twilio.accepted == []


def test_the_sweep_rings_for_what_is_due_and_not_again_at_once(
    twilio: TwilioCallsStandIn, due: Due, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = due()
    bells: list[Any] = []
    monkeypatch.setattr(doorbell, "ring", lambda *bell: bells.append(bell) or True)
    assert callbacks_sweep(now=NOON - SECOND) == 0
    assert callbacks_sweep(now=NOON) == 1
    assert callbacks_sweep(now=NOON + SECOND) == 0
    # Lost: the next round, two seconds later, rings again.
    assert callbacks_sweep(now=NOON + 2 * SECOND) == 1
    # The clock is set back: the mark of a bell in the future says nothing.
    assert callbacks_sweep(now=NOON + SECOND) == 1
    assert bells == [(doorbell.DIAL, row.id)] * 3


def test_a_broker_that_is_down_costs_no_wait_once_it_is_back(
    twilio: TwilioCallsStandIn, due: Due, monkeypatch: pytest.MonkeyPatch
) -> None:
    due()
    monkeypatch.setattr(doorbell, "ring", lambda *_: False)
    assert callbacks_sweep(now=NOON) == 0
    monkeypatch.setattr(doorbell, "ring", lambda *_: True)
    assert callbacks_sweep(now=NOON + 2 * SECOND) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_calls(twilio: TwilioCallsStandIn, due: Due) -> None:
    row = due()

    def work(_: int) -> str | None:
        try:
            return callback_dial(callback_id=row.id, now=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(work, range(12)))
    assert [one for one in said if one] == ["calling"]
    assert len(twilio.accepted) == 1


def test_unanswered_it_rings_three_times_spaced_and_then_one_sms_says_so(
    twilio: TwilioCallsStandIn, due: Due, news: Post, jane: Lead
) -> None:
    row, at = due(), NOON
    for status, wait in (("no-answer", 5 * MINUTE), ("busy", 15 * MINUTE), ("no-answer", None)):
        assert dial(row, now=at) == "calling"
        news(row, status)
        row.refresh_from_db()
        if wait is None:
            break
        assert row.status == "no_answer"
        assert row.next_attempt_at is not None
        jane.refresh_from_db()
        assert (jane.next_action_time, jane.pending_action) == (row.next_attempt_at, "execute_call")
        assert abs(row.next_attempt_at - dt.datetime.now(dt.UTC) - wait) < MINUTE
        at = NOON + wait
        Callback.objects.filter(id=row.id).update(next_attempt_at=at)
        assert dial(row, now=at - SECOND) is None
    assert (row.status, row.tries, len(twilio.accepted)) == ("failed", 3, 3)
    news(row, "no-answer")
    [told] = Message.objects.all()
    assert (told.channel, told.to) == ("sms", PHONE)
    assert "tried to reach you" in told.body_text
    jane.refresh_from_db()
    assert jane.pending_action == "execute_call"  # the time was changed behind its back here
    assert dial(row, now=NOON + 5 * HOUR) is None


def test_the_lead_has_no_next_call_once_all_tries_are_used_up(
    twilio: TwilioCallsStandIn, due: Due, news: Post, jane: Lead, settings: Any
) -> None:
    settings.CALLBACK_RETRY_MINUTES = (1,)
    row = due()
    dial(row)
    news(row, "no-answer")
    row.refresh_from_db()
    assert row.next_attempt_at is not None
    # In daylight whenever the tests run: quiet hours are tested elsewhere.
    Limits.objects.update_or_create(id=1, defaults={"quiet_from": "00:00", "quiet_until": "00:00"})
    assert dial(row, now=row.next_attempt_at) == "calling"
    news(row, "no-answer")
    row.refresh_from_db()
    jane.refresh_from_db()
    assert (row.status, jane.next_action_time, jane.pending_action) == ("failed", None, "")


# --- killed between any two statements --------------------------------------------------------------------------------------


def test_killed_before_the_order_it_is_ordered_after_twilio_was_asked(
    twilio: TwilioCallsStandIn, due: Due
) -> None:
    row = claimed(due())
    assert callback_resolve(callback_id=row.id, now=NOON + LOST - 2 * SECOND) is None
    assert callback_resolve(callback_id=row.id, now=NOON + LOST) == "scheduled"
    assert dial(row, now=NOON + LOST) == "calling"
    assert len(twilio.accepted) == 1


@pytest.mark.parametrize("fault", [Fault(drop=True, after=True), Fault(status=504, after=True)])
def test_killed_or_cut_off_after_the_order_it_is_found_and_not_ordered_again(
    twilio: TwilioCallsStandIn, due: Due, fault: Fault
) -> None:
    row = due()
    twilio.faults.append(fault)
    assert dial(row) == "calling"
    assert row.provider_id == ""
    assert dial(row, now=NOON + LOST) is None
    # The stand-in dates by the real clock.
    Callback.objects.filter(id=row.id).update(claimed_at=dt.datetime.now(dt.UTC) - LOST)
    twilio.accepted[0]["status"] = "in-progress"
    assert callback_resolve(callback_id=row.id) == "calling"
    row.refresh_from_db()
    assert (row.provider_id, row.stage) == (twilio.accepted[0]["sid"], "answered")
    assert len(twilio.accepted) == 1


def test_killed_after_the_order_the_news_alone_settles_it(
    twilio: TwilioCallsStandIn, due: Due, news: Post
) -> None:
    row = claimed(due())
    news(row, "ringing", sid="CA7")
    news(row, "completed", sid="CA7")
    row.refresh_from_db()
    assert (row.status, row.provider_id) == ("done", "CA7")
    assert callback_resolve(callback_id=row.id, now=NOON + LOST) is None


def test_an_answer_that_comes_after_all_stops_a_second_call(twilio: TwilioCallsStandIn, due: Due) -> None:
    """A worker that was held up for minutes, and had been taken for dead."""
    row = due()
    claim = callback_claim(callback_id=row.id, now=NOON)
    assert claim is not None
    assert callback_resolve(callback_id=row.id, now=NOON + LOST) == "scheduled"
    placed = dialling_module.dialer_for("twilio").call(dialling_module._ringing(claim))
    assert callback_settle(claim=claim, placed=placed, now=NOON + LOST) == "calling"
    assert dial(row, now=NOON + LOST + MINUTE) is None
    assert len(twilio.accepted) == 1


def test_a_worker_that_was_held_up_too_long_orders_nothing(
    twilio: TwilioCallsStandIn, due: Due, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = due()
    real = dialling_module.callback_claim
    monkeypatch.setattr(
        dialling_module, "callback_claim", lambda **_: real(callback_id=row.id, now=NOON + 10 * MINUTE)
    )
    monkeypatch.setattr(dialling_module.timezone, "now", lambda: NOON + 10 * MINUTE + CLAIM_TIMEOUT)
    assert callback_dial(callback_id=row.id) == "scheduled"
    assert twilio.accepted == []


def test_a_provider_that_cannot_tell_leaves_it_unknown_and_nobody_calls_again_by_themselves(
    twilio: TwilioCallsStandIn, due: Due, jane: Lead
) -> None:
    row = claimed(due())
    twilio.faults.append(Fault(status=401, body='{"code": 20003, "message": "no", "status": 401}'))
    assert callback_resolve(callback_id=row.id, now=NOON + LOST) == "unknown"
    assert dial(row, now=NOON + 2 * HOUR) is None
    jane.refresh_from_db()
    assert jane.pending_action == ""
    assert twilio.accepted == []


def test_a_provider_out_of_reach_is_asked_for_hours_and_then_it_is_unknown(
    twilio: TwilioCallsStandIn, due: Due
) -> None:
    row = claimed(due())
    twilio.faults.append(Fault(status=503))
    assert callback_resolve(callback_id=row.id, now=NOON + LOST) == "calling"
    assert callback_resolve(callback_id=row.id, now=NOON + LOST + SECOND) is None  # not at once again
    twilio.faults.append(Fault(status=503))
    assert callback_resolve(callback_id=row.id, now=NOON + GIVE_UP_AFTER + MINUTE) == "unknown"


def test_a_call_whose_end_nobody_told_us_is_asked_about(twilio: TwilioCallsStandIn, due: Due) -> None:
    row = due()
    dial(row)
    assert callback_resolve(callback_id=row.id, now=NOON + 30 * SECOND) is None
    twilio.accepted[0]["status"] = "completed"
    assert callback_resolve(callback_id=row.id, now=NOON + 61 * SECOND) == "done"


def test_without_a_public_address_it_is_asked_about_soon(
    twilio: TwilioCallsStandIn, due: Due, settings: Any
) -> None:
    settings.PUBLIC_BASE_URL = ""
    row = due()
    dial(row)
    assert "Twiml" in twilio.accepted[0]
    twilio.accepted[0]["status"] = "no-answer"
    assert callback_resolve(callback_id=row.id, now=NOON + 11 * SECOND) == "no_answer"


# --- what the provider refuses ----------------------------------------------------------------------------------------------


def test_what_twilio_could_not_take_is_ordered_again_and_counts_as_no_try(
    twilio: TwilioCallsStandIn, due: Due
) -> None:
    row = due()
    twilio.faults.append(Fault(status=429, headers={"Retry-After": "20"}, body="{}"))
    assert dial(row) == "scheduled"
    assert (row.tries, twilio.accepted) == (0, [])
    assert row.next_attempt_at is not None
    assert row.next_attempt_at >= NOON + 20 * SECOND
    twilio.faults.append(Fault(status=500, body="{}"))
    assert dial(row, now=NOON + MINUTE) == "scheduled"
    assert dial(row, now=NOON + 3 * MINUTE) == "calling"
    assert len(twilio.accepted) == 1


def test_a_provider_that_is_down_for_hours_ends_it_as_failed(twilio: TwilioCallsStandIn, due: Due) -> None:
    row = due()
    twilio.faults.append(Fault(status=500, body="{}"))
    Limits.objects.update_or_create(id=1, defaults={"quiet_from": "00:00", "quiet_until": "00:00"})
    assert dial(row, now=NOON + GIVE_UP_AFTER + MINUTE) == "failed"
    assert row.failure == "expired"


def test_a_number_that_twilio_does_not_take_has_failed_at_once(
    twilio: TwilioCallsStandIn, due: Due, jane: Lead
) -> None:
    row = due()
    twilio.faults.append(Fault(status=400, body='{"code": 21211, "message": "Invalid", "status": 400}'))
    assert dial(row) == "failed"
    assert (row.failure, row.tries) == ("invalid_number", 0)
    assert "21211" in row.error
    assert Message.objects.count() == 0
    jane.refresh_from_db()
    assert jane.pending_action == ""
