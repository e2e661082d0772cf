"""Everything that a call waits for, with the time by which it stops waiting.

Invariant: pure; a state that isn't ended always has a next deadline, so that no call can go silent or live for ever. What is
done when one comes is :mod:`calls.core.machine`'s.
"""

from __future__ import annotations

from calls.core import streaming
from calls.core.endpointing import quiet_needed
from calls.core.state import CallState, Phase


def next_deadline(state: CallState) -> int | None:
    """When the call wants a :class:`~calls.core.events.Tick` if nothing else happens; None once it has ended."""
    due = deadlines(state)
    return min(due.values()) if due else None


def deadlines(state: CallState) -> dict[str, int]:
    """Everything that this state waits for, with the time by which it stops waiting."""
    if state.phase is Phase.ENDED:
        return {}
    pace = state.playbook.pace
    due = {"last_words": pace.longest_call + pace.last_words}
    if state.lost_at is not None:
        return due | {"lost": state.lost_at + pace.lost_for}
    if not state.over_limit:
        due["limit"] = pace.longest_call
    if state.ear is None and not (state.mouth is not None and state.mouth.pending):
        # While something the caller said is not decided yet, it may be that it isn't right.
        due |= {
            f"held {held.key}": held.release_at for held in state.dialogue.held if held.release_at is not None
        }
    if state.keypad:
        due["keypad"] = state.keypad_at + pace.keypad_pause
    return due | _mouth_deadlines(state) | _ear_deadlines(state)


def _mouth_deadlines(state: CallState) -> dict[str, int]:
    mouth, pace = state.mouth, state.playbook.pace
    if mouth is None:
        return {}
    due: dict[str, int] = {}
    if not mouth.synthesised:
        due["voice"] = mouth.waiting_since + pace.voice_patience
    elif mouth.open:
        asked_at = mouth.answers.committed if mouth.bridging and mouth.answers is not None else None
        due["engine"] = (mouth.waiting_since if asked_at is None else asked_at) + pace.engine_patience
    elif mouth.turn and mouth.hushed_at is None:
        grace = pace.ack_grace if mouth.acked else pace.unacked_grace
        by_clock = mouth.began + mouth.whole + mouth.hushed_ms + grace
        # A client that plays slower than the clock, but plays, is waited for.
        due["ack"] = max(by_clock, mouth.acked_at + grace) if mouth.acked else by_clock
    if mouth.turn and state.waiting and not mouth.pending:
        due["typed"] = mouth.began + pace.typed_apart
    return due


def _ear_deadlines(state: CallState) -> dict[str, int]:
    ear, pace = state.ear, state.playbook.pace
    if ear is None:
        if state.mouth is not None:
            return {}
        if state.waiting:
            return {"typed": state.at}
        if state.phase is Phase.OPENING:
            return {"greet": state.quiet_from + pace.greet_after}
        if state.person_due is not None and state.dialogue.escalation:
            return {"person": state.person_due}
        patience = pace.idle_after if state.prompts == 0 else pace.idle_again
        due = {"idle": state.quiet_from + patience}
        if state.followup_at is not None:
            due["followup"] = state.followup_at
        return due
    if ear.committed is not None:
        if ear.plan is not None:
            return {}
        due = {"engine": ear.committed + pace.engine_patience}
        if state.mouth is None and streaming.BRIDGE in state.playbook.phrases:
            due["bridge"] = ear.committed + pace.bridge_after
        return due
    hushed = ear.over and state.mouth is not None and state.mouth.hushed_at is not None
    if ear.voice:
        due = {"endless": ear.began + pace.longest_utterance}
        if hushed:
            due["doubt"] = ear.began + pace.hushed_by_voice
        if ear.over:
            due["probe"] = ear.began + pace.bargein_probe * (ear.probes + 1)
        return due
    quiet = ear.quiet_since if ear.quiet_since is not None else ear.began
    needed = quiet_needed(ear=ear, asked=state.dialogue.asked, pace=pace)
    if needed is None or ear.over:
        return {"stt": quiet + pace.stt_patience} | (
            {"doubt": quiet + pace.hushed_by_quiet} if hushed else {}
        )
    return {"finished": quiet + needed}
