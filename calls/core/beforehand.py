"""What is settled before any intent is looked at: say it again, not in that language, never mind, that is all.

Invariant: each of these answers from the words and what is open alone, or leaves the turn to its intent.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from calls.core.answers import goodbye
from calls.core.flows import callbacks, orders, people
from calls.core.flows.hints import DONE, DROPS, NO_MORE, OTHER_TIMES, THANKS
from calls.core.flows.order_facts import wants_certainty
from calls.core.flows.saying import NOTHING_OPEN, Say, joined, plan_say, prefixed, settled
from calls.core.state import Plan
from calls.core.undertaking import carry_on, taken_back, wish_of

_SURE: Final = 0.5
_AGAIN: Final = 0.35
_ELSE: Final = re.compile(r"\b(?:else|other|more|further)\b", re.IGNORECASE)
_LOOSE: Final = frozenset(
    {"schedule_callback", "cancel_callback", "lookup_order"}
)  # what "call" alone may be taken for
_FEW: Final = 4  # words: "withdraw it" is no complaint
_GREETED: Final = 2  # turns: the greeting, and what the caller says to it


def repeat(say: Say) -> Plan | None:
    again = say.proposal.repeat or (
        say.last_said
        and say.dialogue.asked in {*NOTHING_OPEN, "offer"}
        and say.proposal.sounds("repeat") >= _AGAIN
        and not say.proposal.answer
        and wish_of(say) is None
    )
    if not again:
        return None
    words = say.last_said or say.phrase("nothing_to_repeat")
    # A read-back that is asked for again is not agreed to yet.
    held = tuple(replace(one, release_at=None) for one in say.dialogue.held)
    return plan_say(say, words, intent="small_talk", dialogue=replace(say.dialogue, held=held))


def foreign(say: Say) -> Plan | None:
    """Words in a language that we don't speak: say so politely, and offer somebody who may."""
    language = say.proposal.language
    if not language or language == say.playbook.language:
        return None
    return people.offer(
        say,
        phrase="other_language",
        reason=f"The caller speaks another language ({language})",
        about="language",
        entities={"requires_human": True, "language": language},
    )


def reassured(say: Say) -> Plan | None:
    """ "Is that a promise now?", after the news of an order: the news once more, not a new question."""
    order, about_sending = say.dialogue.order, bool(say.dialogue.held or say.dialogue.booked)
    if order is None or about_sending or say.dialogue.asked not in {*NOTHING_OPEN, "offer"}:
        return None
    return orders.reassure(say, order) if wants_certainty(say) and not say.proposal.answer else None


def dropped(say: Say) -> Plan | None:
    """What was just arranged, or is about to go, isn't wanted after all, in whatever words."""
    arranged = say.dialogue.held or say.dialogue.booked or say.dialogue.escalation
    if not arranged or say.dialogue.asked not in NOTHING_OPEN or say.proposal.answer:
        return None
    sounds = say.proposal.sounds("take_back", "callback_cancel") >= _SURE
    if not (sounds or DROPS.search(say.words)) or OTHER_TIMES.search(say.words) or _ELSE.search(say.words):
        return None
    wish = wish_of(say)
    short = len(say.words.split()) <= _FEW
    if not (sounds or wish is None or wish.kind in _LOOSE or short):
        return None
    return _and_also(say, taken_back(say))


def _and_also(say: Say, plan: Plan) -> Plan:
    """ "Cancel the call and e-mail me the policy instead": what is wished beside what was taken back."""
    also = say.proposal.also
    if also is None:
        return plan
    beside = replace(say, proposal=also, dialogue=replace(plan.dialogue, asked="", asked_text="", wish=None))
    wish = wish_of(beside)
    if wish is None or wish.kind in _LOOSE:
        return plan
    first = replace(plan, sentences=plan.sentences[:1])  # not "anything else?" before what else there is
    return joined(first, carry_on(beside, wish))


def done(say: Say) -> Plan | None:
    """ "That's me done, cheers": nothing is open, nothing is wished, and they say so."""
    proposal = say.proposal
    passing = proposal.intent in {"small_talk", "out_of_scope", "goodbye"} and not proposal.answer
    if say.turn <= _GREETED or say.dialogue.asked not in NOTHING_OPEN or not passing:
        return None
    if proposal.correction and not THANKS.search(say.words):
        return None
    declines = proposal.reply == "no" and not say.dialogue.held and _declines(say)
    said = declines or DONE.search(say.words)
    if not said or say.words.rstrip().endswith("?") or proposal.also is not None:
        return None
    plan = goodbye(say)
    return replace(
        plan, release=tuple(held.key for held in say.dialogue.held), dialogue=replace(plan.dialogue, held=())
    )


def _declines(say: Say) -> bool:
    """ "No, thanks", where nothing was asked: to whatever might have come next."""
    return bool(NO_MORE.search(say.words)) or say.proposal.sounds("refuse") >= _SURE


def instead(say: Say) -> Plan:
    """ "Forget it", or "never mind, call me tomorrow": what was open is taken back, and what is wished instead is done."""
    wish = wish_of(say)
    nothing_new = wish is None or (wish.kind == "schedule_callback" and not callbacks.is_given(say, wish))
    if nothing_new or wish is None:
        return _and_also(say, taken_back(say))
    if wish.kind == "cancel_callback":
        return _and_also(say, carry_on(replace(say, dialogue=settled(say)), wish))
    back = taken_back(say)
    after = replace(say, dialogue=replace(back.dialogue, asked="", asked_text="", wish=None))
    plan = carry_on(after, wish)
    if back.orders:
        plan = prefixed(plan, back.sentences[0])
    return replace(plan, orders=back.orders + plan.orders, revoke=back.revoke + plan.revoke)
