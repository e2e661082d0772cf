"""The agent's turn, from a plan to words that were heard.

Invariant: what a turn decides takes effect with its first sound (:mod:`calls.core.standing`), not before; what the caller never
heard is not remembered. All functions take a state and a list to which they add effects, and return the new state.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from calls.core import effects as fx
from calls.core.decision import Line
from calls.core.flows.failing import failure_untold
from calls.core.sentences import split
from calls.core.standing import Out, conclude, release, revoke, stand
from calls.core.state import CallState, Dialogue, Held, Mouth, Phase, Plan

HISTORY_LINES = 24
LAST_BIT_MS = 60  # an acknowledgement this close to the end is the end: clients round to their buffers


def answer(state: CallState, out: Out) -> CallState:
    """Start on the plan for the caller's finished turn, or what is written of it; until its first sound it may be dropped."""
    ear = state.ear
    assert ear is not None and (ear.plan is not None or ear.draft)
    plan = ear.plan or Plan(dialogue=state.dialogue, decision=None, sentences=ear.draft)
    mouth = Mouth(revision=ear.revision, plan=plan, waiting_since=state.at, open=ear.plan is None)
    state = replace(state, phase=Phase.THINKING, mouth=mouth)
    if ear.first_ms is not None:
        return _sentence_ready(state, ear.first_ms, out)
    return state


def speak_unasked(
    state: CallState, words: str, out: Out, *, dialogue: Dialogue | None = None, ends: str = ""
) -> CallState:
    """Start on words that answer nothing: a greeting, a prompt, a follow-up, a goodbye."""
    state = _record_unanswered(state, out)
    revision = state.revision + 1
    plan = Plan(dialogue=dialogue or state.dialogue, decision=None, sentences=split(words), ends=ends)
    out += [fx.Drop(revision=revision), fx.Synthesise(revision=revision, index=0, text=plan.sentences[0])]
    return replace(
        state,
        phase=Phase.THINKING,
        revision=revision,
        ear=None,
        mouth=Mouth(revision=revision, plan=plan, waiting_since=state.at),
        followup_at=None,
    )


def sentence_voiced(state: CallState, index: int, ms: int, out: Out) -> CallState:
    """The next sentence of the agent's turn is synthesised (0 ms: it could not be, and is shown but not heard)."""
    mouth = state.mouth
    if mouth is None or index != len(mouth.lengths) or mouth.synthesised:
        return state
    return _sentence_ready(state, ms, out)


def _sentence_ready(state: CallState, ms: int, out: Out) -> CallState:
    mouth = state.mouth
    assert mouth is not None
    if mouth.turn == 0:
        state = _begin(state, out)
    elif mouth.hushed_at is None:
        mouth = replace(mouth, hushed_ms=mouth.hushed_ms + _idle(mouth, state.at))
        state = replace(state, mouth=mouth)
    if len(mouth.lengths) >= mouth.asides:
        state = _part_of_answer(state, out)
    mouth = state.mouth
    assert mouth is not None
    index = len(mouth.lengths)
    mouth = replace(mouth, lengths=(*mouth.lengths, ms), waiting_since=state.at)
    text = mouth.plan.sentences[index]
    last = mouth.synthesised and not mouth.open
    out.append(fx.Play(turn=mouth.turn, revision=mouth.revision, index=index, text=text, last=last))
    if not mouth.synthesised:
        out.append(
            fx.Synthesise(revision=mouth.revision, index=index + 1, text=mouth.plan.sentences[index + 1])
        )
    state = replace(state, mouth=mouth)
    return hush(state, out) if state.lost_at is not None else state  # nobody is there to hear it yet


def _idle(mouth: Mouth, at: int) -> int:
    """Silence behind what is ready, while more is being written or voiced: no time in which anything was heard."""
    waits = mouth.open or not mouth.synthesised
    return max(0, at - (mouth.began + mouth.whole + mouth.hushed_ms)) if waits else 0


def _part_of_answer(state: CallState, out: Out) -> CallState:
    """A sentence of the answer itself is about to be heard, not one that bridges a wait."""
    mouth = state.mouth
    assert mouth is not None
    if mouth.pending and mouth.answers is not None and len(mouth.lengths) == mouth.asides:
        marks = MappingProxyType({**mouth.answers.marks, "first_at": float(state.at)})
        state = replace(state, mouth=replace(mouth, answers=replace(mouth.answers, marks=marks)))
    return stand(state, out) if mouth.hushed_at is None else state


