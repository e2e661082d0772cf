"""What to say and what to do: a proposal goes in, a plan comes out. Pure; used the same way for every engine.

Invariant: nothing is stated that no passage or row supports, and nothing is done that the caller didn't ask for; how it is done
safely is :mod:`calls.core.flows`'.

A plan is tentative. It is made on a guess while the caller may still be talking, and takes effect only when the machine
makes its dialogue the call's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from calls.core.decision import CHANNEL_OF, DocumentRef, Proposal
from calls.core.flows import asking, callbacks, complaints, orders, people, proof, sending
from calls.core.flows.order_facts import asks_about_order, wants_order_news
from calls.core.flows.saying import NOTHING_OPEN, Say, joined, ordered, plan_say, prefixed, settled
from calls.core.known import NOTHING_KNOWN, Known
from calls.core.playbook import Playbook
from calls.core.state import Dialogue, Plan, Wish
from calls.core.undertaking import carry_on, taken_back

_SURE: Final = 0.5
_ANGRY: Final = -0.5
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
    angry = proposal.sentiment <= _ANGRY
    say = Say(
        dialogue=replace(dialogue, followup="", anger=dialogue.anger + (1 if angry else 0)),
        proposal=proposal,
        text=text,
        playbook=playbook,
        turn=turn,
        last_said=last_said,
        known=known,
    )
    for rule in (_repeat, _foreign, sending.correct, callbacks.correct):
        plan = rule(say)
        if plan is not None:
            return plan
    if proposal.cancel and say.dialogue.asked != "code":
        return taken_back(say)
    standing = tuple(held.key for held in say.dialogue.held)
    say = replace(say, dialogue=replace(say.dialogue, held=()))
    plan = _ASKED.get(say.dialogue.asked, _nothing_asked)(say) or _wished(say)
    plan = _count_lost(say, plan)
    return _soothe(say, replace(plan, release=standing + plan.release), angry=angry)


# --- rules that come before any intent -----------------------------------------------------------------------------


def _repeat(say: Say) -> Plan | None:
    if not say.proposal.repeat:
        return None
    words = say.last_said or say.phrase("nothing_to_repeat")
    # A read-back that is asked for again is not agreed to yet.
    held = tuple(replace(one, release_at=None) for one in say.dialogue.held)
    return plan_say(say, words, intent="small_talk", dialogue=replace(say.dialogue, held=held))


def _foreign(say: Say) -> Plan | None:
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


# --- an open question ------------------------------------------------------------------------------------------------


def _nothing_asked(_say: Say) -> Plan | None:
    return None


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
    if _is_other_wish(say, wish):
        return _meanwhile(say, wish)
    if proposal.is_question and (proposal.answer or proposal.confidence >= _SURE):
        return _aside(say, wish)
    if proposal.reply == "no" and not proposal.correction and not asking.LACKS.search(say.text):
        return asking.refused(say, wish)
    return _again(say, wish)


def _given(say: Say, wish: Wish) -> Plan | None:
    """The plan that the asked-for value makes possible; None if it isn't in the words."""
    match say.dialogue.asked:
        case "email" | "phone" if wish.channel:
            given = sending.is_given(say, wish)
        case "phone":
            given = bool(say.phone(asked=True))
        case "callback_time":
            given = callbacks.is_given(say, wish)
        case "order_id":
            given = orders.is_given(say, wish)
        case "document":
            wish = replace(wish, document=say.proposal.document)
            given = wish.document is not None
        case _:
            given = False
    return carry_on(say, wish) if given else None


def _again(say: Say, wish: Wish) -> Plan:
    """Not understood: the same question in other words, and at the third time somebody who understands."""
    asked = say.dialogue.asked
    if wish.channel and asked in {"email", "phone"}:
        return sending.ask_again(say, wish)
    if asked in {"order_id", "callback_time", "phone"}:
        return carry_on(say, wish)
    return asking.ask(say, wish, asked, again=True)


