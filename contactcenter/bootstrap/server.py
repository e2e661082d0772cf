"""The whole product as one command: services, database, web, workers; up in order, down in order, nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from contactcenter.bootstrap.command import python
from contactcenter.bootstrap.place import Place, read_json, write_private
from contactcenter.bootstrap.prepare import code_fingerprint, database_fingerprint
from contactcenter.bootstrap.process import port_free
from contactcenter.bootstrap.services import (
    Lock,
    child_environment,
    fail,
    leftovers_stop,
    services_start,
)
from contactcenter.bootstrap.supervisor import Program, StartError, Supervisor
from contactcenter.env import ROOT, Env

MANAGE_WAIT_SECONDS = 30.0
# Loading the models on a slow machine; the web process says 503 and why meanwhile.
WEB_READY_SECONDS = 300.0


def say(line: str) -> None:
    """Progress, on stdout."""
    print(f"contactcenter: {line}", flush=True)


def serve(env: Env) -> int:
    """Run until Ctrl-C or SIGTERM; returns the exit code."""
    try:
        return asyncio.run(_serve(env))
    except StartError as error:
        return fail(error)


async def _serve(env: Env) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    place = Place(env.data_dir)
    place.make()
    lock = Lock(place.run / "lock")
    await _lock_take(lock, place)
    try:
        # After what a killed start left has gone: it may be the one that holds the port.
        await asyncio.to_thread(leftovers_stop, place, say)
        if not port_free(env.host, env.port):
            raise StartError(
                f"port {env.port} of {env.host} is taken (or not ours to use); choose another with --port N"
            )
        supervisor = Supervisor(place, say)
        starting = asyncio.create_task(_start(supervisor, env, place))
        stopped = asyncio.create_task(stop.wait())
        ends: set[asyncio.Future[Any]] = {stopped, supervisor.fatal}
        try:
            await asyncio.wait({starting, *ends}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if supervisor.fatal.done():
                raise supervisor.fatal.result()
            return 0
        finally:
            for task in (starting, stopped):
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError, StartError):
                await starting
            if stop.is_set():
                say("stopping")
            place.services_file.unlink(missing_ok=True)
            # Callers first: they are told. The worker may still take what those goodbyes asked for.
            await supervisor.stop("web")
            await asyncio.gather(*map(supervisor.stop, ("beat", "worker", "prompt")))
            await supervisor.stop_all()
            if stop.is_set():
                say("stopped")
    finally:
        lock.release()


async def _lock_take(lock: Lock, place: Place) -> None:
    """Claim the data directory; a `script/manage` that uses it for a moment is waited for.

    Raises:
        StartError: another server has it.
    """
    deadline = time.monotonic() + MANAGE_WAIT_SECONDS
    while not lock.take("server"):
        what, pid = lock.holder()
        if what == "server" or time.monotonic() > deadline:
            raise StartError(
                f"{place.data} is in use by another script/{what or 'server'} (process {pid}); "
                "stop that one, or choose another directory with --data DIR"
            )
        await asyncio.sleep(0.1)


async def _start(supervisor: Supervisor, env: Env, place: Place) -> None:
    began = time.monotonic()
    embedded = [
        name for name, url in (("PostgreSQL", env.database_url), ("Valkey", env.redis_url)) if not url
    ]
    if embedded:
        say(f"starting {' and '.join(embedded)} in {place.data}")
    database_url, redis_url = await services_start(supervisor, env, place)
    environ = child_environment(env, place, database_url=database_url, redis_url=redis_url, port=env.port)
    await _prepare(env, place, environ, database_url)
    say("starting the web server and loading the models")
    await supervisor.start(web_program(env, environ))
    # The workers start last: on two cores they would only make the first call wait.
    for program in worker_programs(place, environ):
        await supervisor.start(program)
    _greet(env, place, time.monotonic() - began)


async def _prepare(env: Env, place: Place, environ: Mapping[str, str], database_url: str) -> None:
    """Migrate and load the demo company, unless both were done with this code and this database."""
    demo = not env.public_base_url
    record = place.run / "prepared.json"
    # The date, because the demo's orders arrive "today".
    today = datetime.now(ZoneInfo(env.time_zone)).date() if demo else ""
    code = f"{code_fingerprint(env.demo_company)} demo={demo} {today}"
    done = read_json(record)
    database = await asyncio.to_thread(database_fingerprint, database_url)
    if database and done == {"code": code, "database": database}:
        return
    say("preparing the database" + (" and the demo company" if demo else ""))
    record.unlink(missing_ok=True)
    argv = python("-P", "-m", "contactcenter.bootstrap.prepare", *(["--demo"] if demo else []))
    process = await asyncio.create_subprocess_exec(
        *argv, env=dict(environ), cwd=ROOT, stdin=asyncio.subprocess.DEVNULL, start_new_session=True
    )
    try:
        code_of_exit = await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if code_of_exit != 0:
        raise StartError("the database could not be prepared; see the lines above")
    database = await asyncio.to_thread(database_fingerprint, database_url)
    write_private(record, json.dumps({"code": code, "database": database}))


def _address(env: Env) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(env.host, env.host)
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{env.port}"


def web_program(env: Env, environ: Mapping[str, str]) -> Program:
    argv = python("-P", "-m", "daphne", "-b", env.host, "-p", str(env.port), "-v", "0")
    # A call may last as long as it likes; a peer that vanished is noticed by the pings.
    argv += ["--websocket_timeout", "-1", "--ping-interval", "20", "--ping-timeout", "30"]
    argv += ["--server-name", "contactcenter", "contactcenter.asgi:application"]
    return Program(
        name="web",
        argv=tuple(argv),
        environ=environ,
        stop_seconds=16,  # calls say goodbye first
        ready=lambda: healthy(f"{_address(env)}/healthz"),
        ready_seconds=WEB_READY_SECONDS,
        poll_seconds=0.25,  # each question costs the process that is loading models some time
    )


def healthy(url: str) -> bool:
    """Whether calls can be taken. Never through a proxy of the environment."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def worker_programs(place: Place, environ: Mapping[str, str]) -> tuple[Program, ...]:
    # Being root in a container is the operator's choice; saying so at each start would only hide other lines.
    celery = python(
        "-P", "-W", "ignore:::celery.platforms", "-m", "celery", "-A", "contactcenter.celery:app", "--quiet"
    )
    quiet_bus = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    worker = [
        *celery,
        "worker",
        "-Q",
        "prompt,messages,indexing",
        "--concurrency",
        "2",
        *quiet_bus,
        "-l",
        "INFO",
    ]
    # A provider that hangs holds every process that mails; who is to be called back now doesn't wait for it.
    prompt = [
        *celery,
        "worker",
        "-Q",
        "prompt",
        "--concurrency",
        "2",
        *quiet_bus,
        "-l",
        "INFO",
        "-n",
        "prompt@%h",
    ]
    steady = ["--scheduler", "contactcenter.beat:SteadyScheduler"]
    beat = [
        *celery,
        "beat",
        *steady,
        "--schedule",
        str(place.run / "beat-schedule"),
        "--pidfile=",
        "-l",
        "WARNING",
    ]
    return (
        # A task that is cut off is done again: it is acknowledged when it has ended.
        Program(name="worker", argv=tuple(worker), environ=environ, stop_seconds=8),
        Program(name="prompt", argv=tuple(prompt), environ=environ, stop_seconds=8),
        Program(name="beat", argv=tuple(beat), environ=environ, stop_seconds=3),
    )


def demo_logins(path: Path) -> list[tuple[str, str, str]]:
    """``(role, username, password)`` of each demo login, if there are any."""
    logins: dict[str, Any] = read_json(path)
    return [
        (role, str(entry["username"]), str(entry["password"]))
        for role, entry in logins.items()
        if isinstance(entry, dict) and {"username", "password"} <= entry.keys()
    ]


def _greet(env: Env, place: Place, seconds: float) -> None:
    address = env.public_base_url or _address(env)
    lines = [
        f"ready after {seconds:.1f} s",
        "",
        f"  shop and calls   {address}/",
        f"  admin            {address}/admin/",
    ]
    logins = [] if env.public_base_url else demo_logins(place.data / "demo_logins.json")
    if logins:
        lines += ["", "  demo logins"]
        lines += [f"    {role:12} {username:12} {password}" for role, username, password in logins]
    lines += ["", f"  data in {place.data}; Ctrl-C stops everything", ""]
    say("\n".join(lines))