def _begin(state: CallState, out: Out) -> CallState:
    """The first sound is there: now the turn stands, and what it decided is done, or will be once it is decided."""
    mouth, ear = state.mouth, state.ear
    assert mouth is not None
    asked = ear is not None and ear.committed is not None
    customer_turn = state.turn + 1 if asked else 0
    agent_turn = state.turn + (2 if asked else 1)
    history = state.history
    if asked and ear is not None:
        if not ear.typed:  # a typed turn was shown when it came
            out.append(transcript(customer_turn, "customer", ear.text or ""))
        history = (*history, Line(role="customer", text=ear.text or ""))
    answers = ear if asked else None
    state = replace(
        state,
        phase=Phase.SPEAKING,
        turn=agent_turn,
        ear=None if asked else state.ear,
        mouth=replace(mouth, turn=agent_turn, began=state.at, pending=True, answers=answers),
        history=history[-HISTORY_LINES:],
        prompts=0 if asked else state.prompts,
        uncaught=0 if asked else state.uncaught,
    )
    if mouth.open:
        out.append(fx.Forget())  # what the caller says from here on is another utterance
    else:
        state = stand(state, out)
    out.append(fx.Tell(message={"type": "state", "state": "speaking"}))
    return state


def played(state: CallState, turn: int, ms: int, out: Out) -> CallState:
    """The client says how much of the turn has been heard; old and impossible claims count for nothing."""
    mouth = state.mouth
    if mouth is None or mouth.turn != turn or mouth.turn == 0:
        return state
    heard = min(max(mouth.played, ms), mouth.whole)
    acked_at = state.at if heard > mouth.played else mouth.acked_at
    mouth = replace(mouth, played=heard, acked=True, acked_at=acked_at)
    state = replace(state, mouth=mouth)
    if mouth.sent and mouth.synthesised and not mouth.open and mouth.played >= mouth.whole - LAST_BIT_MS:
        return finish(state, out)
    return state


def all_sent(state: CallState, turn: int, out: Out) -> CallState:
    mouth = state.mouth
    if mouth is None or mouth.turn != turn:
        return state
    state = replace(state, mouth=replace(mouth, sent=True))
    return played(state, turn, mouth.played, out) if mouth.acked else state


def finish(state: CallState, out: Out) -> CallState:
    """The agent's turn was heard to its end."""
    state = stand(state, out)
    mouth = state.mouth
    assert mouth is not None
    heard = mouth.words if _heard_all(mouth) else heard_text(mouth, state.at)
    state = _settle(state, heard, interrupted=False, out=out)
    if mouth.plan.ends:
        return close(state, mouth.plan.ends, out)
    pace = state.playbook.pace
    dialogue = state.dialogue
    if not dialogue.followup:
        dialogue = replace(dialogue, followup=failure_untold(dialogue))
    held = tuple(
        replace(one, release_at=state.at + pace.hold_after_readback) if one.release_at is None else one
        for one in dialogue.held
    )
    ear = replace(state.ear, over=0) if state.ear is not None else None
    if ear is None:
        out.append(fx.Tell(message={"type": "state", "state": "listening"}))
    return replace(
        state,
        phase=Phase.LISTENING,
        ear=ear,
        dialogue=replace(dialogue, held=held),
        quiet_from=state.at,
        followup_at=state.at + pace.followup_after if dialogue.followup else None,
        person_due=_person_due(state),
    )


def _person_due(state: CallState) -> int | None:
    """Until when the caller waits for a person before something else is offered; it starts when they know that they wait."""
    if not state.dialogue.escalation:
        return None
    return state.person_due or state.at + state.playbook.pace.person_patience


def interrupt(state: CallState, out: Out) -> CallState:
    """Stop the agent for good and keep only what was heard of it. Finished deeds stay finished."""
    mouth = state.mouth
    if mouth is None:
        return state
    if mouth.turn:
        out.append(fx.Interrupt(turn=mouth.turn))
        state = conclude(state, out)
        state = _settle(state, heard_text(mouth, state.at), interrupted=True, out=out)
    return replace(state, mouth=None, phase=Phase.LISTENING, quiet_from=state.at)


def hush(state: CallState, out: Out) -> CallState:
    mouth = state.mouth
    if mouth is None or mouth.turn == 0 or mouth.hushed_at is not None:
        return state
    out.append(fx.Hush(turn=mouth.turn))
    return replace(
        state, mouth=replace(mouth, hushed_at=state.at, hushed_ms=mouth.hushed_ms + _idle(mouth, state.at))
    )


