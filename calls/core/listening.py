"""The caller's turn in the making: guesses while they speak, a decision when they have finished.

Invariant: every guess (words, end of turn, plan, first sentence) is stamped with the revision it was made for; a caller who
goes on talking makes a new revision, and what was guessed before counts for nothing. Nothing here has an effect that
anybody outside could see, except holding and resuming the agent's voice.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from calls.core import bargein, grounding, speaking, streaming
from calls.core import effects as fx
from calls.core import events as ev
from calls.core.dialogue import plan_answer
from calls.core.endpointing import quiet_needed
from calls.core.standing import Out
from calls.core.state import CallState, Ear, Phase

SPEECH_WORTH_ASKING_MS = (
    500  # shorter sounds without words are coughs, not questions that we failed to understand
)


def voice_on(state: CallState, out: Out) -> CallState:
    """Somebody began, or went on, talking."""
    if state.phase is Phase.SPEAKING and state.ear is None:
        return _talks_over(state, out)
    if state.phase is Phase.THINKING:
        return _reopen(state, out)
    ear = state.ear
    if ear is None:
        state = replace(state, revision=state.revision + 1, phase=Phase.LISTENING, followup_at=None)
        return replace(state, ear=Ear(revision=state.revision, began=state.at))
    return _goes_on(state, ear, out)


def voice_off(state: CallState, event: ev.VoiceOff, out: Out) -> CallState:
    """A first short silence: guess that this was all, and start on an answer that may be thrown away."""
    ear = state.ear
    if ear is None or not ear.voice or ear.committed is not None:
        return state
    revision = state.revision + 1
    ear = replace(
        _unguessed(ear),
        revision=revision,
        voice=False,
        quiet_since=max(ear.began, state.at - event.quiet_ms),
        voiced_ms=event.voiced_ms,
    )
    out += [fx.Transcribe(revision=revision), fx.Judge(revision=revision)]
    return replace(state, revision=revision, ear=ear)


def heard(state: CallState, event: ev.Heard, out: Out) -> CallState:
    ear = state.ear
    if ear is None or event.revision != ear.revision or ear.text is not None:
        return state
    text = " ".join(event.text.split())
    if ear.over:
        state = _judge_interruption(state, ear, text, partial=event.partial, out=out)
        ear = state.ear
        if ear is None or ear.over:
            return state
    text = f"{ear.before} {text}".strip() if text else text
    if event.partial:
        if text:
            out.append(speaking.transcript(state.turn + 1, "customer", text, final=False))
        return state
    if not text:
        return _nothing_heard(state, ear, out)
    out.append(speaking.transcript(state.turn + 1, "customer", text, final=False))
    ear = replace(
        ear,
        text=text,
        language=event.language,
        marks=MappingProxyType({**ear.marks, "stt_ms": event.took_ms}),
    )
    state = replace(state, ear=ear)
    out.append(_decide(state, ear))
    return commit_if_finished(state, out)


def judged(state: CallState, event: ev.Judged, out: Out) -> CallState:
    ear = state.ear
    if ear is None or event.revision != ear.revision or ear.committed is not None:
        return state
    marks = MappingProxyType({**ear.marks, "end_of_turn": round(event.probability, 3)})
    return commit_if_finished(
        replace(state, ear=replace(ear, audio_over=event.probability, marks=marks)), out
    )


def sketched(state: CallState, event: ev.Sketched, out: Out) -> CallState:
    """What is known of the words at once: enough to judge whether they are finished, and to vouch for what is drafted."""
    ear = streaming.ear_of(state, event.revision)
    if ear is None or ear is not state.ear:
        return state
    state = replace(state, ear=replace(ear, sketch=event.proposal, known=event.known))
    return commit_if_finished(state, out)


def proposed(state: CallState, event: ev.Proposed, out: Out) -> CallState:
    """What an engine makes of the words: plan at once, and have the first sentence voiced while the caller may still go on."""
    ear, mouth = streaming.ear_of(state, event.revision), streaming.open_mouth(state, event.revision)
    if ear is None or ear.text is None:
        return state
    proposal = event.proposal
    if proposal.written:
        proposal = replace(
            proposal, answer=grounding.said(proposal.answer, proposal=proposal, words=ear.text)
        )
    begun = mouth is not None and mouth.turn > 0
    plan = plan_answer(
        dialogue=state.dialogue,
        proposal=proposal,
        known=event.known,
        text=ear.text,
        playbook=state.playbook,
        turn=mouth.turn - 1 if mouth is not None and begun else state.turn + 1,
        last_said=state.last_said,
    )
    if plan.decision is not None:
        plan = replace(plan, decision=replace(plan.decision, engine_note=proposal.note))
    timings = {name: float(ms) for name, ms in proposal.timings.items()}
    marks = MappingProxyType({**ear.marks, **timings, "engine_ms": event.took_ms})
    ear = replace(ear, proposal=proposal, known=event.known, plan=plan, marks=marks)
    if mouth is not None:
        state = replace(state, mouth=replace(mouth, answers=ear)) if begun else replace(state, ear=ear)
        return streaming.decided(state, plan, out)
    if ear.draft:  # its first sentence is being voiced already
        ear = replace(ear, plan=streaming.joined(plan, ear.draft[:1]))
    else:
        out.append(fx.Synthesise(revision=ear.revision, index=0, text=plan.sentences[0]))
    state = replace(state, ear=ear)
    if ear.committed is not None:
        return speaking.answer(state, out)
    return commit_if_finished(state, out)


def first_sentence_voiced(state: CallState, event: ev.Voiced) -> CallState:
    ear = state.ear
    if ear is None or event.revision != ear.revision or event.index != 0:
        return state
    if ear.plan is None and not ear.draft:
        return state
    return replace(state, ear=replace(ear, first_ms=event.ms))


def engine_late(state: CallState, out: Out) -> CallState | None:
    """The engine says nothing more: answer from what was known without it; None if nothing was."""
    mouth = state.mouth
    ear = mouth.answers if mouth is not None and mouth.open and mouth.turn else state.ear
    if ear is None or ear.sketch is None:
        return None
    proposal = replace(ear.sketch, note="the language model took too long")
    event = ev.Proposed(at=state.at, revision=ear.revision, proposal=proposal, known=ear.known)
    return proposed(state, event, out)


def voice_timed(state: CallState, event: ev.Voiced) -> CallState:
    """Keep for the waterfall how long the answer's first sentence took."""
    ear = state.ear
    if ear is None or event.revision != ear.revision or event.index != 0:
        return state
    return replace(state, ear=replace(ear, marks=MappingProxyType({**ear.marks, "tts_ms": event.took_ms})))


