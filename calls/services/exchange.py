"""One exchange becomes rows: the turns, the conversation, the lead, and everything promised, together or not at all.

Invariant: written twice, it is written once. Keys are made of the call, the action and its slots, so a repeated commit finds
what is there; work outside (a mail, a text) is only asked for here and done by a worker after the transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from calls.core import effects as fx
from calls.core.decision import Passage
from calls.models import Action, Call, Turn
from calls.services.undertake import is_ringing, key_scoped, lead_own, order_undertake, recipient_learn
from escalations.services import escalation_withdraw
from leads.services import (
    callback_cancel,
    conversation_log,
    failures_told,
    lead_touch,
    message_cancel,
    message_release,
)

Receipts = list[tuple[str, str, str, str]]


@transaction.atomic
def exchange_commit(*, call_id: uuid.UUID, commit: fx.Commit) -> Receipts:
    """Write one exchange; returns ``(key, kind, status, label)`` for each action undertaken in it."""
    call = _call_locked(call_id)
    channel = "voice" if commit.spoken else "text"
    intent = commit.decision.intent if commit.decision else ""
    said = (
        (commit.customer_turn, "customer", commit.customer_text),
        (commit.agent_turn, "agent", commit.agent_text),
    )
    for number, role, text in said:
        if number and _turn_write(call, number, role, text, commit=commit if role == "customer" else None):
            conversation_log(
                message=text,
                role=role,
                lead_id=call.lead_id,
                channel=channel,
                intent=intent,
                call_id=call.id,
                turn=number,
            )
    lead = lead_own(call)
    if commit.customer_turn and lead is not None:
        lead_touch(lead_id=lead.id)
    turn = commit.customer_turn or commit.agent_turn
    noted = [(order, *_order_note(call, order, turn=turn)) for order in commit.orders]
    # A message may speak of the ticket that it is sent with.
    for order, action, new in sorted(noted, key=lambda one: bool(one[0].channel)):
        if new:
            order_undertake(call, order, action)
    if commit.told:
        failures_told(keys=[key_scoped(call, key) for key in commit.told], now=timezone.now())
    receipts = [(order.key, order.kind, action.status, action.label) for order, action, _new in noted]
    return receipts + [late for order, _action, new in noted if new for late in _too_late(call, order)]


@transaction.atomic
def turn_settle(*, call_id: uuid.UUID, settle: fx.Settle) -> None:
    """Note what the caller really heard of an agent turn."""
    Turn.objects.filter(call_id=call_id, number=settle.turn).update(
        heard=settle.heard, interrupted=settle.interrupted
    )


@transaction.atomic
def actions_release(*, call_id: uuid.UUID, keys: Sequence[str]) -> None:
    """The caller let the recipients stand: the held messages may go."""
    call = _call_locked(call_id)
    for action in _actions(call, keys):
        if message_release(key=action.key):
            _status_note(action, "queued")
            recipient_learn(call, action)


@transaction.atomic
def actions_revoke(*, call_id: uuid.UUID, keys: Sequence[str]) -> None:
    """The caller took back what was understood: held messages don't go, nobody is called then, and no person comes."""
    call = _call_locked(call_id)
    lead = lead_own(call)
    for action in _actions(call, keys):
        if action.kind == "schedule_callback":
            lead_id = lead.id if lead else None
            revoked = callback_cancel(key=action.key, lead_id=lead_id, call_id=call.id) is not None
        elif action.kind == "escalate_to_human":
            revoked = escalation_withdraw(key=action.key)
        else:
            revoked = message_cancel(key=action.key)
        if revoked:
            _status_note(action, "cancelled")


def _too_late(call: Call, order: fx.Order) -> Receipts:
    """The callback that ``order`` moves began to ring after that was promised: it can't be taken back, and they are told."""
    before = str(order.slots.get("moves") or "")
    if not before or order.slots.get("ringing") or not is_ringing(call, before):
        return []
    return [(f"cancel_callback|{before}", "cancel_callback", "failed", order.label)]


def _call_locked(call_id: uuid.UUID) -> Call:
    """The call, for as long as the transaction lasts: what is written for it is written one after the other."""
    return Call.objects.select_for_update(of=("self",), no_key=True).select_related("lead").get(id=call_id)


def _actions(call: Call, keys: Sequence[str]) -> list[Action]:
    found = Action.objects.filter(key__in=[key_scoped(call, key) for key in keys]).select_related("message")
    return list(found.order_by("id"))


def _status_note(action: Action, status: str) -> None:
    Action.objects.filter(id=action.id).update(status=status, updated_at=timezone.now())


def _turn_write(call: Call, number: int, role: str, text: str, *, commit: fx.Commit | None) -> bool:
    """Write a turn; False when it stands already."""
    fields: dict[str, Any] = {"role": role, "text": text}
    if commit is not None:
        fields |= {
            "heard": text,
            "decision": commit.decision.as_json() if commit.decision else {},
            "passages": [_passage(passage) for passage in commit.passages],
            "timings": {name: round(ms, 1) for name, ms in commit.timings.items()},
            "sentiment": commit.sentiment,
        }
    return Turn.objects.get_or_create(call=call, number=number, defaults=fields)[1]


def _order_note(call: Call, order: fx.Order, *, turn: int) -> tuple[Action, bool]:
    """The action's row, and whether it is new: only then is there something to do."""
    return Action.objects.get_or_create(
        key=key_scoped(call, order.key),
        defaults={
            "call": call,
            "turn": turn,
            "kind": order.kind,
            "to": order.to,
            "label": order.label,
            "status": "done",
        },
    )


def _passage(passage: Passage) -> dict[str, Any]:
    return {
        "document": passage.document,
        "document_id": passage.document_id,
        "heading": passage.heading,
        "text": passage.text,
        "similarity": round(passage.similarity, 3),
        "clears": passage.clears,
    }
