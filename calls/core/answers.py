"""The caller's answer to what was asked. Invariant: an open question is answered, refused, put off for something else that is
done first, or asked again in other words; it is never just forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from calls.core.flows import asking, callback_changes, callbacks, complaints, orders, proof, sending, stopping
from calls.core.flows.hints import OPENING, OTHER_TIMES, THANKS
from calls.core.flows.saying import NOTHING_OPEN, Say, joined, ordered, plan_say, settled
from calls.core.state import Plan, Wish
from calls.core.undertaking import carry_on, taken_back, wish_of

_SURE: Final = 0.5
_FIRST: Final = re.compile(r"\b(?:first|before (?:that|you do)|but)\b", re.IGNORECASE)
# "Yes please, and mail me the terms" agrees to the offer; "yeah, mail me the terms" has found something better.
_AGREES: Final = re.compile(
    r"\b(?:yes,? please|please do|go ahead|connect|transfer|put me|do that|that'?s fine)\b", re.IGNORECASE
)
_UNWILLING: Final = 0.25
_ASIDES: Final = 2
_SHORT: Final = 3  # words: "mm" or "well, hmm" after an offer is neither yes, nor no, nor another wish


def answer_taken(say: Say) -> Plan | None:
    """The plan that these words make as an answer; None when nothing was asked, or these words answer nothing."""
    handler = _ASKED.get(say.dialogue.asked)
    return handler(say) if handler is not None else None


def _asked_slot(say: Say) -> Plan | None:
    """A value was asked for: it was given, refused, put off for something else, or not understood."""
    wish = say.dialogue.wish
    if wish is None:
        return None
    given = _given(say, wish)
    if given is not None:
        return _with_also(say, given)
    proposal = say.proposal
    if proposal.intent in {"goodbye", "human_request"}:
        return None
    if proposal.also is not None and wish_of(say) is None:
        # "I don't have WhatsApp, mail it to jane at …": what is wished beside the refusal is the answer.
        beside = replace(say, proposal=proposal.also)
        if _is_other_wish(beside, wish):
            return _meanwhile(beside, wish)
    if _is_other_wish(say, wish):
        return _meanwhile(say, wish)
    refuses = proposal.reply == "no" and not proposal.answer
    asks = proposal.is_question and (proposal.answer or proposal.confidence >= _SURE)
    if not refuses and (asks or OPENING.search(say.words)):
        return _aside(say, wish)
    if proposal.reply == "no" and not proposal.correction and not asking.LACKS.search(say.text):
        if wish.kind == "create_ticket":
            return complaints.without_order(say, wish)
        if not any(char.isdigit() for char in say.text):
            return stopping.refused(say) if wish.kind == stopping.KIND else asking.refused(say, wish)
    return _again(say, wish)


def _given(say: Say, wish: Wish) -> Plan | None:
    """The plan that the asked-for value makes possible; None if it isn't in the words."""
    match say.dialogue.asked:
        case "email" | "phone" if wish.channel:
            given = sending.is_given(say, wish)
        case "phone":
            given = bool(say.phone(asked=True))
        case "callback_time":
            asks = say.proposal.is_question and (say.proposal.answer or OTHER_TIMES.search(say.words))
            given = not asks and callbacks.is_given(say, wish)
        case "order_id":
            given = orders.is_given(say, wish)
        case "contact":
            return complaints.reachable(say, wish)
        case "document":
            wish = replace(wish, document=say.proposal.document)
            given = wish.document is not None
        case _:
            given = False
    return carry_on(say, wish) if given else None


def _again(say: Say, wish: Wish) -> Plan:
    """Not understood: the same question in other words, and at the third time somebody who understands."""
    asked = say.dialogue.asked
    if wish.kind == "create_ticket" and say.dialogue.misses >= asking.TRIES - 1:
        return complaints.without_order(say, wish)
    if wish.channel and asked in {"email", "phone"}:
        return sending.ask_again(say, wish)
    if asked in {"order_id", "callback_time", "phone"}:
        return carry_on(say, wish)
    return asking.ask(say, wish, asked, again=True)


def _aside(say: Say, wish: Wish) -> Plan:
    """A digression: answered, then the open question again."""
    proposal = say.proposal
    words = " ".join(proposal.answer) or say.phrase("no_knowledge")
    if not proposal.answer and OPENING.search(say.words):
        words = callbacks.tell_hours(say).words
    question = say.dialogue.asked_text or say.phrase(f"ask_{say.dialogue.asked}")
    asides = say.dialogue.asides + 1
    if asides > _ASIDES:
        # They know what we asked. The question stays open, but isn't sung after every answer.
        dialogue = replace(say.dialogue, asides=asides)
        return plan_say(say, words, dialogue=dialogue, used_knowledge=bool(proposal.answer))
    return plan_say(
        say,
        f"{words} {question}",
        dialogue=replace(say.dialogue, asked_text=question, asides=asides),
        clarify=question,
        missing=(asking.MISSING.get(say.dialogue.asked, say.dialogue.asked),),
        used_knowledge=bool(proposal.answer),
    )


def _is_other_wish(say: Say, wish: Wish) -> bool:
    other = wish_of(say)
    if other is None or say.proposal.confidence < _SURE:
        return False
    return (other.kind, other.channel, other.change) != (wish.kind, wish.channel, wish.change)


