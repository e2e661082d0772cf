"""One call, one loop. It owns the call's state; everything else posts events to it.

Invariant: only :meth:`Session.run` steps the state and performs effects. Work that takes time runs beside it and comes back
as an event that carries the revision it was asked for. No Django here: the world is reached through :class:`Ports`.

A turn's way, top to bottom: ``audio`` (frames in) -> ``Hearing`` (voice or not) -> ``run`` (step) -> ``_perform`` (transcribe,
judge, decide, synthesise, play, commit) -> ``Playback`` (frames out).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import structlog

from calls.core import effects as fx
from calls.core import events as ev
from calls.core.decision import Proposal
from calls.core.known import Known
from calls.core.machine import IllegalEvent, next_deadline, step
from calls.core.playbook import Playbook
from calls.core.speakable import speakable
from calls.core.state import CallState, Phase
from calls.engines.base import Request
from calls.hearing import RATE, Audio, Gate, Hearing
from calls.line import Connection, Line
from calls.playback import Playback

log = structlog.get_logger(__name__)

SILENCE_EVERY_S = 0.064
SILENCE_AFTER_S = 0.15
DRAIN_S = 10.0
HANG_UP_S = 2.0
INBOX = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What speech to text made of an utterance."""

    text: str
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything that a call needs of the world. Each can fail; none decides anything.

    ``transcribe`` takes float32 audio at 16 kHz; ``synthesise`` returns signed 16-bit mono PCM at ``rate``, and its flag says
    that the caller waits for it. ``commit`` writes
    one exchange in one transaction and returns the receipts of what it undertook. ``look_up`` reads what the rows say now, and
    the newest playbook; it changes nothing. ``draft``, if there is one, takes its time over what ``propose`` gave at once, and
    hands over each sentence of the answer as it is written.
    """

    gate: Gate
    rate: int
    transcribe: Callable[[Audio, bool], Awaitable[Words]]
    judge: Callable[[Audio], Awaitable[float]]
    propose: Callable[[Request], Awaitable[Proposal]]
    look_up: Callable[[Request], Awaitable[tuple[Known, Playbook]]]
    synthesise: Callable[[str, bool], Awaitable[bytes]]
    commit: Callable[[fx.Commit], Awaitable[Sequence[tuple[str, str, str, str]]]]
    settle: Callable[[fx.Settle], Awaitable[None]]
    release: Callable[[tuple[str, ...]], Awaitable[None]]
    revoke: Callable[[tuple[str, ...]], Awaitable[None]]
    record: Callable[[Sequence[ev.Recorded]], Awaitable[None]]
    finish: Callable[[str], Awaitable[None]]
    draft: Callable[[Request, Proposal, Callable[[str], None]], Awaitable[Proposal]] | None = None


class Session:
    """Runs one call from the first connection to the last row."""

    def __init__(self, *, state: CallState, ports: Ports, call_id: str) -> None:
        self.state = state
        self.call_id = call_id
        self.rate = ports.rate
        self.line = Line(stuck=self.lose)
        self._ports = ports
        self._inbox: asyncio.Queue[ev.Event] = asyncio.Queue(maxsize=INBOX)
        self._hearing = Hearing(ports.gate)
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._last_audio = self._began
        self._playback = Playback(
            rate=ports.rate,
            put=self.line.put,
            sent=lambda turn: self.post(ev.Sent(at=self.now(), turn=turn)),
        )
        self._guesses: dict[asyncio.Task[None], int] = {}
        self._pcm: dict[tuple[int, int], bytes] = {}
        self._writes: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self._recorded: list[ev.Recorded] = []
        self._attached = False

    # --- what others call ---------------------------------------------------------------------------------------------

    def now(self) -> int:
        """Milliseconds since the call began."""
        return int((self._loop.time() - self._began) * 1000)

    def post(self, event: ev.Event) -> None:
        """Give the call an event. A call that is drowning in them has its connection to blame: those are dropped."""
        if self._inbox.full() and isinstance(event, ev.Played | ev.VoiceOn | ev.VoiceOff):
            log.warning("inbox_full", call=self.call_id, kind=type(event).__name__)
            return
        if self._inbox.full():
            raise OverflowError("this call has more unanswered messages than it can hold")
        self._inbox.put_nowait(event)

    def audio(self, samples: Audio) -> None:
        """Audio from the caller: float32 mono at 16 kHz, in real time."""
        self._last_audio = self._loop.time()
        self._hear(samples)

    def attach(self, connection: Connection) -> None:
        """The caller is connected: at the start, or again after the line broke. An older connection is let go."""
        before = self.line.connection
        if before is not None:
            self.lose()
            self._spawn(_let_go(before))
        self.line.connect(connection)
        if self._attached:
            self.post(ev.Back(at=self.now()))
        self._attached = True

    def lose(self) -> None:
        """The connection broke."""
        self.line.disconnect()
        self._hearing.reset()
        self.post(ev.Lost(at=self.now()))

    async def run(self) -> None:
        """The call's only loop, until the call has ended and everything about it is written."""
        writer = self._spawn(self._write())
        sender = self._spawn(self.line.run())
        helpers = [self._spawn(self._playback.run()), self._spawn(self._fill_silence())]
        try:
            while self.state.phase is not Phase.ENDED:
                self._advance(await self._next_event())
        finally:
            for task in (*self._guesses, *helpers):
                task.cancel()
            await self._end(writer, sender)

    # --- the loop -----------------------------------------------------------------------------------------------------

    async def _next_event(self) -> ev.Event:
        deadline = next_deadline(self.state)
        wait = None if deadline is None else max(0.0, (deadline - self.now()) / 1000)
        try:
            return await asyncio.wait_for(self._inbox.get(), wait)
        except TimeoutError:
            return ev.Tick(at=max(self.now(), deadline or 0))

    def _advance(self, event: ev.Event) -> None:
        at = max(
            event.at, self.state.at
        )  # threads and sockets may hand over a millisecond late; time only goes forward
        event = event if at == event.at else replace(event, at=at)
        try:
            self.state, effects = step(self.state, event)
        except IllegalEvent as error:
            log.warning("event_refused", call=self.call_id, kind=type(event).__name__, error=str(error))
            return
        self._recorded.append(ev.event_record(event))
        for effect in effects:
            self._perform(effect)
        if len(self._recorded) >= 50:
            self._flush_record()

    def _perform(self, effect: fx.Effect) -> None:
        """One effect. This is the only place that knows what an effect means in the world."""
        match effect:
            case fx.Transcribe():
                self._guess(effect.revision, self._transcribe(effect, self._hearing.utterance()), "stt")
            case fx.Judge():
                self._guess(effect.revision, self._judge(effect, self._hearing.utterance()))
            case fx.Decide():
                self._guess(effect.revision, self._decide(effect), "engine")
            case fx.Synthesise():
                self._guess(effect.revision, self._synthesise(effect))
            case fx.Drop():
                self._drop(effect.revision)
            case fx.Forget():
                self._hearing.forget()
            case fx.Play():
                pcm = self._pcm.pop((effect.revision, effect.index), b"")
                self._playback.play(turn=effect.turn, text=effect.text, pcm=pcm, last=effect.last)
            case fx.Complete():
                self._playback.complete(effect.turn)
            case fx.Hush():
                if self._playback.hush(effect.turn):
                    self.line.put({"type": "pause", "turn": effect.turn})
            case fx.Resume():
                self.line.put({"type": "resume", "turn": effect.turn})
                self._playback.resume(effect.turn, from_ms=effect.from_ms)
            case fx.Interrupt():
                self._playback.clear(effect.turn)
                self.line.put({"type": "interrupt", "turn": effect.turn})
                self.line.put({"type": "audio", "turn": effect.turn, "state": "end"})
            case fx.Tell():
                self.line.put(effect.message)
            case fx.Commit():
                if effect.customer_turn:
                    self._hearing.forget()
                self._writes.put_nowait(lambda: self._commit(effect))
            case fx.Settle():
                self._writes.put_nowait(lambda: self._ports.settle(effect))
            case fx.Release():
                self._writes.put_nowait(lambda: self._ports.release(effect.keys))
            case fx.Revoke():
                self._writes.put_nowait(lambda: self._ports.revoke(effect.keys))
            case fx.Close():
                self.line.put({"type": "ended", "reason": effect.reason})

    # --- guesses: beside the loop, back as events ---------------------------------------------------------------------

    async def _transcribe(self, effect: fx.Transcribe, audio: Audio) -> None:
        began = self._loop.time()
        words = await self._ports.transcribe(audio, effect.partial)
        self.post(
            ev.Heard(
                at=self.now(),
                revision=effect.revision,
                text=words.text,
                partial=effect.partial,
                language=words.language,
                took_ms=self._took(began),
            )
        )

    async def _judge(self, effect: fx.Judge, audio: Audio) -> None:
        probability = await self._ports.judge(audio)
        self.post(ev.Judged(at=self.now(), revision=effect.revision, probability=probability))

    async def _decide(self, effect: fx.Decide) -> None:
        began = self._loop.time()
        request = Request(
            text=effect.text,
            asked=effect.asked,
            document=effect.document,
            history=effect.history,
            region=self.state.playbook.region,
            language=effect.language or self.state.playbook.language,
            call_language=self.state.playbook.language,
        )
        proposal, (known, playbook) = await asyncio.gather(
            self._ports.propose(request), self._ports.look_up(request)
        )
        if playbook.version != self.state.playbook.version:
            self.post(ev.Ruled(at=self.now(), playbook=playbook))
        if self._ports.draft is not None:
            revision = effect.revision
            self.post(ev.Sketched(at=self.now(), revision=revision, proposal=proposal, known=known))

            def sentence(text: str) -> None:
                self.post(ev.Drafted(at=self.now(), revision=revision, text=text, took_ms=self._took(began)))

            proposal = await self._ports.draft(request, proposal, sentence)
        self.post(
            ev.Proposed(
                at=self.now(),
                revision=effect.revision,
                proposal=proposal,
                known=known,
                took_ms=self._took(began),
            )
        )

    async def _synthesise(self, effect: fx.Synthesise) -> None:
        began = self._loop.time()
        try:
            pcm = await self._ports.synthesise(speakable(effect.text), effect.index == 0)
        except (
            Exception
        ) as error:  # shown, though it can't be heard: better than a call that waits for a sound
            log.warning("voice_failed", call=self.call_id, error=type(error).__name__, exc_info=True)
            pcm = b""
        self._pcm[effect.revision, effect.index] = pcm
        ms = len(pcm) * 1000 // (2 * self._ports.rate)
        self.post(
            ev.Voiced(
                at=self.now(), revision=effect.revision, index=effect.index, ms=ms, took_ms=self._took(began)
            )
        )

    def _guess(self, revision: int, work: Coroutine[Any, Any, None], stage: str = "other") -> None:
        task = self._loop.create_task(self._guarded(work, revision, stage))
        self._guesses[task] = revision
        task.add_done_callback(lambda done: self._guesses.pop(done, None) and None)

    async def _guarded(self, work: Coroutine[Any, Any, None], revision: int, stage: str) -> None:
        try:
            await work
        except asyncio.CancelledError:
            raise
        except (
            Exception
        ) as error:  # a failed guess is an event like any other; what it means is the core's to say
            log.warning(
                "work_failed", call=self.call_id, stage=stage, error=type(error).__name__, exc_info=True
            )
            self.post(ev.Failed(at=self.now(), revision=revision, stage=stage))

    def _drop(self, revision: int) -> None:
        for task, stamped in list(self._guesses.items()):
            if stamped < revision:
                task.cancel()
        self._pcm = {key: pcm for key, pcm in self._pcm.items() if key[0] >= revision}

    # --- writes: in order, one at a time ------------------------------------------------------------------------------

    async def _commit(self, effect: fx.Commit) -> None:
        try:
            receipts = await self._ports.commit(effect)
        except Exception as error:
            log.error(
                "commit_failed",
                call=self.call_id,
                turn=effect.agent_turn,
                error=type(error).__name__,
                exc_info=True,
            )
            self.post(ev.Failed(at=self.now(), revision=0, stage="commit"))
            return
        for key, kind, status, label in receipts:
            self.post(ev.Receipt(at=self.now(), key=key, kind=kind, status=status, label=label))

    async def _write(self) -> None:
        while True:
            write = await self._writes.get()
            try:
                await write()
            except Exception as error:
                log.error("write_failed", call=self.call_id, error=type(error).__name__, exc_info=True)
            finally:
                self._writes.task_done()

    def _flush_record(self) -> None:
        batch, self._recorded = self._recorded, []
        if batch:
            self._writes.put_nowait(lambda: self._ports.record(batch))

    async def _end(self, writer: asyncio.Task[None], sender: asyncio.Task[None]) -> None:
        """Everything that was decided is written before the call counts as ended and the connection is let go."""
        self._flush_record()
        reason = self.state.ended or "error"
        self._writes.put_nowait(lambda: self._ports.finish(reason))
        try:
            await asyncio.wait_for(self._writes.join(), DRAIN_S)
        except TimeoutError:
            log.error("writes_left", call=self.call_id, left=self._writes.qsize())
        writer.cancel()
        self.line.put(None)
        if self.line.connection is not None:
            await asyncio.wait((sender,), timeout=HANG_UP_S)
        sender.cancel()

    # --- small parts --------------------------------------------------------------------------------------------------

    def _hear(self, samples: Audio) -> None:
        for change in self._hearing.push(samples):
            if change.voice:
                self.post(ev.VoiceOn(at=self.now()))
            else:
                self.post(ev.VoiceOff(at=self.now(), quiet_ms=change.quiet_ms, voiced_ms=change.voiced_ms))

    async def _fill_silence(self) -> None:
        """A client that stops sending in the middle of an utterance has fallen silent, as far as we are concerned."""
        silence = np.zeros(int(RATE * SILENCE_EVERY_S), dtype=np.float32)
        while True:
            await asyncio.sleep(SILENCE_EVERY_S)
            if self._hearing.voice and self._loop.time() - self._last_audio > SILENCE_AFTER_S:
                self._hear(silence)

    def _took(self, began: float) -> float:
        return round((self._loop.time() - began) * 1000, 1)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._loop.create_task(work)


async def _let_go(connection: Connection) -> None:
    """Close a connection that another one has replaced; it may be half dead, so nobody waits for it."""
    with contextlib.suppress(Exception):
        await asyncio.wait_for(connection.hang_up(), HANG_UP_S)
