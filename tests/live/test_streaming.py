"""An engine that writes while the call speaks: the session's part of it, on virtual time."""

from __future__ import annotations

from calls.core.state import Phase
from calls.session import Session
from tests.core.talk import ANSWER, PHRASES
from tests.live.scripted import Browser, World, sound
from tests.live.test_session import call

QUESTION = "What is your refund policy?"


def agent_said(browser: Browser) -> list[str]:
    return [str(m["text"]) for m in browser.all("transcript") if m["role"] == "agent"]


async def asks(session: Session, wait: float) -> None:
    await sound(session, 0.2, loud=False)
    await sound(session, 1.2, loud=True)
    await sound(session, wait, loud=False)


def test_what_is_written_is_spoken_at_once_and_the_turns_audio_ends_once() -> None:
    world = World(words=[QUESTION], drafts=[(0.3, ANSWER[0]), (4.0, ANSWER[1])])
    heard: list[list[str]] = []

    async def act(session: Session, browser: Browser) -> None:
        await asks(session, 2.0)
        heard.append(agent_said(browser))
        assert session.state.phase is Phase.SPEAKING and not world.commits
        await sound(session, 8.0, loud=False)

    browser = call(world, act)
    assert heard == [[ANSWER[0]]] and agent_said(browser)[:2] == list(ANSWER)
    assert world.drafted == [*ANSWER, "(done)"]
    first = next(commit for commit in world.commits if commit.customer_turn)
    assert first.agent_text == " ".join(ANSWER)
    states = [(m["turn"], m["state"]) for m in browser.all("audio") if m["turn"] == first.agent_turn]
    assert states == [(first.agent_turn, "start"), (first.agent_turn, "end")]


def test_an_answer_whose_last_sentence_was_spoken_before_it_was_decided_still_ends() -> None:
    world = World(
        words=[QUESTION], drafts=[(0.1, ANSWER[0]), (0.1, ANSWER[1]), (5.0, "Nothing that anybody wrote.")]
    )

    async def act(session: Session, browser: Browser) -> None:
        await asks(session, 10.0)
        assert session.state.mouth is None

    browser = call(world, act)
    assert agent_said(browser)[:2] == list(ANSWER)
    assert [m["state"] for m in browser.all("audio")][:2] == ["start", "end"]


def test_a_caller_who_goes_on_makes_the_engine_stop_writing() -> None:
    world = World(words=[QUESTION], drafts=[(3.0, ANSWER[0])])

    async def act(session: Session, browser: Browser) -> None:
        await asks(session, 0.4)
        await sound(session, 0.6, loud=True)
        await sound(session, 5.0, loud=False)

    call(world, act)
    assert world.drafted[0] == "(withdrawn)" and world.drafted[-1] == "(done)"


def test_a_caller_who_interrupts_makes_the_engine_stop_writing() -> None:
    world = World(words=[QUESTION, "No, wait, something else."], drafts=[(0.2, ANSWER[0]), (9.0, ANSWER[1])])

    async def act(session: Session, browser: Browser) -> None:
        await asks(session, 0.9)
        assert session.state.phase is Phase.SPEAKING
        world.words.pop(0)
        await sound(session, 1.2, loud=True)
        await sound(session, 0.6, loud=False)

    browser = call(world, act)
    assert "(withdrawn)" in world.drafted and browser.all("interrupt")
    assert world.commits[0].agent_text == ANSWER[0] and not world.commits[0].orders
    assert world.settled[0].interrupted


def test_a_wait_is_bridged_aloud() -> None:
    world = World(words=[QUESTION], drafts=[(4.0, ANSWER[0])], seconds_a_sentence=0.5)

    async def act(session: Session, browser: Browser) -> None:
        await asks(session, 8.0)

    browser = call(world, act)
    assert agent_said(browser) == [PHRASES["one_moment"], *ANSWER]
    assert world.commits[0].agent_text == " ".join(ANSWER)
