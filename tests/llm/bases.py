"""What the offline engine might have found, for tests of what a model adds to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from calls.core.decision import DocumentRef, Passage, Proposal
from calls.engines.base import Request

REFUNDS = Passage(
    document_id="1",
    document="Refund Policy",
    heading="Money back",
    text="We offer a 30-day money-back guarantee. If you are not satisfied with your purchase, contact us within 30 days for a"
    " full refund. Refunds are processed within 5-7 business days. Opened items can be returned as long as they are undamaged.",
    similarity=0.93,
    clears=True,
    kind="policy",
    answer=("We offer a 30-day money-back guarantee.",),
)
POLICY = DocumentRef(document_id="1", title="Refund Policy", kind="policy")
QUESTION = Proposal(
    intent="policy_query",
    confidence=0.93,
    engine="offline",
    answer=REFUNDS.answer,
    passages=(REFUNDS,),
    document=POLICY,
    is_question=True,
    complete=0.9,
)
UNANSWERED = replace(
    QUESTION,
    intent="product_query",
    answer=(),
    passages=(replace(REFUNDS, similarity=0.4, clears=False),),
    document=None,
)
TALK = Proposal(intent="small_talk", confidence=0.5, engine="offline", complete=0.8)


class Offline:
    """An offline engine that finds the same thing every time."""

    name = "offline"

    def __init__(self, base: Proposal = QUESTION) -> None:
        self.base = base
        self.warm = False

    def propose(self, request: Request) -> Proposal:
        return self.base

    def warm_up(self) -> None:
        self.warm = True


def asking(text: str = "What is your refund policy?", **fields: Any) -> Request:
    return Request(text=text, **fields)
