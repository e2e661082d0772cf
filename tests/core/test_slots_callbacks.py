"""The times and numbers of callbacks in whole talks: what is arranged is moved or called off in any words, and a question
about when somebody is there is no time."""

from __future__ import annotations

import datetime as dt

import pytest

from calls.core.known import CallbackFact, Facts, Known
from tests.core.desk import JANE, NOW, Desk
from tests.core.talk import proposal

callback = proposal("callback_request")
TOMORROW = NOW.date() + dt.timedelta(days=1)


def with_callback() -> Desk:
    due = NOW.replace(day=TOMORROW.day, hour=13)
    return Desk(known=Known(now=NOW, callbacks=(CallbackFact(key="earlier", due=due, phone=JANE.phone),)))


def due_of(desk: Desk) -> str:
    return str(desk.order("schedule_callback").slots["due"])[:16]


@pytest.mark.parametrize(
    "words",
    [
        "You have me down for a call tomorrow lunchtime, take me off please",
        "Somebody was to phone me tomorrow. They needn't, it's all mended.",
        "The call you were to give me tomorrow is not needed",
        "You don't have to call any more, thanks",
        "that call you were to give me tomorrow, please don't",
        "I won't be needing the callback",
        "No more callback needed, I will manage",
    ],
)
def test_a_callback_is_called_off_in_any_words(words: str) -> None:
    desk = with_callback().says(words, callback)
    assert desk.did == ["cancel_callback"]
    booked = Desk().says("call me tomorrow at eleven", callback).says(words, callback)
    assert booked.did == ["cancel_callback"] and booked.dialogue.booked is None


@pytest.mark.parametrize(
    ("words", "due"),
    [
        (
            "I have arranged a call for tomorrow 13:00, I must move this to the day after tomorrow, 10:30.",
            "25T10:30",
        ),
        ("um so I booked a call for tomorrow morning, can we do 3 PM tomorrow instead", "24T15:00"),
        ("They needn't call me at one, call me tomorrow at four", "24T16:00"),
        ("somebody needs to call me tomorrow at four.", "24T16:00"),
        ("I no longer need the laptop, can you call me tomorrow at 4", "24T16:00"),
    ],
)
def test_another_time_moves_what_is_arranged(words: str, due: str) -> None:
    desk = with_callback().says(words, callback)
    assert due_of(desk) == f"2026-11-{due}"


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("Och no, that's my bowls morning. Two in the afternoon, if you'd be so good.", "24T14:00"),
        ("one moment... my wife says eleven thirty is better", "24T11:30"),
        ("Let us say the day after tomorrow, same hour.", "25T10:00"),
    ],
)
def test_what_was_just_booked_is_moved(words: str, due: str) -> None:
    desk = Desk().says("call me tomorrow at ten", callback).says(words)
    assert desk.did == ["schedule_callback", "send_sms"]
    assert due_of(desk) == f"2026-11-{due}"


def test_a_time_and_a_number_are_given_at_once() -> None:
    desk = Desk(facts=Facts()).says("Please can I be called?", callback)
    desk.says("Tomorrow by 2 pm, on 9742153104")
    assert (due_of(desk), desk.order("schedule_callback").to) == ("2026-11-24T14:00", "+919742153104")
    desk = Desk(facts=Facts()).says("can sum1 call me tmrw 5pm", callback).says("9742172053")
    assert (due_of(desk), desk.order("schedule_callback").to) == ("2026-11-24T17:00", "+919742172053")
    desk = Desk().says("please call me back", callback)
    desk.says(
        "Tomorrow at 10:15 in the morning, and not on the usual one, on my daughter's, 9 7 4 2 6 0 3 2 6 2"
    )
    assert (due_of(desk), desk.order("schedule_callback").to) == ("2026-11-24T10:15", "+919742603262")


def test_any_time_of_the_morning_asks_for_the_hour() -> None:
    desk = Desk().says("Please give me a callback tomorrow, any time in the morning", callback)
    assert desk.asked == "callback_time" and not desk.did
    assert due_of(desk.says("10 would be good")) == "2026-11-24T10:00"


@pytest.mark.parametrize(
    "words",
    [
        "First, what time do you close?",
        "what time do you open in the morning?",
        "until what time are you there in the evening",
        "what are the store timings",
        "How late are you open?",
    ],
)
@pytest.mark.parametrize("understood", [True, False])
def test_when_somebody_is_there_is_told_and_the_time_asked_again(words: str, understood: bool) -> None:
    asks = proposal("policy_query", is_question=True) if understood else proposal("small_talk")
    desk = Desk().says("please call me back", callback).says(words, asks)
    assert desk.asked == "callback_time" and not desk.did
    assert desk.words.endswith("What time works best for you?")
    assert understood or "from 9 AM to 8 PM" in desk.words
    assert due_of(desk.says("then tomorrow at five")) == "2026-11-24T17:00"


def test_as_soon_as_possible_is_ahead() -> None:
    desk = Desk().says("please call me back as soon as possible", callback)
    assert due_of(desk) == "2026-11-23T14:01"
