"""The whole product, started once for all tests of this directory, and once more with another company.

``STACK_DATA=/path/to/data`` takes a server that already runs there instead, for whoever works on these tests.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .whole import FERNLEIGH, TECHCORP, Company, Whole


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.stack)
            item.add_marker(pytest.mark.models)


@pytest.fixture(scope="session")
def directory() -> Iterator[Path]:
    """Not pytest's own: that one is closed to the user that PostgreSQL may have to run as."""
    path = Path(tempfile.mkdtemp(prefix="contactcenter-whole-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def running(whole: Whole) -> Iterator[Whole]:
    """Started and ready; stopped at the end, whatever became of the tests and of itself."""
    whole.start()
    try:
        yield whole.ready()
    finally:
        if whole.process is not None and whole.process.poll() is None:
            whole.stop()


@pytest.fixture(scope="session")
def company() -> Company:
    return Company(TECHCORP)


@pytest.fixture(scope="session")
def product(directory: Path) -> Iterator[Whole]:
    """The running product with its demo company; `/healthz` says that calls can be taken."""
    given = os.environ.get("STACK_DATA")
    if given:
        port = json.loads((Path(given) / "run" / "services.json").read_text())["port"]
        yield Whole(Path(given), port=port, demo=True)
        return
    with running(Whole(directory / "first", demo=True)) as whole:
        yield whole


@pytest.fixture(scope="module")
def nursery(directory: Path) -> Iterator[Whole]:
    """Another copy, with another company: nothing of the first one's is in it."""
    with running(Whole(directory / "second", demo=True, DEMO_COMPANY=str(FERNLEIGH))) as whole:
        yield whole
