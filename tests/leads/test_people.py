"""Who people are: what is proven changes their row, what is only claimed makes a new one."""

from __future__ import annotations

import pytest

from leads.models import Conversation, Lead, Order
from leads.selectors import leads_by_phone, order_get
from leads.services import conversation_log, lead_create_claimed, lead_touch

pytestmark = pytest.mark.django_db


def test_a_claim_makes_a_new_lead_and_changes_none(jane: Lead) -> None:
    claimed = lead_create_claimed(name="Jane Doe", phone="9876543210", email="evil@example.com")
    assert (claimed.id, claimed.verified, claimed.phone) != (jane.id, True, "")
    jane.refresh_from_db()
    assert jane.email == "jane@example.com"
    assert leads_by_phone(phone="+919876543210") == [jane]


def test_a_claim_that_cannot_be_true_is_left_out() -> None:
    claimed = lead_create_claimed(name="Bob\r\nBcc: x\u202e", phone="12", email="nobody")
    assert (claimed.name, claimed.phone, claimed.email, claimed.verified) == ("Bob Bcc: x", "", "", False)


def test_a_contact_changes_what_is_given_and_nothing_else(jane: Lead) -> None:
    Lead.objects.filter(id=jane.id).update(last_issue="delivery_delay", preferred_channel="call")
    assert lead_touch(lead_id=jane.id, preferred_channel="whatsapp") is True
    jane.refresh_from_db()
    assert (jane.lead_status, jane.preferred_channel, jane.last_issue) == (
        "contacted",
        "whatsapp",
        "delivery_delay",
    )
    assert jane.last_contacted_at is not None
    assert lead_touch(lead_id="gone") is False


def test_what_was_said_is_kept_even_with_bytes_no_text_column_takes(jane: Lead) -> None:
    conversation_log(message="a\x00b", role="customer", lead_id=jane.id, intent="small_talk", turn=3)
    row = Conversation.objects.get()
    assert (row.message, row.turn, row.channel) == ("ab", 3, "voice")


def test_an_order_is_told_only_to_whom_it_belongs(jane: Lead, demo: Lead) -> None:
    order = Order.objects.create(order_id="ORD98765", lead=jane)
    assert order_get(order_id="ord98765", lead_id=jane.id) == order
    assert order_get(order_id="ORD98765", lead_id=demo.id) is None
    assert order_get(order_id="ORD98765", lead_id=None) is None
    Order.objects.create(order_id="NOBODYS", lead=None)
    assert order_get(order_id="NOBODYS", lead_id=None) is None
