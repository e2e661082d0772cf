"""A call outlives its connection, and a call that can't be had says why in words that help."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .driving import Launch, begin, open_page, until, visit
from .mock_server import MockServer, tone


def start(page: Page, name: str = "Start call") -> None:
    page.get_by_role("button", name=name).click()


def test_a_lost_connection_is_told_and_the_same_call_goes_on(page: Page, server: MockServer) -> None:
    call = begin(page, server, site="shop")
    call.say(1, "Hello, how can I help?", 0.4)
    until(lambda: {"type": "played", "turn": 1, "ms": 400} in call.sent("played"), "heard", page=page)
    server.down = 2
    call.drop()
    page.get_by_role("alert").get_by_text("Connection lost").wait_for()
    page.get_by_text("Reconnecting…").wait_for()
    until(lambda: call.resumes, "resumed", 15, page)
    expect(page.get_by_text("Connection lost")).to_have_count(0)
    page.get_by_text("The connection is back").wait_for()
    assert call.resumes == [
        {
            "type": "start",
            "site": "shop",
            "sample_rate": 16000,
            "call": call.id,
            "resume": call.secret,
            "heard": {"turn": 1, "ms": 400},
        }
    ]
    assert len(server.calls) == 1
    page.get_by_text("Hello, how can I help?").wait_for()
    seen = len(call.audio)
    until(lambda: len(call.audio) > seen + 25, "the microphone is sent again", page=page)
    call.say(2, "As I was saying.", 0.4)
    until(lambda: {"type": "played", "turn": 2, "ms": 400} in call.sent("played"), "heard again", page=page)


def test_a_half_spoken_answer_is_heard_once_and_whole(page: Page, server: MockServer) -> None:
    call = begin(page, server, output="direct")
    call.push(type="audio", turn=1, state="start")
    call.push_audio(tone(1.0))
    until(lambda: any(ack["ms"] > 300 for ack in call.sent("played")), "some heard", page=page)
    call.drop()
    until(lambda: call.resumes, "resumed", 15, page)
    heard = call.resumes[0]["heard"]
    assert heard["turn"] == 1
    # The server begins again where the caller said to have been, of three seconds in all.
    call.push(type="audio", turn=1, state="start", from_ms=heard["ms"])
    call.push_audio(tone(3.0 - heard["ms"] / 1000))
    call.push(type="audio", turn=1, state="end")
    until(lambda: any(ack["ms"] >= 2999 for ack in call.sent("played")), "heard to the end", page=page)
    assert call.sent("played")[-1]["ms"] == pytest.approx(3000, abs=1)
    loud = "__sound.kept.filter((b) => Math.max(...b.samples.map(Math.abs)) > 0.02)"
    seconds = page.evaluate(f"{loud}.reduce((sum, b) => sum + b.samples.length, 0) / __sound.rate")
    assert seconds == pytest.approx(3.0, abs=0.35)


def test_a_token_is_not_told_again_when_a_call_is_resumed(page: Page, server: MockServer) -> None:
    call = begin(page, server, token="once")
    call.drop()
    until(lambda: call.resumes, "resumed", 15, page)
    assert call.start["token"] == "once"
    assert "token" not in call.resumes[0]


def test_a_call_that_can_not_be_resumed_ends_with_a_word(page: Page, server: MockServer) -> None:
    call = begin(page, server)
    server.forgetful = True
    call.drop()
    page.get_by_text("The connection was lost and could not be restored.").wait_for()
    page.get_by_role("button", name="Call again").wait_for()


def test_a_restarting_server_is_waited_for(page: Page, server: MockServer) -> None:
    server.down = 2
    visit(page, server)
    start(page)
    page.get_by_text("it may be restarting. Trying again").wait_for()
    until(lambda: server.calls, "the call was accepted at last", 15, page)
    page.get_by_role("button", name="Hang up").wait_for()
    assert len(server.attempts) == 3


@pytest.mark.parametrize(
    ("site", "words"),
    [
        ("busy", "All lines are busy"),
        ("too_many_calls", "You already have a call open"),
        ("bad_token", "Your sign-in has run out"),
        ("odd", "The moon is in the wrong house."),
    ],
)
def test_a_refused_call_says_why(page: Page, server: MockServer, site: str, words: str) -> None:
    visit(page, server, site=site, token="spent")
    start(page)
    page.get_by_role("alert").filter(has_text=words).wait_for()
    assert len(server.attempts) == 1, "a refusal is not knocked at again"


def test_a_refused_token_can_be_left_out(page: Page, server: MockServer) -> None:
    visit(page, server, site="bad_token", token="spent", lead_name="Ravi")
    start(page)
    start(page, "Go on as a guest")
    page.get_by_role("button", name="Hang up").wait_for()
    assert server.calls[0].start == {
        "type": "start",
        "site": "bad_token",
        "lead": {"name": "Ravi"},
        "sample_rate": 16000,
    }


def test_a_foreign_website_is_told_so(page: Page, server: MockServer) -> None:
    server.down, server.down_code = 1, 1008
    visit(page, server)
    start(page)
    page.get_by_text("Calls from this website aren't allowed").wait_for()


def test_a_token_on_the_tag_serves_one_call_and_a_token_address_every_call(
    page: Page, server: MockServer
) -> None:
    begin(page, server, token="one")
    page.get_by_role("button", name="Hang up").click()
    start(page, "Call again")
    page.get_by_text("Your sign-in has run out").wait_for()
    assert [call.start.get("token") for call in server.calls] == ["one"]

    begin(page, server, token_url="/token")
    page.get_by_role("button", name="Hang up").click()
    start(page, "Call again")
    until(lambda: len(server.calls) == 3, "the second call", page=page)
    first, second = (call.start["token"] for call in server.calls[1:])
    assert first != second


def test_the_page_may_give_the_token_by_script(page: Page, server: MockServer) -> None:
    visit(page, server)
    page.evaluate("ContactCenterCall.setToken(async () => 'from-the-page')")
    start(page)
    until(lambda: server.calls, "the call", page=page)
    assert server.calls[0].start["token"] == "from-the-page"
    assert "from-the-page" not in page.url + "".join(str(origin) for origin in server.origins)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("goodbye", "Thank you for calling."),
        ("idle", "nothing was said for a while"),
        ("limit", "longest allowed time"),
        ("transferred", "You were put through to a person."),
        ("error", "Something went wrong on our side"),
    ],
)
def test_an_ended_call_says_why(page: Page, server: MockServer, reason: str, words: str) -> None:
    call = begin(page, server)
    call.push(type="ended", reason=reason)
    page.get_by_text(words).wait_for()
    page.get_by_text("Length 0:0").wait_for()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("NotAllowedError", "The microphone is blocked"),
        ("NotFoundError", "No microphone found"),
        ("NotReadableError", "The microphone is in use"),
    ],
)
def test_a_missing_microphone_is_explained_and_typing_offered(
    page: Page, server: MockServer, error: str, words: str
) -> None:
    page.add_init_script(
        f"const refusal = Object.assign(new Error('no'), {{ name: '{error}' }});"
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(refusal);"
    )
    visit(page, server)
    start(page)
    page.get_by_role("alert").filter(has_text=words).wait_for()
    page.get_by_role("button", name="Try again").wait_for()
    start(page, "Type instead")
    until(lambda: server.calls, "a typed call", page=page)


def test_a_page_without_the_right_to_the_microphone_is_named(page: Page, server: MockServer) -> None:
    visit(page, server, no_mic="1")
    start(page)
    page.get_by_text("This page may not use the microphone").wait_for()


def test_an_insecure_page_offers_typing_only_and_says_why(launch: Launch, server: MockServer) -> None:
    context = launch("--host-resolver-rules=MAP shop.test 127.0.0.1").new_context()
    page = open_page(context)
    page.goto(f"http://shop.test:{server.port}/host?site=x")
    page.get_by_role("button", name="Call us").click()
    page.get_by_text("Voice calls don't work on this page").wait_for()
    page.evaluate("ContactCenterCall.call()")
    page.get_by_text("Talking needs a secure page").wait_for()
    start(page, "Type instead")
    call = until(lambda: server.calls and server.calls[0], "a typed call", page=page)
    call.say(1, "Shown, as it can't be spoken.", 1.5)
    page.get_by_text("Shown, as it can't be spoken.").wait_for()
    until(
        lambda: {"type": "played", "turn": 1, "ms": 1500} in call.sent("played"),
        "read counts as heard",
        page=page,
    )
    context.close()


def test_hanging_up_a_call_that_is_still_connecting_leaves_nothing_behind(
    page: Page, server: MockServer
) -> None:
    server.down = 99
    opened: list[str] = []
    page.on("websocket", lambda socket: opened.append(socket.url))
    visit(page, server)
    start(page)
    page.get_by_text("Trying again").wait_for()
    start(page, "Cancel")
    page.get_by_role("button", name="Start call").wait_for()
    tried = len(opened)
    page.wait_for_timeout(1500)
    assert len(opened) == tried >= 1
