"""Reads of agents. Invariant: an agent to whom a call is offered is not free for another one."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from escalations.models import Agent, Escalation


def agents_free() -> QuerySet[Agent]:
    """Agents who are there and have no escalation under way."""
    under_way = Escalation.objects.filter(agent_id=OuterRef("id"), ended_at=None)
    return Agent.objects.filter(~Exists(under_way), status=Agent.Status.AVAILABLE)
