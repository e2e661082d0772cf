"""A late delivery from the first word to the analytics, as it stands in the rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from escalations.models import Ticket
from leads.models import Lead, Message, Order
from tests.rows.conftest import Talking, order, text

pytestmark = pytest.mark.django_db
Begin = Callable[..., Talking]
PHONE, MAIL = "+919876543210", "user@example.com"
LINK = "https://track.techcorp.com/TRK123456"


def complain(talk: Talking) -> None:
    talk.exchange(
        "I ordered a laptop 5 days ago and haven't received it yet! This is unacceptable!",
        order(
            "create_ticket", "ticket", to=PHONE, issue_type="delivery_delay", priority="high", words="late"
        ),
        intent="complaint",
        sentiment=-1.0,
        entities={"issue_type": "delivery_delay", "urgency": "high"},
        needs_clarification=True,
    )


def solve(talk: Talking, **mail: str) -> list[tuple[str, str, str, str]]:
    return talk.exchange(
        "It's ORD98765",
        order("lookup_order", "lookup", order_id="ORD98765"),
        text("sms", "tracking", PHONE, order_id="ORD98765", status="Out for Delivery", url=LINK, eta="Today 6 PM"),
        text(
            "email", "order_update", MAIL, order_id="ORD98765", product="laptop", status="Out for Delivery",
            url=LINK, eta="Today 6 PM", apology="yes", **mail,
        ),
        order(
            "update_ticket",
            ticket="ticket",
            status="resolved",
            resolution="Order out for delivery, ETA today 6 PM",
            order_id="ORD98765",
            last_issue="delivery_delay_resolved",
        ),
        intent="complaint",
    )  # fmt: skip


def test_a_late_delivery_leaves_ticket_lead_and_messages_as_promised(
    begin: Begin, jane: Lead, laptop: Order
) -> None:
    talk = begin(jane)
    complain(talk)
    assert Ticket.objects.get().status == "open"
    receipts = solve(talk)
    ticket = Ticket.objects.get()
    assert (
        ticket.lead_id,
        ticket.issue_type,
        ticket.priority,
        ticket.status,
        ticket.resolution,
        ticket.order_id,
    ) == (
        "user_123",
        "delivery_delay",
        "high",
        "resolved",
        "Order out for delivery, ETA today 6 PM",
        "ORD98765",
    )
    jane.refresh_from_db()
    assert (jane.lead_status, jane.last_issue) == ("contacted", "delivery_delay_resolved")
    assert jane.preferred_channel == ""
    assert [(kind, status) for _key, kind, status, _label in receipts] == [
        ("lookup_order", "done"),
        ("send_sms", "queued"),
        ("send_email", "queued"),
        ("update_ticket", "done"),
    ]
    assert receipts[-1][3] == f"Ticket #{ticket.id}"
    sms = Message.objects.get(channel="sms")
    assert sms.body_text.strip() == (
        "Your order #ORD98765 is out for delivery. Track here: https://track.techcorp.com/TRK123456 "
        "ETA: Today 6 PM - TechCorp"
    )
    mail = Message.objects.get(channel="email")
    assert mail.subject == "Your Order #ORD98765 - Delivery Update"
    for body in (mail.body_text, mail.body_html):
        assert "ORD98765" in body
        assert LINK in body
        assert "apologize" in body
        assert "Today 6 PM" in body
    shown = talk.document()
    assert (shown["ticket"]["status"], shown["ticket"]["id"]) == ("resolved", ticket.id)


def test_compensation_is_offered_only_where_somebody_has_written_one(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    complain(talk)
    solve(talk)
    plain = Message.objects.get(channel="email")
    other = begin(jane)
    complain(other)
    solve(other, compensation="Your next delivery is free with the code LATE.")
    with_offer = Message.objects.filter(channel="email").latest("created_at")
    for body, offered in ((plain.body_text, plain.body_html), (with_offer.body_text, with_offer.body_html)):
        assert ("next delivery is free" in body) == ("next delivery is free" in offered)
    assert "next delivery is free" in with_offer.body_html
    assert "next delivery is free" not in plain.body_html


def test_what_a_caller_said_is_no_markup_in_a_mail_and_no_link(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    talk.exchange(
        "…",
        text(
            "email",
            "order_update",
            MAIL,
            order_id="<b>1</b>",
            url="javascript:alert(1)",
            product="{{ x }}<i>",
        ),
    )
    mail = Message.objects.get()
    assert "<b>1</b>" not in mail.body_html
    assert "javascript" not in mail.body_html + mail.body_text
    assert "{{ x }}&lt;i&gt;" in mail.body_html
    assert mail.subject == "Your Order #<b>1</b> - Delivery Update"


def test_an_update_without_a_ticket_opens_one(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    talk.exchange(
        "…",
        order("update_ticket", status="resolved", resolution="done", issue_type="billing", priority="medium"),
    )
    ticket = Ticket.objects.get()
    assert (ticket.issue_type, ticket.status, ticket.priority) == ("billing", "resolved", "normal")
    assert ticket.resolved_at is not None


def test_an_update_does_not_reach_another_calls_ticket(begin: Begin, jane: Lead) -> None:
    first, second = begin(jane), begin(jane)
    complain(first)
    second.exchange("…", order("update_ticket", ticket="ticket", status="closed"))
    assert sorted(Ticket.objects.values_list("call_id", "status")) == sorted(
        [(first.id, "open"), (second.id, "closed")]
    )


def test_a_status_that_there_is_not_changes_nothing(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    complain(talk)
    receipts = talk.exchange("…", order("update_ticket", ticket="ticket", status="deleted"))
    assert receipts[0][2] == "failed"
    assert Ticket.objects.get().status == "open"


def test_the_contact_of_an_unproven_caller_comes_later_and_reaches_only_their_own_lead(
    begin: Begin, jane: Lead
) -> None:
    talk = begin()
    talk.exchange("It's late", order("create_ticket", "ticket", issue_type="delivery_delay", words="late"))
    talk.exchange(
        "98450 67781", order("update_ticket", ticket="ticket", contact="+919845067781", note="laptop")
    )
    ticket = Ticket.objects.get()
    assert (ticket.contact, ticket.description, ticket.status) == ("+919845067781", "late\nlaptop", "open")
    own = talk.row.lead
    assert own is not None
    assert (own.phone, own.verified) == ("+919845067781", False)
    assert ticket.lead_id == own.id


def test_a_message_about_a_ticket_of_the_same_turn_has_its_number(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    talk.exchange(
        "…",
        text("email", "ticket_opened", MAIL),
        text("sms", "ticket_opened", PHONE),
        order("create_ticket", issue_type="billing", words="charged twice"),
    )
    number = f"#{Ticket.objects.get().id}"
    for message in Message.objects.all():
        assert number in message.body_text
    assert [action["kind"] for action in talk.document()["actions"]] == [
        "send_email",
        "send_sms",
        "create_ticket",
    ]


@pytest.mark.parametrize(
    ("channel", "template", "context", "words"),
    [
        (
            "sms",
            "callback_moved",
            {"when": "Monday at 3 PM"},
            "Your callback has been moved to Monday at 3 PM.",
        ),
        (
            "sms",
            "callback_cancelled",
            {"when": "tomorrow at 10 AM"},
            "Your callback tomorrow at 10 AM has been",
        ),
        (
            "whatsapp",
            "tracking",
            {"order_id": "A1", "status": "shipped"},
            "Your order #A1 is shipped. - TechCorp",
        ),
        ("whatsapp", "order_update", {"order_id": "A1", "eta": "today at 6 PM"}, "ETA: Today 6 PM"),
        ("sms", "callback", {"when": "today at 6 PM"}, "Your callback is scheduled for today at 6 PM."),
    ],
)
def test_every_text_says_what_it_is_about(
    begin: Begin, jane: Lead, channel: str, template: str, context: dict[str, str], words: str
) -> None:
    begin(jane).exchange("…", text(channel, template, PHONE, **context))
    message = Message.objects.get()
    assert words in message.body_text
    assert message.status == "queued"
    assert len(message.body_text) <= 160


def test_a_template_that_there_is_not_fails_alone(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    receipts: Any = talk.exchange("…", text("sms", "../../secret", PHONE), text("email", "callback", MAIL))
    assert [status for _key, _kind, status, _label in receipts] == ["failed", "failed"]
    assert not Message.objects.exists()
    assert len(talk.document()["turns"]) == 2