def _aside(say: Say, wish: Wish) -> Plan:
    """A digression: answered, then the open question again."""
    proposal = say.proposal
    words = " ".join(proposal.answer) or say.phrase("no_knowledge")
    question = say.dialogue.asked_text or say.phrase(f"ask_{say.dialogue.asked}")
    return plan_say(
        say,
        f"{words} {question}",
        dialogue=replace(say.dialogue, asked_text=question),
        clarify=question,
        missing=(asking.MISSING.get(say.dialogue.asked, say.dialogue.asked),),
        used_knowledge=bool(proposal.answer),
    )


def _is_other_wish(say: Say, wish: Wish) -> bool:
    other = _wish_of(say)
    if other is None or say.proposal.confidence < _SURE:
        return False
    return (other.kind, other.channel, other.change) != (wish.kind, wish.channel, wish.change)


def _meanwhile(say: Say, wish: Wish) -> Plan:
    """Another wish while a question is open. The same thing by another way replaces it; else the question comes again after."""
    other = _wish_of(say)
    assert other is not None
    replaces = bool(other.channel and wish.channel) or other.about == wish.about == "callback"
    related = {other.kind, wish.kind} == {"lookup_order", "create_ticket"}
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
    if say.proposal.reply == "no" or _given(asked, wish) is not None:
        return carry_on(asked, replace(wish, order_id="", due=None))
    return None


def _asked_offer(say: Say) -> Plan | None:
    """A yes/no offer is open. Anything that is neither is a new wish, and the offer lapses."""
    wish = say.dialogue.wish
    if wish is None:
        return None
    proposal = say.proposal
    asks_more = proposal.is_question or _wish_of(say) is not None
    if proposal.reply == "yes" and not (asks_more and wish.kind != "escalate_to_human"):
        return carry_on(replace(say, dialogue=settled(say)), wish)
    if proposal.intent == "human_request" and wish.kind == "escalate_to_human":
        return carry_on(replace(say, dialogue=settled(say)), wish)
    if proposal.reply == "no" and proposal.intent != "goodbye" and not asks_more:
        return plan_say(say, say.phrase("offer_declined"), dialogue=settled(say, asked="anything_else"))
    return None


def _asked_anything_else(say: Say) -> Plan | None:
    passing = say.proposal.intent in {"goodbye", "small_talk", "out_of_scope"}
    busy = not passing or say.proposal.is_question
    if say.proposal.reply == "no" and not busy:
        return _goodbye(say)
    if say.proposal.reply == "yes" and say.proposal.intent in {"small_talk", "out_of_scope"}:
        return plan_say(say, say.phrase("what_else"), intent="small_talk", dialogue=settled(say))
    return None


_ASKED: Final[Mapping[str, Callable[[Say], Plan | None]]] = MappingProxyType(
    {
        "email": _asked_slot,
        "phone": _asked_slot,
        "document": _asked_slot,
        "callback_time": _asked_slot,
        "order_id": _asked_slot,
        "code": _asked_code,
        "confirm": _asked_confirm,
        "offer": _asked_offer,
        "anything_else": _asked_anything_else,
    }
)

# --- intents -----------------------------------------------------------------------------------------------------------


def _wished(say: Say) -> Plan:
    """What the words wish, and what they wish beside it: questions are answered first."""
    also = say.proposal.also
    if also is None:
        return _INTENTS.get(say.proposal.intent, _unclear)(say)
    parts = [replace(say, proposal=replace(say.proposal, also=None)), replace(say, proposal=also)]
    parts.sort(key=lambda part: _wish_of(part) is not None)
    first, second = parts
    if _wish_of(first) is None:
        told = _INTENTS.get(first.proposal.intent, _unclear)(first)
        if told.dialogue.asked == "offer":
            # Two offers at once confuse: the wish goes first, and what the documents don't answer is said beside it.
            told = plan_say(first, say.phrase("no_knowledge"), dialogue=settled(first))
        after = replace(told.dialogue, asked="", asked_text="", wish=None, held=())
        return joined(told, _INTENTS.get(second.proposal.intent, _unclear)(replace(second, dialogue=after)))
    one, two = _wish_of(first), _wish_of(second)
    assert one is not None and two is not None
    plan = carry_on(replace(first, dialogue=replace(settled(first), later=())), one)
    if plan.dialogue.asked in NOTHING_OPEN:
        return joined(plan, carry_on(replace(second, dialogue=replace(plan.dialogue, asked="")), two))
    # What the second wish needs is in these words, not in the ones that will answer the question.
    filled = _filled(replace(second, dialogue=settled(second)), two)
    return replace(plan, dialogue=replace(plan.dialogue, later=(*plan.dialogue.later, filled)))


