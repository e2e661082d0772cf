"""What to say and what to do: a proposal goes in, a plan comes out. Pure; used the same way for every engine.

Invariant: nothing is stated that no passage or row supports, and nothing is done that the caller didn't ask for; how it is done
safely is :mod:`calls.core.flows`'.

A plan is tentative. It is made on a guess while the caller may still be talking, and takes effect only when the machine
makes its dialogue the call's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from calls.core.answers import answer_taken, goodbye
from calls.core.beforehand import done, dropped, foreign, instead, reassured, repeat
from calls.core.contacting import contact_changed
from calls.core.decision import CHANNEL_OF, DocumentRef, Proposal
from calls.core.flows import callback_changes, callbacks, orders, people, sending
from calls.core.flows.failing import failure_say, failure_untold
from calls.core.flows.hints import CALL_ME, DROPS, OPENING
from calls.core.flows.order_facts import asks_about_order
from calls.core.flows.saying import NOTHING_OPEN, Say, joined, plan_say, prefixed, settled
from calls.core.known import NOTHING_KNOWN, Known
from calls.core.playbook import Playbook
from calls.core.sentences import split
from calls.core.state import Dialogue, Plan, Wish
from calls.core.undertaking import carry_on, wish_of

_SURE: Final = 0.5
_BESIDE: Final = re.compile(r"\b(?:and|also|plus|then|as well)\b|[,;]", re.IGNORECASE)
_OWN_CALL: Final = re.compile(
    r"\bi(?:'ll| will| can| could| shall| may| might| tried to)? call", re.IGNORECASE
)
_GREETED: Final = 2  # turns: the greeting, and what the caller says to it
_ANGRY: Final = -0.5
_CROSS: Final = -0.38
_STILL_ANGRY: Final = -0.25
_OFFER_WHEN_LOST: Final = 2
_LOST_AT_MOST: Final = 4


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
    # Who was angry once is still angry when they are no more than unhappy.
    angry = proposal.sentiment <= (_STILL_ANGRY if dialogue.anger else _CROSS)
    say = Say(
        dialogue=replace(dialogue, followup="", anger=dialogue.anger + (1 if angry else 0)),
        proposal=proposal,
        text=text,
        playbook=playbook,
        turn=turn,
        last_said=last_said,
        known=known,
    )
    for rule in (repeat, foreign, contact_changed, reassured, sending.correct, callback_changes.correct):
        plan = rule(say)
        if plan is not None:
            return plan
    if proposal.cancel and say.dialogue.asked != "code":
        return instead(say)
    for hint in (dropped, done):
        plan = hint(say)
        if plan is not None:
            return _told_too(say, plan)
    standing = tuple(held.key for held in say.dialogue.held)
    say = replace(say, dialogue=replace(say.dialogue, held=()))
    plan = answer_taken(say) or _wished(say)
    plan = _count_lost(say, plan)
    return _told_too(say, _soothe(say, replace(plan, release=standing + plan.release), angry=angry))


# --- intents -----------------------------------------------------------------------------------------------------------


def _wished(say: Say) -> Plan:
    """What the words wish, and what they wish beside it: questions are answered first."""
    also = say.proposal.also or _call_beside(say)
    if also is None:
        return _INTENTS.get(say.proposal.intent, _unclear)(say)
    parts = [replace(say, proposal=replace(say.proposal, also=None)), replace(say, proposal=also)]
    parts.sort(key=lambda part: wish_of(part) is not None)
    first, second = parts
    if wish_of(first) is None:
        told = _INTENTS.get(first.proposal.intent, _unclear)(first)
        if told.dialogue.asked == "offer":
            # Two offers at once confuse: the wish goes first, and what the documents don't answer is said beside it.
            told = plan_say(first, say.phrase("no_knowledge"), dialogue=settled(first))
        after = replace(told.dialogue, asked="", asked_text="", wish=None, held=())
        return joined(told, _INTENTS.get(second.proposal.intent, _unclear)(replace(second, dialogue=after)))
    one, two = wish_of(first), wish_of(second)
    assert one is not None and two is not None
    plan = carry_on(replace(first, dialogue=replace(settled(first), later=())), one)
    if plan.dialogue.asked in NOTHING_OPEN:
        return joined(plan, carry_on(replace(second, dialogue=replace(plan.dialogue, asked="")), two))
    other = carry_on(replace(second, dialogue=replace(settled(second), later=())), two)
    if other.dialogue.asked in NOTHING_OPEN:
        # Nothing is missing for the second: it is done first, so that the question comes last.
        return joined(other, carry_on(replace(first, dialogue=replace(other.dialogue, asked="")), one))
    # What the second wish needs is in these words, not in the ones that will answer the question.
    filled = _filled(replace(second, dialogue=settled(second)), two)
    return replace(plan, dialogue=replace(plan.dialogue, later=(*plan.dialogue.later, filled)))


def _filled(say: Say, wish: Wish) -> Wish:
    """``wish`` with whatever these words already give it."""
    if wish.kind == "schedule_callback":
        return callbacks.filled(say, wish)
    if wish.kind in {"lookup_order", "create_ticket"}:
        found = orders.order_given(say)
        return replace(wish, order_id=found.value) if found else wish
    return wish


def _call_beside(say: Say) -> Proposal | None:
    """A wish to be called beside one to be sent something, where the engine heard only one of them."""
    if (
        say.proposal.intent not in CHANNEL_OF
        or not CALL_ME.search(say.words)
        or not _BESIDE.search(say.words)
    ):
        return None
    if DROPS.search(say.words) or _OWN_CALL.search(say.words):
        return None
    return Proposal(intent="callback_request", confidence=_SURE, engine=say.proposal.engine)


def _do(say: Say) -> Plan:
    wish = wish_of(say)
    assert wish is not None
    # What is undertaken now closes whatever was open; a wish that waits behind it goes on waiting.
    return carry_on(replace(say, dialogue=settled(say)), wish)


def _person(say: Say) -> Plan:
    """Put through at once where it is plain that a person is wanted; asked about where it only sounds like it."""
    if say.proposal.confidence < _SURE and not CALL_ME.search(say.words):
        return people.offer(say, reason="The caller asked for a person", intent="human_request")
    return _do(say)


def _question(say: Say) -> Plan:
    if say.dialogue.order is not None and asks_about_order(say) and not say.proposal.answer:
        return orders.reassure(say, say.dialogue.order)
    answer = " ".join(say.proposal.answer)
    if not answer and OPENING.search(say.words):
        return callbacks.tell_hours(say)
    if not answer:
        return people.offer_unanswered(say)
    document = say.proposal.document or _document_of(say.proposal) or say.dialogue.document
    dialogue = replace(settled(say), document=document)
    return plan_say(say, answer, used_knowledge=True, dialogue=dialogue)


def _order_named(say: Say) -> Plan | None:
    """An order's number without a word of what for: it belongs to the complaint that is open, else its status is wished."""
    if not orders.order_given(say):
        return None
    issue = say.dialogue.issue
    if issue is not None and not issue.solved:
        return carry_on(say, Wish(kind="create_ticket", intent="complaint", about=issue.kind))
    return carry_on(replace(say, dialogue=settled(say)), orders.order_wish(say))


