"""One step of planning and the plans it makes. Invariant: a plan is words, deeds and the dialogue that comes
after, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from calls.core.decision import Decision, DocumentRef, Proposal
from calls.core.effects import Order
from calls.core.known import NOTHING_KNOWN, Known
from calls.core.playbook import Playbook
from calls.core.sentences import split
from calls.core.slots import Reading, email_read, phone_read
from calls.core.slots.reading import NOTHING
from calls.core.state import Dialogue, Plan

#: What can be open after a plan that has come to its end.
NOTHING_OPEN = frozenset({"", "anything_else"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """One step of planning: everything a handler may look at.

    ``text`` is the caller's words, whoever proposes what they mean.
    """

    dialogue: Dialogue
    proposal: Proposal
    text: str
    playbook: Playbook
    turn: int
    last_said: str
    known: Known = NOTHING_KNOWN

    @property
    def words(self) -> str:
        """The part of the caller's words that this wish was read from."""
        part = self.proposal.words
        return part if part and part in self.text else self.text

    @property
    def verified(self) -> bool:
        return self.dialogue.facts.verified

    def stopped(self, channel: str) -> bool:
        """Has the caller asked for no more messages by ``channel``, to their own address?"""
        return self.dialogue.stops.get(channel, channel in self.known.stopped)

    def phrase(self, name: str, **variables: str) -> str:
        return self.playbook.say(name, **variables)

    def phone(self, *, asked: bool = False) -> Reading:
        """The telephone number in the caller's own words. An address in them is no number."""
        if email_read(self.words, asked=self.dialogue.asked == "email"):
            return NOTHING
        return phone_read(self.words, region=self.playbook.region, asked=asked)

    def email(self, *, asked: bool = False) -> Reading:
        return email_read(self.words, asked=asked)


def plan_say(
    say: Say,
    words: str,
    *,
    dialogue: Dialogue | None = None,
    intent: str = "",
    entities: Mapping[str, Any] = MappingProxyType({}),
    missing: tuple[str, ...] = (),
    clarify: str = "",
    actions: tuple[str, ...] = (),
    used_knowledge: bool = False,
    escalate: bool = False,
) -> Plan:
    """The plan that says ``words``. Entities of the proposal are kept where nothing better is known."""
    found = {name: value for name, value in say.proposal.entities.items() if name not in _PRIVATE}
    decision = Decision(
        immediate_response=words,
        intent=intent or say.proposal.intent,
        entities=MappingProxyType({**found, **entities, "missing_info": missing}),
        needs_clarification=bool(clarify),
        clarification_question=clarify,
        actions=actions,
        used_knowledge=used_knowledge,
        escalate_to_human=escalate,
        engine=say.proposal.engine,
        confidence=say.proposal.confidence,
    )
    return Plan(dialogue=dialogue or say.dialogue, decision=decision, sentences=split(words))


_PRIVATE = frozenset(
    {
        "examples",
        "topic",
        "change",
        "phone_display",
        "phone_confidence",
        "email_display",
        "email_confidence",
        "partial",
    }
)


def settled(say: Say, asked: str = "") -> Dialogue:
    """The dialogue with nothing open but ``asked``."""
    return replace(say.dialogue, asked=asked, asked_text="", wish=None, misses=0, asides=0)


def joined(first: Plan, second: Plan, *, intent: str = "") -> Plan:
    """Both plans as one turn: the words and deeds of both, in order, and the dialogue of the second."""
    assert first.decision is not None and second.decision is not None
    one, two = first.decision, second.decision
    sentences = first.sentences + second.sentences
    decision = replace(
        two,
        immediate_response=" ".join(sentences),
        intent=intent or one.intent,
        entities=MappingProxyType({**one.entities, **two.entities}),
        actions=tuple(dict.fromkeys(one.actions + two.actions)),
        used_knowledge=one.used_knowledge or two.used_knowledge,
        escalate_to_human=one.escalate_to_human or two.escalate_to_human,
        confidence=one.confidence,
    )
    return replace(
        second,
        decision=decision,
        sentences=sentences,
        orders=first.orders + second.orders,
        release=first.release + second.release,
        revoke=first.revoke + second.revoke,
        ends=second.ends or first.ends,
        ask=second.ask or first.ask,
    )


def prefixed(plan: Plan, words: str) -> Plan:
    """``plan`` with ``words`` said before it."""
    assert plan.decision is not None
    response = f"{words} {plan.decision.immediate_response}"
    return replace(
        plan,
        sentences=(*split(words), *plan.sentences),
        decision=replace(plan.decision, immediate_response=response),
    )


def ordered(plan: Plan, *orders: Order) -> Plan:
    """``plan`` with more to undertake."""
    return replace(plan, orders=plan.orders + orders)


def order(
    key: str,
    kind: str,
    label: str,
    *,
    to: str = "",
    channel: str = "",
    hold: bool = False,
    document: DocumentRef | None = None,
    **slots: Any,
) -> Order:
    """An order with its slots frozen."""
    return Order(
        key=key,
        kind=kind,
        label=label,
        to=to,
        channel=channel,
        hold=hold,
        document=document,
        slots=MappingProxyType({name: value for name, value in slots.items() if value not in ("", None)}),
    )


def key_fresh(dialogue: Dialogue, key: str, turn: int) -> str:
    """``key``, or another one when it was undertaken in this call already: what was changed may be changed back."""
    return f"{key}|again{turn}" if key in dialogue.receipts else key


def key_free(dialogue: Dialogue, key: str, turn: int) -> str:
    """``key``, or another one when what it named failed or was taken back, so that it may be tried once more."""
    return f"{key}|again{turn}" if dialogue.receipts.get(key) in {"failed", "cancelled"} else key
