"""When what a turn decided takes effect: with its first sound, once, and all of it together.

Invariant: a turn is written down exactly once (:func:`stand`, or :func:`conclude` for one that was cut short before it was
decided). Nothing is undertaken that was decided behind words which nobody began to hear.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from calls.core import effects as fx
from calls.core.decision import Decision, Proposal
from calls.core.playbook import Playbook
from calls.core.state import CallState, Ear, Mouth, Plan

Out = list[fx.Effect]
#: Done at once, and still shown so that it can be changed.
_SHOWN = frozenset({"schedule_callback"})


def stand(state: CallState, out: Out) -> CallState:
    """What the turn decided takes effect, once: it has begun to be heard."""
    mouth = state.mouth
    assert mouth is not None and mouth.turn
    if not mouth.pending or mouth.open:
        return state
    plan, ear = mouth.plan, mouth.answers
    release(plan.release, out)
    revoke(plan.revoke, out)
    told = tuple(key for key in plan.dialogue.told if key not in state.dialogue.told)
    out.append(replace(_commit(mouth, plan, ear.proposal if ear is not None else None, state.at), told=told))
    out += [_card_closed(key) for order in plan.orders for key in _replaced(order)]
    out += [_card(order, state.playbook) for order in plan.orders if order.hold or order.kind in _SHOWN]
    if plan.ask:
        out.append(fx.Tell(message={"type": "ask", "input": plan.ask, "label": plan.question}))
    # News of earlier deeds may have come since the plan was made.
    news = state.dialogue
    dialogue = replace(plan.dialogue, receipts=news.receipts, shown=news.shown, failures=news.failures)
    return replace(
        state,
        mouth=replace(mouth, pending=False, answers=None),
        dialogue=dialogue,
        last_said=mouth.words,
    )


def conclude(state: CallState, out: Out) -> CallState:
    """The turn is over before it was decided: what was said is written down, and nothing is done."""
    mouth = state.mouth
    if mouth is None or not mouth.turn or not mouth.pending:
        return state
    ear = mouth.answers
    sketch = ear.sketch or ear.proposal if ear is not None else None
    begun = mouth.plan.sentences[: len(mouth.lengths)]
    words = " ".join(begun[mouth.asides :] or begun)
    decision = None
    dialogue = state.dialogue
    if sketch is not None:
        decision = Decision(
            immediate_response=words,
            intent=sketch.intent,
            used_knowledge=bool(begun[mouth.asides :] and sketch.passages),
            engine=sketch.engine,
            engine_note="interrupted before it was decided",
            confidence=sketch.confidence,
        )
        dialogue = replace(dialogue, document=sketch.document or dialogue.document)
    plan = Plan(dialogue=dialogue, decision=decision, sentences=(words,))
    out.append(_commit(replace(mouth, asides=0), plan, sketch, state.at))
    return replace(
        state,
        mouth=replace(mouth, pending=False, answers=None, open=False),
        dialogue=dialogue,
        last_said=words,
    )


def _commit(mouth: Mouth, plan: Plan, proposal: Proposal | None, at: int) -> fx.Commit:
    ear = mouth.answers
    return fx.Commit(
        customer_turn=mouth.turn - 1 if ear is not None else 0,
        customer_text=(ear.text or "") if ear is not None else "",
        agent_turn=mouth.turn,
        agent_text=" ".join(plan.sentences[mouth.asides :]),
        decision=plan.decision,
        passages=proposal.passages if proposal else (),
        timings=MappingProxyType(_timings(ear, at) if ear is not None else {}),
        orders=plan.orders,
        sentiment=proposal.sentiment if proposal else 0.0,
        spoken=not ear.typed if ear is not None else True,
    )


def _timings(ear: Ear, at: int) -> dict[str, float]:
    """The turn's waterfall in milliseconds, from the caller's last sound to the first sound of the answer."""
    marks = dict(ear.marks)
    at = int(marks.pop("first_at", at))
    end = ear.quiet_since if ear.quiet_since is not None else ear.began
    committed = ear.committed if ear.committed is not None else at
    return {
        **marks,
        "speech_ms": float(ear.voiced_ms),
        "endpoint_wait_ms": float(max(0, committed - end)),
        "first_audio_ms": float(max(0, at - end)),
    }


def release(keys: tuple[str, ...], out: Out) -> None:
    """The caller let these recipients stand."""
    if keys:
        out.append(fx.Release(keys=keys))
        out += [_card_closed(key) for key in keys]


def revoke(keys: tuple[str, ...], out: Out) -> None:
    """The caller took these recipients back, or never heard them."""
    if keys:
        out.append(fx.Revoke(keys=keys))
        out += [_card_closed(key) for key in keys]


def _replaced(order: fx.Order) -> tuple[str, ...]:
    """The earlier order that this one changes or takes back: its card is out of date."""
    return tuple(str(order.slots[name]) for name in ("moves", "callback") if order.slots.get(name))


def _card(order: fx.Order, playbook: Playbook) -> fx.Tell:
    """What was understood, in writing, while it can still be changed."""
    change = {"label": playbook.say("card_change"), "say": playbook.say("card_change_says")}
    card = {
        "type": "card",
        "key": order.key,
        "title": order.label,
        "text": str(order.slots.get("recipient", order.to)),
    }
    return fx.Tell(message={**card, "choices": [change]})


def _card_closed(key: str) -> fx.Tell:
    return fx.Tell(message={"type": "card", "key": key, "status": "closed"})
