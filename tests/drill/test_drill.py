"""Sixty promises while every kind of process is killed: none lost, none twice; and nothing remains of the drill."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from contactcenter.env import ROOT
from tests.bootstrap.product import _processes

pytestmark = pytest.mark.stack

ACTIONS = 60


def drill(*arguments: str) -> list[str]:
    return [sys.executable, "-P", str(ROOT / "manage.py"), "fault_drill", *arguments]


def left_of(data: str) -> list[str]:
    return [words[:200] for _, words in _processes() if data in words]


def place_of(output: str) -> str:
    found = re.search(r"throwaway copy in (\S+)", output)
    assert found, output
    return found[1]


def test_nothing_promised_is_lost_or_done_twice_while_everything_is_killed() -> None:
    done = subprocess.run(
        drill("--actions", str(ACTIONS), "--seed", "7", "--seconds-limit", "400"),
        capture_output=True,
        text=True,
        timeout=500,
        env=environment(),
    )
    told = done.stdout + done.stderr
    numbers = re.fullmatch(
        r"sent=(\d+) lost=(\d+) duplicated=(\d+) unknown=(\d+)", done.stdout.strip().splitlines()[-1]
    )
    assert numbers, told
    sent, lost, duplicated, unknown = map(int, numbers.groups())
    assert (lost, duplicated) == (0, 0), told
    assert sent + unknown == ACTIONS, told
    assert done.stdout.count("\nunknown: ") == unknown, told
    killed = re.search(r"^killed with -9: (.*)$", done.stdout, re.M)
    assert killed, told
    # How often each kind died is a matter of how fast the machine is; that they did is not.
    assert len(killed[1].split(", ")) >= 3, told
    place = place_of(done.stdout)
    assert not Path(place).exists()
    assert left_of(place) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_drill_that_is_interrupted_leaves_nothing_behind(number: signal.Signals) -> None:
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            drill("--actions", "60"),
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment(),
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + 120
            # In the middle of the start for one, of the drill for the other.
            until = "prepared the database" if number is signal.SIGTERM else "ready after"
            text = ""
            while until not in text:
                assert process.poll() is None, text
                assert time.monotonic() < deadline, text
                time.sleep(0.1)
                text = os.pread(output.fileno(), 1 << 20, 0).decode()
            place = place_of(text)
            process.send_signal(number)
            assert process.wait(timeout=60) == 130
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        assert "Traceback" not in os.pread(output.fileno(), 1 << 20, 0).decode()
        assert not Path(place).exists()
        assert left_of(place) == []


def environment() -> dict[str, str]:
    """As in a shell: no services of the test run's, but its settings must be readable."""
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "contactcenter.settings", "PYTHONPATH": str(ROOT)}
