"""A promise is written once, with the turn that made it, and leaves the house at most once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from knowledge.models import Document
from leads import doorbell
from leads.messengers.base import ProviderError, Receipt
from leads.models import Conversation, Delivery, Lead, Message, OptOut
from leads.selectors import messages_of
from leads.services import (
    message_cancel,
    message_claim,
    message_deliver,
    message_queue,
    message_release,
    message_resolve,
    message_settle,
    messages_sweep,
    receipt_apply,
)
from leads.services.delivery import CLAIM_TIMEOUT, GIVE_UP_AFTER, attempt_delay
from leads.services.sweeping import RING_AGAIN
from leads.status import News, Status
from tests.contracts.standins import API_KEY, Fault, SendgridStandIn, running

pytestmark = pytest.mark.django_db
Queue = Callable[..., Message]


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Which bells were rung, in order; no worker hears them."""
    rung: list[tuple[str, str]] = []

    def ring(task: str, message_id: Any) -> bool:
        rung.append((task, str(message_id)))
        return True

    monkeypatch.setattr(doorbell, "ring", ring)
    return rung


@pytest.fixture
def mailer(settings: Any) -> Iterator[SendgridStandIn]:
    with running(SendgridStandIn()) as standin:
        settings.SENDGRID_API_KEY = API_KEY
        settings.SENDGRID_API_BASE_URL = standin.url
        settings.EMAIL_FROM = "support@example.com"
        yield standin


# ---- queueing


def test_a_mail_is_written_with_the_documents_own_words_and_the_companys_name(
    settings: Any, queue: Queue
) -> None:
    settings.COMPANY_NAME = "Acme"
    message = queue()
    assert message.subject == "Acme Refund Policy"
    for body in (message.body_text, message.body_html):
        assert "We offer a 30-day money-back guarantee." in body
        assert "Refunds are processed within 5-7 business days." in body
        assert "Jane Doe" in body
        assert "Acme Team" in body
    assert [entry["document_id"] for entry in message.attachments] == [Document.objects.get().id]


def test_the_same_promise_made_twice_is_one_message(queue: Queue, bells: list[Any]) -> None:
    first, second = queue(), queue(to="other@example.com")
    assert first.id == second.id
    assert Message.objects.get().to == "jane@example.com"


