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
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.utils import timezone

from calls.core.known import CallbackFact, Facts, Known, OrderFact
from calls.core.slots.code import code_read
from calls.engines.base import Request
from calls.models import Call
from escalations.selectors import agents_free
from leads.codes import LENGTH
from leads.models import Callback, Lead
from leads.selectors import CodePeek, callbacks_of, code_peek, orders_of, stops_of

ORDERS: Final = 50
#: Whom we are later for than this is not rung (:mod:`leads.services.dialling`).
TOO_LATE: Final = dt.timedelta(hours=24)


def known_read(*, call_id: uuid.UUID, request: Request) -> Known:
    """The company's time, and what belongs to the caller: orders and callbacks, and what a code would prove."""
    now = timezone.now().astimezone(ZoneInfo(settings.TIME_ZONE))
    call = (
        Call.objects.only("lead_id", "verified")
        .annotate(
            person_free=Exists(agents_free()),
            stopped=ArraySubquery(
                stops_of(phone=OuterRef("lead__phone"), email=OuterRef("lead__email")).values("channel")
            ),
        )
        .get(id=call_id)
    )
    lead_id = call.lead_id if call.verified else None
    callbacks = tuple(
        CallbackFact(
            key=str(one.key),
            due=(one.next_attempt_at or one.due_at).astimezone(now.tzinfo),
            phone=one.phone,
            ringing=one.status == Callback.Status.CALLING,
        )
        for one in callbacks_of(lead_id=lead_id, call_id=call_id)
        # What is due and not dialled yet, or rang in vain, is still to be taken back.
        if one.key and (one.next_attempt_at or one.due_at) > now - TOO_LATE
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
        stopped=tuple(sorted(call.stopped)) if lead_id else (),
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
