"""Times that callers say: hundreds of ways, and what holds for any words at all."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.core.hours import Hours
from calls.core.slots import When, by_say, day_say, when_read, when_say

HOURS = Hours()
NOW = dt.datetime(2025, 10, 8, 11, 20, tzinfo=HOURS.tz)  # a Wednesday
CORPUS = yaml.safe_load((Path(__file__).parent / "slots" / "when.yaml").read_text())


def outcome(when: When) -> str:
    """As the corpus writes it."""
    if not when:
        return "none"
    if when.status == "fixed" and when.value is not None:
        return f"fixed {when.value:%Y-%m-%d %H:%M}"
    if when.status == "choice":
        return "choice " + ", ".join(f"{choice:%Y-%m-%d %H:%M}" for choice in when.choices)
    if when.status == "day":
        return f"day {when.day}"
    named = when.day or when.part in ("next week", "the weekend")
    return (
        f"part {when.day or '-'} {when.part if named else ''}".strip()
        if when.status == "part"
        else when.status
    )


@pytest.mark.parametrize(
    ("asked", "words", "expected"),
    [
        (kind == "asked", str(words), expected)
        for kind, groups in CORPUS.items()
        for expected, phrases in groups.items()
        for words in phrases
    ],
)
def test_what_a_caller_says_of_a_time_is_understood_or_asked_about(
    asked: bool, words: str, expected: str
) -> None:
    assert outcome(when_read(words, now=NOW, hours=HOURS, asked=asked)) == expected


@pytest.mark.parametrize(
    ("words", "day", "part", "expected"),
    [
        ("at ten", dt.date(2025, 10, 9), "", "fixed 2025-10-09 10:00"),
        ("eleven", dt.date(2025, 10, 9), "", "fixed 2025-10-09 11:00"),
        ("five thirty", dt.date(2025, 10, 10), "", "fixed 2025-10-10 17:30"),
        ("any time", dt.date(2025, 10, 10), "", "fixed 2025-10-10 09:00"),
        ("in the evening", dt.date(2025, 10, 10), "", "part 2025-10-10 evening"),
        ("seven", dt.date(2025, 10, 9), "evening", "fixed 2025-10-09 19:00"),
        ("nine", dt.date(2025, 10, 9), "evening", "closed"),
        ("nine", dt.date(2025, 10, 9), "morning", "fixed 2025-10-09 09:00"),
        ("no, Friday at ten", dt.date(2025, 10, 9), "", "fixed 2025-10-10 10:00"),
        ("nine", dt.date(2025, 10, 8), "", "past"),
        ("no thanks", dt.date(2025, 10, 9), "", "none"),
    ],
)
def test_an_answer_counts_for_the_day_that_was_said_before(
    words: str, day: dt.date, part: str, expected: str
) -> None:
    assert outcome(when_read(words, now=NOW, hours=HOURS, day=day, part=part)) == expected


def test_the_words_that_were_understood_are_given_back_as_they_were_said() -> None:
    when = when_read("Yeah, so Monday at half past three, please.", now=NOW, hours=HOURS)
    assert when.said == "Monday at half past three"


def test_a_closed_day_is_said_with_the_next_opening() -> None:
    week = MappingProxyType({day: ((dt.time(9), dt.time(17)),) for day in range(5)})
    shop = Hours(week=week, closed=frozenset({dt.date(2025, 10, 13)}))
    when = when_read("Saturday at ten", now=NOW, hours=shop)
    assert (when.status, when.day) == ("closed", dt.date(2025, 10, 11))
    assert when.choices == (dt.datetime(2025, 10, 14, 9, tzinfo=shop.tz),)
    assert when_read("on Sunday", now=NOW, hours=shop).status == "closed"
    assert when_read("Monday", now=NOW, hours=shop).status == "closed"


def test_soon_waits_for_the_opening() -> None:
    night = dt.datetime(2025, 10, 8, 22, 5, tzinfo=HOURS.tz)
    when = when_read("call me as soon as possible", now=night, hours=HOURS)
    assert when.value == dt.datetime(2025, 10, 9, 9, tzinfo=HOURS.tz)


def test_both_halves_of_the_day_are_asked_about_where_both_are_open() -> None:
    always = Hours(week=MappingProxyType(dict.fromkeys(range(7), ((dt.time.min, dt.time.max),))))
    assert outcome(when_read("tomorrow at ten", now=NOW, hours=always)) == (
        "choice 2025-10-09 10:00, 2025-10-09 22:00"
    )
    assert outcome(when_read("tomorrow at ten am", now=NOW, hours=always)) == "fixed 2025-10-09 10:00"


def test_an_hour_of_another_zone_is_asked_about() -> None:
    assert outcome(when_read("tomorrow at 8 am EST", now=NOW, hours=HOURS)) == "choice 2025-10-09 17:30"


def test_elapsed_time_is_counted_over_a_change_of_the_clocks() -> None:
    always = Hours(
        zone="America/New_York",
        week=MappingProxyType(dict.fromkeys(range(7), ((dt.time.min, dt.time.max),))),
    )
    before = dt.datetime(2025, 11, 2, 0, 30, tzinfo=always.tz)
    when = when_read("in two hours", now=before, hours=always)
    assert when.value is not None
    assert when.value.astimezone(dt.UTC) - before.astimezone(dt.UTC) == dt.timedelta(hours=2)
    assert (when.value.hour, when.value.minute) == (1, 30)


def test_a_time_that_the_clocks_skip_is_never_booked() -> None:
    always = Hours(
        zone="America/New_York",
        week=MappingProxyType(dict.fromkeys(range(7), ((dt.time.min, dt.time.max),))),
    )
    before = dt.datetime(2026, 3, 7, 12, tzinfo=always.tz)
    assert not when_read("tomorrow at 2:30 am", now=before, hours=always).value


@pytest.mark.parametrize(
    ("moment", "said", "by"),
    [
        (dt.datetime(2025, 10, 8, 18), "today at 6 PM", "by 6 PM today"),
        (dt.datetime(2025, 10, 9, 10), "tomorrow at 10 AM", "by 10 AM tomorrow"),
        (dt.datetime(2025, 10, 13, 15, 30), "Monday at 3:30 PM", "by Monday, 3:30 PM"),
        (dt.datetime(2025, 12, 4, 10), "on 4 December at 10 AM", "by 4 December, 10 AM"),
        (dt.datetime(2026, 12, 4, 12), "on 4 December 2026 at 12 PM", "by 4 December 2026, 12 PM"),
    ],
)
def test_a_moment_is_said_as_people_say_it(moment: dt.datetime, said: str, by: str) -> None:
    moment = moment.replace(tzinfo=HOURS.tz)
    assert (when_say(moment, now=NOW), by_say(moment, NOW)) == (said, by)
    assert when_say(moment.astimezone(dt.UTC), now=NOW) == said


def test_a_day_is_said_without_its_time() -> None:
    today = NOW.date()
    days = [today, today + dt.timedelta(days=1), today + dt.timedelta(days=5), today + dt.timedelta(days=30)]
    assert [day_say(day, today=today) for day in days] == ["today", "tomorrow", "Monday", "7 November"]


WORDS = st.lists(
    st.sampled_from(
        "tomorrow today tonight yesterday monday friday next this the at on in by after before or and to between ten five "
        "10 5 11:30 10.30 1030 25th 31st 2025 am p.m. o'clock half past quarter hour hours minutes day days week month "
        "morning evening noon midnight now soon later no wait not , . ? december 4/5 4-5 98450 12345 first last every "
        "call me please sorry any time couple few a two".split()
    ),
    max_size=12,
).map(" ".join)
MOMENTS = st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2027, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)
ZONES = st.sampled_from(["Asia/Kolkata", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])


@given(st.one_of(WORDS, st.text(max_size=80)), MOMENTS, ZONES, st.booleans())
@settings(max_examples=400, deadline=None)
def test_no_words_book_the_past_or_the_night(words: str, moment: dt.datetime, zone: str, asked: bool) -> None:
    week = MappingProxyType({day: ((dt.time(9), dt.time(18)),) for day in range(6)})
    hours = Hours(zone=zone, week=week)
    now = moment.replace(tzinfo=ZoneInfo(zone))
    when = when_read(words, now=now, hours=hours, asked=asked)
    assert (when.value is not None) == (when.status == "fixed")
    assert (when.status == "choice") <= bool(when.choices)
    for one in (*when.choices, *([when.value] if when.value else [])):
        assert one.tzinfo is not None
        assert one >= now
        assert hours.is_open(one)
    assert when.said == "" or when.said in words


@given(MOMENTS, ZONES, st.integers(1, 60 * 24 * 300))
@settings(max_examples=300, deadline=None)
def test_what_is_read_back_means_the_same_moment(moment: dt.datetime, zone: str, ahead: int) -> None:
    tz = ZoneInfo(zone)
    now = moment.replace(tzinfo=tz)
    due = (now.astimezone(dt.UTC) + dt.timedelta(minutes=ahead)).replace(second=0).astimezone(tz)
    always = Hours(zone=zone, week=MappingProxyType(dict.fromkeys(range(7), ((dt.time.min, dt.time.max),))))
    when = when_read(when_say(due, now=now), now=now, hours=always)
    if due > now and due.fold == 0:
        assert when.value == due
