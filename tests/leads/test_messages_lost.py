"""An answer that was lost is looked up, news may come late and often; a message leaves the house at most once all the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from knowledge.models import Document
from leads import doorbell
from leads.messengers.base import ProviderError, Receipt
from leads.models import Delivery, Message
from leads.selectors import messages_of
from leads.services import (
    message_claim,
    message_deliver,
    message_queue,
    message_resolve,
    message_settle,
    messages_sweep,
    receipt_apply,
)
from leads.services.delivery import CLAIM_TIMEOUT, attempt_delay
from leads.services.sweeping import RING_AGAIN
from leads.status import News, Status
from tests.contracts.standins import Fault, SendgridStandIn

pytestmark = pytest.mark.django_db
Queue = Callable[..., Message]


# ---- lost answers


def stale() -> Any:
    return timezone.now() + CLAIM_TIMEOUT + timedelta(seconds=1)


def test_a_worker_that_died_after_sending_does_not_send_again(
    queue: Queue, mailer: SendgridStandIn, bells: list[Any]
) -> None:
    mailer.faults.append(Fault(drop=True, after=True))
    message = queue()
    assert message_deliver(message_id=message.id) is Status.SENDING
    assert messages_sweep() == 0
    assert messages_sweep(now=stale()) == 1
    assert bells == [(doorbell.RESOLVE, str(message.id))]
    assert message_resolve(message_id=message.id, now=stale()) is Status.DELIVERED
    assert len(mailer.accepted) == 1


def test_where_the_provider_cannot_tell_the_message_is_unknown_and_stays_so(
    queue: Queue, mailer: SendgridStandIn, bells: list[Any]
) -> None:
    mailer.has_activity = False
    message = queue()
    assert message_claim(message_id=message.id) is not None  # and here the worker is killed
    assert message_resolve(message_id=message.id) is None  # Too early: its answer may still come.
    assert message_resolve(message_id=message.id, now=stale()) is Status.UNKNOWN
    assert message_deliver(message_id=message.id) is None
    assert messages_sweep(now=stale() + timedelta(days=1)) == 0
    assert mailer.accepted == []


def test_a_late_receipt_settles_what_was_unknown(queue: Queue, mailer: SendgridStandIn) -> None:
    mailer.has_activity = False
    message = queue()
    message_claim(message_id=message.id)
    message_resolve(message_id=message.id, now=stale())
    receipt = Receipt(event_id="1", news=News.DELIVERED, provider="sendgrid", message_id=str(message.id))
    assert receipt_apply(receipt=receipt) is True
    message.refresh_from_db()
    assert message.status == Status.DELIVERED


def test_an_outbox_message_whose_worker_died_is_kept_after_all(queue: Queue) -> None:
    message = queue()
    message_claim(message_id=message.id)
    assert message_resolve(message_id=message.id, now=stale()) is Status.DELIVERED


def test_a_provider_out_of_reach_is_asked_by_the_next_sweep(queue: Queue, mailer: SendgridStandIn) -> None:
    message = queue()
    message_claim(message_id=message.id)
    mailer.faults.append(Fault(status=503))
    assert message_resolve(message_id=message.id, now=stale()) is Status.SENDING


def test_a_bell_is_not_rung_again_at_once(queue: Queue, bells: list[Any]) -> None:
    queue()
    now = timezone.now()
    assert messages_sweep(now=now + RING_AGAIN / 2) == 0
    assert messages_sweep(now=now + RING_AGAIN * 2) == 1
    assert messages_sweep(now=now + RING_AGAIN * 2.5) == 0


# ---- receipts


def test_receipts_may_come_before_the_answer_and_many_times(queue: Queue, mailer: SendgridStandIn) -> None:
    message = queue()
    claim = message_claim(message_id=message.id)
    assert claim is not None
    told = Receipt(
        event_id="e1",
        news=News.DELIVERED,
        provider="sendgrid",
        message_id=str(message.id),
        provider_id="sg-1",
    )
    assert [receipt_apply(receipt=told) for _ in range(100)] == [True] + [False] * 99
    assert (
        message_settle(claim=claim, error=ProviderError("answer lost", outcome_unknown=True))
        is Status.DELIVERED
    )
    assert Delivery.objects.filter(message=message).count() == 1


def test_news_from_a_provider_that_was_never_asked_has_no_effect(queue: Queue) -> None:
    message = queue()
    message_deliver(message_id=message.id)
    for receipt in (
        Receipt(event_id="x", news=News.FAILED, provider="twilio", message_id=str(message.id)),
        Receipt(
            event_id="x", news=News.FAILED, provider="sendgrid", message_id="not-a-uuid", provider_id="none"
        ),
        Receipt(event_id="x", news=News.FAILED, provider="sendgrid"),
    ):
        assert receipt_apply(receipt=receipt) is False
    message.refresh_from_db()
    assert message.status == Status.DELIVERED


def test_the_record_of_a_call_shows_its_messages_with_their_receipts(queue: Queue) -> None:
    call = "6b3f5bb5-6f0f-4f43-9e6b-0b1a4f0f6a55"
    message_deliver(message_id=queue(call_id=call).id)
    [view] = messages_of(call_id=call)
    assert (view.kind, view.status, view.simulated) == ("send_email", "delivered", True)
    assert [receipt.status for receipt in view.receipts] == ["sent", "delivered"]


def test_waiting_grows_and_is_never_shorter_than_the_provider_asked() -> None:
    assert attempt_delay(attempt=1) <= timedelta(seconds=2)
    assert timedelta(minutes=5) <= attempt_delay(attempt=30) <= timedelta(minutes=10)
    assert attempt_delay(attempt=1, retry_after=120) >= timedelta(seconds=120)


def test_asking_for_a_message_needs_no_lead(queue: Queue, policy: Document) -> None:
    message = message_queue(
        key="k",
        lead_id=None,
        call_id=None,
        channel="email",
        to="a@example.com",
        template="document",
        context={},
        document_ids=[policy.id],
    )
    assert message.status == Status.QUEUED
    assert "Hello," in message.body_text
