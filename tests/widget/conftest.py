"""A real Chromium with a microphone that speaks a WAV, and a stand-in call server.

Invariant: where the browser is missing, CI fails and everybody else is told loudly; nothing passes by not running.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from .mock_server import MockCall, MockServer

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)
RECORDER = Path(__file__).with_name("recorder.js")
T = TypeVar("T")
Launch = Callable[..., Browser]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _missing(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and CI must run the browser tests")
    pytest.skip(f"BROWSER TESTS NOT RUN: {reason}")


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def launch(driver: Playwright) -> Iterator[Launch]:
    """Starts a browser with extra flags; browsers with the same flags are shared."""
    path = next((found for name in NAMES if (found := shutil.which(name))), driver.chromium.executable_path)
    if not Path(path).exists():
        _missing("no Chromium on the PATH and none of Playwright's own")
    browsers: dict[tuple[str, ...], Browser] = {}

    def start(*extra: str, fake_ui: bool = True) -> Browser:
        flags = tuple(flag for flag in FLAGS if fake_ui or "fake-ui" not in flag) + extra
        if flags not in browsers:
            browsers[flags] = driver.chromium.launch(executable_path=path, args=list(flags))
        return browsers[flags]

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


def open_page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.set_default_timeout(8000)
    return page


def until(look: Callable[[], T], what: str, seconds: float = 8, page: Page | None = None) -> T:
    """Waits for something true; `page` keeps the browser's events flowing meanwhile."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        if page:
            page.wait_for_timeout(15)
        else:
            time.sleep(0.015)
    raise AssertionError(f"never happened: {what}")


def begin(page: Page, server: MockServer, *, typed: bool = False, **attributes: str) -> MockCall:
    """Opens a host page and starts a call as a visitor does; returns the server's side of it."""
    before = len(server.calls)
    visit(page, server, **attributes)
    page.get_by_role("button", name="Type instead" if typed else "Start call").click()
    until(lambda: len(server.calls) > before, "the call reached the server", page=page)
    page.get_by_role("button", name="Hang up").wait_for()
    return server.calls[-1]


def visit(page: Page, server: MockServer, **attributes: str) -> None:
    query = "&".join(f"{key.replace('_', '-')}={value}" for key, value in attributes.items())
    page.goto(f"{server.url}/host?{query}".replace("no-mic", "no_mic"))
    page.get_by_role("button", name="Call us").click()