def _small_talk(say: Say) -> Plan:
    named = _order_named(say)
    if named is not None:
        return named
    if say.proposal.thanks:
        words = f"{say.phrase('welcome')} {say.phrase('anything_else')}"
        return plan_say(say, words, dialogue=settled(say, asked="anything_else"))
    if say.dialogue.escalation:
        return plan_say(say, say.phrase("still_waiting"), dialogue=settled(say))
    if say.proposal.sentiment <= _ANGRY:
        words = f"{say.phrase('calm_down')} {say.phrase('what_to_do')}"
        return plan_say(say, words, dialogue=settled(say))
    if _is_stop(say.text):
        return plan_say(say, say.phrase("go_ahead"), dialogue=settled(say))
    if say.last_said and say.proposal.reply:
        words = f"{say.phrase('acknowledged')} {say.phrase('anything_else')}"
        return plan_say(say, words, dialogue=settled(say, asked="anything_else"))
    if say.proposal.confidence < _SURE:
        return _unclear(say)
    begun = say.turn > _GREETED
    return plan_say(say, say.phrase("still_here" if begun else "hello"), dialogue=settled(say))


def _out_of_scope(say: Say) -> Plan:
    named = _order_named(say)
    if named is not None:
        return named
    return plan_say(say, say.phrase("out_of_scope"), dialogue=settled(say))


