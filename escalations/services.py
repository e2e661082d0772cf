"""Tickets are opened once, however often the opening is repeated."""

from __future__ import annotations

import uuid

from escalations.models import Ticket


def ticket_open(
    *,
    key: str,
    lead_id: str | None,
    call_id: uuid.UUID | None,
    issue_type: str,
    description: str,
    priority: str = Ticket.Priority.NORMAL,
    contact: str = "",
) -> Ticket:
    """The ticket with this ``key``, opened now unless it is there. Runs in the caller's transaction."""
    ticket, _created = Ticket.objects.get_or_create(
        key=key,
        defaults={
            "lead_id": lead_id,
            "call_id": call_id,
            "issue_type": issue_type,
            "description": description,
            "priority": priority,
            "status": Ticket.Status.OPEN,
            "resolution": "",
            "contact": contact,
        },
    )
    return ticket