def commit_if_finished(state: CallState, out: Out) -> CallState:
    """Close the caller's turn once it has been quiet for as long as its words and its voice ask for."""
    ear = state.ear
    if ear is None or ear.voice or ear.committed is not None or ear.over or ear.quiet_since is None:
        return state
    needed = quiet_needed(ear=ear, asked=state.dialogue.asked, pace=state.playbook.pace)
    if needed is None or state.at - ear.quiet_since < needed:
        return state
    return commit(state, out)


def commit(state: CallState, out: Out) -> CallState:
    """The caller has finished: the floor is ours."""
    ear = state.ear
    assert ear is not None and ear.text is not None
    ear = replace(ear, committed=state.at, voice=False)
    out.append(fx.Tell(message={"type": "state", "state": "thinking"}))
    state = replace(state, ear=ear, phase=Phase.THINKING)
    return speaking.answer(state, out) if ear.plan is not None or ear.draft else state


def typed(state: CallState, text: str, out: Out) -> CallState:
    """A typed turn: complete as it is. It interrupts at once; one that is still being answered goes first."""
    words = " ".join(text.split())
    if not words:
        return state
    bridging = state.mouth is not None and state.mouth.bridging
    if bridging or (state.phase is Phase.THINKING and state.ear is not None):
        return replace(state, waiting=(*state.waiting, words)[-10:])
    state = speaking.interrupt(state, out)
    revision = state.revision + 1
    out += [
        fx.Drop(revision=revision),
        fx.Forget(),
        speaking.transcript(state.turn + 1, "customer", words),
        fx.Tell(message={"type": "state", "state": "thinking"}),
    ]
    ear = Ear(
        revision=revision,
        began=state.at,
        voice=False,
        typed=True,
        quiet_since=state.at,
        text=words,
        committed=state.at,
    )
    state = replace(
        state,
        phase=Phase.THINKING,
        revision=revision,
        ear=ear,
        followup_at=None,
        quiet_from=state.at,
        uncaught=0,
    )
    out.append(_decide(state, ear))
    return state


def probe(state: CallState, out: Out) -> CallState:
    """The caller keeps talking over the agent: listen to what it is before they have finished."""
    ear = state.ear
    assert ear is not None
    out.append(fx.Transcribe(revision=ear.revision, partial=True))
    return replace(state, ear=replace(ear, probes=ear.probes + 1))