def _meanwhile(say: Say, wish: Wish) -> Plan:
    """Another wish while a question is open. The same thing by another way replaces it; else the question comes again after."""
    other = wish_of(say)
    assert other is not None
    replaces = bool(other.channel and wish.channel) or other.about == wish.about == "callback"
    related = {other.kind, wish.kind} == {"lookup_order", "create_ticket"}
    if related and wish.kind == "create_ticket":
        return _again(say, wish)  # "will it come today?" is still the complaint
    if replaces or related:
        if wish.channel and other.channel and say.proposal.document is None:
            other = replace(other, document=wish.document or other.document)
        return carry_on(replace(say, dialogue=settled(say)), other)
    cleared = replace(settled(say), later=(*say.dialogue.later, wish))
    return carry_on(replace(say, dialogue=cleared), other)


def _asked_code(say: Say) -> Plan | None:
    wish = say.dialogue.wish
    if wish is None or say.proposal.intent in {"goodbye", "human_request"}:
        return None
    if say.proposal.cancel:
        return taken_back(say)
    now, plan = proof.answer_code(say, wish)
    if plan is not None:
        if say.proposal.is_question and say.proposal.answer:
            return _aside(say, wish)
        return plan
    # The digits were the code, and nothing else.
    carried = carry_on(replace(now, text=""), replace(wish, claim=MappingProxyType({})))
    return ordered(carried, proof.check_order(say))


def _asked_confirm(say: Say) -> Plan | None:
    """ "Do you mean this one?" """
    wish = say.dialogue.wish
    if wish is None:
        return None
    if say.proposal.reply == "yes":
        return carry_on(replace(say, dialogue=settled(say)), wish)
    slot = callbacks.SLOT if wish.kind == "schedule_callback" else orders.SLOT
    asked = replace(say, dialogue=replace(say.dialogue, asked=slot))
    moved = callback_changes.other_day(say, wish) if slot == callbacks.SLOT else None
    if moved is not None:
        return carry_on(replace(say, dialogue=settled(say), text=""), moved)
    if say.proposal.reply == "no" or _given(asked, wish) is not None:
        return carry_on(asked, replace(wish, order_id="", due=None))
    return None


def _asked_offer(say: Say) -> Plan | None:
    """A yes/no offer is open. Anything that is neither is a new wish, and the offer lapses."""
    wish = say.dialogue.wish
    if wish is None:
        return None
    proposal = say.proposal
    asks_more = proposal.is_question or wish_of(say) is not None
    aside = next((one for one in (proposal, proposal.also) if one and one.is_question and one.answer), None)
    if aside is not None and _FIRST.search(say.text) and wish.kind == "escalate_to_human":
        return _aside(replace(say, proposal=aside), wish)
    better = _found_better(say)
    if better is not None:
        return better
    if proposal.reply == "yes" and not (asks_more and wish.kind != "escalate_to_human"):
        return carry_on(replace(say, dialogue=settled(say)), wish)
    unwilling = proposal.sounds("refuse", "take_back") >= _UNWILLING
    wants_it = proposal.intent == "human_request" and wish.kind == "escalate_to_human"
    if wants_it and not unwilling:
        return carry_on(replace(say, dialogue=settled(say)), wish)
    declines = proposal.reply == "no" and proposal.intent != "goodbye" and not asks_more
    if declines or wants_it:
        return plan_say(say, say.phrase("offer_declined"), dialogue=settled(say, asked="anything_else"))
    short = len(say.text.split()) <= _SHORT and proposal.intent == "small_talk" and not proposal.thanks
    if short and not proposal.reply and say.dialogue.misses == 0:
        words = say.phrase("yes_or_no")
        return plan_say(say, words, clarify=words, dialogue=replace(say.dialogue, misses=1))
    return None


def _found_better(say: Say) -> Plan | None:
    """ "Yeah, mail me the terms", to the offer of a person: it is done, and the offer lapses."""
    if say.proposal.reply != "yes" or _AGREES.search(say.text):
        return None
    parts = [say] if say.proposal.also is None else [say, replace(say, proposal=say.proposal.also)]
    for part in parts:
        other = wish_of(part)
        if other is not None and other.channel and part.proposal.confidence >= _SURE:
            return carry_on(replace(part, dialogue=settled(part)), other)
    return None


def _asked_anything_else(say: Say) -> Plan | None:
    passing = say.proposal.intent in {"goodbye", "small_talk", "out_of_scope"}
    busy = not passing or say.proposal.is_question
    if say.proposal.reply == "no" and not busy:
        return goodbye(say)
    if say.proposal.reply == "yes" and say.proposal.intent in {"small_talk", "out_of_scope"}:
        return plan_say(say, say.phrase("what_else"), intent="small_talk", dialogue=settled(say))
    return None


def _with_also(say: Say, plan: Plan) -> Plan:
    """An answer to a question with a wish beside it."""
    also = say.proposal.also
    if also is None or plan.dialogue.asked not in NOTHING_OPEN:
        return plan
    beside = replace(say, proposal=also, dialogue=replace(plan.dialogue, asked=""))
    wish = wish_of(beside)
    return plan if wish is None else joined(plan, carry_on(beside, wish))


def goodbye(say: Say) -> Plan:
    """The last words; the call ends once they were heard."""
    sorry = say.dialogue.issue is not None
    words = say.phrase("goodbye_sorry" if sorry else "goodbye")
    if sorry and (say.proposal.thanks or THANKS.search(say.text)):
        words = f"{say.phrase('welcome')} {words}"
    return replace(plan_say(say, words, intent="goodbye", dialogue=settled(say)), ends="goodbye")


_ASKED: Final[Mapping[str, Callable[[Say], Plan | None]]] = MappingProxyType(
    {
        "email": _asked_slot,
        "phone": _asked_slot,
        "document": _asked_slot,
        "callback_time": _asked_slot,
        "order_id": _asked_slot,
        "contact": _asked_slot,
        "code": _asked_code,
        "confirm": _asked_confirm,
        "offer": _asked_offer,
        "anything_else": _asked_anything_else,
    }
)
