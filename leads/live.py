"""Invariant: a live call hears of a message only what the committed row says, and a call that is over costs
nothing.

The channel layer carries hints; the row stays the truth, and whoever missed a hint reads the row.
"""

from __future__ import annotations

import structlog
from asgiref.sync import async_to_sync
from channels.exceptions import ChannelFull
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

from leads.models import Channel, Message
from leads.status import Status

log = structlog.get_logger(__name__)

#: The caller is told of these; `sending` and `held` are our own business.
_TOLD = {
    Status.QUEUED: "queued",
    Status.SENT: "sent",
    Status.DELIVERED: "delivered",
    Status.FAILED: "failed",
    Status.UNKNOWN: "failed",
    Status.CANCELLED: "failed",
}


def message_label(message: Message) -> str:
    """What the caller's screen says of a message, such as "E-mail to jane@example.com: Refund Policy"."""
    what = f": {message.subject}" if message.subject else ""
    kept = " (demo: kept in the outbox)" if message.simulated else ""
    return f"{Channel(message.channel).label} to {message.to}{what}{kept}"


def receipt_announce(message: Message) -> None:
    """Tell the live call, once the transaction is in, where its message stands."""
    told = _TOLD.get(Status(message.status))
    if message.call_id is None or told is None:
        return
    group = f"call.{message.call_id}"
    event = {
        "type": "call.receipt",
        "action_key": message.key,
        "kind": f"send_{message.channel}",
        "status": told,
        "label": message_label(message),
        "simulated": message.simulated,
        # Why it failed: what may be offered instead follows from it.
        "failure": message.failure if told == "failed" else "",
    }
    message_id = str(message.id)

    def tell() -> None:
        layer = get_channel_layer()
        if layer is None:
            return
        try:
            async_to_sync(layer.group_send)(group, event)
        except (
            ChannelFull,
            RedisError,
            OSError,
        ) as error:  # the row is committed; whoever missed it re-reads that
            log.warning("receipt_not_announced", message=message_id, error=type(error).__name__)

    transaction.on_commit(tell)
