"""One scripted call, placed for real: through the product's socket, in real time, as a person would behave.

Invariant: it knows nothing of expectations. What it brings back is which turns of the call belong to which turn of the script.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from calls.caller import Caller, Pcm, wav_read
from calls.scenarios.format import Script, Turn
from calls.scenarios.speech import Voices
from calls.scenarios.values import Values

PATIENCE_S = 60.0
CODES = frozenset({"code", "wrong_code"})
CODE_WITHIN_S, LOOK_AGAIN_S = 6.0, 0.3


@dataclass(slots=True, kw_only=True)
class Step:
    """What one turn of the script led to. ``words`` is what the caller said (or typed, pressed), filled in."""

    words: str
    customer: list[int] = field(default_factory=list)
    agent: list[int] = field(default_factory=list)
    reached: bool = False


@dataclass(slots=True, kw_only=True)
class Played:
    """A call that is over. ``trouble`` says why it could not be played to its end, if so."""

    call_id: str
    ended: str
    steps: list[Step]
    trouble: str = ""


async def call_play(
    *,
    script: Script,
    values: Values,
    run: int,
    caller: Caller,
    voices: Voices | None,
    voice: str,
    code: Callable[[], Awaitable[str]],
) -> Played:
    """Play ``script``'s turns with the phrasings of ``run``; spoken if there are ``voices``
    (by ``voice``, if it is one of them), else typed.

    ``code`` reads the one-time code that was sent. Raises :class:`calls.caller.CallRefused`.
    """
    steps: list[Step] = []
    trouble = ""
    start: dict[str, Any] = {"language": script.language} if script.language else {}
    async with caller.connected(**start):
        try:
            if script.waits_for_greeting:
                await caller.until(lambda: bool(caller.ended) or caller.answers() > 0, PATIENCE_S)
                await caller.until(caller.is_floor_free, PATIENCE_S)
            for at, turn in enumerate(script.turns):
                after = script.turns[at + 1].interrupts_after if at + 1 < len(script.turns) else None
                if turn.interrupts_after is None:
                    await caller.until(caller.is_floor_free, PATIENCE_S)
                await _code_known(turn, run, values, caller, code)
                step = Step(words=words_of(turn, run, values))
                steps.append(step)
                if caller.ended:
                    break
                seen = len(caller.heard)
                await _act(turn, step.words, run, caller, voices, voice)
                if turn.way != "silence":
                    await caller.answer_heard(begun_for=after)
                step.reached = True
                _note(step, caller, seen)
            await caller.hang_up()
        except TimeoutError:
            trouble = "the agent didn't answer"
            if steps:
                _note(steps[-1], caller, 0)
    return Played(call_id=caller.call_id, ended=caller.ended, steps=steps, trouble=trouble)


def words_of(turn: Turn, run: int, values: Values) -> str:
    """What is said in this turn in this run."""
    if turn.way == "silence":
        return f"(silent for {turn.seconds:g} s)"
    if not turn.phrasings:
        return turn.wavs[run % len(turn.wavs)].name
    return values.fill(turn.phrasings[run % len(turn.phrasings)])


async def _act(turn: Turn, words: str, run: int, caller: Caller, voices: Voices | None, voice: str) -> None:
    if turn.way == "silence":
        await caller.quiet(turn.seconds)
    elif turn.way == "keypad":
        await caller.press("".join(sign for sign in words if sign in "0123456789*#"))
    elif turn.wavs and (voices is not None or not turn.phrasings):
        await caller.speak(wav_read(turn.wavs[run % len(turn.wavs)]))
    elif voices is not None and turn.way == "says":
        samples: Pcm = voices.say(words, run, voice)
        await caller.speak(samples)
    else:
        await caller.type(words)


async def _code_known(
    turn: Turn, run: int, values: Values, caller: Caller, code: Callable[[], Awaitable[str]]
) -> None:
    """A turn that has ``{code}`` in it is said when the code is there, as a caller would wait for the message."""
    phrasing = turn.phrasings[run % len(turn.phrasings)] if turn.phrasings else ""
    if not values.mentions(phrasing, CODES):
        return
    sent = await code()
    for _ in range(int(CODE_WITHIN_S / LOOK_AGAIN_S)):
        if sent or caller.ended:
            break
        await asyncio.sleep(LOOK_AGAIN_S)
        sent = await code()
    values.late["code"] = sent or "(no code was sent)"
    values.late["wrong_code"] = "".join(str((int(digit) + 5) % 10) for digit in sent) or "000000"


def _note(step: Step, caller: Caller, seen: int) -> None:
    """Which turns of the call began since message ``seen``."""
    for _, message in caller.heard[seen:]:
        if message["type"] == "transcript" and message["role"] == "customer" and message.get("final"):
            if message["turn"] not in step.customer:
                step.customer.append(message["turn"])
        elif message["type"] == "audio" and message["state"] == "start":
            step.agent.append(message["turn"])
