"""What is meant to run runs: a child that crashed is started again, and none outlives the supervisor.

Programs start in order, each when the one before is ready, and stop in the opposite order.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contactcenter.bootstrap.place import Place, write_private
from contactcenter.bootstrap.process import SELF, Identity, Mark, child_setup, mark_of, signal_group

# sysexits.h: the configuration is wrong (a weight file that is not what it should be); starting again can't help.
EX_CONFIG = 78
LOG_BYTES = 10 * 1024 * 1024
HEALTHY_SECONDS = 60.0
LONGEST_PAUSE = 15.0


class StartError(Exception):
    """The start can't go on; the message is one line for the person who started it."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run and how to end it.

    ``ready`` is asked, in a thread, until it says True; ``quiet`` keeps the output out of the terminal (it is always in
    the log file).
    """

    name: str
    argv: tuple[str, ...]
    environ: Mapping[str, str]
    identity: Identity = SELF
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10
    ready: Callable[[], bool] | None = None
    ready_seconds: float = 60
    poll_seconds: float = 0.03
    quiet: bool = False


@dataclass(slots=True)
class Child:
    """A program that is running or about to be again."""

    program: Program
    process: asyncio.subprocess.Process | None = None
    mark: Mark | None = None
    watcher: asyncio.Task[None] | None = None
    stopping: bool = False
    # Until it was ready once, its end is the end of the start: what can't start at all is not tried again.
    up: bool = False
    # The last line of each stream; what a program dies of stands on stderr.
    last_said: dict[str, str] = field(default_factory=dict)


class LogFile:
    """A log that only its owner can read, and that is put aside once when it has grown."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.handle = self._open()

    def _open(self) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def write(self, line: bytes) -> None:
        if os.fstat(self.handle).st_size > LOG_BYTES:
            os.close(self.handle)
            self.path.replace(self.path.with_suffix(".log.1"))
            self.handle = self._open()
        os.write(self.handle, line)

    def close(self) -> None:
        os.close(self.handle)


class Supervisor:
    """Starts programs one after another and keeps them running."""

    def __init__(
        self, place: Place, say: Callable[[str], None], *, longest_pause: float = LONGEST_PAUSE
    ) -> None:
        self.place = place
        self.say = say
        self.longest_pause = longest_pause
        self.children: dict[str, Child] = {}
        # Set when going on makes no sense: (line, exit code).
        self.fatal: asyncio.Future[StartError] = asyncio.get_running_loop().create_future()

    async def start(self, program: Program) -> None:
        """Start a program and wait until it is ready.

        Raises:
            StartError: it ended or did not get ready in time.
        """
        child = Child(program)
        self.children[program.name] = child
        await self._spawn(child)
        child.watcher = asyncio.create_task(self._watch(child), name=f"watch {program.name}")
        if program.ready is not None:
            await self._until_ready(child, program.ready)
        child.up = True

    async def _until_ready(self, child: Child, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + child.program.ready_seconds
        process = child.process
        while not await asyncio.to_thread(ready):
            if self.fatal.done():
                raise self.fatal.result()
            if process is not None and process.returncode is not None:
                raise StartError(f"{child.program.name} ended while starting: {self._last_line(child)}")
            if time.monotonic() > deadline:
                raise StartError(
                    f"{child.program.name} was not ready after {child.program.ready_seconds:.0f} s; "
                    f"see {self.place.log / child.program.name}.log"
                )
            await asyncio.sleep(child.program.poll_seconds)

    def _last_line(self, child: Child) -> str:
        return child.last_said.get("stderr") or child.last_said.get("stdout") or "it said nothing"

    async def _spawn(self, child: Child) -> None:
        program = child.program
        child.process = await asyncio.create_subprocess_exec(
            *program.argv,
            env=dict(program.environ),
            cwd="/" if program.identity.user else None,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=1 << 20,
            start_new_session=True,  # Ctrl-C in the terminal is ours alone, so that the order of stopping holds
            preexec_fn=child_setup(program.identity, program.death_signal),
        )
        child.mark = mark_of(child.process.pid)
        self._marks_write()

    def _marks_write(self) -> None:
        marks = {
            name: {"pid": child.mark.pid, "started": child.mark.started}
            for name, child in self.children.items()
            if child.mark is not None and not child.stopping
        }
        write_private(self.place.run / "children.json", json.dumps(marks, indent=1))

    async def _watch(self, child: Child) -> None:
        pause = 0.2
        while True:
            began = time.monotonic()
            process = child.process
            assert process is not None
            output = asyncio.create_task(self._copy_output(child, process))
            code = await process.wait()
            # A grandchild may hold the pipes open; what the program itself said is read by then.
            await asyncio.wait({output}, timeout=1)
            output.cancel()
            if child.mark is not None:
                self._sweep_group(process.pid)
            if child.stopping:
                return
            if code == EX_CONFIG:
                self._give_up(StartError(self._last_line(child), EX_CONFIG))
                return
            if not child.up:
                return
            if time.monotonic() - began > HEALTHY_SECONDS:
                pause = 0.2
            self.say(
                f"{child.program.name} ended with {_outcome(code)}: {self._last_line(child)}; "
                f"starting it again in {pause:.1f} s"
            )
            await asyncio.sleep(pause)
            pause = min(pause * 2, self.longest_pause)
            await self._spawn(child)

    def _give_up(self, error: StartError) -> None:
        if not self.fatal.done():
            self.fatal.set_result(error)

    @staticmethod
    def _sweep_group(group: int) -> None:
        """End what a program's process left of its own group (pool workers, helper processes)."""
        try:
            os.killpg(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    async def _copy_output(self, child: Child, process: asyncio.subprocess.Process) -> None:
        log = LogFile(self.place.log / f"{child.program.name}.log")
        child.last_said.clear()
        try:
            await asyncio.gather(
                self._copy(child, "stdout", process.stdout, log),
                self._copy(child, "stderr", process.stderr, log),
            )
        finally:
            log.close()

    @staticmethod
    async def _copy(child: Child, stream: str, reader: asyncio.StreamReader | None, log: LogFile) -> None:
        assert reader is not None
        while True:
            try:
                line = await reader.readline()
            except ValueError:  # longer than the limit: that much of it is dropped
                continue
            if not line:
                return
            log.write(line)
            text = line.decode(errors="replace").rstrip()
            if text:
                child.last_said[stream] = text
            if not child.program.quiet:
                print(f"{child.program.name:8}| {text}", file=sys.stderr, flush=True)

    async def stop(self, name: str) -> None:
        """Stop one program: ask, wait, insist."""
        child = self.children.get(name)
        if child is None or child.process is None or child.watcher is None:
            return
        child.stopping = True
        if child.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.process.send_signal(child.program.stop_signal)
            try:
                await asyncio.wait_for(child.process.wait(), child.program.stop_seconds)
            except TimeoutError:
                self.say(f"{name} did not stop in {child.program.stop_seconds:.0f} s and is ended")
                if child.mark is not None:
                    signal_group(child.mark, signal.SIGKILL)
        elif not child.watcher.done():
            child.watcher.cancel()  # it was waiting to start the program again
        await asyncio.wait({child.watcher})
        del self.children[name]
        self._marks_write()

    async def stop_all(self) -> None:
        """Stop everything, the last started first."""
        for name in reversed(list(self.children)):
            await self.stop(name)


def _outcome(code: int) -> str:
    if code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
