"""Times as callers really put them: clocks of twenty-four hours, times said twice, times that are somebody else's."""

from __future__ import annotations

import datetime as dt

import pytest

from calls.core.hours import Hours
from calls.core.slots import When, when_read
from calls.core.slots.instead import kept_of

HOURS = Hours()
NOW = dt.datetime(2025, 10, 8, 11, 20, tzinfo=HOURS.tz)  # a Wednesday


def read(words: str, *, asked: bool = True, day: dt.date | None = None) -> When:
    return when_read(words, now=NOW, hours=HOURS, asked=asked, day=day)


TOMORROW = [
    ("phone call tomorrow at fifteen hundred", "15:00"),
    ("tomorrow at oh nine thirty hours", "09:30"),
    ("tomorrow at sixteen thirty hours", "16:30"),
    ("sixteen thirty hours tomorrow", "16:30"),
    ("tomorrow at sixteen thirty", "16:30"),
    ("at oh nine hundred tomorrow", "09:00"),
    ("tomorrow, 1500 hours", "15:00"),
    ("Tomorrow at half past nine in the morning. So nine thirty.", "09:30"),
    ("tomorrow nine thirty, I repeat, nine thirty", "09:30"),
    ("tomorrow at ten. I said ten.", "10:00"),
    ("tomorrow at 4 pm, so 4 in the afternoon", "16:00"),
    ("tomorrow at five, that's five PM", "17:00"),
    ("ten tomorrow. Ten in the morning.", "10:00"),
    ("tomorrow at noon, twelve o'clock", "12:00"),
    ("2moro at 10", "10:00"),
    ("2mrw 4pm", "16:00"),
    ("tomoz at 4", "16:00"),
    ("tmrw at 3pm", "15:00"),
    ("tmr 4", "16:00"),
    ("two things. a callback at 3 PM tomorrow", "15:00"),
    ("two questions and a callback at 3 tomorrow", "15:00"),
    ("for two reasons: call me tomorrow at 4", "16:00"),
    ("two thirty PM tomorrow", "14:30"),
    ("tomorrow noonish", "12:00"),
    ("noon ish tomorrow", "12:00"),
    ("tomorrow half ten", "10:30"),
    ("tomorrow at quarter to six", "17:45"),
    ("tomorrow lunchtime, say half twelve", "12:30"),
    ("twenty to six tomorrow evening", "17:40"),
    ("I have a dentist at 2 so 4 tomorrow", "16:00"),
    ("tomorrow my hearing is at ten; three would do", "15:00"),
    ("I'm in a hurry call me at 4 tomorrow", "16:00"),
    ("I finish at three tomorrow, so phone me at four, 4 pm", "16:00"),
    ("We get home at five tomorrow, call at six", "18:00"),
    ("I'm in for my dinner tomorrow, half past twelve in the day", "12:30"),
    ("tomorrow at three in the day", "15:00"),
    ("Have a representative reach me by telephone tomorrow at 9:45 a.m.", "09:45"),
    ("can somebody try my phone tomorrow at ten past one in the afternoon?", "13:10"),
    ("I've only five minutes left of my break, can somebody try my phone tomorrow at ten past one?", "13:10"),
    ("I have ten minutes, so call me tomorrow at 4", "16:00"),
    ("Tomorrow by 2 pm, on 9742153104", "14:00"),
    ("can sum1 call me tmrw 5pm", "17:00"),
    ("refund policy in my email n also someone 2 call me tmrw 4pm", "16:00"),
    ("any1 can ring me 2mrw at 3pm", "15:00"),
    (
        "Tomorrow at 10:15 in the morning, and not on the usual one, on my daughter's, 9 7 4 2 6 0 3 2 6 2",
        "10:15",
    ),
    ("tomorrow at 4 pm on my son's one", "16:00"),
    ("Tomorrow 10 or, you know what, 11 AM", "11:00"),
    ("tomorrow at five and twenty past two", "14:25"),
    ("five and twenty to three tomorrow", "14:35"),
    ("um so I booked a call for tomorrow morning, can we do 3 PM tomorrow instead", "15:00"),
    ("I booked a call for tomorrow morning, can we do 3 PM instead", "15:00"),
    ("I have a call scheduled today at 5, can we do tomorrow at 4", "16:00"),
]


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize(("words", "clock"), TOMORROW)
def test_a_time_of_tomorrow_is_heard(words: str, clock: str, asked: bool) -> None:
    value = read(words, asked=asked).value
    assert value is not None
    assert f"{value:%d %H:%M}" == f"09 {clock}"


