"""A script that knows only the tables: what it needs of callbacks, tickets and agents works in plain SQL."""

from __future__ import annotations

import pytest
from django.db import connection

from escalations.models import Agent, Escalation, Ticket
from leads.models import Callback, Lead, VerificationCode

pytestmark = pytest.mark.django_db


def sql(text: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(autouse=True)
def lead() -> Lead:
    sql("INSERT INTO leads (id) VALUES ('user_123')")
    return Lead.objects.get()


def test_a_callback_is_noted_on_the_lead(lead: Lead) -> None:
    sql(
        """UPDATE leads SET next_action_time = '2025-10-06 10:00:00', pending_action = 'execute_call',
           preferred_channel = 'call' WHERE id = 'user_123'"""
    )
    lead.refresh_from_db()
    assert lead.pending_action == "execute_call"


def test_a_ticket_is_opened_and_resolved_at_once() -> None:
    sql(
        """INSERT INTO support_tickets (lead_id, issue_type, priority, status, resolution)
           VALUES ('user_123', 'delivery_delay', 'high', 'resolved', 'Order out for delivery, ETA today 6 PM')"""
    )
    ticket = Ticket.objects.get()
    assert (ticket.lead_id, ticket.resolution, ticket.order_id, ticket.resolved_at) == (
        "user_123",
        "Order out for delivery, ETA today 6 PM",
        "",
        None,
    )


def test_who_is_available_and_knows_about_it_is_found() -> None:
    sql(
        "INSERT INTO agents (id, name, status, expertise) VALUES ('agent_45', 'John', 'available', 'technical,x')"
    )
    sql("INSERT INTO agents (id, name, expertise) VALUES ('agent_46', 'Priya', 'technical')")
    assert sql("SELECT id, name FROM agents WHERE status = 'available' AND expertise LIKE '%technical%'") == [
        ("agent_45", "John")
    ]
    assert Agent.objects.get(id="agent_45").idle_since is not None


def test_the_newer_tables_need_nothing_but_what_is_known() -> None:
    sql("INSERT INTO callbacks (lead_id, phone, due_at) VALUES ('user_123', '+919876543210', NOW())")
    sql("INSERT INTO callbacks (lead_id) VALUES ('user_123')")
    sql("INSERT INTO escalations (reason) VALUES ('a caller wants a person')")
    sql("INSERT INTO escalations (reason) VALUES ('another')")
    sql("INSERT INTO verification_codes (lead_id) VALUES ('user_123')")
    assert set(Callback.objects.values_list("status", flat=True)) == {"scheduled"}
    assert set(Escalation.objects.values_list("status", flat=True)) == {"waiting"}
    assert Escalation.objects.first().handoff == {}
    assert VerificationCode.objects.get().tries == 0
