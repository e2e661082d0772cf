"""The panel: for the eye, the keyboard and the screen reader, on any page that a site may put it on."""

from __future__ import annotations

import gzip
import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .driving import Launch, begin, open_page, until, visit
from .mock_server import WIDGET, MockCall, MockServer

EVIL = "<img src=x onerror=window.__owned=1><b>bold</b>"


def fill(call: MockCall) -> None:
    """Everything that a call can show at once."""
    call.push(type="transcript", turn=1, role="agent", text="Hello. How can I help you today?", final=True)
    call.push(type="transcript", turn=2, role="customer", text="What is your refund policy?", final=True)
    call.push(type="transcript", turn=3, role="agent", text="You have 30 days. " * 6, final=True)
    call.push(type="transcript", turn=4, role="human", text="Hi, this is John.", final=True)
    for key, status in (("a", "delivered"), ("b", "failed"), ("c", "queued")):
        call.push(type="action", key=key, kind="send_email", status=status, label="Refund policy by email")
    call.push(
        type="card",
        key="callback",
        title="Callback",
        text="Tue 10:00 IST",
        rows=[{"label": "Number", "value": "+91 98765 43210"}],
        choices=[{"label": "Change", "say": "Change the time"}],
    )


def test_the_transcript_shows_who_said_what_and_partial_words_become_final(
    page: Page, server: MockServer
) -> None:
    call = begin(page, server)
    call.push(type="transcript", turn=1, role="agent", text="Hello.", final=True)
    call.push(type="transcript", turn=1, role="agent", text="How can I help?", final=True)
    call.push(type="transcript", turn=2, role="customer", text="what is", final=False)
    log = page.get_by_role("log", name="What was said")
    partial = page.locator(".partial")
    expect(partial).to_contain_text("what is")
    expect(log.locator(".line")).to_have_count(1)
    expect(log.locator(".agent .words")).to_have_text("Hello. How can I help?")
    call.push(type="transcript", turn=2, role="customer", text="What is your refund policy?", final=True)
    expect(log.locator(".customer .words")).to_have_text("What is your refund policy?")
    expect(partial).to_be_empty()
    call.push(type="interrupt", turn=1)
    expect(log.locator(".agent.cut")).to_have_count(1)


def test_a_receipt_moves_on_in_its_own_row_and_is_there_at_the_end(page: Page, server: MockServer) -> None:
    call = begin(page, server)
    for status, words in (("queued", "On its way"), ("sent", "Sent"), ("delivered", "Delivered")):
        call.push(
            type="action", key="m1", kind="send_email", status=status, label="Refund policy to r…@example.com"
        )
        expect(page.locator(".receipt .status")).to_have_text([words])
    call.push(type="action", key="m2", kind="send_whatsapp", status="failed", label="Catalog")
    call.push(type="action", kind="create_ticket", status="queued", label="Ticket", simulated=True)
    expect(page.locator(".receipt .status")).to_have_text(
        ["Delivered", "Didn't go through", "In progress (demo)"]
    )
    call.push(type="ended", reason="goodbye")
    expect(page.locator(".end .receipt")).to_have_count(3)


def test_a_card_reads_back_and_its_choice_is_said(page: Page, server: MockServer) -> None:
    call = begin(page, server)
    fill(call)
    page.get_by_role("region", name="Callback").get_by_text("Tue 10:00 IST").wait_for()
    page.get_by_role("button", name="Change").click()
    until(lambda: call.sent("text") == [{"type": "text", "text": "Change the time"}], "said", page=page)
    call.push(type="card", key="callback", status="closed")
    expect(page.locator(".card")).to_have_count(0)


def test_states_are_put_into_words(page: Page, server: MockServer) -> None:
    call = begin(page, server)
    status = page.locator(".stage").get_by_role("status")
    expect(status).to_have_text("Listening")
    call.push(type="state", state="thinking")
    expect(status).to_have_text("One moment…")
    call.push(type="state", state="queued", position=2, wait_s=240)
    expect(status).to_have_text("You are number 2, about 4 minutes")
    call.push(type="human", name="John")
    call.push(type="state", state="human")
    expect(status).to_have_text("Connected with John")
    page.get_by_text("John has joined the call.").wait_for()


def test_what_the_server_says_is_only_ever_text(page: Page, server: MockServer) -> None:
    call = begin(page, server)
    for role in ("agent", "customer", "human"):
        call.push(type="transcript", turn=1, role=role, text=EVIL, final=True)
    call.push(type="transcript", turn=9, role="customer", text=EVIL, final=False)
    call.push(type="action", kind=EVIL, status=EVIL, label=EVIL, key=EVIL)
    call.push(
        type="card", title=EVIL, text=EVIL, rows=[{"label": EVIL, "value": EVIL}], choices=[{"label": EVIL}]
    )
    call.push(type="human", name=EVIL)
    call.push(type="ask", input="text", label=EVIL)
    call.push(type="state", state=EVIL)
    call.push(type="nonsense", text=EVIL)
    page.get_by_text(f"{EVIL} has joined the call.").wait_for()
    assert page.evaluate("window.__owned") is None
    assert page.locator("contact-center-call img, contact-center-call b").count() == 0


