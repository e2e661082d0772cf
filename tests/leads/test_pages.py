"""The outbox is for those who may see it, and a signed address opens one document for a while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from knowledge.models import Document
from leads.media import MEDIA_LIFETIME, MEDIA_PATH, media_url
from leads.models import Lead, Message
from leads.services import message_deliver

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(queue: Callable[..., Message], demo: Lead) -> Message:
    message = queue(lead_id=demo.id, to="demo@example.com")
    message_deliver(message_id=message.id)
    return message


@pytest.fixture
def reader(client: Client) -> Client:
    client.force_login(User.objects.create_user("reader"))
    return client


def test_the_outbox_asks_for_a_login(client: Client, kept: Message) -> None:
    for path in ("/outbox/", f"/outbox/{kept.id}/", f"/outbox/{kept.id}/mail", f"/outbox/{kept.id}/files/0"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/?next=")


def test_in_public_only_staff_reads_the_outbox(settings: Any, reader: Client, kept: Message) -> None:
    settings.PUBLIC_BASE_URL = "https://voice.example.com"
    assert reader.get("/outbox/").status_code == 403
    User.objects.update(is_staff=True)
    assert reader.get("/outbox/").status_code == 200


def test_the_outbox_says_that_nobody_real_got_anything(reader: Client, kept: Message) -> None:
    page = reader.get("/outbox/").content.decode()
    assert "Nothing on this page was sent to a real person." in page
    assert kept.subject in page
    assert "delivered (simulated)" in page


def test_an_empty_outbox_says_how_to_fill_it(reader: Client) -> None:
    assert "No messages yet" in reader.get("/outbox/").content.decode()


def test_one_channel_is_shown_when_one_is_asked_for(reader: Client, kept: Message) -> None:
    assert kept.subject in reader.get("/outbox/?channel=email").content.decode()
    assert kept.subject not in reader.get("/outbox/?channel=sms").content.decode()
    assert reader.get("/outbox/?channel=<script>").status_code == 200


def test_a_poll_is_sent_nothing_it_has_and_everything_it_lacks(
    reader: Client, kept: Message, queue: Any
) -> None:
    seen = reader.get("/outbox/").context["version"]
    htmx = {"HX-Request": "true"}
    assert reader.get("/outbox/", {"seen": seen}, headers=htmx).status_code == 204
    queue(key="another")
    answer = reader.get("/outbox/", {"seen": seen}, headers=htmx)
    assert answer.status_code == 200
    assert answer.content.decode().lstrip().startswith('<div id="outbox-list"')


def test_a_mail_is_shown_where_it_can_run_nothing(reader: Client, kept: Message) -> None:
    page = reader.get(f"/outbox/{kept.id}/").content.decode()
    assert 'sandbox="allow-popups"' in page
    answer = reader.get(f"/outbox/{kept.id}/mail")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "script-src" not in answer["Content-Security-Policy"]
    assert "30-day money-back guarantee" in answer.content.decode()


def test_an_attachment_can_be_had(reader: Client, kept: Message) -> None:
    answer = reader.get(f"/outbox/{kept.id}/files/0")
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"Money-back guarantee" in answer.content
    assert reader.get(f"/outbox/{kept.id}/files/1").status_code == 404


def test_what_a_real_provider_carries_is_not_in_the_outbox(reader: Client, kept: Message) -> None:
    Message.objects.update(provider="sendgrid", simulated=False)
    assert kept.subject not in reader.get("/outbox/").content.decode()
    assert reader.get(f"/outbox/{kept.id}/").status_code == 404


def path_of(message: Message, document_id: int) -> str:
    url = media_url(document_id=document_id, message_id=message.id)
    return url[url.index(MEDIA_PATH) :]


def test_a_signed_address_opens_its_document_without_a_login(
    client: Client, kept: Message, policy: Document
) -> None:
    answer = client.get(path_of(kept, policy.id))
    assert answer.status_code == 200
    assert b"Money-back guarantee" in answer.content


def test_an_altered_guessed_or_old_address_opens_nothing(
    client: Client, kept: Message, policy: Document
) -> None:
    path = path_of(kept, policy.id)
    assert client.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
    assert client.get(path.replace(f".{policy.id}:", f".{policy.id + 1}:")).status_code == 404
    assert client.get(f"{MEDIA_PATH}{policy.id}").status_code == 404
    with time_machine.travel(timezone.now() + MEDIA_LIFETIME + timedelta(minutes=1), tick=False):
        assert client.get(path).status_code == 404


def test_an_address_opens_only_what_its_message_carries(client: Client, kept: Message) -> None:
    other = Document.objects.create(title="Secret", slug="secret", text="# Secret")
    assert client.get(path_of(kept, other.id)).status_code == 404


def test_an_address_dies_with_its_document(client: Client, kept: Message, policy: Document) -> None:
    path = path_of(kept, policy.id)
    policy.delete()
    assert client.get(path).status_code == 404


def test_an_address_dies_with_a_message_that_was_taken_back(
    client: Client, kept: Message, policy: Document
) -> None:
    Message.objects.update(status="cancelled")
    assert client.get(path_of(kept, policy.id)).status_code == 404


def test_an_address_of_one_message_opens_nothing_of_another(
    client: Client, kept: Message, queue: Any, policy: Document
) -> None:
    mine, theirs = path_of(kept, policy.id), path_of(queue(key="other"), policy.id)
    head = mine.rpartition(":")[0].rpartition(":")[
        0
    ]  # message and document; time and signature are the other's
    assert client.get(f"{head}:{':'.join(theirs.split(':')[-2:])}").status_code == 404


@pytest.mark.parametrize(
    "guess", ["x", "x:y", "x:y:z", "%00", "a" * 4000, "1:1:é", "..%2f..%2fetc%2fpasswd", "AAAA.1:1tNw6Z:AAAA"]
)
def test_a_guess_is_a_page_that_says_so_and_never_an_error(client: Client, db: None, guess: str) -> None:
    answer = client.get(f"{MEDIA_PATH}{guess}")
    assert answer.status_code == 404
    assert b"Traceback" not in answer.content


def test_a_document_is_not_sniffed_kept_indexed_or_run(
    client: Client, kept: Message, policy: Document
) -> None:
    answer = client.get(path_of(kept, policy.id))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Content-Disposition"].startswith("inline; filename=")


@pytest.mark.parametrize(
    ("header", "status", "part"),
    [
        ("", 200, slice(None)),
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=5-", 206, slice(5, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=0-999999999", 206, slice(None)),
        ("bytes=0-1,4-5", 200, slice(None)),
        ("bytes=9-2", 200, slice(None)),
        ("pages=1-2", 200, slice(None)),
        ("bytes=999999999-", 416, slice(0)),
        ("bytes=-0", 416, slice(0)),
    ],
)
def test_a_part_of_a_document_is_the_bytes_that_were_asked_for(
    client: Client, kept: Message, policy: Document, header: str, status: int, part: slice
) -> None:
    path = path_of(kept, policy.id)
    whole = client.get(path).content
    answer = client.get(path, headers={"Range": header} if header else {})
    assert answer.status_code == status
    assert answer.content == whole[part]
    head = client.head(path)
    assert (head.status_code, head.content, int(head["Content-Length"])) == (200, b"", len(whole))


def test_a_leads_orders_stand_one_below_the_other_where_a_row_would_be_wider_than_a_screen(
    admin_client: Client, jane: Lead
) -> None:
    jane.orders.create(order_id="AB12345", product="laptop")
    page = admin_client.get(f"/admin/leads/lead/{jane.id}/change/").content.decode()
    assert 'value="AB12345"' in page
    assert "tabular inline-related" not in page
