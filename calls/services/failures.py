"""Invariant: whoever was promised a message that cannot be sent hears so in the call, or a person has it as a task, once.

A row decides: a failed message that nobody has seen to, of a call that is over, and of which nobody was told.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog
from django.db import transaction
from django.utils import timezone

from calls.models import Call
from contactcenter.locks import round_take
from escalations.services import ticket_open, ticket_update
from leads.services import failures_seen, failures_unseen

log = structlog.get_logger(__name__)

UNDELIVERED: Final = "undelivered_message"


@transaction.atomic
def failures_sweep(*, now: datetime | None = None) -> int:
    """Open a ticket for each message that failed and whose caller is gone without having heard so; returns how many."""
    now = now or timezone.now()
    if not round_take("failures"):
        return 0
    unseen = failures_unseen()
    calls = {one.call_id for one in unseen if one.call_id}
    live = set(Call.objects.filter(id__in=calls, status=Call.Status.ACTIVE).values_list("id", flat=True))
    over = [one for one in unseen if one.call_id not in live]
    tasks = [one for one in over if one.needs_somebody and not one.told]
    for one in tasks:
        what = f" ({one.subject})" if one.subject else ""
        ticket = ticket_open(
            key=f"undelivered:{one.message_id}",
            lead_id=one.lead_id,
            call_id=one.call_id,
            issue_type=UNDELIVERED,
            description=f"{one.channel} promised{what}, but it did not arrive: {one.why}.",
            contact=one.to,
        )
        if ticket.status in {"resolved", "closed"}:  # it was sent again, and failed again
            ticket_update(ticket=ticket, status="open", note=f"Sent again, and failed again: {one.why}.")
    failures_seen(message_ids=[one.message_id for one in over], now=now)
    if tasks:
        log.info("failures_became_tasks", tickets=len(tasks))
    return len(tasks)