def test_a_call_by_keyboard_alone(page: Page, server: MockServer) -> None:
    page.goto(f"{server.url}/host?site=x")
    page.get_by_role("button", name="Call us").wait_for()
    page.locator("#other").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Start call")).to_be_focused()
    page.keyboard.press("Enter")
    call = until(lambda: server.calls and server.calls[0], "the call", page=page)
    expect(page.get_by_role("button", name="Mute")).to_be_focused()
    page.keyboard.press("Space")
    page.get_by_text("You are muted").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="1", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    until(lambda: call.sent("dtmf") == [{"type": "dtmf", "digit": "1"}], "a digit", page=page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Keypad")).to_be_focused()
    page.get_by_label("Type instead of speaking").focus()
    page.keyboard.type("My order is late")
    page.keyboard.press("Enter")
    until(lambda: call.sent("text") == [{"type": "text", "text": "My order is late"}], "typed", page=page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Return to call")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Hang up").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Call again")).to_be_focused()


def test_the_panel_does_not_trap_the_focus(page: Page, server: MockServer) -> None:
    visit(page, server)
    seen = set()
    for _ in range(8):
        page.keyboard.press("Shift+Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.localName"))
    assert {"other", "contact-center-call"} <= seen


def test_typing_here_fires_no_shortcut_of_the_page(page: Page, server: MockServer) -> None:
    begin(page, server, typed=True)
    page.evaluate("document.addEventListener('keydown', () => (window.__leaked = true))")
    page.keyboard.type("abc")
    assert page.evaluate("window.__leaked") is None


def test_a_call_by_typing_needs_no_microphone(page: Page, server: MockServer) -> None:
    page.add_init_script("delete Navigator.prototype.mediaDevices")
    call = begin(page, server, typed=True)
    field = page.get_by_label("Type your message")
    expect(field).to_be_focused()
    page.keyboard.type("What is your refund policy?")
    page.keyboard.press("Enter")
    until(lambda: call.sent("text"), "typed", page=page)
    call.push(type="transcript", turn=1, role="customer", text="What is your refund policy?", final=True)
    call.say(2, "You have 30 days.", 0.5)
    until(
        lambda: {"type": "played", "turn": 2, "ms": 500} in call.sent("played"), "and it is spoken", page=page
    )
    expect(page.locator(".customer .words")).to_have_text(["What is your refund policy?"])
    assert call.audio == []
    assert page.get_by_role("button", name="Mute").count() == 0


def test_the_agent_can_ask_for_typing_and_for_the_keypad(page: Page, server: MockServer) -> None:
    call = begin(page, server)
    call.push(type="ask", input="email", label="Type your e-mail address")
    field = page.get_by_placeholder("Type your e-mail address")
    expect(field).to_be_focused()
    assert field.get_attribute("inputmode") == "email"
    call.push(type="ask", input="digits", label="Order number")
    expect(page.get_by_role("group", name="Keypad")).to_be_visible()


def test_it_works_from_another_origin_under_a_strict_policy(launch: Launch, server: MockServer) -> None:
    context = launch().new_context()  # without the recorder, which such a policy refuses
    page = open_page(context)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    with MockServer() as shop:
        page.goto(f"{shop.url}/host?site=shop&csp=strict&product={server.url}")
        page.get_by_role("button", name="Call us").click()
        page.get_by_role("button", name="Start call").click()
        call = until(lambda: server.calls and server.calls[0], "the call", page=page)
        call.say(1, "Hello.", 0.5)
        until(lambda: {"type": "played", "turn": 1, "ms": 500} in call.sent("played"), "heard", page=page)
        until(lambda: len(call.audio) > 20, "and listened to", page=page)
        assert server.origins == [shop.url]
    assert [text for text in complaints if "favicon" not in text and "404" not in text] == []
    context.close()


def test_a_page_that_calls_the_api_too_early_is_served_when_it_can_be(page: Page, server: MockServer) -> None:
    page.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => { window.__told = [];"
        " window.addEventListener('contactcenter:phase', (e) => __told.push(e.detail.phase));"
        " ContactCenterCall.open(); ContactCenterCall.call({ typed: true }); });"
    )
    page.goto(f"{server.url}/host?site=x")
    page.get_by_role("button", name="Hang up").wait_for()
    page.evaluate("ContactCenterCall.hangup()")
    page.get_by_text("You hung up.").wait_for()
    assert page.evaluate("__told") == ["asking", "connecting", "active", "over"]


