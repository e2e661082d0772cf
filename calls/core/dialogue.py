"""What to say and what to do: a proposal goes in, a plan comes out. Pure; used the same way for every engine.

Invariant: nothing leaves the house but to the verified caller's own address, or to one that was read back and then left
standing; nothing is stated that no passage supports; no action happens that the playbook doesn't allow.

A plan is tentative. It is made on a guess while the caller may still be talking, and takes effect only when the machine
makes its dialogue the call's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from calls.core.decision import CHANNEL_OF, Decision, DocumentRef, Proposal
from calls.core.effects import Order
from calls.core.playbook import Playbook
from calls.core.sentences import split
from calls.core.state import Dialogue, Held, Plan, Wish
from calls.core.titles import in_running_text

SEND_ACTION: Final = MappingProxyType({"email": "send_email", "sms": "send_sms", "whatsapp": "send_whatsapp"})
CHANNEL_NAME: Final = MappingProxyType({"email": "email", "sms": "SMS", "whatsapp": "WhatsApp"})
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


def plan_answer(
    *, dialogue: Dialogue, proposal: Proposal, text: str, playbook: Playbook, turn: int, last_said: str = ""
) -> Plan:
    """The plan for one finished utterance ``text``, understood as ``proposal``, in ``dialogue``."""
    say = Say(
        dialogue=replace(dialogue, followup=""),
        proposal=proposal,
        text=text,
        playbook=playbook,
        turn=turn,
        last_said=last_said,
    )
    for rule in (_repeat, _correction):
        plan = rule(say)
        if plan is not None:
            return plan
    standing = tuple(held.key for held in dialogue.held)
    say = replace(say, dialogue=replace(say.dialogue, held=()))
    plan = _answer_to_question(say) or _INTENTS.get(proposal.intent, _unclear)(say)
    return replace(plan, release=standing + plan.release)


# --- rules that come before any intent -----------------------------------------------------------------------------


def _repeat(say: Say) -> Plan | None:
    if not say.proposal.repeat:
        return None
    words = say.last_said or say.playbook.say("nothing_to_repeat")
    return _plan(
        say, words, intent="small_talk", dialogue=replace(say.dialogue, followup=say.dialogue.followup)
    )


def _correction(say: Say) -> Plan | None:
    """The caller takes back a recipient that was read back: nothing goes there."""
    held = say.dialogue.held
    if not held or say.proposal.intent == "goodbye":
        return None
    wish = held[-1].wish
    slot = RECIPIENT_SLOT[wish.channel]
    value, _shown = _recipient_given(say, slot)
    kept = held[-1].key == _key(wish, value)
    if kept or not (value or say.proposal.correction or say.proposal.reply == "no"):
        return None
    revoked = replace(
        say,
        dialogue=replace(
            say.dialogue,
            held=held[:-1],
            given=_without(say.dialogue.given, slot),
            sent=max(0, say.dialogue.sent - 1),
        ),
    )
    instead = (
        _undertake(revoked, wish, phrase="corrected_to") if value else _ask(revoked, wish, slot, again=True)
    )
    return replace(instead, revoke=(held[-1].key,))


def _answer_to_question(say: Say) -> Plan | None:
    asked = say.dialogue.asked
    return _ASKED[asked](say) if asked in _ASKED else None


def _asked_recipient(say: Say) -> Plan | None:
    wish = say.dialogue.wish
    if wish is None:
        return None
    slot = say.dialogue.asked
    value, _shown = _recipient_given(say, slot)
    if value:
        return _undertake(say, wish)
    if say.proposal.intent in {"goodbye", "human_request"}:
        return None
    if say.proposal.reply == "no":
        return _plan(say, say.playbook.say("wont_send"), dialogue=_settled(say, asked="anything_else"))
    if say.proposal.intent in CHANNEL_OF and CHANNEL_OF[say.proposal.intent] != wish.channel:
        return None  # another channel: a change of mind, not a failed answer
    if say.proposal.is_question and (say.proposal.answer or say.proposal.confidence >= _SURE):
        # A digression: answered, then the open question again.
        aside = _question(say) if say.proposal.answer else _plan(say, say.playbook.say("no_knowledge"))
        again = say.playbook.say(_ask_phrase(wish, slot))
        return _plan(
            say,
            f"{aside.words} {again}",
            dialogue=replace(say.dialogue, asked=slot, wish=wish, document=aside.dialogue.document),
            clarify=again,
            missing=(slot,),
            used_knowledge=bool(say.proposal.answer),
        )
    return _ask(say, wish, slot, again=True)


def _asked_document(say: Say) -> Plan | None:
    wish = say.dialogue.wish
    if wish is None or say.proposal.intent in {"goodbye", "human_request"}:
        return None
    if say.proposal.reply == "no":
        return _plan(say, say.playbook.say("wont_send"), dialogue=_settled(say, asked="anything_else"))
    if say.proposal.document is not None:
        return _undertake(say, replace(wish, document=say.proposal.document))
    return _ask(say, wish, "document", again=True)


def _asked_offer(say: Say) -> Plan | None:
    """A yes/no offer is open. Anything that is neither is a new wish, and the offer lapses."""
    wish = say.dialogue.wish
    if wish is None:
        return None
    if say.proposal.reply == "yes" or say.proposal.intent == "human_request":
        return _undertake(say, wish)
    if say.proposal.reply == "no" and say.proposal.intent != "goodbye" and not say.proposal.is_question:
        return _plan(say, say.playbook.say("offer_declined"), dialogue=_settled(say, asked="anything_else"))
    return None


def _asked_anything_else(say: Say) -> Plan | None:
    busy = say.proposal.intent in CHANNEL_OF or say.proposal.is_question
    if (
        say.proposal.reply == "no"
        and not busy
        and say.proposal.intent in {"goodbye", "small_talk", "out_of_scope"}
    ):
        return _goodbye(say)
    if say.proposal.reply == "yes" and say.proposal.intent in {"small_talk", "out_of_scope"}:
        return _plan(say, say.playbook.say("what_else"), intent="small_talk", dialogue=_settled(say))
    return None


_ASKED: Final[Mapping[str, Callable[[Say], Plan | None]]] = {
    "email": _asked_recipient,
    "phone": _asked_recipient,
    "contact": _asked_recipient,
    "document": _asked_document,
    "offer": _asked_offer,
    "anything_else": _asked_anything_else,
}

# --- intents -----------------------------------------------------------------------------------------------------------

_SURE: Final = 0.5


def _question(say: Say) -> Plan:
    answer = " ".join(say.proposal.answer)
    if not answer:
        return _offer_person(say)
    document = say.proposal.document or _document_of(say.proposal) or say.dialogue.document
    return _plan(
        say,
        answer,
        used_knowledge=True,
        dialogue=replace(_settled(say), document=document, misses=0),
        document=document,
    )


def _send(say: Say) -> Plan:
    channel = CHANNEL_OF[say.proposal.intent]
    document = say.proposal.document or say.dialogue.document
    wish = Wish(kind=SEND_ACTION[channel], intent=say.proposal.intent, channel=channel, document=document)
    return _undertake(say, wish)


def _goodbye(say: Say) -> Plan:
    words = say.playbook.say("goodbye")
    return replace(_plan(say, words, intent="goodbye", dialogue=_settled(say)), ends="goodbye")


def _small_talk(say: Say) -> Plan:
    if say.proposal.thanks:
        words = f"{say.playbook.say('welcome')} {say.playbook.say('anything_else')}"
        return _plan(say, words, dialogue=_settled(say, asked="anything_else"))
    if _is_stop(say.text):
        return _plan(say, say.playbook.say("go_ahead"), dialogue=_settled(say))
    if say.last_said and say.proposal.reply:
        words = f"{say.playbook.say('acknowledged')} {say.playbook.say('anything_else')}"
        return _plan(say, words, dialogue=_settled(say, asked="anything_else"))
    return _plan(say, say.playbook.say("hello"), dialogue=_settled(say))


def _out_of_scope(say: Say) -> Plan:
    return _plan(say, say.playbook.say("out_of_scope"), dialogue=_settled(say))


def _for_a_person(phrase: str, issue: str, priority: str) -> Callable[[Say], Plan]:
    """A wish that a person sees to: it becomes a ticket, with a way to reach the caller."""

    def handler(say: Say) -> Plan:
        about = str(say.proposal.entities.get("issue_type") or issue)
        details = {"issue_type": about, "priority": priority, "phrase": phrase, "words": say.text}
        wish = Wish(kind="create_ticket", intent=say.proposal.intent, about=about, details=details)
        return _undertake(say, wish)

    return handler


def _unclear(say: Say) -> Plan:
    if say.dialogue.misses:
        return _offer_person(say)
    words = say.playbook.say("not_understood")
    return _plan(say, words, clarify=words, dialogue=replace(say.dialogue, misses=say.dialogue.misses + 1))


_INTENTS: Final[Mapping[str, Callable[[Say], Plan]]] = {
    "policy_query": _question,
    "product_query": _question,
    "send_details_email": _send,
    "send_details_sms": _send,
    "send_details_whatsapp": _send,
    "goodbye": _goodbye,
    "small_talk": _small_talk,
    "out_of_scope": _out_of_scope,
    "order_status": _for_a_person("ticket_opened", "order_status", "normal"),
    "callback_request": _for_a_person("ticket_opened", "callback_request", "normal"),
    "complaint": _for_a_person("complaint", "complaint", "high"),
    "human_request": _for_a_person("person_wanted", "human_request", "high"),
}

# --- undertaking ---------------------------------------------------------------------------------------------------------


def _undertake(say: Say, wish: Wish, phrase: str = "") -> Plan:
    """Do what is wished if nothing is missing, else ask for what is."""
    if wish.kind not in say.playbook.allowed:
        return _offer_person(say)
    if wish.channel and wish.document is None:
        return _ask(say, wish, "document", again=False)
    if wish.channel and say.dialogue.sent >= SENDS_A_CALL:
        return _plan(say, say.playbook.say("too_many"), dialogue=_settled(say))
    slot = RECIPIENT_SLOT[wish.channel]
    value, shown = _recipient_given(say, slot)
    on_file = _on_file(say, wish.channel)
    if not value and on_file:
        return _order(say, wish, to=on_file, shown=on_file, held=False, phrase=phrase)
    if not value:
        return _ask(say, wish, slot, again=False)
    trusted = value == on_file or (wish.kind == "create_ticket")
    return _order(say, wish, to=value, shown=shown or value, held=not trusted, phrase=phrase)


def _order(say: Say, wish: Wish, *, to: str, shown: str, held: bool, phrase: str) -> Plan:
    key = _key(wish, to)
    earlier = say.dialogue.receipts.get(key)
    document = wish.document
    title = in_running_text(document.title) if document else ""
    channel = CHANNEL_NAME.get(wish.channel, "")
    if wish.channel and earlier in {"queued", "sent", "delivered"}:
        words = say.playbook.say("already_sent", document=title, channel=channel)
        return _plan(say, words, intent=wish.intent, dialogue=replace(_settled(say), followup=key))
    if earlier in {"failed", "cancelled"}:
        key = f"{key}|again{say.turn}"
    if wish.channel:
        phrase = phrase or ("sending_to" if held else "sending_on_file")
        label = f"{document.title if document else wish.about} by {channel}"
    else:
        phrase = str(wish.details.get("phrase", "ticket_opened"))
        label = wish.about.replace("_", " ")
    said = say.playbook.say(phrase, document=title, channel=channel, recipient=shown)
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
        _settled(say),
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
        _plan(
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


def _ask(say: Say, wish: Wish, slot: str, *, again: bool) -> Plan:
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
        return _plan(
            say,
            words,
            intent=wish.intent,
            dialogue=replace(say.dialogue, asked="offer", wish=offer, misses=0),
        )
    phrase = f"again_{slot}" if again else _ask_phrase(wish, slot)
    words = say.playbook.say(phrase, examples=str(say.proposal.entities.get("examples") or "refund policy"))
    if misses == TRIES - 1:
        words = f"{say.playbook.say('type_it')} {words}"
    on_screen = {"email": "email", "phone": "tel"}.get(slot, "text") if misses == TRIES - 1 else ""
    missing = {"phone": "whatsapp_number" if wish.channel == "whatsapp" else "phone"}.get(slot, slot)
    entities: dict[str, Any] = {missing: None}
    if wish.channel:
        entities |= {"channel": wish.channel, "details_type": wish.document.kind if wish.document else None}
    plan = _plan(
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


def _offer_person(say: Say) -> Plan:
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
    return _plan(say, words, dialogue=dialogue, entities={"requires_human": True}, escalate=True)


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


def _plan(
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


def _settled(say: Say, asked: str = "") -> Dialogue:
    """The dialogue with nothing open but ``asked``."""
    return replace(say.dialogue, asked=asked, asked_text="", wish=None, misses=0)


def _recipient_given(say: Say, slot: str) -> tuple[str, str]:
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


def _ask_phrase(wish: Wish, slot: str) -> str:
    return "ask_whatsapp" if slot == "phone" and wish.channel == "whatsapp" else f"ask_{slot}"


def _key(wish: Wish, to: str) -> str:
    what = wish.document.document_id if wish.document else wish.about
    return f"{wish.kind}|{what}|{to}"


def _without(given: Mapping[str, str], slot: str) -> Mapping[str, str]:
    return MappingProxyType({name: value for name, value in given.items() if name != slot})


def _document_of(proposal: Proposal) -> DocumentRef | None:
    for passage in proposal.passages:
        if passage.clears:
            return DocumentRef(document_id=passage.document_id, title=passage.document, kind=passage.kind)
    return None


def _is_stop(text: str) -> bool:
    words = "".join(letter if letter.isalpha() else " " for letter in text.lower()).split()
    return bool(words) and set(words) <= {
        "stop",
        "wait",
        "hold",
        "on",
        "one",
        "moment",
        "please",
        "a",
        "second",
    }
