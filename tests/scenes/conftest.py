"""The whole product for a module's conversations, started before the first and stopped after the last.

``STACK_DATA=/path/to/data`` takes a server that already runs there instead.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.conftest import running
from tests.stack.whole import Whole


@pytest.fixture(scope="module")
def product() -> Iterator[Whole]:
    given = os.environ.get("STACK_DATA")
    if given:
        port = json.loads((Path(given) / "run" / "services.json").read_text())["port"]
        yield Whole(Path(given), port=port, demo=True)
        return
    # Not pytest's own directory: that one is closed to the user that PostgreSQL may have to run as.
    directory = Path(tempfile.mkdtemp(prefix="contactcenter-scenes-"))
    directory.chmod(0o711)
    try:
        with running(Whole(directory / "data", demo=True)) as whole:
            yield whole
    finally:
        shutil.rmtree(directory, ignore_errors=True)
