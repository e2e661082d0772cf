"""What all calls of this process share: models, their executor, the engine, the playbook, and the calls themselves.

Invariant: filled once by :mod:`calls.loading` before ``/healthz`` says that calls can be taken; nothing is loaded in the
middle of a call. A call belongs to the process, not to the connection that brought it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings

from calls.core import events as ev
from calls.core.playbook import Playbook
from calls.core.speakable import speakable
from calls.database import connection_returned
from calls.engines.base import Engine
from calls.playbooks import Playbooks, fixed_sentences
from calls.services import call_finish, calls_abandon, heartbeat
from calls.session import Session
from calls.speech.executor import Priority
from calls.vocabulary import vocabulary_read

if TYPE_CHECKING:  # heavy: only the web process loads them, in calls.loading
    from calls.speech.executor import ModelExecutor
    from calls.speech.models import Models

log = structlog.get_logger(__name__)

HEARTBEAT_S = 3.0
VOCABULARY_EVERY_S = 30.0
GOODBYE_S = 9.0
LAST_ROWS_S = 4.0


@dataclass(slots=True, kw_only=True)
class Runtime:
    """The process's one runtime. ``problem`` says in plain words why calls can't be taken yet; empty when they can."""

    problem: str = "The speech models are being loaded."
    models: Models | None = None
    executor: ModelExecutor | None = None
    engine: Engine | None = None
    playbooks: Playbooks = field(default_factory=Playbooks)
    vocabulary: tuple[str, ...] = ()
    sessions: dict[str, Session] = field(default_factory=dict)
    resume: dict[str, str] = field(default_factory=dict)
    worker: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    most_calls: int = field(default_factory=lambda: getattr(settings, "MAX_CALLS", 24))
    closing: bool = False
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _held: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.playbooks.on_change(self._playbook_changed)

    # --- the calls of this process --------------------------------------------------------------------------------------

    def playbook_now(self, language: str = "en") -> Playbook:
        """The playbook as last edited, for a call in ``language``. Asks the database: not for the event loop."""
        return self.playbooks.now(language)

    def _playbook_changed(self, before: Playbook, after: Playbook) -> None:
        """Sentences that are new are voiced beside the calls, so that nobody waits for them."""
        models, executor = self.models, self.executor
        if models is None or executor is None:
            return
        known = set(fixed_sentences(before))
        fresh = [sentence for sentence in fixed_sentences(after) if sentence not in known]
        log.info("playbook_changed", version=after.version, sentences=len(fresh))
        for sentence in fresh:
            try:
                executor.submit(voice_once, models, sentence, priority=Priority.SPECULATIVE)
            except Exception as error:  # noqa: BLE001 - busy or closing: the first caller to hear it waits a little
                log.info("sentence_not_voiced", error=type(error).__name__)
                return

    def add(self, session: Session, resume: str) -> None:
        """Run ``session`` until it ends, whatever happens to the connection that brought it."""
        self.sessions[session.call_id] = session
        self.resume[session.call_id] = resume
        if not self._tasks:
            self._start(self._housekeeping())
            self._say_goodbye_when_stopped()
        task = self._start(self._hold(session))
        self._held.add(task)
        task.add_done_callback(self._held.discard)

    async def _hold(self, session: Session) -> None:
        try:
            await session.run()
        except Exception as error:
            log.error("call_failed", call=session.call_id, error=type(error).__name__, exc_info=True)
            with contextlib.suppress(Exception):
                await asyncio.to_thread(
                    connection_returned, call_finish, call_id=session.call_id, reason="error"
                )
        finally:
            self.sessions.pop(session.call_id, None)
            self.resume.pop(session.call_id, None)

    async def _housekeeping(self) -> None:
        """Say that our calls are alive, end those whose process isn't, and learn new documents' words."""
        beats = 0
        while True:
            try:
                await asyncio.to_thread(connection_returned, self._beat, beats)
            except Exception as error:  # noqa: BLE001 - the database may be restarting; the calls go on
                log.warning("heartbeat_failed", error=type(error).__name__)
            beats += 1
            await asyncio.sleep(HEARTBEAT_S)

    def _beat(self, beats: int) -> None:
        heartbeat(call_ids=tuple(self.sessions))
        calls_abandon()
        self.playbook_now()  # an edit made in another process is voiced before somebody waits for it
        if beats % int(VOCABULARY_EVERY_S / HEARTBEAT_S) == 0:
            self.vocabulary = vocabulary_read()

    def _say_goodbye_when_stopped(self) -> None:
        """On SIGTERM the calls end with a word each; then the server stops as it would have."""
        loop = asyncio.get_running_loop()
        before = signal.getsignal(signal.SIGTERM)

        async def goodbye() -> None:
            self.closing = True
            for session in tuple(self.sessions.values()):
                session.post(ev.Closing(at=session.now()))
            if self._held:
                await asyncio.wait(self._held, timeout=GOODBYE_S)
            for session in tuple(self.sessions.values()):  # who isn't done by now is told without words
                session.post(ev.HungUp(at=session.now()))
            if self._held:
                await asyncio.wait(self._held, timeout=LAST_ROWS_S)
            loop.remove_signal_handler(signal.SIGTERM)
            signal.signal(signal.SIGTERM, before)
            os.kill(os.getpid(), signal.SIGTERM)

        if threading.current_thread() is threading.main_thread():
            loop.add_signal_handler(signal.SIGTERM, lambda: self._start(goodbye()))

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # the loop itself keeps no strong reference
        task.add_done_callback(self._tasks.discard)
        return task


def voice_once(models: Models, sentence: str) -> None:
    """Synthesise into the voice's own cache."""
    for _ in models.voice.synthesise(speakable(sentence)):
        pass


RUNTIME = Runtime()