@pytest.mark.parametrize("width", [320, 360, 1100])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_fits_can_be_hit_and_can_be_read(
    launch: Launch, server: MockServer, width: int, scheme: str
) -> None:
    context: BrowserContext = launch().new_context(
        viewport={"width": width, "height": 740}, color_scheme=scheme
    )
    page = open_page(context)
    call = begin(page, server)
    fill(call)
    page.get_by_role("region", name="Callback").wait_for()
    assert audit(page) == []
    page.get_by_role("button", name="Keypad").click()
    assert audit(page) == []
    call.push(type="ended", reason="goodbye")
    page.get_by_role("button", name="Call again").wait_for()
    assert audit(page) == []
    context.close()


def audit(page: Page) -> list[str]:
    """Faults that can be measured: targets under 44 px, things out of sight, nameless controls, faint text."""
    return page.evaluate(
        """async () => {
        const faults = [];
        const root = document.querySelector('contact-center-call').shadowRoot;
        const passing = root.getAnimations().filter((a) => a.effect.getComputedTiming().endTime !== Infinity);
        await Promise.all(passing.map((a) => a.finished.catch(() => null)));  // the opening movement is over
        const panel = root.querySelector('.panel').getBoundingClientRect();
        const channel = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
        const shine = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
        const parse = (text) => text.match(/[\\d.]+/g).map(Number);
        const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
          if (c.length < 4 || c[3] === 1) return c; } return [255, 255, 255]; };
        for (const e of root.querySelectorAll('.panel *')) {
          const box = e.getBoundingClientRect();
          if (!box.width || !e.checkVisibility()) continue;
          if (box.right > panel.right + 1 || box.left < panel.left - 1) faults.push(`sticks out: ${e.className}`);
          if (e.matches('button, input, summary')) {
            if (box.height < 44 || box.width < 44) faults.push(`small: ${e.className} ${box.width}x${box.height}`);
            if (box.bottom > innerHeight + 1) faults.push(`below the edge: ${e.className}`);
            if (!(e.ariaLabel || e.textContent.trim())) faults.push(`no name: ${e.className}`);
          }
          const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
          if (!own || e.closest('.visually-hidden')) continue;
          const [a, b] = [shine(parse(getComputedStyle(e).color)), shine(ground(e))];
          const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          if (contrast < 4.5) faults.push(`faint ${contrast.toFixed(2)}: ${e.className} "${e.textContent.slice(0, 20)}"`);
        }
        if (document.documentElement.scrollWidth > innerWidth) faults.push('the page scrolls sideways');
        return faults; }"""
    )


def test_the_style_of_the_page_does_not_leak_in(page: Page, server: MockServer) -> None:
    visit(page, server)
    look = (
        "getComputedStyle(document.querySelector('contact-center-call').shadowRoot.querySelector('.button'))"
    )
    before = page.evaluate(f"(s => [s.color, s.fontSize, s.textTransform])({look})")
    page.evaluate(
        "const s = new CSSStyleSheet(); s.replaceSync('* { color: red; font-size: 40px; text-transform: uppercase }'"
        "+ ' button { display: none }'); document.adoptedStyleSheets = [s]"
    )
    assert page.evaluate(f"(s => [s.color, s.fontSize, s.textTransform])({look})") == before
    expect(page.get_by_role("button", name="Start call")).to_be_visible()


def test_still_pictures_for_those_who_want_them(launch: Launch, server: MockServer) -> None:
    context = launch().new_context(reduced_motion="reduce")
    page = open_page(context)
    call = begin(page, server)
    call.push(type="state", state="thinking")
    page.get_by_text("One moment…").wait_for()
    assert (
        page.evaluate("document.querySelector('contact-center-call').shadowRoot.getAnimations().length") == 0
    )
    context.close()


def test_a_host_site_loads_at_most_60_kb_and_nothing_from_elsewhere(page: Page, server: MockServer) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    begin(page, server)
    assert {url.split("/")[2] for url in fetched if url.startswith("http")} == {f"localhost:{server.port}"}
    files = [path for path in WIDGET.iterdir() if path.suffix in {".js", ".css"}]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) <= 60_000
    assert server.fetched == {path.name for path in files}, "every file is used"


def test_the_code_keeps_its_own_rules() -> None:
    for path in WIDGET.glob("*.js"):
        code = path.read_text()
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", code
        ), path
        assert not re.search(r"setAttribute\(\s*[\"']style", code), path
        assert len(code.splitlines()) < 400, path
