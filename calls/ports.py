"""The world, as one call sees it: models of this process, rows of the database."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from calls import services
from calls.core import effects as fx
from calls.core import events as ev
from calls.core.decision import Proposal
from calls.core.known import Known
from calls.core.playbook import Playbook
from calls.database import connection_returned, database_run
from calls.engines.base import DraftingEngine, Request
from calls.gate import VoiceGate
from calls.hearing import RATE, Audio
from calls.knowing import known_read
from calls.runtime import Runtime
from calls.session import Ports, Words
from calls.speech.executor import Priority

SHORT_S = 1.3


def ports_build(*, runtime: Runtime, call_id: uuid.UUID, language: str = "en") -> Ports:
    """Ports of call ``call_id``, held in ``language``. The runtime must be loaded."""
    models, executor, engine = runtime.models, runtime.executor, runtime.engine
    assert models is not None and executor is not None and engine is not None
    recorded = 0

    async def transcribe(audio: Audio, partial: bool) -> Words:
        # Short sounds are answers and nods; a list of names to expect turns them into names.
        names = () if partial or audio.size < SHORT_S * RATE else runtime.vocabulary
        heard = await executor.run(
            lambda: models.recogniser.transcribe(
                audio, vocabulary=names, language=language, or_other=not partial
            ),
            priority=Priority.SPECULATIVE if partial else Priority.ANSWER,
        )
        return Words(text=heard.text, language=heard.language)

    async def judge(audio: Audio) -> float:
        return await executor.run(lambda: models.end_of_turn.judge(audio), priority=Priority.ANSWER)

    async def propose(request: Request) -> Proposal:
        return await executor.run(
            lambda: connection_returned(engine.propose, request), priority=Priority.ANSWER
        )

    async def draft(request: Request, base: Proposal, sentence: Callable[[str], None]) -> Proposal:
        assert isinstance(engine, DraftingEngine)
        return await engine.draft(request, base, sentence)

    async def look_up(request: Request) -> tuple[Known, Playbook]:
        # Rows and rules in one visit to the database, beside the engine.
        return await database_run(
            lambda: (known_read(call_id=call_id, request=request), runtime.playbook_now(language))
        )

    async def synthesise(text: str, first: bool) -> bytes:
        return await executor.run(
            lambda: b"".join(models.voice.synthesise(text)),
            priority=Priority.ANSWER if first else Priority.LATER,
        )

    async def commit(effect: fx.Commit) -> Sequence[tuple[str, str, str, str]]:
        return await database_run(services.exchange_commit, call_id=call_id, commit=effect)

    async def settle(effect: fx.Settle) -> None:
        await database_run(services.turn_settle, call_id=call_id, settle=effect)

    async def release(keys: tuple[str, ...]) -> None:
        await database_run(services.actions_release, call_id=call_id, keys=keys)

    async def revoke(keys: tuple[str, ...]) -> None:
        await database_run(services.actions_revoke, call_id=call_id, keys=keys)

    async def record(events: Sequence[ev.Recorded]) -> None:
        nonlocal recorded
        first, recorded = recorded, recorded + len(events)
        await database_run(services.events_record, call_id=call_id, first_seq=first, events=events)

    async def finish(reason: str) -> None:
        await database_run(services.call_finish, call_id=call_id, reason=reason)

    return Ports(
        gate=VoiceGate(models.vad),
        rate=models.voice.sample_rate,
        transcribe=transcribe,
        judge=judge,
        propose=propose,
        look_up=look_up,
        synthesise=synthesise,
        commit=commit,
        settle=settle,
        release=release,
        revoke=revoke,
        record=record,
        finish=finish,
        draft=draft if isinstance(engine, DraftingEngine) else None,
    )