def resume(state: CallState, out: Out, *, rewind: bool = False) -> CallState:
    """Go on where the caller last heard us: after a false alarm, or (``rewind``) over a new connection."""
    mouth = state.mouth
    if mouth is None or mouth.turn == 0 or mouth.hushed_at is None:
        return state
    out.append(fx.Resume(turn=mouth.turn, from_ms=mouth.played if rewind else None))
    waited = state.at - mouth.hushed_at
    mouth = replace(mouth, hushed_at=None, hushed_ms=mouth.hushed_ms + waited)
    return stand(replace(state, mouth=mouth), out)


def close(state: CallState, reason: str, out: Out) -> CallState:
    """End the call. Held orders go out if their read-back was heard, else they are taken back."""
    mouth = state.mouth
    if mouth is not None and mouth.turn:
        state = conclude(state, out)
        state = _settle(state, heard_text(mouth, state.at), interrupted=True, out=out)
    state = _record_unanswered(state, out)
    heard = tuple(held.key for held in state.dialogue.held if held.release_at is not None)
    unheard = tuple(held.key for held in state.dialogue.held if held.release_at is None)
    release(heard, out)
    revoke(unheard, out)
    out.append(fx.Close(reason=reason))
    return replace(
        state,
        phase=Phase.ENDED,
        ended=reason,
        ear=None,
        mouth=None,
        waiting=(),
        dialogue=replace(state.dialogue, held=()),
    )


def release_due(state: CallState, out: Out) -> CallState:
    """Held orders whose recipient the caller heard and let stand for long enough."""
    due = tuple(
        held for held in state.dialogue.held if held.release_at is not None and held.release_at <= state.at
    )
    if not due:
        return state
    release(tuple(held.key for held in due), out)
    kept: tuple[Held, ...] = tuple(held for held in state.dialogue.held if held not in due)
    return replace(state, dialogue=replace(state.dialogue, held=kept))


def played_ms(mouth: Mouth, at: int) -> int:
    """How much was heard: what the client says or, for one that never says, what the time allows for."""
    if mouth.acked:
        return mouth.played
    until = mouth.hushed_at if mouth.hushed_at is not None else at
    return max(0, min(mouth.whole, until - mouth.began - mouth.hushed_ms))


def heard_text(mouth: Mouth, at: int) -> str:
    """The words of the turn that were heard by ``at``: whole sentences, then words in proportion."""
    left = played_ms(mouth, at)
    heard: list[str] = []
    for index, (sentence, length) in enumerate(zip(mouth.plan.sentences, mouth.lengths, strict=False)):
        if index < mouth.asides:
            left -= length
            continue
        if length and left >= length - LAST_BIT_MS:
            heard.append(sentence)
            left -= length
            continue
        words = sentence.split()
        known = int(len(words) * max(left, 0) / length) if length else 0
        heard += words[:known]
        break
    return " ".join(heard)


def last_sentence_playing(mouth: Mouth, at: int) -> bool:
    return mouth.synthesised and played_ms(mouth, at) >= mouth.whole - mouth.lengths[-1] - LAST_BIT_MS


def transcript(turn: int, role: str, text: str, *, final: bool = True) -> fx.Tell:
    return fx.Tell(message={"type": "transcript", "turn": turn, "role": role, "text": text, "final": final})


def _record_unanswered(state: CallState, out: Out) -> CallState:
    """A finished turn that will get no answer of its own still belongs to the record."""
    ear = state.ear
    if ear is None or ear.committed is None or not ear.text:
        return state
    turn = state.turn + 1
    out.append(
        fx.Commit(
            customer_turn=turn, customer_text=ear.text, agent_turn=0, agent_text="", spoken=not ear.typed
        )
    )
    return replace(state, turn=turn, ear=None)


def _heard_all(mouth: Mouth) -> bool:
    return not mouth.acked or mouth.played >= mouth.whole - LAST_BIT_MS


def _settle(state: CallState, heard: str, *, interrupted: bool, out: Out) -> CallState:
    mouth = state.mouth
    assert mouth is not None
    out.append(fx.Settle(turn=mouth.turn, heard=heard, interrupted=interrupted))
    history = (*state.history, Line(role="agent", text=heard)) if heard else state.history
    return replace(state, mouth=None, history=history[-HISTORY_LINES:])
