"""A call, as one function: ``step(state, event) -> (state, effects)``.

Invariant: every decision of a call is made below this function, from the state and the event alone: no clock, no network, no
database. An event that can't happen raises and changes nothing; one that comes too late is dropped. A state that isn't ended
always has a next deadline, so that no call can go silent or live for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from calls.core import effects as fx
from calls.core import events as ev
from calls.core import listening, speaking, streaming
from calls.core.deadlines import deadlines, next_deadline
from calls.core.flows.failing import failure_untold
from calls.core.known import Facts
from calls.core.playbook import Playbook
from calls.core.standing import Out
from calls.core.state import CallState, Dialogue, Phase
from calls.core.undertaking import followup_say, waited_say

__all__ = ["IllegalEvent", "call_open", "next_deadline", "step"]


class IllegalEvent(RuntimeError):
    """The event can't happen now; the state is as it was."""


def call_open(*, playbook: Playbook, facts: Facts) -> CallState:
    """The state of a call whose caller has just been connected, at 0 ms."""
    return CallState(playbook=playbook, dialogue=Dialogue(facts=facts))


def step(state: CallState, event: ev.Event) -> tuple[CallState, tuple[fx.Effect, ...]]:
    """What the call is after ``event``, and what is to be done about it, in order.

    Raises :class:`IllegalEvent` for an event of an unknown type, after the end, or from the past.
    """
    if state.phase is Phase.ENDED:
        raise IllegalEvent("the call has ended")
    if event.at < state.at:
        raise IllegalEvent(f"time runs backwards: {event.at} < {state.at}")
    out: Out = []
    state = _take(replace(state, at=event.at), event, out)
    if state.phase is not Phase.ENDED:
        state = _due(state, out)
    return state, tuple(out)


def _take(state: CallState, event: ev.Event, out: Out) -> CallState:
    """Every event and who decides about it."""
    match event:
        case ev.VoiceOn():
            return listening.voice_on(state, out)
        case ev.VoiceOff():
            return listening.voice_off(state, event, out)
        case ev.Heard():
            return listening.heard(state, event, out)
        case ev.Judged():
            return listening.judged(state, event, out)
        case ev.Sketched():
            return listening.sketched(state, event, out)
        case ev.Drafted():
            return streaming.drafted(state, event, out)
        case ev.Proposed():
            return listening.proposed(state, event, out)
        case ev.Voiced():
            return _voiced(state, event, out)
        case ev.Played():
            return speaking.played(state, event.turn, event.ms, out)
        case ev.Sent():
            return speaking.all_sent(state, event.turn, out)
        case ev.Typed():
            return listening.typed(state, event.text, out)
        case ev.Dtmf():
            return _dtmf(state, event, out)
        case ev.Receipt():
            return _receipt(state, event, out)
        case ev.Failed():
            return _failed(state, event, out)
        case ev.Lost():
            return _lost(state, out)
        case ev.Back():
            return _back(state, out)
        case ev.HungUp():
            return speaking.close(state, "hangup", out)
        case ev.Ruled():
            return replace(state, playbook=event.playbook)
        case ev.Closing():
            return _closing(state, out)
        case ev.Tick():
            return state
        case _:
            raise IllegalEvent(f"unknown event {type(event).__name__}")


# --- time ----------------------------------------------------------------------------------------------------------------


def _due(state: CallState, out: Out) -> CallState:
    """Do whatever is due by now, earliest first. Each step moves its own deadline, so this ends; the bound is a backstop."""
    for _ in range(20):
        due = deadlines(state)
        name = min(due, key=lambda one: due[one], default="")
        if not name or due[name] > state.at:
            break
        state = _ON_TIME[name.split(" ")[0]](state, out)
    return state


def _say(phrase: str, ends: str = "") -> Callable[[CallState, Out], CallState]:
    def act(state: CallState, out: Out) -> CallState:
        return speaking.speak_unasked(state, state.playbook.say(phrase), out, ends=ends)

    return act


