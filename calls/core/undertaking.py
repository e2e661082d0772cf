"""Undertaking what a caller wishes: everything that is missing becomes a question, everything given an order.

Invariant: nothing leaves the house but to the verified caller's own address, or to one that was read back and then left
standing (the order is held until then); no action happens that the playbook doesn't allow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from calls.core.decision import Decision, DocumentRef, Proposal
from calls.core.effects import Order
from calls.core.known import NOTHING_KNOWN, Known
from calls.core.playbook import Playbook
from calls.core.sentences import split
from calls.core.state import Dialogue, Held, Plan, Wish
from calls.core.titles import in_running_text

SEND_ACTION: Final = MappingProxyType({"email": "send_email", "sms": "send_sms", "whatsapp": "send_whatsapp"})
CHANNEL_NAME: Final = MappingProxyType({"email": "email", "sms": "SMS", "whatsapp": "WhatsApp"})
DESTINATION: Final = MappingProxyType({"email": "email", "sms": "phone", "whatsapp": "WhatsApp"})
RECIPIENT_SLOT: Final = MappingProxyType(
    {"email": "email", "sms": "phone", "whatsapp": "phone", "": "contact"}
)
SENDS_A_CALL: Final = 5
TRIES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """One step of planning: everything a handler may look at."""

    dialogue: Dialogue
    proposal: Proposal
    text: str
    playbook: Playbook
    turn: int
    last_said: str
    known: Known = NOTHING_KNOWN


def undertake(say: Say, wish: Wish, phrase: str = "") -> Plan:
    """Do what is wished if nothing is missing, else ask for what is."""
    if wish.kind not in say.playbook.allowed:
        return offer_person(say)
    if wish.channel and wish.document is None:
        return ask(say, wish, "document", again=False)
    if wish.channel and say.dialogue.sent >= SENDS_A_CALL:
        return plan_say(say, say.playbook.say("too_many"), dialogue=settled(say))
    slot = RECIPIENT_SLOT[wish.channel]
    value, shown = recipient_given(say, slot)
    on_file = _on_file(say, wish.channel)
    if not value and on_file:
        return order_plan(say, wish, to=on_file, shown=on_file, held=False, phrase=phrase)
    if not value:
        return ask(say, wish, slot, again=False)
    trusted = value == on_file or (wish.kind == "create_ticket")
    return order_plan(say, wish, to=value, shown=shown or value, held=not trusted, phrase=phrase)


def order_plan(say: Say, wish: Wish, *, to: str, shown: str, held: bool, phrase: str) -> Plan:
    key = order_key(wish, to)
    earlier = say.dialogue.receipts.get(key)
    document = wish.document
    title = in_running_text(document.title) if document else ""
    channel = CHANNEL_NAME.get(wish.channel, "")
    if wish.channel and earlier in {"queued", "sent", "simulated", "delivered"}:
        words = say.playbook.say("already_sent", document=title, channel=channel)
        return plan_say(say, words, intent=wish.intent, dialogue=replace(settled(say), followup=key))
    if earlier in {"failed", "cancelled"}:
        key = f"{key}|again{say.turn}"
    if wish.channel:
        phrase = phrase or ("sending_to" if held else "sending_on_file")
        label = f"{document.title if document else wish.about} by {channel}"
    else:
        phrase = str(wish.details.get("phrase", "ticket_opened"))
        label = wish.about.replace("_", " ")
    place = DESTINATION.get(wish.channel, "")
    said = say.playbook.say(phrase, document=title, channel=channel, place=place, recipient=shown)
    if say.proposal.answer and wish.channel and say.proposal.is_question:
        said = f"{' '.join(say.proposal.answer)} {said}"
    slots = {**wish.details, "about": wish.about, "recipient": shown}
    order = Order(
        key=key,
        kind=wish.kind,
        label=label,
        to=to,
        channel=wish.channel,
        hold=held,
        document=document,
        slots=MappingProxyType(slots),
    )
    extra: tuple[Order, ...] = ()
    if wish.channel and document is not None and document.kind == "product_catalog":
        extra = (
            Order(key=f"fetch|{document.document_id}", kind="fetch_product_catalog", label=document.title),
        )
    dialogue = replace(
        settled(say),
        document=document or say.dialogue.document,
        followup=key,
        labels=MappingProxyType({**say.dialogue.labels, key: f"{title}\n{channel}"}),
        held=(*say.dialogue.held, Held(key=key, turn=say.turn, wish=wish)) if held else say.dialogue.held,
        sent=say.dialogue.sent + (1 if wish.channel else 0),
    )
    entities: dict[str, Any] = {"resolution_status": "queued"} if not wish.channel else {}
    if wish.channel:
        entities = {"channel": wish.channel, "details_type": document.kind if document else None}
        entities[{"email": "email", "whatsapp": "whatsapp_number"}.get(wish.channel, "phone")] = to
    return replace(
        plan_say(
            say,
            said,
            intent=wish.intent,
            dialogue=dialogue,
            entities=entities,
            actions=(wish.kind, *(order.kind for order in extra)),
            escalate=wish.intent == "human_request",
            used_knowledge=bool(say.proposal.answer and wish.channel and say.proposal.is_question),
        ),
        orders=(order, *extra),
    )


def ask(say: Say, wish: Wish, slot: str, *, again: bool) -> Plan:
    """Ask for a slot; the second failure offers to type it, the third gives up rather than go round."""
    misses = say.dialogue.misses + 1 if again else 0
    if misses >= TRIES:
        words = f"{say.playbook.say('gave_up')} {say.playbook.say('offer_person')}"
        offer = Wish(
            kind="create_ticket",
            intent=wish.intent,
            about=wish.intent,
            details={"issue_type": wish.intent, "priority": "normal", "words": say.text},
        )
        return plan_say(
            say,
            words,
            intent=wish.intent,
            dialogue=replace(say.dialogue, asked="offer", wish=offer, misses=0),
        )
    phrase = f"again_{slot}" if again else ask_phrase(wish, slot)
    words = say.playbook.say(phrase, examples=str(say.proposal.entities.get("examples") or "refund policy"))
    if misses == TRIES - 1:
        words = f"{say.playbook.say('type_it')} {words}"
    on_screen = {"email": "email", "phone": "tel"}.get(slot, "text") if misses == TRIES - 1 else ""
    missing = {"phone": "whatsapp_number" if wish.channel == "whatsapp" else "phone"}.get(slot, slot)
    entities: dict[str, Any] = {missing: None}
    if wish.channel:
        entities |= {"channel": wish.channel, "details_type": wish.document.kind if wish.document else None}
    plan = plan_say(
        say,
        words,
        intent=wish.intent,
        clarify=words,
        missing=(missing,),
        entities=entities,
        dialogue=replace(
            say.dialogue, asked=slot, asked_text=words, wish=wish, misses=misses, document=wish.document
        ),
    )
    return replace(plan, ask=on_screen)


def offer_person(say: Say) -> Plan:
    words = f"{say.playbook.say('no_knowledge')} {say.playbook.say('offer_person')}"
    wish = Wish(
        kind="create_ticket",
        intent=say.proposal.intent,
        about="unanswered_question",
        details={"issue_type": "unanswered_question", "priority": "normal", "words": say.text},
    )
    dialogue = replace(
        say.dialogue, asked="offer", asked_text=words, wish=wish, unanswered=say.text, misses=0
    )
    return plan_say(say, words, dialogue=dialogue, entities={"requires_human": True}, escalate=True)


def followup_say(dialogue: Dialogue, playbook: Playbook) -> tuple[str, Dialogue]:
    """What to add when the caller stays silent after something was undertaken, true to its receipts so far."""
    key = dialogue.followup
    title, _, channel = dialogue.labels.get(key, "").partition("\n")
    status = dialogue.receipts.get(key, "queued")
    if not channel:
        phrase = "followup_ticket"
    elif status in {"failed", "sent", "delivered"}:
        phrase = f"followup_{status}"
    else:
        phrase = "followup_queued"
    asked, wish = ("anything_else", None)
    if phrase == "followup_failed":
        asked = "offer"
        wish = Wish(
            kind="create_ticket",
            intent="human_request",
            about="delivery_failed",
            details={"issue_type": "delivery_failed", "priority": "normal", "words": title},
        )
    words = playbook.say(phrase, document=title, channel=channel)
    again = words if asked == "offer" else playbook.say("anything_else")
    return words, replace(dialogue, followup="", asked=asked, asked_text=again, wish=wish)


# --- small parts -----------------------------------------------------------------------------------------------------------


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
    document: DocumentRef | None = None,
) -> Plan:
    found = {
        name: value
        for name, value in say.proposal.entities.items()
        if name not in entities and name != "examples"
    }
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


def settled(say: Say, asked: str = "") -> Dialogue:
    """The dialogue with nothing open but ``asked``."""
    return replace(say.dialogue, asked=asked, asked_text="", wish=None, misses=0)


def recipient_given(say: Say, slot: str) -> tuple[str, str]:
    """(value, as a person would write it) of the recipient in the caller's words, or two empty strings."""
    for name in ("email", "phone") if slot == "contact" else (slot,):
        value = say.proposal.entities.get(name)
        if value:
            return str(value), str(say.proposal.entities.get(f"{name}_display") or value)
    return "", ""


def _on_file(say: Say, channel: str) -> str:
    """An address that needs no reading back: the verified caller's own. WhatsApp numbers are always asked for."""
    facts = say.dialogue.facts
    if not facts.verified:
        return ""
    return {"email": facts.email, "sms": facts.phone, "": facts.phone or facts.email}.get(channel, "")


def ask_phrase(wish: Wish, slot: str) -> str:
    return "ask_whatsapp" if slot == "phone" and wish.channel == "whatsapp" else f"ask_{slot}"


def order_key(wish: Wish, to: str) -> str:
    what = wish.document.document_id if wish.document else wish.about
    return f"{wish.kind}|{what}|{to}"


def without(given: Mapping[str, str], slot: str) -> Mapping[str, str]:
    return MappingProxyType({name: value for name, value in given.items() if name != slot})
