"""A test of a message's words, sent to whoever edits them: an ordinary message, within the ordinary limits."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client

from leads import doorbell
from leads.models import Channel, Message, MessageTemplate, OptOut
from leads.models_allowed import Allowance, Consent, Limits
from leads.services import message_deliver
from leads.services.templates import templates_fill
from leads.status import Failure, Status

MAIL = {"subject": "Order {order_id}", "body": "Hi {name}\n\n{order}"}
PHONE = "+919876543210"


@pytest.fixture(autouse=True)
def _bells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "ring", lambda task, row: True)


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("ada", email="ada@example.com"))
    return client


def url_of(name: str, channel: Channel) -> str:
    templates_fill()
    row = MessageTemplate.objects.get(name=name, channel=channel)
    return f"/admin/leads/messagetemplate/{row.pk}/test/"


def test_the_words_of_the_form_go_to_the_admins_own_address_with_samples(admin: Client) -> None:
    url = url_of("order_update", Channel.EMAIL)
    answer = admin.post(url, {**MAIL, "to": "somebody.else@example.com"}).json()
    message = Message.objects.get()
    assert (message.to, message.subject, message.status) == (
        "ada@example.com",
        "Order AB12345",
        Status.QUEUED,
    )
    assert "Hi Jane Doe" in message.body_text and "ada@" not in answer["sent"]
    assert "No more mails of this kind: http" in message.body_text
    assert answer["sent"].startswith("On its way to a") and str(message.pk) in answer["url"]
    assert admin.get(answer["url"]).status_code == 200
    assert not MessageTemplate.objects.filter(edited=True).exists()


def test_it_is_counted_and_delivered_like_any_other_and_nobodys_consent(admin: Client) -> None:
    admin.post(url_of("order_update", Channel.EMAIL), MAIL)
    message = Message.objects.get()
    assert Allowance.objects.get().message_id == message.id and not Consent.objects.exists()
    message_deliver(message_id=message.id)
    message.refresh_from_db()
    assert (message.simulated, message.provider) == (True, "outbox") and message.status in {
        Status.SENT,
        Status.DELIVERED,
    }


def test_a_document_is_shown_by_a_sample_and_none_goes_along(admin: Client) -> None:
    admin.post(url_of("document", Channel.EMAIL), {"subject": "Yours", "body": "Look\n\n{documents}"})
    message = Message.objects.get()
    assert message.attachments == [] and "REFUND POLICY" in message.body_text
    assert message_deliver(message_id=message.id) is not None


def test_a_text_goes_to_the_number_that_was_typed(admin: Client) -> None:
    url = url_of("callback", Channel.SMS)
    assert "Type your own number" in admin.post(url, {"body": "x {when}"}).json()["refused"]
    assert not Message.objects.exists()
    assert "3210" in admin.post(url, {"body": "x {when}", "to": "98765 43210"}).json()["sent"]
    assert Message.objects.get().to == PHONE


def test_who_has_no_address_is_told_so_and_nothing_is_sent(client: Client, db: None) -> None:
    client.force_login(User.objects.create_superuser("bob"))
    url = url_of("order_update", Channel.EMAIL)
    assert "Your account has no e-mail address" in client.post(url, MAIL).json()["refused"]
    assert not Message.objects.exists() and not LogEntry.objects.exists()
    assert "doesn't have yet" in client.get(url.replace("/test/", "/change/")).content.decode().replace(
        "&#x27;", "'"
    )


def test_what_was_sent_is_on_record_with_who_did_it_and_without_an_address(admin: Client) -> None:
    admin.post(url_of("order_update", Channel.EMAIL), MAIL)
    row = LogEntry.objects.get()
    assert row.user.get_username() == "ada" and str(Message.objects.get().id) in row.change_message
    assert "@" not in row.change_message


@pytest.mark.parametrize("wrong", [{"body": "{nope}"}, {"body": ""}])
def test_words_that_cannot_count_are_not_sent(admin: Client, wrong: dict[str, str]) -> None:
    assert (
        "Nothing was sent."
        in admin.post(url_of("callback", Channel.SMS), {**wrong, "to": PHONE}).json()["refused"]
    )
    assert not Message.objects.exists()


def test_limits_stops_and_numbers_that_cannot_be_hold_for_tests_too(admin: Client) -> None:
    url, words = url_of("callback", Channel.SMS), {"body": "x {when}"}
    assert "Nothing was sent" in admin.post(url, {**words, "to": "12"}).json()["refused"]
    OptOut.objects.create(channel="sms", address=PHONE)
    assert "asked for no more" in admin.post(url, {**words, "to": PHONE}).json()["refused"]
    Limits.objects.create(per_number_day=1, outbox_factor=1)
    other = {**words, "to": "+919876511111"}
    assert "sent" in admin.post(url, other).json() and "refused" in admin.post(url, other).json()
    assert set(Message.objects.filter(status=Status.FAILED).values_list("failure", flat=True)) == {
        Failure.INVALID_NUMBER, Failure.OPTED_OUT, Failure.OVER_LIMIT,
    }  # fmt: skip


def test_who_may_not_change_texts_sends_none(client: Client, db: None) -> None:
    url = url_of("callback", Channel.SMS)
    assert client.post(url, {"body": "x {when}", "to": PHONE}).status_code == 302
    client.force_login(User.objects.create_user("staff", is_staff=True, email="s@example.com"))
    assert client.post(url, {"body": "x {when}", "to": PHONE}).status_code in {403, 404}
    assert not Message.objects.exists() and client.get(url).status_code in {403, 404, 405}
