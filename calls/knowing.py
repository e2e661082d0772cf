"""What the rows say when a turn is decided. Invariant: reads only; nothing about anybody but the verified caller.

Four short queries at most, for it is read while the caller waits: the call (with whether a person is free), its callbacks, the
code that was asked for, the orders of whoever the caller is.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists
from django.utils import timezone

from calls.core.known import CallbackFact, Facts, Known, OrderFact
from calls.core.slots.code import code_read
from calls.engines.base import Request
from calls.models import Call
from escalations.selectors import agents_free
from leads.codes import LENGTH
from leads.models import Lead
from leads.selectors import CodePeek, callbacks_of, code_peek, orders_of

ORDERS: Final = 50


def known_read(*, call_id: uuid.UUID, request: Request) -> Known:
    """The company's time, and what belongs to the caller: orders and callbacks, and what a code would prove."""
    now = timezone.now().astimezone(ZoneInfo(settings.TIME_ZONE))
    call = (
        Call.objects.only("lead_id", "verified").annotate(person_free=Exists(agents_free())).get(id=call_id)
    )
    lead_id = call.lead_id if call.verified else None
    callbacks = tuple(
        CallbackFact(key=str(one.key), due=one.due_at.astimezone(now.tzinfo), phone=one.phone)
        for one in callbacks_of(lead_id=lead_id, call_id=call_id)
        if one.key and one.due_at > now
    )
    peek = CodePeek(state="", lead=None)
    if request.asked == "code" and not call.verified:
        digits = code_read(request.text, LENGTH).value
        if digits:
            peek = code_peek(call_id=call_id, digits=digits, now=now)
    return Known(
        now=now,
        orders=_orders(lead_id, now.tzinfo),
        callbacks=callbacks,
        code=peek.state,
        proven=_facts(peek.lead) if peek.lead else None,
        proven_orders=_orders(peek.lead.id if peek.lead else None, now.tzinfo),
        person_free=bool(call.person_free),
    )


def _orders(lead_id: str | None, zone: dt.tzinfo | None) -> tuple[OrderFact, ...]:
    if lead_id is None:
        return ()
    return tuple(
        OrderFact(
            order_id=order.order_id,
            product=order.product,
            status=order.status,
            due=order.estimated_delivery.astimezone(zone) if order.estimated_delivery else None,
            tracking_id=order.tracking_id,
            placed=order.placed_at.astimezone(zone),
        )
        for order in orders_of(lead_id=lead_id, limit=ORDERS)
    )


def _facts(lead: Lead) -> Facts:
    return Facts(lead_id=lead.id, verified=True, name=lead.name, email=lead.email, phone=lead.phone)
