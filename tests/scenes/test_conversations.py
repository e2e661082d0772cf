"""Whole conversations with the running product: every scenario file typed, once, and the five of the first page by voice.

``STACK_DATA=/path/to/data`` takes a server that already runs there. All phrasings: ``script/manage scenarios_run``.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from contactcenter.env import ROOT
from tests.stack.whole import Whole

SCENARIOS = Path(__file__).parents[1] / "scenarios"
FILES = sorted(
    str(file.relative_to(SCENARIOS))
    for kind in ("callers", "five")
    for file in (SCENARIOS / kind).glob("*.yaml")
)
FIVE = [name for name in FILES if name.startswith("five/")]
AT_A_TIME = 8

pytestmark = [pytest.mark.stack, pytest.mark.models]


def placed(product: Whole, *arguments: str) -> dict[str, list[str]]:
    """What didn't go as expected, by file. All calls are placed by one command, several at a time."""
    command = [
        str(ROOT / "script/manage"),
        "--data",
        str(product.data),
        "scenarios_run",
        "--json",
        "--reset",
        "--jobs",
        str(AT_A_TIME),
        *arguments,
    ]
    done = subprocess.run(command, env=product.environ, capture_output=True, text=True, timeout=900, cwd=ROOT)
    assert done.returncode in {0, 1}, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return {
        str(Path(file["path"]).resolve().relative_to(SCENARIOS)): [
            f"{' | '.join(run['said'])}: {failure['where']}: expected {failure['expected']}; was {failure['actual']}"
            for run in file["runs"]
            for failure in run["failures"]
        ]
        for file in found["files"]
    }


@pytest.fixture(scope="module")
def typed(product: Whole) -> dict[str, list[str]]:
    return placed(product, "--sample", "1", str(SCENARIOS / "callers"), str(SCENARIOS / "five"))


@pytest.fixture(scope="module")
def spoken(product: Whole) -> dict[str, list[str]]:
    return placed(product, "--sample", "1", "--voice", str(SCENARIOS / "five"))


@pytest.mark.parametrize("name", FILES)
def test_a_typed_conversation_ends_as_it_should(name: str, typed: dict[str, list[str]]) -> None:
    assert typed[name] == []


@pytest.mark.parametrize("name", FIVE)
def test_a_spoken_conversation_ends_as_it_should(name: str, spoken: dict[str, list[str]]) -> None:
    assert spoken[name] == []


def test_a_file_that_cannot_be_run_is_told_with_exit_code_2(product: Whole, tmp_path: Path) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text("name: Odd\ncaller: anonymous\nturns:\n  - shouts: hello\n")
    command = [str(ROOT / "script/manage"), "--data", str(product.data), "scenarios_run", str(file)]
    done = subprocess.run(command, env=product.environ, capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert done.returncode == 2
    assert f"{file}:4: turns 1, shouts: means nothing here" in done.stderr


def test_what_is_not_so_is_told_and_nothing_made_up_is_left_behind(product: Whole, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(
        "name: Wrong\n"
        'people: {asha: {name: Asha Rao, phone: "+9198450#####"}}\n'
        "caller: {person: asha}\n"
        "turns:\n"
        "  - says: What is your refund policy?\n"
        "    expect: {intent: complaint}\n"
    )
    command = [str(ROOT / "script/manage"), "--data", str(product.data), "scenarios_run", str(file)]
    done = subprocess.run(command, env=product.environ, capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert done.returncode == 1
    assert "turn 1, intent: expected complaint; was policy_query" in done.stdout
    file.write_text(file.read_text().replace("complaint", "policy_query"))
    done = subprocess.run(command, env=product.environ, capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert done.returncode == 0, done.stdout
    assert product.rows("SELECT id FROM leads WHERE name = 'Asha Rao'") == []