@pytest.mark.parametrize(
    ("words", "clock"),
    [
        ("at 11 I am with my CA. Keep it 6 in the evening.", "18:00"),
        ("at 11 I am with my CA. Keep it 4.", "16:00"),
        ("11 doesn't suit, make it 4", "16:00"),
        ("eleven won't work for me, four please", "16:00"),
        ("my hearing is at ten; three would do", "15:00"),
        ("I'm in court at eleven, call me at four", "16:00"),
        ("keep it 6 in the evening", "18:00"),
        ("shift it to 6 in the evening", "18:00"),
        ("5 in the evening", "17:00"),
        ("twenty to six", "17:40"),
        ("half ten", "10:30"),
        ("Och no, that's my bowls morning. Two in the afternoon, if you'd be so good.", "14:00"),
        ("one moment... my wife says eleven thirty is better", "11:30"),
        ("my husband thinks four would be easier", "16:00"),
    ],
)
def test_of_two_times_the_wished_one_is_kept_on_the_day_that_is_booked(words: str, clock: str) -> None:
    value = read(kept_of(words), day=dt.date(2025, 10, 9)).value
    assert value is not None
    assert f"{value:%d %H:%M}" == f"09 {clock}"


@pytest.mark.parametrize(
    "words",
    [
        "Let us say the day after tomorrow, same hour.",
        "the day after tomorrow, same hour",
        "same time the day after tomorrow",
        "Friday, same time",
    ],
)
def test_the_same_hour_of_another_day_names_the_day(words: str) -> None:
    when = read(words, day=dt.date(2025, 10, 9))
    assert (when.status, when.day) == ("day", dt.date(2025, 10, 10))


def test_the_day_after_tomorrow_may_have_its_hour() -> None:
    for words in (
        "I must move this to the day after tomorrow, 10:30",
        "I have arranged a call for tomorrow 13:00, I must move this to the day after tomorrow, 10:30.",
    ):
        value = read(words).value
        assert value is not None
        assert f"{value:%d %H:%M}" == "10 10:30"


@pytest.mark.parametrize(
    "words", ["a week tomorrow at 10", "tomorrow week at ten", "at ten, a week from tomorrow"]
)
def test_a_week_tomorrow_is_eight_days_off(words: str) -> None:
    value = read(words).value
    assert value is not None
    assert f"{value:%d %H:%M}" == "16 10:00"


def test_days_and_times_stand_in_pairs() -> None:
    when = read("tomorrow at ten, Friday at four")
    assert [f"{one:%d %H:%M}" for one in when.choices] == ["09 10:00", "10 16:00"]


@pytest.mark.parametrize("asked", [True, False])
def test_any_time_of_a_morning_is_no_hour(asked: bool) -> None:
    when = read("Please give me a callback tomorrow, any time in the morning", asked=asked)
    assert (when.status, when.day, when.part) == ("part", dt.date(2025, 10, 9), "morning")


@pytest.mark.parametrize(
    "words",
    [
        "the laptop at fifteen hundred rupees",
        "I bought it at fifteen hundred",
        "I want the one at fifteen hundred",
        "tomorrow at 1500",
        "at 11 I am with my CA",
        "I am with my accountant at eleven tomorrow, so at four please",
        "11 doesn't suit",
        "my hearing is at ten",
        "four or five tomorrow",
        "tomorrow at ten or half past",
        "tomorrow at ten in the morning or in the evening",
        "one would do",
        "two things",
        "yesterday at 5",
        "today at 9 in the morning",
        "tomorrow at ten, and Friday at ten",
        "ten AM or ten PM tomorrow",
        "don't call me at 4",
        "two would be great for the laptops at 500",
        "ten to five",
        "it will reach me tomorrow at five",
        "when does my order reach me tomorrow at 5 pm?",
        "your website says eleven is better tomorrow",
        "any time in the morning",
        "that's my bowls morning",
        "a week tomorrow",
        "tomorrow until 2 pm",
        "tomorrow before 2 pm",
    ],
)
@pytest.mark.parametrize("asked", [True, False])
def test_what_may_be_something_else_schedules_nothing(words: str, asked: bool) -> None:
    assert read(words, asked=asked).value is None
