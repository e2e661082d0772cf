"""What the company's rows say at the moment a turn is decided: facts for the policy, read while an engine thinks.

Invariant: everything here is about the verified caller alone, or about nobody. Reading it changes nothing, so that it may be
read for a guess and thrown away.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

UTC_START: Final = dt.datetime(2000, 1, 1, 9, 0, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Who is calling. ``verified`` comes from a signed token or a code sent to the number on file; all else is a claim."""

    lead_id: str = ""
    verified: bool = False
    name: str = ""
    email: str = ""
    phone: str = ""


NOBODY: Final = Facts()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFact:
    """One order of the verified caller. ``status`` as the company writes it ("Out for Delivery"), times aware."""

    order_id: str
    product: str = ""
    status: str = ""
    due: dt.datetime | None = None
    tracking_id: str = ""
    placed: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackFact:
    """A callback that the verified caller (or this call) has coming. ``key`` names it to ``cancel_callback``; ``ringing``: its
    telephone rings, or is being dialled, so that it can't be taken back."""

    key: str
    due: dt.datetime
    phone: str
    ringing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """``now`` is aware, in the company's zone.

    ``code`` says what the digits of this utterance are worth when a one-time code was asked for: ``right``, ``wrong``,
    ``spent`` (no tries or no time left) or empty when there were none; ``proven`` is who the caller is if they are right.
    ``person_free`` says whether any colleague could take a call now. ``stopped`` are the channels on which the caller has asked
    for no more messages.
    """

    now: dt.datetime = UTC_START
    orders: tuple[OrderFact, ...] = ()
    callbacks: tuple[CallbackFact, ...] = ()
    code: str = ""
    proven: Facts | None = None
    proven_orders: tuple[OrderFact, ...] = ()
    person_free: bool = True
    stopped: tuple[str, ...] = ()


NOTHING_KNOWN: Final = Known()


def known_record(known: Known) -> dict[str, Any]:
    """``known`` as JSON-ready data; :func:`known_replay` is its inverse."""
    return {
        "now": _when(known.now),
        "zone": str(known.now.tzinfo),
        "orders": [_order(order) for order in known.orders],
        "callbacks": [
            {"key": one.key, "due": _when(one.due), "phone": one.phone, "ringing": one.ringing}
            for one in known.callbacks
        ],
        "code": known.code,
        "proven": _facts(known.proven),
        "proven_orders": [_order(order) for order in known.proven_orders],
        "person_free": known.person_free,
        "stopped": list(known.stopped),
    }


def known_replay(data: Mapping[str, Any]) -> Known:
    return Known(
        now=_moment(data["now"]) or UTC_START,
        orders=tuple(_order_again(order) for order in data["orders"]),
        callbacks=tuple(
            CallbackFact(
                key=one["key"],
                due=_moment(one["due"]) or UTC_START,
                phone=one["phone"],
                ringing=one.get("ringing", False),  # recorded before it was known
            )
            for one in data["callbacks"]
        ),
        code=data["code"],
        proven=Facts(**data["proven"]) if data["proven"] else None,
        proven_orders=tuple(_order_again(order) for order in data["proven_orders"]),
        person_free=data["person_free"],
        stopped=tuple(data.get("stopped", ())),
    )


def _facts(facts: Facts | None) -> dict[str, Any] | None:
    if facts is None:
        return None
    return {
        "lead_id": facts.lead_id,
        "verified": facts.verified,
        "name": facts.name,
        "email": facts.email,
        "phone": facts.phone,
    }


def _order(order: OrderFact) -> dict[str, Any]:
    return {
        "order_id": order.order_id,
        "product": order.product,
        "status": order.status,
        "due": _when(order.due),
        "tracking_id": order.tracking_id,
        "placed": _when(order.placed),
    }


def _order_again(data: Mapping[str, Any]) -> OrderFact:
    return OrderFact(**{**data, "due": _moment(data["due"]), "placed": _moment(data["placed"])})


def _when(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
