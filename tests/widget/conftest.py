"""A real Chromium with a microphone of its own, and a stand-in call server.

Invariant: where the browser is missing, CI fails and everybody else is told loudly; nothing passes by not running.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from .driving import FLAGS, NAMES, RECORDER, Launch, open_page
from .mock_server import MockServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def browser_path(playwright: Playwright) -> str:
    found = os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, NAMES)), None)
    path = found or playwright.chromium.executable_path
    if not Path(path).exists():
        reason = "no Chromium at BROWSER_PATH, on the PATH or among Playwright's own"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}, and CI must run the browser tests")
        pytest.skip(f"BROWSER TESTS NOT RUN: {reason}")
    return path


@pytest.fixture(scope="module")  # not longer: Playwright's loop and a later async test don't go together
def driver() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def launch(driver: Playwright) -> Iterator[Launch]:
    """Starts a browser with extra flags; browsers with the same flags are shared."""
    path = browser_path(driver)
    browsers: dict[tuple[str, ...], Browser] = {}

    def start(*extra: str) -> Browser:
        if extra not in browsers:
            browsers[extra] = driver.chromium.launch(executable_path=path, args=[*FLAGS, *extra])
        return browsers[extra]

    yield start
    for browser in browsers.values():
        browser.close()


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


@pytest.fixture
def context(launch: Launch) -> Iterator[BrowserContext]:
    fresh = launch().new_context(viewport={"width": 1100, "height": 800})
    fresh.add_init_script(path=RECORDER)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return open_page(context)
