"""Reads of calls. One call, whole, in one document: nothing about it is hidden."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from calls.analytics import call_analysis
from calls.models import Action, Call, Turn
from escalations.models import Escalation
from leads.models import Callback


def call_document(*, call_id: uuid.UUID | str, events: bool = False) -> dict[str, Any]:
    """The call as JSON-ready data. Raises ``Call.DoesNotExist`` or, for what is no UUID, ``ValueError``."""
    call = Call.objects.select_related("lead", "site").get(id=uuid.UUID(str(call_id)))
    turns = list(Turn.objects.filter(call=call))
    actions = list(
        Action.objects.filter(call=call)
        .select_related("message", "ticket", "callback", "escalation__agent")
        .prefetch_related("message__deliveries")
    )
    document: dict[str, Any] = {
        "call": _call(call),
        "lead": _lead(call),
        "state": {"status": call.status, "end_reason": call.end_reason or None},
        "turns": [_turn(turn) for turn in turns],
        "actions": [_action(action) for action in actions],
        "ticket": next((_ticket(action) for action in reversed(actions) if action.ticket is not None), None),
        "callback": next(
            (_callback(one.callback) for one in reversed(actions) if one.callback is not None), None
        ),
        "escalation": next(
            (_escalation(one.escalation) for one in reversed(actions) if one.escalation is not None), None
        ),
        # Until a worker has written it, it is worked out for whoever asks: the record of a call is always whole.
        "analytics": call.analytics or (call_analysis(call=call) if call.status == Call.Status.ENDED else {}),
    }
    if events:
        document["events"] = [
            {"seq": event.seq, "at_ms": event.at_ms, "kind": event.kind, **event.data}
            for event in call.events.all()
        ]
    return document


def _call(call: Call) -> dict[str, Any]:
    return {
        "id": str(call.id),
        "site": call.site_id,
        "channel": call.channel,
        "language": call.language,
        "verified": call.verified,
        "claims": call.claims,
        "started_at": call.started_at.isoformat(),
        "ended_at": call.ended_at.isoformat() if call.ended_at else None,
        "end_reason": call.end_reason or None,
        "status": call.status,
    }


def _lead(call: Call) -> dict[str, Any] | None:
    lead = call.lead
    if lead is None:
        return None
    return {
        "id": lead.id,
        "name": lead.name,
        "company": lead.company,
        "phone": lead.phone,
        "email": lead.email,
        "lead_status": lead.lead_status,
        "verified": call.verified,
        "last_contacted_at": lead.last_contacted_at.isoformat() if lead.last_contacted_at else None,
        "next_action_time": _local(lead.next_action_time),
        "pending_action": lead.pending_action or None,
        "preferred_channel": lead.preferred_channel or None,
        "last_issue": lead.last_issue or None,
    }


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "turn": turn.number,
        "role": turn.role,
        "text": turn.text,
        "heard": turn.heard,
        "interrupted": turn.interrupted,
        "decision": turn.decision or None,
        "passages": turn.passages,
        "timings": turn.timings,
        "sentiment": turn.sentiment,
        "at": turn.created_at.isoformat(),
    }


def _action(action: Action) -> dict[str, Any]:
    message = action.message
    receipts = (
        [
            {"status": one.status, "at": one.at.isoformat(), "simulated": message.simulated}
            for one in message.deliveries.all()
        ]
        if message is not None
        else []
    )
    return {
        "kind": action.kind,
        "status": str(message.status) if message is not None else action.status,
        "to": action.to,
        "label": action.label,
        "turn": action.turn,
        "simulated": message.simulated if message is not None else False,
        "error": (message.error or None) if message is not None else None,
        "receipts": receipts,
        "message": str(message.id) if message is not None else None,
        "subject": message.subject if message is not None else None,
    }


def _ticket(action: Action) -> dict[str, Any]:
    ticket = action.ticket
    assert ticket is not None
    return {
        "id": ticket.id,
        "issue_type": ticket.issue_type,
        "priority": ticket.priority,
        "status": ticket.status,
        "order_id": ticket.order_id or None,
        "description": ticket.description,
        "resolution": ticket.resolution or None,
        "resolved_at": _local(ticket.resolved_at),
    }


def _callback(callback: Callback) -> dict[str, Any]:
    return {
        "id": callback.id,
        "due": _local(callback.due_at),
        "phone": callback.phone,
        "status": callback.status,
        "reason": callback.reason or None,
    }


def _escalation(escalation: Escalation) -> dict[str, Any]:
    agent = escalation.agent
    return {
        "id": escalation.id,
        "status": escalation.status,
        "agent": agent.name if agent else None,
        "agent_id": escalation.agent_id,
        "reason": escalation.reason,
        "query": escalation.query,
        "skill": escalation.skill,
        "handoff": escalation.handoff,
        "at": _local(escalation.created_at),
        "ended_at": _local(escalation.ended_at),
    }


def _local(moment: dt.datetime | None) -> str | None:
    """In the company's zone: a promise reads as it was made."""
    return timezone.localtime(moment, ZoneInfo(settings.TIME_ZONE)).isoformat() if moment else None
