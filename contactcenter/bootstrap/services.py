"""One owner at a time runs the services of a data directory; everyone else finds them through one file.

The owner holds a lock that the kernel drops when it dies, so that nothing has to be believed about a dead one.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from contactcenter.bootstrap import postgres, valkey
from contactcenter.bootstrap.place import Place, read_json, write_private
from contactcenter.bootstrap.process import Mark, port_pick, signal_group, stop_marked
from contactcenter.bootstrap.supervisor import StartError, Supervisor
from contactcenter.env import ROOT, Env


class Lock:
    """An exclusive claim that ends with the process; the file says who holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.handle: int | None = None

    def take(self, who: str) -> bool:
        """True if it is ours now."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        os.ftruncate(handle, 0)
        os.write(handle, f"{who} {os.getpid()}\n".encode())
        self.handle = handle
        return True

    def holder(self) -> tuple[str, int]:
        """What the holder is (``server`` or ``manage``) and its process id; ("", 0) while it writes that."""
        words = self.path.read_text().split() if self.path.exists() else []
        return (words[0], int(words[1])) if len(words) == 2 else ("", 0)

    def release(self) -> None:
        if self.handle is not None:
            os.close(self.handle)
            self.handle = None


def home_usable(environ: Mapping[str, str]) -> bool:
    home = environ.get("HOME", "")
    return bool(home) and os.access(home, os.W_OK | os.X_OK)


def child_environment(
    env: Env, place: Place, *, database_url: str, redis_url: str, port: int
) -> dict[str, str]:
    """The environment of everything that is Django: ours, with what the services are known by."""
    environ = dict(os.environ)
    for name in ("DATABASE_URL_FILE", "REDIS_URL_FILE", "SECRET_KEY_FILE", "PYTHONHOME"):
        environ.pop(name, None)
    if not home_usable(environ):
        home = place.data / "home"
        home.mkdir(mode=0o700, exist_ok=True)
        environ["HOME"] = str(home)
    environ |= {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": env.secret_key or place.secret("secret_key"),
        "DATA_DIR": str(place.data),
        "HOST": env.host,
        "PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "contactcenter.settings",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }
    return environ


def leftovers_stop(place: Place, say: Callable[[str], None]) -> None:
    """End what a killed owner left running: found by id *and* start time, PostgreSQL by its data directory."""
    recorded = read_json(place.run / "children.json")
    found: list[str] = []
    for name in reversed(list(recorded)):
        entry = recorded[name]
        mark = Mark(int(entry["pid"]), int(entry["started"]))
        if mark.alive() and name != "postgres":
            stop_marked(mark, signal.SIGTERM, 5)
            signal_group(mark, signal.SIGKILL)
            found.append(name)
    if postgres.leftover_stop(place):
        found.append("postgres")
    if found:
        say(f"stopped what an earlier, killed start had left: {', '.join(found)}")
    for path in (place.run / "children.json", place.services_file):
        path.unlink(missing_ok=True)


async def services_start(
    supervisor: Supervisor, env: Env, place: Place, *, durable: bool = True
) -> tuple[str, str]:
    """Start PostgreSQL and Valkey, each unless a real one is named, and record where they are.

    Returns:
        The addresses ``(DATABASE_URL, REDIS_URL)``.

    Raises:
        StartError: one of them can't be started.
    """
    remembered = read_json(place.run / "ports.json")
    taken = {env.port}
    database_url, redis_url = env.database_url, env.redis_url
    ports: dict[str, int] = {}
    if not database_url:
        ports["postgres"] = port_pick(remembered.get("postgres"), taken)
        taken.add(ports["postgres"])
        server = postgres.Postgres(
            place=place, port=ports["postgres"], identity=postgres.identity_for(place), durable=durable
        )
        server.init()
        await supervisor.start(server.program())
        database_url = server.url
    if not redis_url:
        ports["valkey"] = port_pick(remembered.get("valkey"), taken)
        keeper = valkey.Valkey(place=place, port=ports["valkey"], durable=durable)
        await supervisor.start(keeper.program())
        redis_url = keeper.url
    write_private(place.run / "ports.json", json.dumps(ports))
    write_private(
        place.services_file,
        json.dumps(
            {
                "owner": os.getpid(),
                "database_url": database_url,
                "redis_url": redis_url,
                "host": env.host,
                "port": env.port,
                "pids": {name: child.mark.pid for name, child in supervisor.children.items() if child.mark},
            },
            indent=1,
        ),
    )
    return database_url, redis_url


def note(line: str) -> None:
    """One line for the person who waits, on stderr."""
    print(f"contactcenter: {line}", file=sys.stderr, flush=True)


def fail(error: StartError) -> int:
    """Say the one line and return the exit code."""
    note(str(error))
    return error.code
