"""What each kind of order does to the rows, within its exchange's transaction.

Invariant: a claim changes nobody's record. A lead's columns are written for a caller who has proven to be that lead, or on the
unverified lead that this very call made up; a recipient that the caller may still correct is not learnt.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from calls.core import effects as fx
from calls.models import Action, Call
from calls.services.handing import handoff_of
from escalations.services import (
    escalation_open,
    lead_reassign,
    ticket_find,
    ticket_open,
    ticket_update,
)
from leads.models import Callback, Lead
from leads.recipients import recipient_normalise
from leads.selectors import callback_of_key
from leads.services import (
    callback_cancel,
    callback_schedule,
    code_ask,
    code_check,
    conversation_claim,
    lead_absorb,
    lead_contact_learn,
    lead_create_claimed,
    lead_forget,
    lead_next_call,
    lead_touch,
    message_queue,
    said_in_call,
    start_note,
    stop_note,
)

log = structlog.get_logger(__name__)

#: A held message whose call died with its process goes out after this; its read-back had been said by then.
HOLD_AT_MOST: Final = dt.timedelta(seconds=60)
#: An order that can't be undertaken fails alone; a database that is gone fails the whole exchange.
_REFUSED: Final = (ValueError, LookupError, TypeError, DataError, IntegrityError)


def order_undertake(call: Call, order: fx.Order, action: Action) -> None:
    """Do what ``order`` asks and note it in ``action``. One that can't be done is noted as failed; the exchange stands."""
    handler = _HANDLERS.get(order.kind, _recorded)
    try:
        with transaction.atomic():
            handler(call, order, action)
            action.save()
    except _REFUSED as error:
        call.refresh_from_db()
        Action.objects.filter(id=action.id).update(status="failed", updated_at=timezone.now())
        action.refresh_from_db()
        log.warning("order_failed", call=str(call.id), kind=order.kind, error=type(error).__name__)


def lead_own(call: Call) -> Lead | None:
    """Whose row this call may write: the proven caller's, or that of the lead that it made up itself."""
    lead = call.lead
    return lead if lead is not None and (call.verified or not lead.verified) else None


def recipient_learn(call: Call, action: Action) -> None:
    """A document's recipient stands: note the way the caller likes to be reached, and a number nobody had yet."""
    message = action.message
    if message is None or message.template != "document" or message.status == "failed":
        return
    lead = _lead_needed(call, message.to)
    if lead is None:
        return
    lead_touch(lead_id=lead.id, preferred_channel=message.channel)
    if message.channel == "whatsapp":
        lead_contact_learn(lead_id=lead.id, contact=message.to)


def key_scoped(call: Call, key: str) -> str:
    """``key`` of an order, made unique among calls."""
    return f"{call.id}:{key}"[:200]


def is_ringing(call: Call, key: str) -> bool:
    """Is this callback of the call's, or of its caller's, being dialled, for the last time?"""
    row = callback_of_key(key=_callback_key(call, key))
    if row is None or row.status != Callback.Status.CALLING or not row.last_try:
        return False
    lead = lead_own(call)
    return row.call_id == call.id or (lead is not None and row.lead_id == lead.id)


# --- one function a kind -------------------------------------------------------------------------------------------------


def _recorded(_call: Call, _order: fx.Order, _action: Action) -> None:
    """A look-up, a document fetched: that it was done is all there is to it."""


def _message(call: Call, order: fx.Order, action: Action) -> None:
    slots = order.slots
    template = str(slots.get("template") or "document")
    context = {str(name): str(value) for name, value in dict(slots.get("context") or {}).items()}
    if template == "ticket_opened" and not context.get("ticket"):
        ticket = ticket_find(call_id=call.id)
        context["ticket"] = str(ticket.id) if ticket else ""
    message = message_queue(
        key=action.key,
        lead_id=call.lead_id,
        call_id=call.id,
        channel=order.channel,
        to=order.to,
        template=template,
        context=context,
        document_ids=[int(order.document.document_id)] if order.document else [],
        not_before=timezone.now() + HOLD_AT_MOST if order.hold else None,
        turn=action.turn,
    )
    action.message, action.status = message, str(message.status)
    if not order.hold:
        recipient_learn(call, action)