def _with_also(say: Say, plan: Plan) -> Plan:
    """An answer to a question with a wish beside it."""
    also = say.proposal.also
    if also is None or plan.dialogue.asked not in NOTHING_OPEN:
        return plan
    beside = replace(say, proposal=also, dialogue=replace(plan.dialogue, asked=""))
    wish = _wish_of(beside)
    return plan if wish is None else joined(plan, carry_on(beside, wish))


def _filled(say: Say, wish: Wish) -> Wish:
    """``wish`` with whatever these words already give it."""
    if wish.kind == "schedule_callback":
        return callbacks.filled(say, wish)
    if wish.kind in {"lookup_order", "create_ticket"}:
        found = orders.order_given(say)
        return replace(wish, order_id=found.value) if found else wish
    return wish


def _wish_of(say: Say) -> Wish | None:
    """The deed that a proposal asks for; None for questions and small talk."""
    match say.proposal.intent:
        case intent if intent in CHANNEL_OF:
            if wants_order_news(say):
                return orders.news_wish(say)
            return sending.send_wish(say)
        case "callback_request":
            return callbacks.callback_wish(say)
        case "order_status":
            return orders.order_wish(say)
        case "complaint":
            return complaints.complaint_wish(say)
        case "human_request":
            return people.person_wish(say, reason="The caller asked for a person", intent="human_request")
        case _:
            return None


def _do(say: Say) -> Plan:
    wish = _wish_of(say)
    assert wish is not None
    # What is undertaken now closes whatever was open; a wish that waits behind it goes on waiting.
    return carry_on(replace(say, dialogue=settled(say)), wish)


def _question(say: Say) -> Plan:
    if say.dialogue.order is not None and asks_about_order(say) and not say.proposal.answer:
        return complaints.reassure(say, say.dialogue.order)
    answer = " ".join(say.proposal.answer)
    if not answer:
        return people.offer_unanswered(say)
    document = say.proposal.document or _document_of(say.proposal) or say.dialogue.document
    dialogue = replace(settled(say), document=document)
    return plan_say(say, answer, used_knowledge=True, dialogue=dialogue)


def _goodbye(say: Say) -> Plan:
    sorry = say.dialogue.issue is not None
    words = say.phrase("goodbye_sorry" if sorry else "goodbye")
    if say.proposal.thanks and sorry:
        words = f"{say.phrase('welcome')} {words}"
    return replace(plan_say(say, words, intent="goodbye", dialogue=settled(say)), ends="goodbye")


def _small_talk(say: Say) -> Plan:
    if say.proposal.thanks:
        words = f"{say.phrase('welcome')} {say.phrase('anything_else')}"
        return plan_say(say, words, dialogue=settled(say, asked="anything_else"))
    if _is_stop(say.text):
        return plan_say(say, say.phrase("go_ahead"), dialogue=settled(say))
    if say.last_said and say.proposal.reply:
        words = f"{say.phrase('acknowledged')} {say.phrase('anything_else')}"
        return plan_say(say, words, dialogue=settled(say, asked="anything_else"))
    if say.last_said and say.proposal.confidence < _SURE:
        return _unclear(say)
    return plan_say(say, say.phrase("hello"), dialogue=settled(say))


def _out_of_scope(say: Say) -> Plan:
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
        "human_request": _do,
        "goodbye": _goodbye,
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
