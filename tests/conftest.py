"""What every test may use. The database and Redis are real, and come from the environment (see `tests.services`)."""

from __future__ import annotations

import os

import pytest

from contactcenter.bootstrap.testing import browser_find
from tests.stack.running import product, whole_directory

__all__ = ["browser_path", "product", "whole_directory"]


@pytest.fixture(scope="session")
def browser_path() -> str:
    """A Chromium that starts; without one the test is skipped, and `CI=true` has failed before."""
    path = os.environ.get("BROWSER_PATH")
    if path is None:  # a run of some tests only, for which nobody has looked yet
        path = browser_find(install=False)
    if not path:
        pytest.skip(
            "no Chromium: put one on the PATH, or run script/test without arguments to have one installed"
        )
    return path
