"""What callers dictate: numbers with something wrong in them, addresses spelled any way, codes, and dictations that pause."""

from __future__ import annotations

import pytest

from calls.core.completeness import completeness
from calls.core.slots import (
    code_read,
    email_read,
    incomplete,
    name_read,
    order_id_read,
    phone_on_file,
    phone_read,
)


@pytest.mark.parametrize(
    "words",
    [
        "91 98450 12345",
        "0091 98450 12345",
        "zero nine eight four five zero one two three four five",
        "o nine eight four five zero one two three four five",
        "nine eight four five oh one two three four five",
        "9845 012 345",
        "nine eight, four five, zero one, two three, four five",
        "98450... 12345",
        "98450 12345, 10 am",
        "tomorrow at 10:30 on 98450 12345",
        "98450 12345 on 12/10/2025",
        "98450, no wait, 98450 12345",
        "it's 98450 54321, no sorry, 98450 12345",
        "98450 12399, I mean, 98450 12345",
    ],
)
def test_a_number_is_read_whatever_is_said_around_it(words: str) -> None:
    assert phone_read(words, asked=True).value == "+919845012345"


def test_the_end_of_a_number_may_be_said_again() -> None:
    reading = phone_read("98450 12399, sorry, 345", asked=True)
    assert reading.value == "+919845012345"
    assert reading.confidence <= 0.5


@pytest.mark.parametrize(
    ("words", "missing", "digits"),
    [
        ("98", "digits", 2),
        ("98450 1234", "too_short", 9),
        ("987654321012", "too_long", 12),
        ("nine eight seven six five four three two one zero one two", "too_long", 12),
        ("5555555555", "impossible", 10),
        ("+1 415 555 26", "too_short", 9),
    ],
)
def test_what_is_wrong_with_a_number_can_be_said(words: str, missing: str, digits: int) -> None:
    reading = phone_read(words, asked=True)
    assert (reading.value, reading.missing) == ("", missing)
    assert sum(char.isdigit() for char in reading.display) == digits


@pytest.mark.parametrize(
    ("region", "words", "value"),
    [
        ("US", "four one five five five five two six seven one", "+14155552671"),
        ("GB", "oh two oh, seven nine four six, oh nine five eight", "+442079460958"),
        ("DE", "0171 1234567", "+491711234567"),
        ("IN", "+44 20 7946 0958", "+442079460958"),
    ],
)
def test_other_regions_have_their_own_numbers(region: str, words: str, value: str) -> None:
    assert phone_read(words, region=region, asked=True).value == value


@pytest.mark.parametrize(
    ("words", "known"),
    [
        ("my number is the same", True),
        ("use this number", True),
        ("the one I'm calling from", True),
        ("the number you have on file", True),
        ("same number please", True),
        ("my number is 98450 12345", False),
        ("what is the number of the order", False),
        ("tomorrow at ten", False),
    ],
)
def test_a_number_on_file_is_meant_without_being_said(words: str, known: bool) -> None:
    assert phone_on_file(words) is known
    assert not (known and phone_read(words, asked=True))


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("jane at the rate of gmail dot com", "jane@gmail.com"),
        ("j a n e at example dot co dot in", "jane@example.co.in"),
        ("jane underscore doe at example dot com", "jane_doe@example.com"),
        ("b as in boy, o as in orange, b as in boy at example dot com", "bob@example.com"),
        ("s for sugar, a for apple, m for mango at gmail dot com", "sam@gmail.com"),
        ("bravo oscar bravo at gmail dot com", "bob@gmail.com"),
        ("a double l e n at gmail dot com", "allen@gmail.com"),
        ("zed a c h at gmail dot com", "zach@gmail.com"),
        ("capital J ane at gmail dot com", "jane@gmail.com"),
        ("a at a o l dot com", "a@aol.com"),
        ("a one b two at abc dot com", "a1b2@abc.com"),
        ("a b c at g mail dot com", "abc@gmail.com"),
        ("jane ninety nine at outlook dot com", "jane99@outlook.com"),
        ("jane at gmail dot com, no wait, john at gmail dot com", "john@gmail.com"),
        ("mike at gmail dot com", "mike@gmail.com"),
    ],
)
def test_an_address_is_read_however_it_is_spelled(words: str, value: str) -> None:
    assert email_read(words, asked=True).value == value


@pytest.mark.parametrize(
    ("words", "value", "missing"),
    [
        ("482913", "482913", ""),
        ("four eight two, nine one three", "482913", ""),
        ("it's 48 29 13", "482913", ""),
        ("double four two nine one three", "442913", ""),
        ("482 914, no wait, 482 913", "482913", ""),
        ("4829", "", "digits"),
        ("48291377", "", "too_long"),
        ("I didn't get one", "", "all"),
    ],
)
def test_a_code_has_its_own_length(words: str, value: str, missing: str) -> None:
    reading = code_read(words)
    assert (reading.value, reading.missing) == (value, missing)


@pytest.mark.parametrize(
    "words", ["O R D nine eight seven six five", "Ward 98,765", "ORD 98765", "order 98 765", "it's 98765"]
)
def test_an_order_is_found_among_the_callers_own(words: str) -> None:
    assert order_id_read(words, candidates=["ORD98765", "ORD12345"], asked=True).value == "ORD98765"


def test_an_order_one_digit_off_is_asked_about() -> None:
    reading = order_id_read("ORD98764", candidates=["ORD98765", "ORD12345"], asked=True)
    assert (reading.value, reading.confidence < 0.5) == ("ORD98765", True)


@pytest.mark.parametrize(
    "words", ["Call me tomorrow at ten", "call me back in the evening", "call me on Monday"]
)
def test_when_to_call_is_no_name(words: str) -> None:
    assert not name_read(words)
    assert not name_read(words, asked=True)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("callback_time", "tomorrow at"),
        ("callback_time", "on Monday the"),
        ("callback_time", "between three and"),
        ("callback_time", "half past"),
        ("callback_time", "Monday at quarter to"),
        ("callback_time", "in two"),
        ("callback_time", "six, no"),
        ("callback_time", "the 25th of"),
        ("code", "4 8 2"),
        ("code", "my code is"),
        ("phone", "98450"),
        ("phone", "98450 12"),
        ("phone", "nine eight four five, double"),
        ("order_id", "O R D"),
        ("order_id", "O R D nine eight"),
        ("email", "j a n e"),
        ("email", "jane at example dot"),
        ("email", "jane at"),
    ],
)
def test_a_pause_inside_a_dictation_is_waited_out(asked: str, words: str) -> None:
    assert incomplete(asked, words)
    assert completeness(asked, words) < 0.2


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("callback_time", "tomorrow at ten"),
        ("callback_time", "Tomorrow at 10 AM."),
        ("callback_time", "eleven"),
        ("callback_time", "in two hours"),
        ("callback_time", "now"),
        ("callback_time", "next Friday at noon"),
        ("callback_time", "no"),
        ("code", "four eight two nine one three"),
        ("phone", "98450 12345"),
        ("phone", "987654321012"),
        ("order_id", "O R D nine eight seven six five"),
        ("order_id", "I don't have it"),
        ("email", "jane at example dot com"),
    ],
)
def test_a_whole_answer_is_not_waited_for(asked: str, words: str) -> None:
    assert not incomplete(asked, words)
    assert completeness(asked, words) >= 0.6


def test_a_day_alone_may_go_on_with_its_time() -> None:
    assert 0.3 < completeness("callback_time", "tomorrow") < completeness("callback_time", "tomorrow at ten")
