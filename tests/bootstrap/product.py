"""A whole copy of the product in a directory of its own, as a person would start it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, TextIO

from contactcenter.bootstrap.command import NOT_FOR_TESTS
from contactcenter.bootstrap.process import PORTS, port_pick
from contactcenter.env import ROOT

READY_SECONDS = 400.0


def environment(**more: str) -> dict[str, str]:
    """This process's, without the services of the test run."""
    environ = dict(os.environ)
    for name in (*NOT_FOR_TESTS, "DATA_DIR", "DJANGO_SETTINGS_MODULE", "PYTEST_CURRENT_TEST"):
        environ.pop(name, None)
    return environ | more


def free_port() -> int:
    return port_pick(None, {PORTS.start})


def until(condition: Any, what: str, seconds: float = 20.0) -> None:
    """Wait for a condition that another process brings about."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.02)


class Product:
    """`script/server` with its own data directory and port; without ``demo`` nothing is loaded into it and the models are
    the smallest, which makes its start quick."""

    def __init__(self, data: Path, *, port: int | None = None, demo: bool = False, **environ: str) -> None:
        self.data = data
        self.port = port or free_port()
        self.output = data.with_name(f"{data.name}.{self.port}.log")
        quick = (
            {} if demo else {"PUBLIC_BASE_URL": f"http://127.0.0.1:{self.port}", "COMPANY_NAME": "Example"}
        )
        self.environ = environment(**(quick | environ))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Product:
        file: TextIO
        with self.output.open("w") as file:
            self.process = subprocess.Popen(
                [str(ROOT / "script/server"), "--port", str(self.port), "--data", str(self.data)],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=self.environ,
                start_new_session=True,
            )
        return self

    @property
    def text(self) -> str:
        return self.output.read_text()

    def ready(self) -> Product:
        process = self.process
        assert process is not None

        def is_ready() -> bool:
            assert process.poll() is None, f"it ended with {process.returncode}:\n{self.text}"
            return "ready after" in self.text

        until(is_ready, f"ready ({self.output})", READY_SECONDS)
        return self

    def ended(self, seconds: float = 30.0) -> int:
        """Its exit code, when it has ended by itself."""
        assert self.process is not None
        return self.process.wait(timeout=seconds)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.ended()

    def manage(self, *arguments: str) -> str:
        """Standard output of `script/manage`."""
        done = subprocess.run(
            [str(ROOT / "script/manage"), "--data", str(self.data), *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def services(self) -> dict[str, Any]:
        return dict(json.loads((self.data / "run" / "services.json").read_text()))

    def processes(self) -> dict[int, str]:
        """Every live process of this copy, by its arguments or its environment."""
        return {
            pid: words
            for pid, words in _processes()
            if f"{self.data}/" in words or f"DATA_DIR={self.data}" in words
        }

    def answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def _processes() -> list[tuple[int, str]]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
                    continue
                words = (entry / "cmdline").read_bytes() + b"\0" + (entry / "environ").read_bytes()
            except OSError:
                continue
            found.append((int(entry.name), words.replace(b"\0", b" ").decode(errors="replace") + " "))
    return found