def _idle(state: CallState, out: Out) -> CallState:
    if state.prompts >= state.playbook.pace.idle_prompts:
        return speaking.speak_unasked(state, state.playbook.say("idle_goodbye"), out, ends="idle")
    words = state.dialogue.asked_text if state.prompts == 0 and state.dialogue.asked_text else ""
    state = replace(state, prompts=state.prompts + 1)
    return speaking.speak_unasked(state, words or state.playbook.say("still_there"), out)


def _followup(state: CallState, out: Out) -> CallState:
    words, dialogue = followup_say(state.dialogue, state.playbook)
    return speaking.speak_unasked(state, words, out, dialogue=dialogue)


def _nobody_free(state: CallState, out: Out) -> CallState:
    """Nobody took the call: the caller isn't left holding, but called back. What was handed over stays with the team."""
    words, dialogue = waited_say(state.dialogue, state.playbook)
    return speaking.speak_unasked(replace(state, person_due=None), words, out, dialogue=dialogue)


def _limit(state: CallState, out: Out) -> CallState:
    state = replace(speaking.interrupt(state, out), over_limit=True, waiting=())
    return _say("limit_goodbye", ends="limit")(state, out)


def _stt_late(state: CallState, out: Out) -> CallState:
    """The words never came: an utterance that was heard is not met with silence."""
    ear = state.ear
    assert ear is not None
    if ear.over:
        return listening.drop(state, out)
    return _trouble(state, out)


def _trouble(state: CallState, out: Out) -> CallState:
    out.append(fx.Forget())
    return _say("trouble")(speaking.interrupt(state, out), out)


def _engine_late(state: CallState, out: Out) -> CallState:
    return listening.engine_late(state, out) or _trouble(state, out)


def _voice_late(state: CallState, out: Out) -> CallState:
    """A sentence that can't be synthesised is shown, and the call goes on."""
    mouth = state.mouth
    assert mouth is not None
    return speaking.sentence_voiced(state, len(mouth.lengths), 0, out)


def _endless(state: CallState, out: Out) -> CallState:
    """Somebody (or a fan) talks for a minute without a breath: take what there is."""
    ear = state.ear
    assert ear is not None
    if ear.over:
        return listening.drop(state, out)
    return listening.voice_off(
        state, ev.VoiceOff(at=state.at, quiet_ms=0, voiced_ms=state.at - ear.began), out
    )


def _take_waiting(state: CallState, out: Out) -> CallState:
    words, rest = state.waiting[0], state.waiting[1:]
    return listening.typed(replace(state, waiting=rest), words, out)


def _keypad(state: CallState, out: Out) -> CallState:
    digits = state.keypad
    return listening.typed(replace(state, keypad=""), digits, out)


_ON_TIME: Final[Mapping[str, Callable[[CallState, Out], CallState]]] = MappingProxyType(
    {
        "greet": _say("greeting"),
        "idle": _idle,
        "followup": _followup,
        "person": _nobody_free,
        "finished": listening.commit,
        "stt": _stt_late,
        "engine": _engine_late,
        "bridge": streaming.bridge,
        "voice": _voice_late,
        "ack": speaking.finish,
        "probe": listening.probe,
        "doubt": speaking.resume,
        "endless": _endless,
        "typed": _take_waiting,
        "keypad": _keypad,
        "held": speaking.release_due,
        "limit": _limit,
        "last_words": lambda state, out: speaking.close(state, "limit", out),
        "lost": lambda state, out: speaking.close(state, "hangup", out),
    }
)

# --- events --------------------------------------------------------------------------------------------------------------


def _voiced(state: CallState, event: ev.Voiced, out: Out) -> CallState:
    state = listening.voice_timed(state, event)
    if state.mouth is not None and state.mouth.revision == event.revision:
        return speaking.sentence_voiced(state, event.index, event.ms, out)
    return listening.first_sentence_voiced(state, event)


def _failed(state: CallState, event: ev.Failed, out: Out) -> CallState:
    if event.stage == "commit":
        # What was just promised could not be written down: take it back before the caller relies on it.
        return _trouble(state, out)
    if event.stage == "engine" and streaming.ear_of(state, event.revision) is not None:
        return _engine_late(state, out)
    if state.ear is None or state.ear.revision != event.revision:
        return state
    return _stt_late(state, out) if event.stage == "stt" else _trouble(state, out)


