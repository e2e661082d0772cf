"""A caller before the policy, without engine, clock or sound: what the tests of the flows talk through."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from calls.core.decision import DocumentRef, Proposal
from calls.core.dialogue import plan_answer
from calls.core.effects import Order
from calls.core.hours import Hours
from calls.core.known import Facts, Known, OrderFact
from calls.core.playbook import Playbook
from calls.core.state import Dialogue, Plan
from tests.core.talk import PHRASES, proposal

ZONE = ZoneInfo("Asia/Kolkata")
NOW = dt.datetime(2026, 11, 23, 14, 0, tzinfo=ZONE)  # a Monday
JANE = Facts(lead_id="user_1", verified=True, name="Jane", email="jane@example.com", phone="+919876543210")
LAPTOP = OrderFact(
    order_id="ORD98765",
    product="laptop",
    status="Out for Delivery",
    due=NOW.replace(hour=18),
    tracking_id="TRK1",
    placed=NOW - dt.timedelta(days=5),
)
KEYBOARD = OrderFact(
    order_id="ORD98803", product="Keystone keyboard", status="Processing", due=NOW + dt.timedelta(days=4)
)
HEADPHONES = OrderFact(order_id="ORD98412", product="headphones", status="Delivered")
PLAYBOOK = Playbook(
    company="Acme",
    phrases=PHRASES,
    hours=Hours(zone="Asia/Kolkata"),
    order_prefix="ORD",
    order_pattern=r"ORD\d{5}",
    tracking_url="https://track.example.com/{tracking_id}",
)
CATALOG = DocumentRef(document_id="9", title="Product Catalog", kind="product_catalog")

callback = proposal("callback_request")
complaint = proposal("complaint", sentiment=-0.8, entities={"product": "laptop", "urgency": "high"})
where_is_it = proposal("order_status")
a_person = proposal("human_request")
answer = proposal("small_talk", confidence=0.4)
no = proposal("small_talk", reply="no")
yes = proposal("small_talk", reply="yes")


@dataclass
class Desk:
    """A caller and the policy; ``says`` is one exchange, heard whole."""

    facts: Facts = JANE
    known: Known = field(
        default_factory=lambda: Known(now=NOW, orders=(LAPTOP, KEYBOARD, HEADPHONES), person_free=True)
    )
    playbook: Playbook = PLAYBOOK
    turn: int = 0
    plan: Plan | None = None
    orders: list[Order] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.facts.verified:
            self.known = replace(self.known, orders=())
        self.dialogue = Dialogue(facts=self.facts)

    def says(self, text: str, meant: Proposal = answer) -> Desk:
        last = self.plan.words if self.plan else ""
        self.plan = plan_answer(
            dialogue=self.dialogue,
            proposal=meant,
            text=text,
            playbook=self.playbook,
            turn=self.turn + 1,
            last_said=last,
            known=self.known,
        )
        self.turn += 2
        self.dialogue = self.plan.dialogue
        self.orders += self.plan.orders
        self.released += self.plan.release
        self.revoked += self.plan.revoke
        for one in self.plan.orders:
            receipts = {**self.dialogue.receipts, one.key: "held" if one.hold else "queued"}
            self.dialogue = replace(self.dialogue, receipts=receipts)
        return self

    @property
    def words(self) -> str:
        assert self.plan is not None
        return self.plan.words

    @property
    def asked(self) -> str:
        return self.dialogue.asked

    @property
    def did(self) -> list[str]:
        """The kinds of what this last turn undertook."""
        assert self.plan is not None
        return [one.kind for one in self.plan.orders]

    @property
    def decision(self) -> dict[str, Any]:
        assert self.plan is not None and self.plan.decision is not None
        return self.plan.decision.as_json()

    def order(self, kind: str) -> Order:
        return [one for one in self.orders if one.kind == kind][-1]
