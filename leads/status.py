"""Invariant: what is known of a message only grows. No order, repetition or lateness of news takes it back.

Pure: no Django, no clock. `status_advance` is the only place that says which news wins.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """What we know of one message. The values are what the database and the caller's widget see."""

    HELD = "held"  # waits for the caller not to correct the recipient that was read back
    QUEUED = "queued"
    SENDING = "sending"  # claimed by one worker; the provider may or may not have it already
    UNKNOWN = "unknown"  # the provider's answer was lost and it cannot tell us: never sent again by itself
    SENT = "sent"  # the provider took it
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class News(StrEnum):
    """What a provider can tell us of a message. `BOUNCED` is a failure that may follow a delivery (mail
    servers accept first and refuse later); `FAILED` is one that excludes a delivery, so after one it is a
    stale repeat. `NOTED` changes nothing (opened, clicked, deferred) and is kept for the record."""

    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    BOUNCED = "bounced"
    NOTED = "noted"


class Failure(StrEnum):
    """Why a message failed, for programs: what can be offered instead follows from it. The row's `error` says it in
    words."""

    WINDOW_CLOSED = "window_closed"  # WhatsApp lets nobody be written to first without an approved template
    INVALID_NUMBER = "invalid_number"
    INVALID_ADDRESS = "invalid_address"
    BLOCKED = "blocked"  # the carrier, the mailbox or a spam filter refuses us
    BOUNCED = "bounced"
    OPTED_OUT = "opted_out"
    UNREACHABLE = "unreachable"  # the handset was off, or no route leads there
    NO_DOCUMENT = "no_document"
    TOO_LONG = "too_long"
    NOT_CONFIGURED = "not_configured"
    REFUSED = "refused"  # the provider said no for another reason
    EXPIRED = "expired"  # tried until it was too late
    OVER_LIMIT = "over_limit"  # as much as may be: in this call, to this recipient, today, for the money
    NOT_ALLOWED = "not_allowed"  # a country or a kind of number that nothing is sent to


#: Nothing more happens to these by our own doing.
FINAL: Final = frozenset({Status.DELIVERED, Status.FAILED, Status.CANCELLED})

#: Before a worker has claimed the message nothing can have left the house.
UNCLAIMED: Final = frozenset({Status.HELD, Status.QUEUED})

_RANK: Final = {
    Status.HELD: 0,
    Status.QUEUED: 1,
    Status.SENDING: 2,
    Status.UNKNOWN: 3,
    Status.SENT: 4,
    Status.DELIVERED: 5,
    Status.FAILED: 5,
    Status.CANCELLED: 5,
}


def status_rank(status: Status) -> int:
    """How far along a status is; equal ranks exclude each other."""
    return _RANK[status]


def status_advance(current: Status, incoming: News) -> Status:
    """The status after a provider's news. Never moves to a lower rank; the same news twice changes nothing.

    A cancelled message that a provider nevertheless reports on did leave the house, and then that is the
    truth; `message_cancel` only touches unclaimed rows, so this cannot happen through our own code.
    """
    if incoming is News.NOTED:
        return current
    if incoming is News.BOUNCED:
        return Status.FAILED
    target = Status(incoming.value)
    if current is Status.CANCELLED:
        return target
    return target if _RANK[target] > _RANK[current] else current
