"""One exchange becomes rows: the turns, the conversation, the lead, and everything promised, together or not at all.

Invariant: written twice, it is written once. Keys are made of the call, the action and its slots, so a repeated commit finds
what is there; work outside (a mail, a text) is only asked for here and done by a worker after the transaction.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from calls.core import effects as fx
from calls.core.decision import Passage
from calls.models import Action, Call, Turn
from escalations.services import ticket_open
from leads.services import (
    conversation_log,
    lead_create_claimed,
    lead_touch,
    message_cancel,
    message_queue,
    message_release,
)

#: A held message whose call died with its process goes out after this; its read-back had been said by then.
HOLD_AT_MOST = dt.timedelta(seconds=60)

Receipts = list[tuple[str, str, str, str]]


@transaction.atomic
def exchange_commit(*, call_id: uuid.UUID, commit: fx.Commit) -> Receipts:
    """Write one exchange; returns ``(key, kind, status, label)`` for each action undertaken in it."""
    call = Call.objects.select_related("lead").get(id=call_id)
    channel = "voice" if commit.spoken else "text"
    intent = commit.decision.intent if commit.decision else ""
    if commit.customer_turn:
        _turn_write(call, commit.customer_turn, "customer", commit.customer_text, commit=commit)
        conversation_log(
            message=commit.customer_text,
            role="customer",
            lead_id=call.lead_id,
            channel=channel,
            intent=intent,
            call_id=call.id,
            turn=commit.customer_turn,
        )
        if call.lead_id and call.verified:
            lead_touch(lead_id=call.lead_id)
    if commit.agent_turn:
        _turn_write(call, commit.agent_turn, "agent", commit.agent_text)
        conversation_log(
            message=commit.agent_text,
            role="agent",
            lead_id=call.lead_id,
            channel=channel,
            intent=intent,
            call_id=call.id,
            turn=commit.agent_turn,
        )
    return [
        _order_undertake(call, order, turn=commit.customer_turn or commit.agent_turn)
        for order in commit.orders
    ]


@transaction.atomic
def turn_settle(*, call_id: uuid.UUID, settle: fx.Settle) -> None:
    """Note what the caller really heard of an agent turn."""
    Turn.objects.filter(call_id=call_id, number=settle.turn).update(
        heard=settle.heard, interrupted=settle.interrupted
    )


@transaction.atomic
def actions_release(*, call_id: uuid.UUID, keys: Sequence[str]) -> None:
    """The caller let the recipients stand: the held messages may go."""
    for key in keys:
        if message_release(key=_scoped(call_id, key)):
            Action.objects.filter(key=_scoped(call_id, key)).update(
                status="queued", updated_at=timezone.now()
            )


@transaction.atomic
def actions_revoke(*, call_id: uuid.UUID, keys: Sequence[str]) -> None:
    """The caller corrected the recipients: the held messages don't go."""
    for key in keys:
        if message_cancel(key=_scoped(call_id, key)):
            Action.objects.filter(key=_scoped(call_id, key)).update(
                status="cancelled", updated_at=timezone.now()
            )


def _turn_write(call: Call, number: int, role: str, text: str, *, commit: fx.Commit | None = None) -> None:
    fields: dict[str, Any] = {"role": role, "text": text}
    if commit is not None:
        fields |= {
            "heard": text,
            "decision": commit.decision.as_json() if commit.decision else {},
            "passages": [_passage(passage) for passage in commit.passages],
            "timings": {name: round(ms, 1) for name, ms in commit.timings.items()},
            "sentiment": commit.sentiment,
        }
    Turn.objects.get_or_create(call=call, number=number, defaults=fields)


def _passage(passage: Passage) -> dict[str, Any]:
    return {
        "document": passage.document,
        "document_id": passage.document_id,
        "heading": passage.heading,
        "text": passage.text,
        "similarity": round(passage.similarity, 3),
        "clears": passage.clears,
    }


def _order_undertake(call: Call, order: fx.Order, *, turn: int) -> tuple[str, str, str, str]:
    key = _scoped(call.id, order.key)
    action, created = Action.objects.get_or_create(
        key=key,
        defaults={
            "call": call,
            "turn": turn,
            "kind": order.kind,
            "to": order.to,
            "label": order.label,
            "status": "done",
        },
    )
    if created:
        if order.channel:
            _message_order(call, order, action)
        elif order.kind == "create_ticket":
            _ticket_order(call, order, action)
    return order.key, order.kind, action.status, action.label


def _message_order(call: Call, order: fx.Order, action: Action) -> None:
    message = message_queue(
        key=action.key,
        lead_id=call.lead_id,
        call_id=call.id,
        channel=order.channel,
        to=order.to,
        template="document",
        context={},
        document_ids=[int(order.document.document_id)] if order.document else [],
        not_before=timezone.now() + HOLD_AT_MOST if order.hold else None,
    )
    action.message_id, action.status = message.id, str(message.status)
    action.save()
    if call.lead_id and call.verified:
        lead_touch(lead_id=call.lead_id, preferred_channel=order.channel)


def _ticket_order(call: Call, order: fx.Order, action: Action) -> None:
    if call.lead_id is None:
        contact = {"email": order.to} if "@" in order.to else {"phone": order.to}
        call.lead = lead_create_claimed(name=str(call.claims.get("name", "")), **contact)
        call.save(update_fields=("lead",))
    ticket = ticket_open(
        key=action.key,
        lead_id=call.lead_id,
        call_id=call.id,
        issue_type=str(order.slots.get("issue_type") or order.slots.get("about") or "other"),
        priority=str(order.slots.get("priority") or "normal"),
        description=str(order.slots.get("words") or ""),
        contact=order.to,
    )
    action.ticket_id, action.label = ticket.id, f"Ticket #{ticket.id}"
    action.save()


def _scoped(call_id: uuid.UUID, key: str) -> str:
    return f"{call_id}:{key}"[:200]