_RANK: Final = MappingProxyType(
    {
        "held": 1,
        "queued": 2,
        "sending": 3,
        "sent": 4,
        "simulated": 4,
        "delivered": 5,
        "failed": 5,
        "unknown": 5,
        "cancelled": 5,
        "done": 5,
    }
)


def _receipt(state: CallState, event: ev.Receipt, out: Out) -> CallState:
    dialogue = state.dialogue
    if _RANK.get(event.status, 0) < _RANK.get(dialogue.receipts.get(event.key, ""), 0):
        return state  # news that is older than what we know
    # A demo's provider only pretends: the screen says so, and the agent doesn't claim that anything was sent.
    label = (
        dialogue.shown.get(event.key) or event.label
    )  # one deed keeps the name under which it was shown first
    known = "simulated" if event.simulated and event.status in {"sent", "delivered"} else event.status
    receipts = MappingProxyType({**dialogue.receipts, event.key: known})
    failures = dialogue.failures
    if event.failure and event.status == "failed":
        failures = MappingProxyType({**failures, event.key: event.failure})
    out.append(
        fx.Tell(
            message={
                "type": "action",
                "key": event.key,
                "kind": event.kind,
                "status": event.status,
                "label": label,
                **({"simulated": True} if event.simulated else {}),
            }
        )
    )
    shown = {**dialogue.shown, event.key: label}
    state = replace(state, dialogue=replace(dialogue, receipts=receipts, shown=shown, failures=failures))
    if event.status == "failed" and failure_untold(replace(state.dialogue, asked="")) == event.key:
        if dialogue.followup and dialogue.followup != event.key:
            return state  # one after the other
        state = replace(state, dialogue=replace(state.dialogue, followup=event.key))
        if state.phase is Phase.LISTENING and state.ear is None:
            return replace(state, followup_at=state.at)
    return state


def _dtmf(state: CallState, event: ev.Dtmf, out: Out) -> CallState:
    if event.digit == "#":
        return _keypad(state, out) if state.keypad else state
    return replace(state, keypad=(state.keypad + event.digit)[-32:], keypad_at=state.at)


def _lost(state: CallState, out: Out) -> CallState:
    """Hold everything: half an utterance can't be trusted, half an answer can be gone on with."""
    if state.lost_at is not None:
        return state
    state = replace(state, lost_at=state.at)
    ear = state.ear
    if ear is not None and ear.committed is None:
        out.append(fx.Forget())
        state = replace(state, ear=None)
    return speaking.hush(state, out)


def _back(state: CallState, out: Out) -> CallState:
    if state.lost_at is None:
        return state
    away = state.at - state.lost_at
    mouth = state.mouth
    if mouth is not None:
        state = replace(state, mouth=replace(mouth, waiting_since=state.at))
    ear = state.ear
    if ear is not None and ear.committed is not None:
        state = replace(state, ear=replace(ear, committed=state.at))
    held = tuple(
        replace(one, release_at=one.release_at + away) if one.release_at is not None else one
        for one in state.dialogue.held
    )
    phase = state.phase
    if state.mouth is None and state.ear is None:
        phase = Phase.LISTENING if state.turn else Phase.OPENING
    state = replace(
        state, lost_at=None, quiet_from=state.at, phase=phase, dialogue=replace(state.dialogue, held=held)
    )
    name = {Phase.SPEAKING: "speaking", Phase.THINKING: "thinking"}.get(phase, "listening")
    out.append(fx.Tell(message={"type": "state", "state": name}))
    return speaking.resume(state, out, rewind=True)


def _closing(state: CallState, out: Out) -> CallState:
    if state.lost_at is not None:
        return speaking.close(state, "error", out)
    state = replace(speaking.interrupt(state, out), over_limit=True, waiting=())
    return _say("closing_goodbye", ends="error")(state, out)
