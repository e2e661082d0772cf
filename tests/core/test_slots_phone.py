"""Phone numbers among other figures: a time, a date or a price beside a number never changes it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.core.slots import phone_read

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("Call me on 98451 91985 at 10 a.m. tomorrow please", "+919845191985"),
        ("arre no, shop number that is. Take 97424 75099", "+919742475099"),
        ("nine seven four two four seven seven zero two eight is right", "+919742477028"),
        ("country code nine one, nine eight four five zero one two three four five", "+919845012345"),
        ("plus 91 then 98450 12345", "+919845012345"),
        ("oh nine eight four five oh double one triple two", "+919845011222"),
        ("at nine nine eight four five zero one two three four five", "+919845012345"),
        ("at half past ten 98450 12345", "+919845012345"),
        ("between 3 and 5, 98450 12345", "+919845012345"),
        ("916-2415-435, for 4 people", "+919162415435"),
        ("91 69992 45226, Rs. 500", "+916999245226"),
        ("the 1200 rupee one, 98450 12345", "+919845012345"),
        ("not 98450 54321, 98450 12345", "+919845012345"),
        ("my old number was 98450 54321, now it is 98450 12345", "+919845012345"),
        ("97 42 27 86 29", "+919742278629"),
        ("984-534-574-0", "+919845345740"),
        ("Tomorrow by 2 pm, on 9742153104", "+919742153104"),
        (
            "Tomorrow at 10:15 in the morning, and not on the usual one, on my daughter's, 9 7 4 2 6 0 3 2 6 2",
            "+919742603262",
        ),
        ("98450 54321 is my old one, use 98450 12345", "+919845012345"),
    ],
)
def test_the_number_is_found_among_other_figures(words: str, value: str) -> None:
    assert phone_read(words, asked=True).value == value
    assert phone_read(words).value == value


@pytest.mark.parametrize(
    "words", ["98450 1234 at 10 a.m.", "987654321012", "98450 123456, Rs 500", "98450 12 for 500 rupees"]
)
def test_no_other_figure_completes_a_number(words: str) -> None:
    assert not phone_read(words, asked=True)


BESIDE = [
    "10 a.m. tomorrow",
    "at 10 tomorrow",
    "at ten tomorrow",
    "at half past ten",
    "at 3.30 pm",
    "three PM",
    "on 12 October",
    "on 12 October 2025 at 4",
    "12/10/2025",
    "after 5",
    "between 3 and 5",
    "in 10 minutes",
    "within 30 days",
    "for 500 rupees",
    "Rs. 500",
    "for Rs 1,200",
    "₹2500",
    "tomorrow 5 in the evening",
    "at quarter to six",
    "at fifteen hundred",
    "for 2 laptops",
    "at 11",
    "at ten thirty a.m.",
]
CARRIERS = [
    "Call me on {number} {other} please",
    "Call me {other} on {number}",
    "{other}, {number}",
    "{number}, {other}",
    "my number is {number} {other}",
    "{other} my number is {number}",
    "it's {number}, call {other}",
    "{other} {number}",
]


def dictated(number: str, way: str) -> str:
    words = [WORDS[int(digit)] for digit in number]
    return {
        "whole": number,
        "fives": f"{number[:5]} {number[5:]}",
        "groups": f"{number[:4]} {number[4:7]} {number[7:]}",
        "dashes": f"{number[:3]}-{number[3:7]}-{number[7:]}",
        "words": " ".join(words),
        "oh": " ".join(words).replace("zero", "oh"),
        "pause": f"{' '.join(words[:5])}, {' '.join(words[5:])}",
        "abroad": f"+91 {number[:5]} {number[5:]}",
        "code": f"plus nine one {' '.join(words)}",
        "trunk": f"0{number}",
    }[way]


@given(
    st.from_regex(r"(?:9[0-9]|8[1-9]|7[0-9])[0-9]{8}", fullmatch=True),
    st.sampled_from(
        ["whole", "fives", "groups", "dashes", "words", "oh", "pause", "abroad", "code", "trunk"]
    ),
    st.sampled_from(CARRIERS),
    st.sampled_from(BESIDE),
    st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_a_time_a_date_or_a_price_changes_no_number(
    number: str, way: str, carrier: str, other: str, asked: bool
) -> None:
    if not phone_read(number):
        return  # a range that is not in use
    said = carrier.format(number=dictated(number, way), other=other)
    assert phone_read(said, asked=asked).value == f"+91{number}"
