"""Invariant: a ticket or an escalation is opened once, however often that is repeated; nobody is offered two calls at once.

Everything here runs in the caller's transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from escalations.matching import Candidate, agent_match
from escalations.models import Agent, Escalation, Ticket
from escalations.selectors import agents_free
from escalations.wire import EscalationNews, escalation_announce

log = structlog.get_logger(__name__)

_PRIORITIES = {"medium": Ticket.Priority.NORMAL, **{value: value for value in Ticket.Priority.values}}
_DONE = {Ticket.Status.RESOLVED, Ticket.Status.CLOSED}


def ticket_open(
    *,
    key: str,
    lead_id: str | None,
    call_id: uuid.UUID | None,
    issue_type: str,
    description: str,
    priority: str = Ticket.Priority.NORMAL,
    contact: str = "",
    order_id: str = "",
) -> Ticket:
    """The ticket with this ``key``, opened now unless it is there. An urgency counts as a priority."""
    ticket, _created = Ticket.objects.get_or_create(
        key=key,
        defaults={
            "lead_id": lead_id,
            "call_id": call_id,
            "issue_type": issue_type,
            "description": description.replace("\x00", ""),
            "priority": _PRIORITIES.get(priority, Ticket.Priority.NORMAL),
            "status": Ticket.Status.OPEN,
            "resolution": "",
            "contact": contact,
            "order_id": order_id,
        },
    )
    return ticket


def ticket_find(*, call_id: uuid.UUID, key: str = "") -> Ticket | None:
    """The call's ticket with this key, else its newest one."""
    tickets = Ticket.objects.select_for_update(of=("self",)).filter(call_id=call_id)
    return (tickets.filter(key=key).first() if key else None) or tickets.order_by("-id").first()


def ticket_update(
    *,
    ticket: Ticket,
    status: str = "",
    resolution: str = "",
    order_id: str = "",
    priority: str = "",
    contact: str = "",
    note: str = "",
) -> Ticket:
    """Note what became of a ticket. What is empty stays as it is. Raises ValueError for a status that there isn't."""
    if status:
        ticket.status = Ticket.Status(status)
        ticket.resolved_at = (ticket.resolved_at or timezone.now()) if ticket.status in _DONE else None
    ticket.resolution = resolution.replace("\x00", "") or ticket.resolution
    ticket.order_id = order_id or ticket.order_id
    ticket.contact = contact or ticket.contact
    if note and note not in ticket.description:
        ticket.description = f"{ticket.description}\n{note}".replace("\x00", "").strip()
    if priority in _PRIORITIES:
        ticket.priority = _PRIORITIES[priority]
    ticket.save()
    return ticket


def escalation_open(
    *,
    key: str,
    call_id: uuid.UUID,
    lead_id: str | None,
    reason: str,
    query: str,
    skill: str,
    handoff: Callable[[str], dict[str, Any]],
) -> Escalation:
    """The escalation with this ``key``, opened now unless it is there, and offered to whoever fits best.

    A caller waits once: while one is under way for the call, that is the answer. ``handoff`` makes the package for an agent
    of the given name (empty: nobody is free).
    """
    same = Q(key=key) | Q(call_id=call_id, ended_at=None)
    existing = Escalation.objects.select_related("agent").filter(same).order_by("id").first()
    if existing is not None:
        return existing
    agent = _agent_take(skill)
    escalation, created = Escalation.objects.get_or_create(
        key=key,
        defaults={
            "call_id": call_id,
            "lead_id": lead_id,
            "status": Escalation.Status.OFFERED if agent else Escalation.Status.WAITING,
            "agent": agent,
            "reason": reason,
            "query": query,
            "skill": skill,
            "handoff": handoff(agent.name if agent else ""),
        },
    )
    if created:
        escalation_announce(_news(escalation, str(escalation.status)))
        log.info(
            "escalation_opened", escalation=escalation.id, call=str(call_id), status=str(escalation.status)
        )
    return escalation


def escalation_withdraw(*, key: str) -> bool:
    """The caller would rather not, after all. False when somebody has taken it, or nobody waits."""
    escalation = (
        Escalation.objects.select_for_update(of=("self",))
        .filter(key=key, ended_at=None, status__in=(Escalation.Status.WAITING, Escalation.Status.OFFERED))
        .first()
    )
    if escalation is None:
        return False
    escalation.status, escalation.ended_at = Escalation.Status.CANCELLED, timezone.now()
    escalation.save(update_fields=("status", "ended_at", "updated_at"))
    escalation_announce(_news(escalation, "ended"))
    return True


@transaction.atomic
def escalations_end(*, call_id: uuid.UUID) -> int:
    """The call is over: nobody waits any more, and who was asked is free again. Returns how many it ended."""
    now = timezone.now()
    open_ones = list(
        Escalation.objects.select_for_update(of=("self",))
        .select_related("agent")
        .filter(call_id=call_id, ended_at=None)
    )
    for escalation in open_ones:
        escalation.ended_at = now
        escalation.save(update_fields=("ended_at", "updated_at"))
        if escalation.status == Escalation.Status.CONNECTED and escalation.agent_id:
            Agent.objects.filter(id=escalation.agent_id).update(idle_since=now)
        escalation_announce(_news(escalation, "ended"))
    return len(open_ones)


def lead_reassign(*, call_id: uuid.UUID, from_id: str, to_id: str) -> None:
    """The caller has proven to be another lead: this call's tickets and escalations are theirs."""
    of_call = Q(call_id=call_id, lead_id=from_id)
    Ticket.objects.filter(of_call).update(lead_id=to_id)
    Escalation.objects.filter(of_call).update(lead_id=to_id)


def _agent_take(skill: str) -> Agent | None:
    # Two callers at the same moment come one after the other: the second one sees whom the first one was given.
    agents = {
        agent.id: agent
        for agent in Agent.objects.select_for_update(no_key=True)
        .filter(status=Agent.Status.AVAILABLE)
        .order_by("id")
    }
    free = set(agents_free().values_list("id", flat=True))
    chosen = agent_match(
        (
            Candidate(
                id=agent.id,
                name=agent.name,
                expertise=agent.expertise,
                idle_since=agent.idle_since,
                free=agent.id in free,
            )
            for agent in agents.values()
        ),
        skill=skill,
    )
    return agents[chosen.id] if chosen else None


def _news(escalation: Escalation, status: str) -> EscalationNews:
    return EscalationNews(
        escalation_id=escalation.id,
        call_id=str(escalation.call_id),
        status=status,
        agent_id=escalation.agent_id or "",
        skill=escalation.skill,
        headline=str(escalation.handoff.get("headline", "")),
    )
