"""Nobody is called who shouldn't be, or when they shouldn't; a promised call can be moved, taken back, or made at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leads import doorbell
from leads.models import Callback, CallbackEvent, Lead, Limits, OptOut
from leads.models_allowed import Consent
from leads.services import (
    callback_call_now,
    callback_cancel,
    callback_rearrange,
    callback_schedule,
    callback_withdraw,
)
from tests.contracts.standins import TwilioCallsStandIn
from tests.leads.dialling import (
    HOUR,
    MINUTE,
    NOON,
    PHONE,
    Due,
    Post,
    dial,
    due,
    news,
    twilio,
)

__all__ = ["due", "news", "twilio"]
pytestmark = pytest.mark.django_db


# --- who may be called ------------------------------------------------------------------------------------------------------


def test_a_demo_leads_telephone_never_rings(twilio: TwilioCallsStandIn, due: Due, demo: Lead) -> None:
    row = due(lead_id=demo.id, phone=demo.phone)
    assert dial(row) == "done"
    assert (row.simulated, row.provider, twilio.accepted) == (True, "outbox", [])
    assert CallbackEvent.objects.filter(simulated=True, detail__contains="nobody was called").count() == 1


def test_without_credentials_nobodys_telephone_rings(due: Due) -> None:
    row = due()
    assert dial(row) == "done"
    assert row.simulated


def test_who_said_stop_afterwards_is_not_called(twilio: TwilioCallsStandIn, due: Due) -> None:
    row = due()
    OptOut.objects.create(channel="sms", address=PHONE, at=NOON - MINUTE)
    assert dial(row) is None
    assert row.status == "failed"
    assert (row.failure, twilio.accepted) == ("opted_out", [])


def test_who_said_stop_once_and_then_asked_to_be_called_is_called(
    twilio: TwilioCallsStandIn, due: Due
) -> None:
    OptOut.objects.create(channel="sms", address=PHONE, at=NOON - 2 * HOUR)
    assert dial(due()) == "calling"
    assert Consent.objects.filter(channel="call", address=PHONE, given=True).count() == 1


def test_a_time_that_somebody_chose_is_kept_at_night_but_late_or_again_waits_for_the_morning(
    twilio: TwilioCallsStandIn, due: Due
) -> None:
    night = NOON.replace(hour=17)  # 22:30 in India
    assert dial(due(key="chosen", due_at=night)) is None
    assert dial(Callback.objects.get(key="chosen"), now=night) == "calling"
    late = due(key="late", phone="+919876543211", due_at=NOON + 5 * HOUR)
    assert dial(late, now=night) is None
    assert (late.status, late.next_attempt_at) == (
        "scheduled",
        NOON.replace(hour=2) + timedelta(days=1),
    )
    assert len(twilio.accepted) == 1


def test_after_more_than_a_day_a_person_decides(twilio: TwilioCallsStandIn, due: Due) -> None:
    row = due()
    assert dial(row, now=NOON + timedelta(hours=25)) is None
    assert (row.status, row.failure, twilio.accepted) == ("failed", "expired", [])


def test_beyond_the_limit_of_an_hour_it_waits_and_beyond_that_of_a_number_it_has_failed(
    twilio: TwilioCallsStandIn, due: Due
) -> None:
    Limits.objects.update_or_create(id=1, defaults={"per_hour": 0})
    row = due()
    assert dial(row) is None
    assert (row.status, row.next_attempt_at) == ("scheduled", NOON + 10 * MINUTE)
    Limits.objects.update(per_hour=10, per_number_day=0)
    assert dial(row, now=NOON + 10 * MINUTE) is None
    assert (row.status, row.failure, twilio.accepted) == ("failed", "over_limit", [])


def test_two_callbacks_to_one_telephone_do_not_ring_at_once(
    twilio: TwilioCallsStandIn, due: Due, news: Post
) -> None:
    first, second = due(), due(key="other")
    assert dial(first) == "calling"
    assert dial(second) is None
    assert second.status == "scheduled"
    news(first, "completed")
    assert dial(second, now=NOON + MINUTE) == "calling"


def test_a_row_of_another_program_is_called_at_its_leads_number(
    twilio: TwilioCallsStandIn, jane: Lead
) -> None:
    row = Callback.objects.create(lead=jane, due_at=NOON)
    assert dial(row) == "calling"
    assert row.phone == PHONE
    wrong = Callback.objects.create(phone="12", due_at=NOON)
    dial(wrong)
    assert (wrong.status, wrong.failure) == ("failed", "invalid_number")


# --- moved and taken back ---------------------------------------------------------------------------------------------------


def test_it_can_be_moved_and_cancelled_while_it_waits_for_another_try(
    twilio: TwilioCallsStandIn, due: Due, news: Post, jane: Lead
) -> None:
    row = due()
    dial(row)
    news(row, "no-answer")
    moved = due(key="new", moves=row.key, due_at=NOON + HOUR)
    row.refresh_from_db()
    assert row.status == "moved"
    assert callback_cancel(key="new", lead_id=jane.id, call_id=None, now=NOON) is not None
    moved.refresh_from_db()
    jane.refresh_from_db()
    assert (moved.status, jane.pending_action) == ("cancelled", "")
    assert dial(row, now=NOON + HOUR) is dial(moved, now=NOON + HOUR) is None


def test_while_the_telephone_rings_it_cannot_be_taken_back_but_is_not_tried_again(
    twilio: TwilioCallsStandIn, due: Due, news: Post, jane: Lead
) -> None:
    row = due()
    dial(row)
    assert callback_cancel(key=str(row.key), lead_id=jane.id, call_id=None, now=NOON) is None
    assert not callback_withdraw(callback_id=row.id)
    assert not callback_rearrange(callback_id=row.id, due_at=NOON + HOUR, reason="")
    assert not callback_call_now(callback_id=row.id)
    news(row, "no-answer")
    row.refresh_from_db()
    assert (row.status, row.next_attempt_at) == ("cancelled", None)


def test_nobody_else_can_touch_it(twilio: TwilioCallsStandIn, due: Due) -> None:
    row = due()
    assert callback_cancel(key=str(row.key), lead_id="somebody", call_id=None, now=NOON) is None
    dial(row)
    assert callback_cancel(key=str(row.key), lead_id="somebody", call_id=None, now=NOON) is None
    row.refresh_from_db()
    assert row.last_try is False


def test_staff_call_at_once_with_all_tries_anew(
    twilio: TwilioCallsStandIn, due: Due, django_capture_on_commit_callbacks: Any, monkeypatch: Any
) -> None:
    row = due(due_at=NOON + 3 * HOUR)
    bells: list[Any] = []
    monkeypatch.setattr(doorbell, "ring", lambda *bell: bells.append(bell) or True)
    with django_capture_on_commit_callbacks(execute=True):
        assert callback_call_now(callback_id=row.id, now=NOON)
    assert bells == [(doorbell.DIAL, row.id)]
    assert dial(row) == "calling"
    Callback.objects.filter(id=row.id).update(status="failed", tries=3, failure="unreachable")
    assert callback_call_now(callback_id=row.id, now=NOON + HOUR)
    row.refresh_from_db()
    assert (row.status, row.tries, row.failure) == ("scheduled", 0, "")


def test_a_moved_time_and_a_repeated_promise_are_as_they_were_before(due: Due, jane: Lead) -> None:
    row = due()
    assert due().id == row.id
    assert callback_rearrange(callback_id=row.id, due_at=NOON + HOUR, reason="later", now=NOON)
    row.refresh_from_db()
    jane.refresh_from_db()
    assert (row.due_at, row.reason, jane.next_action_time) == (NOON + HOUR, "later", NOON + HOUR)
    with pytest.raises(ValueError, match="past"):
        callback_schedule(key="x", lead_id=None, call_id=None, phone=PHONE, due_at=NOON - HOUR, now=NOON)