#: What the dialogue calls its wishes says nothing to a colleague who is to call, or says it in a code.
_ABOUT: Final = {
    "callback": "",
    "missed_transfer": "They wanted to speak to a colleague, and nobody was free.",
}


def _schedule_callback(call: Call, order: fx.Order, action: Action) -> None:
    lead = _lead_needed(call, order.to)
    about = str(order.slots.get("reason") or "")
    callback = callback_schedule(
        key=action.key,
        lead_id=lead.id if lead else None,
        call_id=call.id,
        phone=order.to,
        due_at=dt.datetime.fromisoformat(str(order.slots["due"])),
        reason=_ABOUT.get(about, about) or str(order.slots.get("words") or ""),
        moves=_callback_key(call, str(order.slots.get("moves") or "")),
    )
    action.callback, action.status = callback, "scheduled"


def _cancel_callback(call: Call, order: fx.Order, action: Action) -> None:
    lead = lead_own(call)
    callback = callback_cancel(
        key=_callback_key(call, str(order.slots.get("callback") or "")),
        lead_id=lead.id if lead else None,
        call_id=call.id,
    )
    # Known to be ringing: all that was promised is that it isn't tried again.
    spared = bool(order.slots.get("ringing")) and is_ringing(call, str(order.slots.get("callback") or ""))
    action.callback, action.status = callback, "done" if callback or spared else "failed"


def _stop_messages(call: Call, order: fx.Order, action: Action) -> None:
    _contact(call, order, action, note=stop_note)


def _allow_messages(call: Call, order: fx.Order, action: Action) -> None:
    _contact(call, order, action, note=start_note)


def _contact(call: Call, order: fx.Order, action: Action, *, note: Callable[..., bool]) -> None:
    """The proven caller's own address, as their row has it; nobody says where an order goes."""
    lead, way = call.lead, str(order.slots["way"])
    if lead is None or not call.verified:
        raise LookupError("nobody has proven whose address it is")
    address = recipient_normalise(
        lead.email if way == "email" else lead.phone, channel=way, region=settings.DEFAULT_PHONE_REGION
    )
    note(
        channel=way,
        address=address,
        source=said_in_call(call.id),
        lead_id=lead.id,
        call_id=call.id,
        turn=action.turn,
    )


def _create_ticket(call: Call, order: fx.Order, action: Action) -> None:
    lead = _lead_needed(call, order.to)
    action.ticket = ticket_open(
        key=action.key,
        lead_id=lead.id if lead else None,
        call_id=call.id,
        issue_type=str(order.slots.get("issue_type") or order.slots.get("about") or "other"),
        priority=str(order.slots.get("priority") or "normal"),
        description=str(order.slots.get("words") or ""),
        contact=order.to,
        order_id=str(order.slots.get("order_id") or ""),
    )
    action.label = f"Ticket #{action.ticket.id}"


def _update_ticket(call: Call, order: fx.Order, action: Action) -> None:
    slots: Mapping[str, Any] = order.slots
    key = str(slots.get("ticket") or "")
    ticket = ticket_find(call_id=call.id, key=key_scoped(call, key) if key else "")
    if ticket is None:
        _create_ticket(call, order, action)
        ticket = action.ticket
    assert ticket is not None
    action.ticket = ticket_update(
        ticket=ticket,
        status=str(slots.get("status") or ""),
        resolution=str(slots.get("resolution") or ""),
        order_id=str(slots.get("order_id") or ""),
        priority=str(slots.get("priority") or ""),
        contact=(contact := str(slots.get("contact") or "")),
        note=str(slots.get("note") or ""),
    )
    action.label = f"Ticket #{ticket.id}"
    lead = lead_own(call)
    if lead is not None:
        if contact:
            lead_contact_learn(lead_id=lead.id, contact=contact)
        lead_touch(lead_id=lead.id, last_issue=str(slots.get("last_issue") or "")[:200] or None)


