"""What a visitor does with the widget, for tests that drive a real browser."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import Browser, BrowserContext, Page

from .mock_server import MockCall, MockServer

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    # Opening an AudioContext asks for the output device and blocks the page until there is an answer. It must not come
    # from whatever sound system a test machine has or half has.
    "--disable-audio-output",
)
RECORDER = Path(__file__).with_name("recorder.js")
T = TypeVar("T")
Launch = Callable[..., Browser]


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
