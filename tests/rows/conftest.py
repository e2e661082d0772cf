"""A call in progress whose exchanges are written as the core would have them written."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.utils import timezone

from calls.core import effects as fx
from calls.core.decision import Decision, Passage
from calls.models import Call
from calls.selectors import call_document
from calls.services import actions_release, actions_revoke, call_finish, exchange_commit, turn_settle
from escalations.models import Agent
from leads.models import Lead, Order, VerificationCode
from leads.services import code_send


def order(kind: str, key: str = "", **more: Any) -> fx.Order:
    """An order as the policy gives it. What is no field of its own is a slot."""
    own = {name: more.pop(name) for name in ("to", "channel", "hold", "document", "label") if name in more}
    return fx.Order(key=key or kind, kind=kind, **{"label": kind, **own}, slots=more)


def text(channel: str, template: str, to: str, key: str = "", hold: bool = False, **context: str) -> fx.Order:
    """A message without a document."""
    return order(
        f"send_{channel}", key=key or f"send_{channel}|{template}", channel=channel, to=to, hold=hold,
        template=template, context=context,
    )  # fmt: skip


@dataclass
class Talking:
    """``exchange`` writes one exchange and returns its receipts."""

    id: uuid.UUID
    turn: int = 0
    last: fx.Commit | None = field(default=None)

    def exchange(
        self,
        said: str,
        *orders: fx.Order,
        intent: str = "small_talk",
        answer: str = "All right.",
        sentiment: float = 0.0,
        passages: tuple[Passage, ...] = (),
        heard: bool = True,
        **decision: Any,
    ) -> list[tuple[str, str, str, str]]:
        self.last = fx.Commit(
            customer_turn=self.turn + 1,
            customer_text=said,
            agent_turn=self.turn + 2,
            agent_text=answer,
            decision=Decision(immediate_response=answer, intent=intent, **decision),
            passages=passages,
            timings={"first_audio_ms": 420.0},
            orders=orders,
            sentiment=sentiment,
        )
        self.turn += 2
        receipts = exchange_commit(call_id=self.id, commit=self.last)
        if heard:
            turn_settle(call_id=self.id, settle=fx.Settle(turn=self.turn, heard=answer, interrupted=False))
        return receipts

    def again(self) -> list[tuple[str, str, str, str]]:
        """The last exchange once more, as after a connection that broke while its answer was on the way."""
        assert self.last is not None
        return exchange_commit(call_id=self.id, commit=self.last)

    def release(self, *keys: str) -> None:
        actions_release(call_id=self.id, keys=keys)

    def revoke(self, *keys: str) -> None:
        actions_revoke(call_id=self.id, keys=keys)

    def finish(self) -> dict[str, Any]:
        call_finish(call_id=self.id, reason="goodbye")
        return self.document()

    def document(self) -> dict[str, Any]:
        return call_document(call_id=self.id)

    @property
    def row(self) -> Call:
        return Call.objects.select_related("lead").get(id=self.id)


@pytest.fixture
def jane(db: None) -> Lead:
    return Lead.objects.create(
        id="user_123",
        name="Jane Doe",
        company="Acme Corp",
        phone="+919876543210",
        email="user@example.com",
        is_demo=True,
    )


@pytest.fixture
def laptop(jane: Lead) -> Order:
    return Order.objects.create(
        order_id="ORD98765",
        lead=jane,
        product="laptop",
        status="Out for Delivery",
        estimated_delivery=timezone.now() + dt.timedelta(hours=3),
        tracking_id="TRK123456",
    )


@pytest.fixture
def begin(db: None) -> Callable[..., Talking]:
    """A new call: of a proven lead, or of somebody who claims what is given."""

    def start(lead: Lead | None = None, **claims: str) -> Talking:
        call = Call.objects.create(lead=lead, verified=lead is not None, claims=claims)
        return Talking(id=call.id)

    return start


@pytest.fixture
def agents(db: None) -> dict[str, Agent]:
    """Those of the demo: John knows technical things, Priya money; Arjun, who takes anything, is away."""
    rows = (
        ("agent_45", "John", "available", "technical,product"),
        ("agent_46", "Priya", "available", "billing,refund,payment"),
        ("agent_47", "Arjun", "away", "sales,general,delivery"),
    )
    return {
        name: Agent.objects.create(id=key, name=name, status=status, expertise=expertise)
        for key, name, status, expertise in rows
    }


def codes_see_to() -> None:
    """What a worker does when the bell for a code rings."""
    for code_id in VerificationCode.objects.filter(settled_at=None).values_list("id", flat=True):
        code_send(code_id=code_id)


def tomorrow(hour: int = 10) -> dt.datetime:
    """An aware moment that is ahead."""
    local = timezone.localtime() + dt.timedelta(days=1)
    return local.replace(hour=hour, minute=0, second=0, microsecond=0)