def _escalate(call: Call, order: fx.Order, action: Action) -> None:
    slots = order.slots
    reason, query = str(slots.get("reason") or ""), str(slots.get("query") or "")
    skill, topic = str(slots.get("skill") or ""), str(slots.get("topic") or "")
    escalation = escalation_open(
        key=action.key,
        call_id=call.id,
        lead_id=call.lead_id,
        reason=reason,
        query=query,
        skill=skill,
        handoff=lambda agent: handoff_of(
            call=call, reason=reason, query=query, topic=topic, skill=skill, agent=agent
        ),
    )
    action.escalation, action.status = escalation, str(escalation.status)
    if escalation.agent is not None:
        action.label = escalation.agent.name


def _send_code(call: Call, order: fx.Order, action: Action) -> None:
    code_ask(
        key=action.key,
        call_id=call.id,
        order_id=str(order.slots.get("order_id") or ""),
        phone=str(order.slots.get("phone") or ""),
        email=str(order.slots.get("email") or ""),
    )
    # Nothing here depends on whether there is such a person, nor says where a code may have gone.
    action.to, action.message = "", None


def _check_code(call: Call, order: fx.Order, action: Action) -> None:
    if call.verified:
        return
    verdict = code_check(call_id=call.id, digits=str(order.slots.get("code") or ""))
    action.to, action.status = "", "done" if verdict.state == "right" else "failed"
    if verdict.lead is not None:
        _caller_proven(call, verdict.lead)


_HANDLERS: Final[Mapping[str, Callable[[Call, fx.Order, Action], None]]] = MappingProxyType(
    {
        "send_email": _message,
        "send_sms": _message,
        "send_whatsapp": _message,
        "schedule_callback": _schedule_callback,
        "cancel_callback": _cancel_callback,
        "create_ticket": _create_ticket,
        "update_ticket": _update_ticket,
        "escalate_to_human": _escalate,
        "stop_messages": _stop_messages,
        "allow_messages": _allow_messages,
        "send_code": _send_code,
        "check_code": _check_code,
    }
)


# --- whose call it is ----------------------------------------------------------------------------------------------------


def _lead_needed(call: Call, contact: str) -> Lead | None:
    """The call's lead; for a caller of whom nothing is on record one is made up, once a call."""
    if call.lead is None:
        given = {"email": contact} if "@" in contact else {"phone": contact}
        claims = {
            name: str(call.claims[name]) for name in ("name", "phone", "email") if call.claims.get(name)
        }
        call.lead = lead_create_claimed(
            **{**claims, **{name: value for name, value in given.items() if value}}
        )
        call.save(update_fields=("lead",))
        conversation_claim(call_id=call.id, lead_id=call.lead.id)
    return lead_own(call)


def _caller_proven(call: Call, lead: Lead) -> None:
    """From here on the caller is ``lead``; what the call had noted for a made-up lead goes over to them."""
    before = call.lead
    call.lead, call.verified = lead, True
    call.save(update_fields=("lead", "verified"))
    conversation_claim(call_id=call.id, lead_id=lead.id)
    if before is not None and not before.verified:
        lead_reassign(call_id=call.id, from_id=before.id, to_id=lead.id)
        lead_absorb(claimed_id=before.id, into_id=lead.id, call_id=call.id)
        lead_next_call(lead_id=lead.id, was=None, now=timezone.now())
        if not Call.objects.filter(lead_id=before.id).exists():
            lead_forget(lead_id=before.id)
    lead_touch(lead_id=lead.id)


def _callback_key(call: Call, key: str) -> str:
    """The key of a callback's row: as the order of this very call had it, or as the rows have it."""
    scoped = key_scoped(call, key)
    return scoped if key and callback_of_key(key=scoped) is not None else key
