"""The loop of a call with scripted ports, on virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from calls.core import events as ev
from calls.core.state import Phase
from calls.playback import LEAD_S
from calls.session import Session
from tests.core.talk import ANSWER, PHRASES
from tests.live.scripted import PCM_RATE, Browser, World, session_of, sound
from tests.live.virtual import virtually

Act = Callable[[Session, Browser], Coroutine[Any, Any, None]]


def call(world: World, act: Act, *, acks: bool = True) -> Browser:
    """Run a call in which ``act`` is the caller; whatever the caller does, the call is over at the end."""
    browser = Browser(acks=acks)

    async def whole() -> None:
        session = session_of(world)
        browser.session = session
        session.attach(browser)
        running = asyncio.create_task(session.run())
        await act(session, browser)
        session.post(ev.HungUp(at=session.now()))
        await asyncio.wait_for(running, 60)
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        assert not left, f"tasks outlive their call: {left}"

    virtually(whole())
    assert len(world.finished) == 1
    return browser


def test_silence_is_greeted_and_the_greeting_is_sent_in_real_time_a_little_ahead() -> None:
    async def act(session: Session, browser: Browser) -> None:
        await sound(session, 6.0, loud=False)

    browser = call(World(), act)
    assert browser.all("transcript")[0]["text"].startswith("Hello")
    first = browser.audio[0][0]
    assert 2.0 <= first <= 2.2
    sent = 0
    for at, size in browser.audio:
        sent += size
        assert sent / (2 * PCM_RATE) <= at - first + LEAD_S + 0.05, "never more than the lead is unplayed"


def test_a_spoken_question_is_heard_whole_and_answered() -> None:
    world = World(words=["What is your refund policy?"])

    async def act(session: Session, browser: Browser) -> None:
        await sound(session, 0.3, loud=False)
        await sound(session, 1.5, loud=True)
        await sound(session, 2.0, loud=False)

    browser = call(world, act)
    assert world.commits[0].customer_text == "What is your refund policy?"
    assert 1.5 * 16_000 <= world.heard[-1].size <= 2.2 * 16_000
    said = [m["text"] for m in browser.all("transcript") if m["role"] == "agent"]
    assert said[0] == ANSWER[0]


def test_the_order_of_messages_is_start_words_sound_end() -> None:
    async def act(session: Session, browser: Browser) -> None:
        session.post(ev.Typed(at=session.now(), text="What is your refund policy?"))
        await asyncio.sleep(4)

    browser = call(World(), act)
    kinds = [m["type"] for m in browser.all("transcript") + browser.all("audio")]
    assert kinds
    order = [
        (m["type"], m.get("state") or m.get("text"))
        for _, m in browser.messages
        if m["type"] in {"audio", "transcript"}
    ]
    agent = order[1:]
    assert agent == [
        ("audio", "start"),
        ("transcript", ANSWER[0]),
        ("transcript", ANSWER[1]),
        ("audio", "end"),
    ]


def test_an_interruption_clears_what_is_not_yet_sent_at_once() -> None:
    world = World(words=["Stop."], seconds_a_sentence=5.0)

    async def act(session: Session, browser: Browser) -> None:
        session.post(ev.Typed(at=session.now(), text="What is your refund policy?"))
        await asyncio.sleep(2)
        await sound(session, 0.5, loud=True)
        await sound(session, 0.5, loud=False)

    browser = call(world, act)
    at = next(when for when, m in browser.messages if m["type"] == "interrupt")
    second = next(
        when
        for when, m in browser.messages
        if m["type"] == "audio" and m["state"] == "start" and m["turn"] > 2
    )
    assert not [when for when, _ in browser.audio if at < when < second]
    assert world.settled[0].interrupted
    assert 0 < len(world.settled[0].heard) < len(" ".join(ANSWER))


def test_a_nod_holds_the_voice_for_a_moment_and_it_goes_on_where_it_was() -> None:
    world = World(words=["mm-hm"], seconds_a_sentence=3.0)

    async def act(session: Session, browser: Browser) -> None:
        session.post(ev.Typed(at=session.now(), text="What is your refund policy?"))
        await asyncio.sleep(1)
        await sound(session, 0.3, loud=True)
        await sound(session, 8, loud=False)

    browser = call(world, act)
    assert [m["type"] for m in browser.all("pause") + browser.all("resume")] == ["pause", "resume"]
    assert not browser.all("interrupt")
    assert sum(size for _, size in browser.audio) == 2 * 3 * PCM_RATE * 2, "every sample once"


def test_a_client_that_stops_sending_in_mid_utterance_is_taken_as_silent() -> None:
    world = World(words=["What is your refund policy?"])

    async def act(session: Session, browser: Browser) -> None:
        await sound(session, 1.0, loud=True)
        await asyncio.sleep(3)

    call(world, act)
    assert world.commits[0].customer_text == "What is your refund policy?"


def test_a_connection_that_comes_back_gets_the_rest_and_the_words_it_missed() -> None:
    world = World(seconds_a_sentence=4.0)
    second = Browser()

    async def act(session: Session, browser: Browser) -> None:
        session.post(ev.Typed(at=session.now(), text="What is your refund policy?"))
        await asyncio.sleep(2)
        session.post(ev.Played(at=session.now(), turn=2, ms=1_500))
        session.lose()
        await asyncio.sleep(5)
        second.session = session
        session.attach(second)
        await asyncio.sleep(12)

    call(world, act)
    assert sum(size for _, size in second.audio) == int((8 - 1.5) * PCM_RATE) * 2
    assert ANSWER[1] in [m["text"] for m in second.all("transcript")]
    assert world.settled[0].heard == " ".join(ANSWER)


def test_a_connection_that_never_comes_back_ends_the_call() -> None:
    world = World()

    async def act(session: Session, browser: Browser) -> None:
        session.lose()
        await asyncio.sleep(21)
        assert session.state.phase is Phase.ENDED

    call(world, act)
    assert world.finished == ["hangup"]


@pytest.mark.parametrize("stage", ["transcribe", "propose"])
def test_a_model_that_fails_is_apologised_for_and_the_call_goes_on(stage: str) -> None:
    world = World(words=["What is your refund policy?"], breaks={stage})

    async def act(session: Session, browser: Browser) -> None:
        await sound(session, 1.0, loud=True)
        await sound(session, 3.0, loud=False)

    browser = call(world, act)
    assert PHRASES["trouble"].startswith(
        next(m["text"] for m in browser.all("transcript") if m["role"] == "agent")[:20]
    )


def test_a_voice_that_fails_still_shows_the_words() -> None:
    async def act(session: Session, browser: Browser) -> None:
        session.post(ev.Typed(at=session.now(), text="What is your refund policy?"))
        await asyncio.sleep(3)

    browser = call(World(breaks={"synthesise"}), act)
    assert [m["text"] for m in browser.all("transcript") if m["role"] == "agent"][:2] == list(ANSWER)


def test_rows_that_can_not_be_written_are_owned_up_to() -> None:
    async def act(session: Session, browser: Browser) -> None:
        session.post(ev.Typed(at=session.now(), text="What is your refund policy?"))
        await asyncio.sleep(5)

    browser = call(World(breaks={"commit"}), act)
    assert any(m["text"] == PHRASES["trouble"][: len(m["text"])] for m in browser.all("transcript"))


@pytest.mark.parametrize("moment", [0.0, 0.01, 0.5, 1.05, 1.2, 1.3, 1.5, 2.1, 3.0])
def test_a_hang_up_at_any_moment_ends_the_call_and_leaves_nothing_running(moment: float) -> None:
    world = World(words=["What is your refund policy?"])

    async def act(session: Session, browser: Browser) -> None:
        speaking = asyncio.create_task(sound(session, 1.0, loud=True))
        await asyncio.sleep(moment)
        speaking.cancel()

    browser = call(world, act)
    assert browser.hung_up
    assert browser.all("ended")[0]["reason"] == "hangup"


def test_every_event_of_a_call_is_recorded_in_order() -> None:
    world = World()

    async def act(session: Session, browser: Browser) -> None:
        session.post(ev.Typed(at=session.now(), text="What is your refund policy?"))
        await asyncio.sleep(3)

    call(world, act)
    kinds = [one.kind for one in world.recorded]
    assert kinds[0] == "Typed"
    assert {"Proposed", "Voiced", "Sent", "HungUp"} <= set(kinds)
    assert [one.at for one in world.recorded] == sorted(one.at for one in world.recorded)
