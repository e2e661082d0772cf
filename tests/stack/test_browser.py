"""A person on the shop's page: presses the button, talks, hears, types, sees what was done, says goodbye.

The microphone is a recording that Chromium takes for one. That the answer was heard is proven twice: by the sound at the end
of the widget's own path, and by the server's record, which keeps what the player acknowledged.
"""

from __future__ import annotations

import os
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soxr
from playwright.sync_api import Page, expect, sync_playwright

from calls.caller import RATE
from contactcenter.env import ROOT
from tests.bootstrap.product import until
from tests.widget.driving import FLAGS

from .calling import wav
from .whole import Company, Whole

pytestmark = pytest.mark.browser
SCREENSHOT = ROOT / "docs" / "images" / "call.png"
EARS = Path(__file__).with_name("ears.js")
PATIENCE_MS = 45_000
CARD = 48_000
ASKED = 8 * CARD
QUIETLY = 0.2


@pytest.fixture(scope="module")
def microphone(whole_directory: Path) -> Path:
    """Somebody's desk: a keyboard is heard, and once, after the greeting, the question."""
    question, typing = (
        soxr.resample(wav(name).astype(np.float64), RATE, CARD) for name in ("refund_slt", "typing")
    )
    whole = np.resize(typing * QUIETLY, 100 * CARD)
    whole[ASKED : ASKED + question.size] = question
    path = whole_directory / "microphone.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, CARD, 0, "NONE", ""))
        file.writeframes(np.clip(np.round(whole), -32768, 32767).astype("<i2").tobytes())
    return path


@pytest.fixture
def page(browser_path: str, microphone: Path) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path,
            args=[*FLAGS, f"--use-file-for-fake-audio-capture={microphone}%noloop"],
        )
        context = browser.new_context(viewport={"width": 1280, "height": 860}, color_scheme="light")
        context.add_init_script(path=EARS)
        fresh = context.new_page()
        fresh.set_default_timeout(PATIENCE_MS)
        yield fresh
        browser.close()


def test_a_call_from_the_shops_page_by_voice_and_keyboard(
    page: Page, product: Whole, company: Company
) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{product.url}/?as={company.caller['id']}")
    page.get_by_role("button", name="Talk to us").click()
    page.get_by_role("button", name="Start call").click()
    conversation = page.get_by_role("region", name="Conversation")

    expect(conversation).to_contain_text(company.name, timeout=PATIENCE_MS)  # the greeting names the company
    answer = company.scenario["policy_answer"]
    expect(conversation).to_contain_text(answer[0], timeout=PATIENCE_MS)
    expect(conversation).to_contain_text(answer[-1], timeout=PATIENCE_MS)
    call_id = product.rows("SELECT id FROM calls_call ORDER BY started_at DESC LIMIT 1")[0]["id"]

    def heard(number: int) -> bool:
        (turn,) = product.turns(call_id, "agent")[number : number + 1] or ({"heard": ""},)
        page.wait_for_timeout(100)
        return bool(turn["heard"]) and turn["heard"] == turn["text"]

    until(lambda: heard(0) and heard(1), "greeting and answer were heard to their ends", 40)
    assert page.evaluate("__loudest") > 0.05, "it was sound, too"
    spoken = product.turns(call_id)[0]
    assert spoken["decision"]["intent"] == "policy_query"
    assert spoken["passages"][0]["clears"]

    typing = page.get_by_role("textbox", name="Type instead of speaking")
    typing.fill(company.scenario["document_request"])
    typing.press("Enter")
    expect(conversation).to_contain_text(company.scenario["document_request"])
    receipt = page.get_by_role("region", name="Your requests")
    expect(receipt).to_contain_text("Delivered", timeout=PATIENCE_MS)
    expect(receipt).to_contain_text(company.document["title"])
    expect(receipt).to_contain_text("(demo)")
    expect(conversation).to_contain_text("anything else", timeout=PATIENCE_MS)
    if os.environ.get("SCREENSHOT"):
        SCREENSHOT.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOT)

    typing.fill("No, that's all. Thank you!")
    typing.press("Enter")
    expect(page.get_by_role("heading", name="Call ended")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("Thank you for calling.")).to_be_visible()
    call = product.call_over(call_id)
    assert (call["end_reason"], call["lead_id"]) == ("goodbye", company.caller["id"])
    assert problems == []
