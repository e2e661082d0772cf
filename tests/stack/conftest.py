"""Tests of the whole product (see ``running.py``), and of one more with another company."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .running import running
from .whole import FERNLEIGH, TECHCORP, Company, Whole


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.stack)
            item.add_marker(pytest.mark.models)


@pytest.fixture(scope="session")
def company() -> Company:
    return Company(TECHCORP)


@pytest.fixture(scope="module")
def nursery(whole_directory: Path) -> Iterator[Whole]:
    """Another copy, with another company: nothing of the first one's is in it."""
    with running(Whole(whole_directory / "second", demo=True, DEMO_COMPANY=str(FERNLEIGH))) as whole:
        yield whole
