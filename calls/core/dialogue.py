"""What to say and what to do: a proposal goes in, a plan comes out. Pure; used the same way for every engine.

Invariant: nothing is stated that no passage supports, and nothing is done that the caller didn't ask for; how it is done safely
is :mod:`calls.core.undertaking`'s.

A plan is tentative. It is made on a guess while the caller may still be talking, and takes effect only when the machine
makes its dialogue the call's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from calls.core.decision import CHANNEL_OF, DocumentRef, Proposal
from calls.core.known import NOTHING_KNOWN, Known
from calls.core.playbook import Playbook
from calls.core.state import Dialogue, Plan, Wish
from calls.core.undertaking import (
    RECIPIENT_SLOT,
    SEND_ACTION,
    Say,
    ask,
    ask_phrase,
    offer_person,
    order_key,
    plan_say,
    recipient_given,
    settled,
    undertake,
    without,
)


def plan_answer(
    *,
    dialogue: Dialogue,
    proposal: Proposal,
    text: str,
    playbook: Playbook,
    turn: int,
    last_said: str = "",
    known: Known = NOTHING_KNOWN,
) -> Plan:
    """The plan for one finished utterance ``text``, understood as ``proposal``, in ``dialogue``."""
    say = Say(
        dialogue=replace(dialogue, followup=""),
        proposal=proposal,
        text=text,
        playbook=playbook,
        turn=turn,
        last_said=last_said,
        known=known,
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
    # A read-back that is asked for again is not agreed to yet.
    held = tuple(replace(one, release_at=None) for one in say.dialogue.held)
    return plan_say(say, words, intent="small_talk", dialogue=replace(say.dialogue, held=held))


def _correction(say: Say) -> Plan | None:
    """The caller takes back a recipient that was read back: nothing goes there."""
    held = say.dialogue.held
    if not held or say.proposal.intent == "goodbye":
        return None
    wish = held[-1].wish
    slot = RECIPIENT_SLOT[wish.channel]
    value, _shown = recipient_given(say, slot)
    kept = held[-1].key == order_key(wish, value)
    if kept or not (value or say.proposal.correction or say.proposal.reply == "no"):
        return None
    revoked = replace(
        say,
        dialogue=replace(
            say.dialogue,
            held=held[:-1],
            given=without(say.dialogue.given, slot),
            sent=max(0, say.dialogue.sent - 1),
        ),
    )
    instead = (
        undertake(revoked, wish, phrase="corrected_to") if value else ask(revoked, wish, slot, again=True)
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
    value, _shown = recipient_given(say, slot)
    if value:
        return undertake(say, wish)
    if say.proposal.intent in {"goodbye", "human_request"}:
        return None
    if say.proposal.reply == "no":
        return plan_say(say, say.playbook.say("wont_send"), dialogue=settled(say, asked="anything_else"))
    if say.proposal.intent in CHANNEL_OF and CHANNEL_OF[say.proposal.intent] != wish.channel:
        return None  # another channel: a change of mind, not a failed answer
    if say.proposal.is_question and (say.proposal.answer or say.proposal.confidence >= _SURE):
        # A digression: answered, then the open question again.
        aside = _question(say) if say.proposal.answer else plan_say(say, say.playbook.say("no_knowledge"))
        again = say.playbook.say(ask_phrase(wish, slot))
        return plan_say(
            say,
            f"{aside.words} {again}",
            dialogue=replace(say.dialogue, asked=slot, wish=wish, document=aside.dialogue.document),
            clarify=again,
            missing=(slot,),
            used_knowledge=bool(say.proposal.answer),
        )
    return ask(say, wish, slot, again=True)


def _asked_document(say: Say) -> Plan | None:
    wish = say.dialogue.wish
    if wish is None or say.proposal.intent in {"goodbye", "human_request"}:
        return None
    if say.proposal.reply == "no":
        return plan_say(say, say.playbook.say("wont_send"), dialogue=settled(say, asked="anything_else"))
    if say.proposal.document is not None:
        return undertake(say, replace(wish, document=say.proposal.document))
    return ask(say, wish, "document", again=True)


def _asked_offer(say: Say) -> Plan | None:
    """A yes/no offer is open. Anything that is neither is a new wish, and the offer lapses."""
    wish = say.dialogue.wish
    if wish is None:
        return None
    if say.proposal.reply == "yes" or say.proposal.intent == "human_request":
        return undertake(say, wish)
    if say.proposal.reply == "no" and say.proposal.intent != "goodbye" and not say.proposal.is_question:
        return plan_say(say, say.playbook.say("offer_declined"), dialogue=settled(say, asked="anything_else"))
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
        return plan_say(say, say.playbook.say("what_else"), intent="small_talk", dialogue=settled(say))
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
        return offer_person(say)
    document = say.proposal.document or _document_of(say.proposal) or say.dialogue.document
    return plan_say(
        say,
        answer,
        used_knowledge=True,
        dialogue=replace(settled(say), document=document, misses=0),
        document=document,
    )


def _send(say: Say) -> Plan:
    channel = CHANNEL_OF[say.proposal.intent]
    document = say.proposal.document or say.dialogue.document
    wish = Wish(kind=SEND_ACTION[channel], intent=say.proposal.intent, channel=channel, document=document)
    return undertake(say, wish)


def _goodbye(say: Say) -> Plan:
    words = say.playbook.say("goodbye")
    return replace(plan_say(say, words, intent="goodbye", dialogue=settled(say)), ends="goodbye")


def _small_talk(say: Say) -> Plan:
    if say.proposal.thanks:
        words = f"{say.playbook.say('welcome')} {say.playbook.say('anything_else')}"
        return plan_say(say, words, dialogue=settled(say, asked="anything_else"))
    if _is_stop(say.text):
        return plan_say(say, say.playbook.say("go_ahead"), dialogue=settled(say))
    if say.last_said and say.proposal.reply:
        words = f"{say.playbook.say('acknowledged')} {say.playbook.say('anything_else')}"
        return plan_say(say, words, dialogue=settled(say, asked="anything_else"))
    return plan_say(say, say.playbook.say("hello"), dialogue=settled(say))


def _out_of_scope(say: Say) -> Plan:
    return plan_say(say, say.playbook.say("out_of_scope"), dialogue=settled(say))


def _for_a_person(phrase: str, issue: str, priority: str) -> Callable[[Say], Plan]:
    """A wish that a person sees to: it becomes a ticket, with a way to reach the caller."""

    def handler(say: Say) -> Plan:
        about = str(say.proposal.entities.get("issue_type") or issue)
        details = {"issue_type": about, "priority": priority, "phrase": phrase, "words": say.text}
        wish = Wish(kind="create_ticket", intent=say.proposal.intent, about=about, details=details)
        return undertake(say, wish)

    return handler


def _unclear(say: Say) -> Plan:
    if say.dialogue.misses:
        return offer_person(say)
    words = say.playbook.say("not_understood")
    return plan_say(say, words, clarify=words, dialogue=replace(say.dialogue, misses=say.dialogue.misses + 1))


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
