"""A process is named by its id *and* its start time: an id alone may by now be somebody else's.

Also here: how a child gives up root, and how it dies with its parent.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
# Looked up before any fork, where it would not be safe.
NOBODY = pwd.getpwnam("nobody")
# Below the range from which the kernel takes ports for outgoing connections, so that a service that is
# restarted finds its port still free.
PORTS = range(20000, 32000)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a child is. ``user`` is a uid and gid to become; ``namespace`` hides who we are: root, or a
    user without a name.

    With neither the child is who we are.
    """

    user: tuple[int, int] | None = None
    namespace: bool = False

    def __str__(self) -> str:
        if self.namespace:
            return "nobody of a user namespace"
        return f"user {self.user[0]}" if self.user else "the current user"


SELF = Identity()


def enter_namespace(uid: int, gid: int) -> None:
    """Go on as ``nobody`` of a new user namespace, where that user stands for ``uid`` outside.

    ``nobody``, since some programs look their user up by name, and every system knows that one.
    """
    inside = NOBODY
    if LIBC.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    maps = (
        ("setgroups", "deny"),
        ("uid_map", f"{inside.pw_uid} {uid} 1"),
        ("gid_map", f"{inside.pw_gid} {gid} 1"),
    )
    for name, text in maps:
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def child_setup(identity: Identity, death_signal: signal.Signals) -> Callable[[], None]:
    """What a child does between fork and exec."""
    parent = os.getpid()

    def setup() -> None:
        if identity.namespace:
            enter_namespace(os.getuid(), os.getgid())
        elif identity.user is not None:
            uid, gid = identity.user
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
        # After the change of user, which would clear it.
        LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os._exit(1)

    return setup


def run_as(
    identity: Identity, argv: list[str], environ: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a short command under an identity, its output collected.

    Raises:
        OSError, subprocess.SubprocessError: it could not even be started so.
    """
    return subprocess.run(
        argv,
        check=False,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        preexec_fn=child_setup(identity, signal.SIGKILL),
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """A process that we started: id and start time (clock ticks since boot)."""

    pid: int
    started: int

    def alive(self) -> bool:
        return started_at(self.pid) == self.started


def started_at(pid: int) -> int | None:
    """Start time of a process that lives, else None. A zombie does not live."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in {"Z", "X"} else int(fields[19])


def mark_of(pid: int) -> Mark | None:
    started = started_at(pid)
    return None if started is None else Mark(pid, started)


def signal_group(mark: Mark, number: signal.Signals) -> None:
    """Signal a process and, when it leads a group, the group."""
    if not mark.alive():
        return
    try:
        if os.getpgid(mark.pid) == mark.pid:
            os.killpg(mark.pid, number)
        else:
            os.kill(mark.pid, number)
    except ProcessLookupError:
        return


def stop_marked(mark: Mark, number: signal.Signals, seconds: float) -> None:
    """Stop a process that is not our child: ask, wait, insist."""
    try:
        os.kill(mark.pid, number)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + seconds
    while mark.alive():
        if time.monotonic() > deadline:
            signal_group(mark, signal.SIGKILL)
            deadline = float("inf")
        time.sleep(0.05)


def port_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def port_pick(preferred: int | None, taken: set[int]) -> int:
    """A free loopback port, the preferred one if it still is."""
    candidates = [*([preferred] if preferred else []), *random.sample(PORTS, 200)]
    for port in candidates:
        if port not in taken and port_free("127.0.0.1", port):
            return port
    raise OSError("no free port on 127.0.0.1 between 20000 and 32000")