def test_the_bell_rings_only_when_the_turn_is_in(
    queue: Queue, bells: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        message = queue()
        assert bells == []
    assert len(callbacks) == 1
    assert bells == [(doorbell.DELIVER, str(message.id))]


@pytest.mark.django_db(transaction=True)
def test_a_turn_that_is_rolled_back_promised_nothing(queue: Queue, bells: list[Any]) -> None:
    with pytest.raises(RuntimeError, match="the turn failed"), transaction.atomic():
        queue()
        raise RuntimeError("the turn failed")
    assert not Message.objects.exists()
    assert bells == []


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_fail_the_turn_and_the_sweep_rings_again(queue: Queue) -> None:
    with mock.patch("celery.app.base.Celery.send_task", side_effect=OperationalError("down")):
        message = queue()
    message.refresh_from_db()
    assert (message.status, message.rung_at) == (Status.QUEUED, None)
    with mock.patch("celery.app.base.Celery.send_task") as send_task:
        assert messages_sweep() == 1
    assert send_task.call_args.kwargs["args"] == [str(message.id)]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"to": "jane@example.com\r\nBcc: all@example.com"}, "control characters"),
        ({"to": "nobody"}, "not an e-mail address"),
        ({"channel": "sms", "to": "12"}, "phone number"),
        ({"document_ids": [999_999]}, "no longer there"),
        ({"document_ids": []}, "no document"),
    ],
)
def test_what_cannot_be_sent_fails_at_once_and_says_why(
    queue: Queue, bells: list[Any], wrong: dict[str, Any], why: str, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        message = queue(**wrong)
    assert message.status == Status.FAILED
    assert why in message.error
    assert bells == []


def test_a_template_or_a_channel_that_does_not_exist_is_a_mistake_of_the_program(queue: Queue) -> None:
    with pytest.raises(ValueError, match="no message template"):
        queue(template="../../etc/passwd")
    with pytest.raises(ValueError, match="pigeon"):
        queue(channel="pigeon")


def test_a_name_cannot_bring_markup_or_lines_into_a_mail(queue: Queue, jane: Lead) -> None:
    Lead.objects.filter(id=jane.id).update(name='<img src=x onerror="alert(1)">\r\nBcc: all@example.com')
    message = queue()
    assert "<img" not in message.body_html
    assert "\nBcc" not in message.body_text
    assert "\n" not in message.subject


def test_a_body_no_sms_can_carry_fails_at_once(settings: Any, queue: Queue) -> None:
    settings.COMPANY_NAME = "A" * 10_000
    message = queue(channel="sms", to="9876543210")
    assert message.status == Status.FAILED
    assert "longer than" in message.error


def test_a_whatsapp_message_brings_the_catalog_in_the_companys_name(settings: Any, queue: Queue) -> None:
    settings.COMPANY_NAME = "Acme"
    document = Document.objects.get()
    document.kind, document.title = Document.Kind.CATALOG, "Product Catalog"
    document.save()
    message = queue(channel="whatsapp", to="9876543210")
    assert message.to == "+919876543210"
    assert message.body_text.splitlines()[:4] == [
        "Hi! 👋",
        "",
        "Here's our product catalog as requested.",
        "",
    ]
    assert message.body_text.endswith("Best regards,\nAcme Team\n")


# ---- holding


def test_a_held_message_waits_for_its_release(queue: Queue, bells: list[Any]) -> None:
    message = queue(not_before=timezone.now() + timedelta(seconds=4))
    assert message.status == Status.HELD
    assert messages_sweep() == 0
    assert message_deliver(message_id=message.id) is None
    assert message_release(key=message.key) is True
    assert message_release(key=message.key) is False
    message.refresh_from_db()
    assert message.status == Status.QUEUED


def test_a_hold_ends_by_itself(queue: Queue, bells: list[Any]) -> None:
    message = queue(not_before=timezone.now() + timedelta(seconds=4))
    assert messages_sweep(now=timezone.now() + timedelta(seconds=5)) == 1
    assert bells == [(doorbell.DELIVER, str(message.id))]


def test_a_corrected_recipient_takes_the_message_back_for_good(
    queue: Queue, demo: Lead, bells: list[Any]
) -> None:
    message = queue(not_before=timezone.now() + timedelta(seconds=4))
    assert message_cancel(key=message.key) is True
    assert message_release(key=message.key) is False
    assert messages_sweep(now=timezone.now() + timedelta(minutes=5)) == 0
    message.refresh_from_db()
    assert message.status == Status.CANCELLED


def test_what_a_worker_has_claimed_cannot_be_taken_back(queue: Queue) -> None:
    message = queue()
    assert message_claim(message_id=message.id) is not None
    assert message_cancel(key=message.key) is False


# ---- delivering


def test_without_credentials_the_outbox_keeps_it_and_says_that_it_pretends(queue: Queue) -> None:
    message = queue()
    assert message_deliver(message_id=message.id) is Status.DELIVERED
    message.refresh_from_db()
    assert (message.provider, message.simulated, message.status) == ("outbox", True, Status.DELIVERED)
    delivered = Delivery.objects.get(message=message, status=News.DELIVERED)
    assert delivered.simulated
    row = Conversation.objects.get()
    assert (row.message, row.channel, row.lead_id) == ("Email sent to jane@example.com", "email", "jane_1")


def test_with_credentials_it_goes_out_once_however_often_the_bell_rings(
    queue: Queue, mailer: SendgridStandIn
) -> None:
    message = queue()
    assert message_deliver(message_id=message.id) is Status.SENT
    assert message_deliver(message_id=message.id) is None
    message.refresh_from_db()
    assert len(mailer.accepted) == 1
    assert (message.provider_id, message.simulated) == (mailer.accepted[0]["id"], False)
    assert mailer.accepted[0]["attachments"][0]["filename"] == message.attachments[0]["filename"]


def test_a_demo_lead_never_reaches_a_real_provider(queue: Queue, demo: Lead, mailer: SendgridStandIn) -> None:
    message = queue(lead_id=demo.id, to="demo@example.com")
    assert message_deliver(message_id=message.id) is Status.DELIVERED
    assert mailer.accepted == []


def test_only_one_of_two_workers_gets_the_claim(queue: Queue) -> None:
    message = queue()
    claims = [message_claim(message_id=message.id) for _ in range(2)]
    assert [claim is not None for claim in claims] == [True, False]


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_at_once_one_sends(queue: Queue, mailer: SendgridStandIn) -> None:
    message = queue()
    start = threading.Barrier(8)

    def work() -> Status | None:
        start.wait(10)
        try:
            return message_deliver(message_id=message.id)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        ends = [future.result(30) for future in [pool.submit(work) for _ in range(8)]]
    assert sorted(ends, key=str) == [*[None] * 7, Status.SENT]
    assert len(mailer.accepted) == 1


def test_a_provider_that_is_busy_is_asked_again_later_and_not_sooner(
    queue: Queue, mailer: SendgridStandIn
) -> None:
    mailer.faults.append(Fault(status=429, headers={"Retry-After": "60"}, body="{}"))
    message = queue()
    assert message_deliver(message_id=message.id) is Status.QUEUED
    assert message_deliver(message_id=message.id) is None
    assert message_claim(message_id=message.id, now=timezone.now() + timedelta(seconds=59)) is None
    assert message_claim(message_id=message.id, now=timezone.now() + timedelta(seconds=90)) is not None


def test_a_refusal_fails_the_message_and_says_why(queue: Queue, mailer: SendgridStandIn) -> None:
    mailer.faults.append(
        Fault(status=400, body='{"errors": [{"message": "Does not contain a valid address."}]}')
    )
    message = queue()
    assert message_deliver(message_id=message.id) is Status.FAILED
    message.refresh_from_db()
    assert "Does not contain a valid address." in message.error


def test_what_fails_for_hours_has_failed(queue: Queue, mailer: SendgridStandIn) -> None:
    message = queue()
    claim = message_claim(message_id=message.id)
    assert claim is not None
    late = timezone.now() + GIVE_UP_AFTER + timedelta(minutes=1)
    assert message_settle(claim=claim, error=ProviderError("down", True), now=late) is Status.FAILED


def test_a_document_that_went_away_meanwhile_fails_the_message(queue: Queue, mailer: SendgridStandIn) -> None:
    message = queue()
    Document.objects.all().delete()
    assert message_deliver(message_id=message.id) is Status.FAILED
    assert mailer.accepted == []


def test_who_said_stop_meanwhile_is_left_alone(queue: Queue, mailer: SendgridStandIn) -> None:
    message = queue()
    OptOut.objects.create(channel="email", address="JANE@example.com")
    assert message_deliver(message_id=message.id) is None
    message.refresh_from_db()
    assert message.status == Status.FAILED
    assert mailer.accepted == []
    assert queue(key="another").status == Status.FAILED


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
