"""An answer that is spoken while it is still being written.

Invariant: a sentence goes to the voice only if :mod:`calls.core.grounding` lets it; the turn is written down once, when it is
decided or cut short; what the decision adds neither repeats nor contradicts what was said before it. As long as a caller has
heard no more than "one moment", their turn isn't over: what they add belongs to it.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from calls.core import effects as fx
from calls.core import events as ev
from calls.core.grounding import claim_of, sentence_fit
from calls.core.politeness import tone_of
from calls.core.sentences import first_clauses, split
from calls.core.speaking import answer
from calls.core.standing import Out, stand
from calls.core.state import CallState, Ear, Mouth, Phase, Plan

BRIDGE: Final = "one_moment"


def drafted(state: CallState, event: ev.Drafted, out: Out) -> CallState:
    """A sentence of the answer: into the turn that is being spoken, or kept for the one that will be."""
    ear, mouth = ear_of(state, event.revision), open_mouth(state, event.revision)
    if ear is None or ear.sketch is None or ear.sketch.language not in {"", state.playbook.language}:
        return state
    text = sentence_fit(event.text, proposal=ear.sketch, words=ear.text or "")
    so_far = mouth.plan.sentences[mouth.asides :] if mouth is not None else ear.draft
    pieces = (text,) if so_far else first_clauses(text)
    if not text or pieces[0] in so_far:
        return state
    if mouth is not None:
        plan = replace(mouth.plan, sentences=(*mouth.plan.sentences, *pieces))
        if mouth.synthesised:  # the voice has caught up with the writing
            out.append(fx.Synthesise(revision=mouth.revision, index=len(mouth.lengths), text=pieces[0]))
        return replace(state, mouth=replace(mouth, plan=plan, waiting_since=state.at))
    if not ear.draft:
        out.append(fx.Synthesise(revision=ear.revision, index=0, text=pieces[0]))
        ear = replace(ear, marks=MappingProxyType({**ear.marks, "llm_first_ms": event.took_ms}))
    ear = replace(ear, draft=(*ear.draft, *pieces))
    state = replace(state, ear=ear)
    return answer(state, out) if ear.committed is not None else state


def decided(state: CallState, plan: Plan, out: Out) -> CallState:
    """The engine has finished: go on from what is being said with what the policy makes of it."""
    mouth = state.mouth
    assert mouth is not None and mouth.open
    begun = len(mouth.lengths) if mouth.synthesised else len(mouth.lengths) + 1
    plan = joined(plan, mouth.plan.sentences[:begun], asides=mouth.asides)
    caught_up = mouth.synthesised
    mouth = replace(mouth, plan=plan, open=False, waiting_since=state.at)
    state = replace(state, mouth=mouth)
    if not caught_up:
        return state
    if not mouth.synthesised:
        out.append(fx.Synthesise(revision=mouth.revision, index=begun, text=plan.sentences[begun]))
        return state
    out.append(fx.Complete(turn=mouth.turn))
    return stand(state, out) if mouth.hushed_at is None else state


def joined(plan: Plan, begun: tuple[str, ...], *, asides: int = 0) -> Plan:
    """``plan`` as the continuation of ``begun``, whose first ``asides`` sentences only bridge a wait."""
    if not begun:
        return plan
    sentences = (*begun, *continuation(begun[asides:], plan.sentences))
    decision = plan.decision
    if decision is not None:
        decision = replace(decision, immediate_response=" ".join(sentences[asides:]))
    return replace(plan, sentences=sentences, decision=decision)


def continuation(said: tuple[str, ...], planned: tuple[str, ...]) -> tuple[str, ...]:
    """What of ``planned`` is still to be said after ``said``: no courtesy twice, no fact twice."""
    rest = [sentence for sentence in planned if sentence not in said]
    while said and rest and tone_of(rest[0]) is not None and len(rest) > 1:
        rest.pop(0)
    return tuple(sentence for sentence in rest if not any(_repeats(sentence, one) for one in said))


def bridge(state: CallState, out: Out) -> CallState:
    """The answer takes its time: say so, once."""
    ear = state.ear
    assert ear is not None and ear.committed is not None
    sentences = split(state.playbook.say(BRIDGE))
    plan = Plan(dialogue=state.dialogue, decision=None, sentences=sentences)
    out.append(fx.Synthesise(revision=ear.revision, index=0, text=sentences[0]))
    mouth = Mouth(revision=ear.revision, plan=plan, waiting_since=state.at, open=True, asides=len(sentences))
    return replace(state, mouth=mouth)


def taken_back(state: CallState, out: Out) -> tuple[CallState, str]:
    """The caller goes on while the agent has said no more than "one moment": their turn opens again, with these words in it."""
    mouth = state.mouth
    assert mouth is not None and mouth.bridging and mouth.answers is not None
    out.append(fx.Interrupt(turn=mouth.turn))
    words = mouth.answers.text or ""
    state = replace(
        state,
        mouth=None,
        phase=Phase.LISTENING,
        turn=mouth.turn - 2,
        history=state.history[:-1],
        quiet_from=state.at,
    )
    return state, words


def ear_of(state: CallState, revision: int) -> Ear | None:
    """The caller's turn that waits for an engine's word on ``revision``, whether it is still open or being answered."""
    mouth = open_mouth(state, revision)
    ear = mouth.answers if mouth is not None and mouth.turn else state.ear
    if ear is None or ear.revision != revision or ear.plan is not None or ear.text is None:
        return None
    return ear


def open_mouth(state: CallState, revision: int) -> Mouth | None:
    mouth = state.mouth
    return mouth if mouth is not None and mouth.open and mouth.revision == revision else None


def _repeats(sentence: str, said: str) -> bool:
    """Does ``sentence`` claim nothing that ``said`` didn't?"""
    if sentence.endswith("?"):
        return False
    new, old = claim_of(sentence), claim_of(said)
    return len(new.content) >= 2 and new.content <= old.content and new.figures <= old.figures
