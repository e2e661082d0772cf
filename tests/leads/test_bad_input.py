"""What cannot or must not be sent is refused with a word to whoever can do something about it, and nothing leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from leads.models import Lead, Message
from leads.services import message_deliver
from leads.status import Failure, Status
from tests.contracts.standins import API_KEY, SendgridStandIn, running

pytestmark = pytest.mark.django_db
Queue = Callable[..., Message]
INJECTION = "Jane\r\nBcc: everyone@example.com\r\n\r\n<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("channel", "to", "failure"),
    [
        ("email", "jane@example.com\nBcc: all@example.com", Failure.INVALID_ADDRESS),
        ("email", "jane@example.com, all@example.com", Failure.INVALID_ADDRESS),
        ("email", "Jane <jane@example.com>", Failure.INVALID_ADDRESS),
        ("email", "jane@exam\u202eple.com", Failure.INVALID_ADDRESS),
        ("email", "jane@example", Failure.INVALID_ADDRESS),
        ("email", "j" * 10_000 + "@example.com", Failure.INVALID_ADDRESS),
        ("email", "👋@example.com", Failure.INVALID_ADDRESS),
        ("email", "", Failure.INVALID_ADDRESS),
        ("sms", "+91 98765 43210\r\nX: y", Failure.INVALID_NUMBER),
        ("sms", "+919876543210;ext=9", Failure.INVALID_NUMBER),
        ("sms", "+9198765432101234567", Failure.INVALID_NUMBER),
        ("sms", "whatsapp:", Failure.INVALID_NUMBER),
        ("whatsapp", "👋", Failure.INVALID_NUMBER),
        ("whatsapp", "9" * 10_000, Failure.INVALID_NUMBER),
        ("whatsapp", "+919876543210\x00", Failure.INVALID_NUMBER),
    ],
)
def test_an_address_that_is_none_is_refused_with_a_word_and_a_code(
    queue: Queue, channel: str, to: str, failure: Failure
) -> None:
    message = queue(channel=channel, to=to)
    assert (message.status, message.failure) == (Status.FAILED, failure)
    assert message.error
    assert message.body_text == ""
    assert message_deliver(message_id=message.id) is None


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        (INJECTION, "Jane Bcc: everyone@example.com <script>alert(1)</script>"),
        ("Zoë 👋🏽", "Zoë 👋🏽"),
        ("דוד", "דוד"),
        ("\u202egnp.exe\u2066", "gnp.exe"),
        ("{company} [[x]] {{ settings.SECRET_KEY }}", "{company} [[x]] {{ settings.SECRET_KEY }}"),
        ("N" * 200, "N" * 60),
        ("", ""),
    ],
)
def test_a_name_is_a_name_whatever_is_in_it(queue: Queue, jane: Lead, name: str, greeted: str) -> None:
    Lead.objects.filter(id=jane.id).update(name=name)
    message = queue()
    assert message.body_text.splitlines()[0] == (f"Hello {greeted}," if greeted else "Hello,")
    assert "<script" not in message.body_html
    assert "\u202e" not in message.body_html + message.body_text
    assert message.subject.splitlines() == [message.subject]


@pytest.mark.parametrize("value", [INJECTION, "👋" * 20, "שלום\u202e", "{company}", "x" * 10_000])
def test_what_a_caller_said_is_one_line_of_a_mail_and_of_its_subject(queue: Queue, value: str) -> None:
    message = queue(template="ticket_opened", context={"ticket": value}, document_ids=[])
    assert message.status == Status.QUEUED
    assert message.subject.splitlines() == [message.subject]
    assert len(message.subject) <= 200
    assert "\nBcc" not in message.body_text
    assert "<script" not in message.body_html
    assert "{company}" in message.body_text if value == "{company}" else True


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_ten_thousand_letters_are_no_text(queue: Queue, jane: Lead, channel: str) -> None:
    context = {"order_id": "x" * 10_000}
    message = queue(channel=channel, to=jane.phone, template="tracking", context=context, document_ids=[])
    assert (message.status, message.failure) == (Status.FAILED, Failure.TOO_LONG)
    assert message_deliver(message_id=message.id) is None


@pytest.mark.parametrize("ids", [[], [999_999]])
def test_a_document_that_is_not_there_is_refused(queue: Queue, ids: list[int]) -> None:
    message = queue(document_ids=ids)
    assert (message.status, message.failure) == (Status.FAILED, Failure.NO_DOCUMENT)


def test_a_document_that_went_after_the_promise_sends_nothing(
    queue: Queue, policy: Any, settings: Any
) -> None:
    with running(SendgridStandIn()) as standin:
        settings.SENDGRID_API_KEY, settings.SENDGRID_API_BASE_URL = API_KEY, standin.url
        settings.EMAIL_FROM = "support@example.com"
        message = queue()
        policy.delete()
        assert message_deliver(message_id=message.id) is Status.FAILED
        message.refresh_from_db()
        assert message.failure == Failure.NO_DOCUMENT
        assert standin.accepted == []
