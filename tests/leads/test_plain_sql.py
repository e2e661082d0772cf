"""A script that knows only the tables, written in plain SQL, works: each column it leaves out has a
default."""

import pytest
from django.db import connection

from leads.models import Conversation, Lead, Order

pytestmark = pytest.mark.django_db


def sql(text: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def lead() -> Lead:
    sql("INSERT INTO leads (id) VALUES ('user_123')")
    return Lead.objects.get(id="user_123")


def test_a_lead_needs_nothing_but_its_id_and_is_its_own_external_id(lead: Lead) -> None:
    assert sql("SELECT external_id, lead_status, verified, is_demo FROM leads") == [
        ("user_123", "new", True, False)
    ]


def test_a_lead_without_an_id_gets_one() -> None:
    sql("INSERT INTO leads (name) VALUES ('Jane')")
    assert Lead.objects.get().id.startswith("lead_")


def test_a_question_is_kept_as_a_conversation(lead: Lead) -> None:
    sql(
        """INSERT INTO conversations (lead_id, message, intent, timestamp)
           VALUES ('user_123', 'What is your refund policy?', 'policy_query', NOW())"""
    )
    row = Conversation.objects.get(lead=lead)
    assert (row.message, row.intent, row.channel) == ("What is your refund policy?", "policy_query", "voice")


def test_a_sent_mail_is_kept_without_naming_columns() -> None:
    sql("INSERT INTO conversations VALUES ('Email sent to user@example.com', 'email', NOW())")
    row = Conversation.objects.get()
    assert (row.message, row.channel) == ("Email sent to user@example.com", "email")
    assert row.timestamp is not None


def test_a_contact_is_noted(lead: Lead) -> None:
    sql("UPDATE leads SET last_contacted_at = NOW(), lead_status = 'contacted' WHERE id = 'user_123'")
    lead.refresh_from_db()
    assert lead.lead_status == "contacted"
    assert lead.last_contacted_at is not None


def test_a_callback_is_noted(lead: Lead) -> None:
    sql(
        """UPDATE leads SET next_action_time = '2025-10-06 10:00:00', pending_action = 'execute_call',
           preferred_channel = 'call' WHERE id = 'user_123'"""
    )
    lead.refresh_from_db()
    assert (lead.pending_action, lead.preferred_channel) == ("execute_call", "call")


def test_a_number_that_was_given_is_noted(lead: Lead) -> None:
    sql("UPDATE leads SET phone = '+919876543210', preferred_channel = 'whatsapp', last_contacted_at = NOW()")
    lead.refresh_from_db()
    assert lead.phone == "+919876543210"


def test_an_issue_is_noted(lead: Lead) -> None:
    sql("UPDATE leads SET lead_status = 'contacted', last_issue = 'delivery_delay_resolved'")
    lead.refresh_from_db()
    assert lead.last_issue == "delivery_delay_resolved"


def test_an_order_is_found_by_its_id() -> None:
    sql(
        """INSERT INTO orders (order_id, status, estimated_delivery, tracking_id)
           VALUES ('ORD98765', 'Out for Delivery', NOW(), 'TRK123456')"""
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM orders WHERE order_id = 'ORD98765'")
        columns = [column.name for column in cursor.description]
        row = dict(zip(columns, cursor.fetchone(), strict=True))
    assert (row["status"], row["tracking_id"]) == ("Out for Delivery", "TRK123456")
    assert Order.objects.get().lead is None
