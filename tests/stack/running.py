"""The whole product, started once for every test that needs it: two of them at a time are too much for two cores.

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

from tests.stack.whole import Whole


@pytest.fixture(scope="session")
def whole_directory() -> Iterator[Path]:
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
def product(whole_directory: Path) -> Iterator[Whole]:
    """The running product with its demo company; `/healthz` says that calls can be taken."""
    given = os.environ.get("STACK_DATA")
    if given:
        port = json.loads((Path(given) / "run" / "services.json").read_text())["port"]
        yield Whole(Path(given), port=port, demo=True)
        return
    with running(Whole(whole_directory / "first", demo=True)) as whole:
        yield whole