def _unclear(say: Say) -> Plan:
    """Not understood, in other words each time: asked again, a person offered, what can be had here, and at last a goodbye."""
    lost = say.dialogue.lost + 1
    if lost >= _LOST_AT_MOST:
        return replace(plan_say(say, say.phrase("lost_goodbye"), dialogue=settled(say)), ends="idle")
    if lost == _OFFER_WHEN_LOST:
        reason = "The caller could not be understood"
        plan = people.offer(say, prefix=say.phrase("still_unclear"), reason=reason)
    else:
        words = say.phrase("not_understood" if lost == 1 else "what_i_can")
        plan = plan_say(say, words, clarify=words, dialogue=settled(say))
    return replace(plan, dialogue=replace(plan.dialogue, lost=lost))


_INTENTS: Final[Mapping[str, Callable[[Say], Plan]]] = MappingProxyType(
    {
        "policy_query": _question,
        "product_query": _question,
        "send_details_email": _do,
        "send_details_sms": _do,
        "send_details_whatsapp": _do,
        "order_status": _do,
        "callback_request": _do,
        "complaint": _do,
        "human_request": _person,
        "goodbye": goodbye,
        "small_talk": _small_talk,
        "out_of_scope": _out_of_scope,
    }
)

# --- after any intent ------------------------------------------------------------------------------------------------


def _count_lost(say: Say, plan: Plan) -> Plan:
    """An utterance that made sense starts the count of those that didn't again."""
    if plan.dialogue.lost > say.dialogue.lost:
        return plan
    return replace(plan, dialogue=replace(plan.dialogue, lost=0))


def _soothe(say: Say, plan: Plan, *, angry: bool) -> Plan:
    """Anger shortens the way to a person: offered once, when nothing else is open or the same thing would be asked again."""
    dialogue = plan.dialogue
    enough = dialogue.anger >= say.playbook.escalation.angry_turns
    if not (angry and enough) or dialogue.soothed or dialogue.escalation or plan.ends:
        return plan
    calm = replace(say, dialogue=replace(dialogue, soothed=True))
    extra = people.offer(
        calm,
        phrase="offer_now",
        reason="The caller is upset",
        intent="complaint",
        escalate=False,
        entities={},
    )
    if dialogue.asked in NOTHING_OPEN:
        return joined(plan, extra)
    if dialogue.misses > 0 and dialogue.wish is not None:
        return replace(
            prefixed(extra, say.phrase("calm_down")),
            orders=plan.orders,
            release=plan.release,
            revoke=plan.revoke,
        )
    return plan


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


def _told_too(say: Say, plan: Plan) -> Plan:
    """What failed meanwhile is told beside the answer: who keeps talking, or says goodbye, would never hear of it."""
    key = failure_untold(plan.dialogue)
    if not key:
        return plan
    words, dialogue = failure_say(plan.dialogue, say.playbook, key)
    extra = plan_say(say, words, dialogue=dialogue)
    if plan.ends:
        return replace(extra, orders=plan.orders, release=plan.release, revoke=plan.revoke)
    again = split(say.phrase("anything_else"))
    kept = tuple(one for one in plan.sentences if one not in again) or plan.sentences
    return joined(replace(plan, sentences=kept), extra)
