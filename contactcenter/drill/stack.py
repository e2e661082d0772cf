"""A throwaway copy of the product: its own directory, ports, processes and credentials, and nothing of it remains.

The programs are those of `script/server`. Two things differ: Valkey keeps nothing, so that a kill loses what was in it, and a
provider is waited for less long (and an attempt without an answer looked up sooner, in the same proportion).
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from contactcenter.bootstrap import postgres, valkey
from contactcenter.bootstrap.command import NOT_FOR_TESTS, python
from contactcenter.bootstrap.place import Place
from contactcenter.bootstrap.process import SELF, child_setup, mark_of, port_free, port_pick, signal_group
from contactcenter.bootstrap.server import web_program, worker_programs
from contactcenter.bootstrap.services import child_environment
from contactcenter.bootstrap.supervisor import Child, Program, StartError, Supervisor
from contactcenter.env import ROOT, Env, env_read

#: Programs come back after a second at most: waiting longer would only make the drill longer.
LONGEST_PAUSE = 1.0
ANSWER_SECONDS = 60.0


class AskerGoneError(Exception):
    """The asking process ended before it answered; what it was asked may or may not have happened."""


class Stack:
    """Everything that runs. ``start`` and ``stop`` are called once each."""

    def __init__(self, settings: Mapping[str, str], *, say: Callable[[str], None], keep: bool) -> None:
        self.say, self.keep = say, keep
        self.data = Path(tempfile.mkdtemp(prefix="contactcenter-drill-"))
        self.data.chmod(0o711)  # PostgreSQL may run as another user, who passes through and reads nothing
        self.place = Place(self.data)
        self.place.make()
        self.port = port_pick(None, set())
        self.settings = {
            **settings,
            "PUBLIC_BASE_URL": f"http://127.0.0.1:{self.port}",
            "COMPANY_NAME": "Drill",
            "DATA_DIR": str(self.data),
            "PORT": str(self.port),
        }
        self.supervisor = Supervisor(self.place, self.note, longest_pause=LONGEST_PAUSE)
        #: How long the web process took until it answered.
        self.start_seconds = 0.0
        self.asker: asyncio.subprocess.Process | None = None
        self._environ: dict[str, str] = {}
        self._log = (self.place.log / "asker.log").open("ab")
        self._turn = asyncio.Lock()

    def note(self, line: str) -> None:
        """One line of the drill's own log, for `--keep`."""
        with (self.place.log / "drill.log").open("a") as log:
            log.write(f"{dt.datetime.now(dt.UTC):%H:%M:%S.%f} {line}\n")

    async def start(self) -> None:
        """Services, schema, web, workers and scheduler.

        Raises:
            StartError: one of them can't be started.
        """
        began = time.monotonic()
        for name in NOT_FOR_TESTS:
            os.environ.pop(name, None)
            os.environ.pop(f"{name}_FILE", None)
        os.environ.update(self.settings)
        env = env_read(os.environ, services_known=False)
        database_url, redis_url = await self._services()
        self._environ = child_environment(
            env, self.place, database_url=database_url, redis_url=redis_url, port=self.port
        )
        await self._migrate()
        await self.answer({"do": "prepare"})
        self.say(f"prepared the database in {time.monotonic() - began:.0f} s")
        started = time.monotonic()
        for program in self._programs(env):
            await self.supervisor.start(dataclasses.replace(program, quiet=True))
            self.start_seconds = self.start_seconds or time.monotonic() - started

    async def _services(self) -> tuple[str, str]:
        taken = {self.port}
        # Durable: a commit that was answered must be there after the kill. Valkey is not: it has to lose what it held.
        server = postgres.Postgres(
            place=self.place, port=port_pick(None, taken), identity=postgres.identity_for(self.place)
        )
        await asyncio.to_thread(server.init)
        await self.supervisor.start(server.program())
        keeper = valkey.Valkey(place=self.place, port=port_pick(None, taken | {server.port}), durable=False)
        await self.supervisor.start(keeper.program())
        return server.url, keeper.url

    async def _migrate(self) -> None:
        with (self.place.log / "prepare.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *python("-P", "-m", "contactcenter.bootstrap.prepare"),
                env=self._environ,
                cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=child_setup(SELF, signal.SIGKILL),
            )
            try:
                code = await process.wait()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if code != 0:
            lines = (self.place.log / "prepare.log").read_text(errors="replace").strip().splitlines()
            raise StartError(f"the drill's database could not be prepared: {lines[-1] if lines else code}")

    def _programs(self, env: Env) -> tuple[Program, ...]:
        web = web_program(env, self._environ)
        web = dataclasses.replace(
            web, argv=(*web.argv[:-1], "contactcenter.drill.web:application"), ready=self._web_answers
        )
        return (web, *worker_programs(self.place, self._environ))

    def _web_answers(self) -> bool:
        return not port_free("127.0.0.1", self.port)

    # --- asking ---------------------------------------------------------------------------------------------------------

    async def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What the asking process answers; it is started if it does not run.

        Raises:
            AskerGoneError: it ended before it answered.
        """
        async with self._turn:
            process = self.asker if self.asker is not None and self.asker.returncode is None else None
            process = process or await self._asker_start()
            assert process.stdin is not None and process.stdout is not None
            try:
                process.stdin.write(json.dumps(request).encode() + b"\n")
                await process.stdin.drain()
                line = await asyncio.wait_for(process.stdout.readline(), ANSWER_SECONDS)
            except (OSError, TimeoutError) as error:
                await self._asker_stop()
                raise AskerGoneError(type(error).__name__) from error
            if not line.endswith(b"\n"):
                await self._asker_stop()
                raise AskerGoneError("it was killed")
            return dict(json.loads(line))

    async def _asker_start(self) -> asyncio.subprocess.Process:
        self.asker = await asyncio.create_subprocess_exec(
            *python("-P", "-m", "contactcenter.drill.asking"),
            env=self._environ,
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=self._log,
            limit=1 << 26,
            start_new_session=True,
            preexec_fn=child_setup(SELF, signal.SIGKILL),
        )
        # Among the supervisor's children only so that it can be found; it is started again when it is needed.
        child = Child(Program(name="asker", argv=(), environ={}))
        child.process, child.mark = self.asker, mark_of(self.asker.pid)
        self.supervisor.children["asker"] = child
        return self.asker

    async def _asker_stop(self) -> None:
        self.supervisor.children.pop("asker", None)
        if self.asker is not None:
            # Not by Process.kill, which may reap the child before the loop does.
            mark = mark_of(self.asker.pid) if self.asker.returncode is None else None
            if mark is not None:
                signal_group(mark, signal.SIGKILL)
            await self.asker.wait()
            self.asker = None

    async def stop(self) -> None:
        """End everything that was started, and remove the directory unless it is to be kept."""
        await self._asker_stop()
        await self.supervisor.stop_all()
        self._log.close()
        if self.keep:
            self.say(f"kept in {self.data}")
        else:
            await asyncio.to_thread(shutil.rmtree, self.data, ignore_errors=True)
