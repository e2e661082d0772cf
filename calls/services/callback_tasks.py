"""Invariant: a callback that did not become a conversation is a person's task, once.

The ticket's key is the callback's; who was reached by a later attempt leaves the ticket to whoever has it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from contactcenter.locks import round_take
from escalations.services import ticket_open, ticket_update
from leads.services import callback_tasks, callbacks_seen

log = structlog.get_logger(__name__)

ISSUE: Final = "callback"


@transaction.atomic
def callback_tasks_open(*, now: datetime | None = None) -> int:
    """Open a ticket for each callback that a person has to see to; returns how many."""
    now = now or timezone.now()
    if not round_take("callback tasks"):
        return 0
    tasks = callback_tasks(now=now)
    for one in tasks:
        about = f" It was about: {one.reason}" if one.reason else ""
        ticket = ticket_open(
            key=f"callback:{one.callback_id}",
            lead_id=one.lead_id,
            call_id=one.call_id if isinstance(one.call_id, UUID) else None,
            issue_type=ISSUE,
            description=f"Please call back: {one.why}.{about}",
            contact=one.phone,
        )
        if ticket.status in {"resolved", "closed"}:  # it was called again, and in vain again
            ticket_update(ticket=ticket, status="open", note=f"Called again, in vain: {one.why}.")
    callbacks_seen(callback_ids=[one.callback_id for one in tasks], now=now)
    if tasks:
        log.info("callbacks_became_tasks", tickets=len(tasks))
    return len(tasks)