def interruption(state: CallState, out: Out) -> CallState:
    """It is one: the agent stops, and what is being said becomes a turn like any other."""
    ear = state.ear
    assert ear is not None
    if state.mouth is not None and state.mouth.bridging and state.mouth.answers is not None:
        state, before = streaming.taken_back(state, out)
        ear = replace(ear, before=before)
    else:
        state = speaking.interrupt(state, out)
    out += [fx.Drop(revision=ear.revision), fx.Tell(message={"type": "state", "state": "listening"})]
    return replace(state, ear=replace(ear, over=0))


def drop(state: CallState, out: Out) -> CallState:
    """What was heard was nothing: forget it; if the agent was held for it, the agent goes on."""
    out.append(fx.Forget())
    state = replace(state, ear=None)
    if state.mouth is not None:
        return speaking.resume(state, out)
    phase = (
        Phase.OPENING if state.turn == 0 else Phase.LISTENING
    )  # a cough doesn't cost the caller the greeting
    return replace(state, phase=phase, quiet_from=state.at)


def _talks_over(state: CallState, out: Out) -> CallState:
    mouth = state.mouth
    assert mouth is not None
    state = speaking.hush(state, out)
    asking = (
        bool(mouth.plan.dialogue.asked)
        and not mouth.pending
        and speaking.last_sentence_playing(mouth, state.at)
    )
    revision = state.revision + 1
    ear = Ear(revision=revision, began=state.at, over=mouth.turn, asking=asking)
    return replace(state, revision=revision, ear=ear)


def _judge_interruption(state: CallState, ear: Ear, text: str, *, partial: bool, out: Out) -> CallState:
    mouth = state.mouth
    if mouth is None:
        return replace(state, ear=replace(ear, over=0))
    if not text:
        return state if partial or ear.voice else drop(state, out)
    if bargein.is_echo(text, mouth.plan.words):
        return state if ear.voice else drop(state, out)
    if partial and not bargein.is_certain(text):
        return state
    if not ear.asking and bargein.is_backchannel(text, leaving=bool(mouth.plan.ends)):
        return state if ear.voice else drop(state, out)
    return interruption(state, out)


def _reopen(state: CallState, out: Out) -> CallState:
    """The caller goes on before the answer's first sound: the same turn, with more in it. Nothing was done yet."""
    ear = state.ear
    revision = state.revision + 1
    out.append(fx.Drop(revision=revision))
    if ear is None or ear.typed:
        # Nobody's question is dropped: a typed turn is answered after what is being said now.
        waiting = (ear.text, *state.waiting) if ear is not None and ear.text else state.waiting
        fresh = Ear(revision=revision, began=state.at)
        return replace(
            state, phase=Phase.LISTENING, revision=revision, mouth=None, ear=fresh, waiting=waiting
        )
    state = replace(state, phase=Phase.LISTENING, mouth=None)
    out.append(fx.Tell(message={"type": "state", "state": "listening"}))
    return _goes_on(state, replace(ear, committed=None), out)


def _goes_on(state: CallState, ear: Ear, out: Out) -> CallState:
    revision = state.revision + 1
    if ear.over:
        state = speaking.hush(state, out)
    if state.mouth is None:
        out.append(fx.Drop(revision=revision))
    ear = replace(
        _unguessed(ear),
        revision=revision,
        voice=True,
        quiet_since=None,
        began=state.at if ear.over else ear.began,
        probes=0,
    )
    return replace(state, revision=revision, ear=ear)


def _unguessed(ear: Ear) -> Ear:
    """The ear without anything that was guessed about it."""
    return replace(
        ear, text=None, audio_over=None, sketch=None, draft=(), proposal=None, plan=None, first_ms=None
    )


def _nothing_heard(state: CallState, ear: Ear, out: Out) -> CallState:
    """Sound without words. Long enough to have been speech: say so, once or twice; else it was a cough."""
    if ear.voiced_ms < SPEECH_WORTH_ASKING_MS or state.uncaught >= 2:
        return drop(state, out)
    out.append(fx.Forget())
    state = replace(state, ear=None, uncaught=state.uncaught + 1)
    return speaking.speak_unasked(state, state.playbook.say("not_caught"), out)


def _decide(state: CallState, ear: Ear) -> fx.Decide:
    return fx.Decide(
        revision=ear.revision,
        text=ear.text or "",
        asked=state.dialogue.asked,
        document=state.dialogue.document,
        history=state.history,
        language=ear.language,
    )
