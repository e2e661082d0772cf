"""What the rows say when a turn is decided. Invariant: reads only; nothing about anybody but the verified caller."""

from __future__ import annotations

import uuid
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from calls.core.known import Known, OrderFact
from calls.engines.base import Request
from calls.models import Call
from leads.selectors import orders_of


def known_read(*, call_id: uuid.UUID, request: Request) -> Known:
    """The company's time, and the verified caller's orders."""
    now = timezone.now().astimezone(ZoneInfo(settings.TIME_ZONE))
    call = Call.objects.only("lead_id", "verified").get(id=call_id)
    if not call.verified or call.lead_id is None:
        return Known(now=now)
    orders = tuple(
        OrderFact(
            order_id=order.order_id,
            product=order.product,
            status=order.status,
            due=order.estimated_delivery.astimezone(now.tzinfo) if order.estimated_delivery else None,
            tracking_id=order.tracking_id,
            placed=order.placed_at.astimezone(now.tzinfo),
        )
        for order in orders_of(lead_id=call.lead_id, limit=50)
    )
    return Known(now=now, orders=orders)
