"""Whole conversations with the running product: the five main ones spoken, every other scenario typed, one phrasing each.

All calls are placed by two commands beside each other, several at a time, since calls take the time that people take.
``STACK_DATA=/path/to/data`` takes a server that already runs there. All phrasings: ``script/manage scenarios_run``.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from contactcenter.env import ROOT
from tests.stack.whole import Whole

SCENARIOS = Path(__file__).parents[1] / "scenarios"
CALLERS = sorted(file.name for file in (SCENARIOS / "callers").glob("*.yaml"))
FIVE = sorted(file.name for file in (SCENARIOS / "five").glob("*.yaml"))
AT_A_TIME = 8

pytestmark = [pytest.mark.stack, pytest.mark.models]

Judged = dict[str, list[str]]


def command(product: Whole, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "script/manage"), "--data", str(product.data), "scenarios_run", *arguments],
        env=product.environ,
        capture_output=True,
        text=True,
        timeout=600,
        cwd=ROOT,
    )


def judged(product: Whole, *arguments: str) -> Judged:
    """What didn't go as expected, by file name."""
    done = command(product, "--json", "--sample", "1", *arguments)
    assert done.returncode in {0, 1}, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return {
        Path(file["path"]).name: [
            f"{run['said']}, heard as {run['heard']}: {one['where']}: expected {one['expected']}; was {one['actual']}"
            for run in file["runs"]
            for one in run["failures"]
        ]
        for file in found["files"]
    }


@pytest.fixture(scope="module")
def placed(product: Whole) -> Iterator[tuple[Judged, Judged]]:
    """(typed, spoken). The demo's people are as they were when it is over."""
    product.manage("demo_reset")
    with ThreadPoolExecutor(2) as both:
        typed = both.submit(judged, product, "--jobs", str(AT_A_TIME), str(SCENARIOS / "callers"))
        spoken = both.submit(judged, product, "--voice", str(SCENARIOS / "five"))
        results = typed.result(), spoken.result()
    yield results
    product.manage("demo_reset")


@pytest.mark.parametrize("name", CALLERS)
def test_a_typed_conversation_ends_as_it_should(name: str, placed: tuple[Judged, Judged]) -> None:
    assert placed[0][name] == []


@pytest.mark.parametrize("name", FIVE)
def test_a_spoken_conversation_ends_as_it_should(name: str, placed: tuple[Judged, Judged]) -> None:
    assert placed[1][name] == []


def test_a_file_that_cannot_be_run_is_told_with_exit_code_2(product: Whole, tmp_path: Path) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text("name: Odd\ncaller: anonymous\nturns:\n  - shouts: hello\n")
    done = command(product, str(file))
    assert done.returncode == 2
    assert f"{file}:4: turns 1, shouts: means nothing here" in done.stderr


def test_what_is_not_so_is_told_and_nobody_made_up_is_left_behind(product: Whole, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(
        "name: Wrong\n"
        'people: {nobody: {name: Nobody Inparticular, phone: "+9198450#####"}}\n'
        "caller: {person: nobody}\n"
        "turns:\n"
        "  - says: What is your refund policy?\n"
        "    expect: {intent: complaint}\n"
    )
    done = command(product, str(file))
    assert done.returncode == 1
    assert "turn 1, intent: expected complaint; was policy_query" in done.stdout
    file.write_text(file.read_text().replace("complaint", "policy_query"))
    done = command(product, str(file))
    assert done.returncode == 0, done.stdout
    assert product.rows("SELECT id FROM leads WHERE name = 'Nobody Inparticular'") == []
