"""A promise is written once, with the turn that made it, and leaves the house at most once."""

from __future__ import annotations

import threading
from collections.abc import Callable
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
from leads.messengers.base import ProviderError
from leads.models import Conversation, Delivery, Lead, Message, OptOut
from leads.services import (
    message_cancel,
    message_claim,
    message_deliver,
    message_release,
    message_settle,
    messages_sweep,
)
from leads.services.delivery import GIVE_UP_AFTER
from leads.status import News, Status
from tests.contracts.standins import Fault, SendgridStandIn

pytestmark = pytest.mark.django_db
Queue = Callable[..., Message]


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
