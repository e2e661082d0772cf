"""Addresses inside whole sentences: what stands directly before "at" is the address, the sentence never is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.core.slots import email_read

SAID = [
    ("ready? o dash brien eight six at example dot com, that's it", "o-brien86@example.com"),
    ("ready o dash brien eight six at example dot com", "o-brien86@example.com"),
    ("got a pen? k dash two at example dot com", "k-2@example.com"),
    ("My address reads H-W-E-B-E-R-1-2 at example dot com.", "hweber12@example.com"),
    ("letters J dash P dot R A Y at example dot com", "j-p.ray@example.com"),
    ("I request the refund policy at o dash brien four eight at example dot com", "o-brien48@example.com"),
    ("send the policy at j dot doe at example dot com", "j.doe@example.com"),
    ("send me the policy rowan dot x at example dot com", "rowan.x@example.com"),
    ("the refund policy to alex dot p at example dot com please", "alex.p@example.com"),
    (
        "yes so it's, stop it Jamie, sorry, moira dot laird two four at example dot com",
        "moira.laird24@example.com",
    ),
    ("Jamie, moira dot laird at example dot com", "moira.laird@example.com"),
    ("first bit is c-h-i-n-m-a-y at example dot com", "chinmay@example.com"),
    ("kirsty dot mac eight two at example dot com", "kirsty.mac82@example.com"),
    ("small letters kirsty dot mac at example dot com", "kirsty.mac@example.com"),
    ("k i r s t y, all lower case, at example dot com", "kirsty@example.com"),
    ("lower case r o w a n at example dot com", "rowan@example.com"),
    ("capital K kirsty at example dot com", "kirsty@example.com"),
    ("capital K, i r s t y at example dot com", "kirsty@example.com"),
    ("kirsty with a capital K dot mac at example dot com", "kirsty.mac@example.com"),
    ("the address is a b underscore c zero seven at example dot com", "ab_c07@example.com"),
    ("a n n a oh seven at example dot com", "anna07@example.com"),
    ("r a y two o one at example dot com", "ray201@example.com"),
    ("r a y the number zero at example dot com", "ray0@example.com"),
    ("r a y the letter o at example dot com", "rayo@example.com"),
    ("first letter b then o b at example dot com", "bob@example.com"),
    ("b o b, that's bob, at example dot com", "bob@example.com"),
    ("the part before the at is j smith, then at example dot com", "jsmith@example.com"),
    ("the user name is rowan dot x and then at example dot com", "rowan.x@example.com"),
    ("it's o'brien eight six at example dot com", "obrien86@example.com"),
    ("it's hello at example dot com", "hello@example.com"),
    ("Kirsty. Dot. Mac. Eight. Two. At example dot com.", "kirsty.mac82@example.com"),
    ("a double l e n at example dot com", "allen@example.com"),
    ("it's sales dash india at example dot com", "sales-india@example.com"),
    ("no dash reply at example dot com", "no-reply@example.com"),
    ("priya k at example dot com", "priyak@example.com"),
    ("it is mary jane dot smith at example dot com", "maryjane.smith@example.com"),
    ("Destination tunde underscore ade seven six at example dot com.", "tunde_ade76@example.com"),
    ("it goes to moira dot laird at example dot com of course", "moira.laird@example.com"),
    (
        "I'll spell it out for you. H W E B E R one three at example dot com. Got that?",
        "hweber13@example.com",
    ),
]


@pytest.mark.parametrize("words", ["gmail of course", "gmail obviously", "gmail", "outlook, naturally"])
def test_the_name_of_a_provider_is_no_half_of_an_address(words: str) -> None:
    reading = email_read(words, asked=True)
    assert not reading and reading.missing == "all"


@pytest.mark.parametrize(("words", "value"), SAID)
def test_the_sentence_around_an_address_is_no_part_of_it(words: str, value: str) -> None:
    assert email_read(words, asked=True).value == value


@pytest.mark.parametrize(
    "words",
    [
        "I request the refund policy at o dash brien four eight at example dot com",
        "My address reads H-W-E-B-E-R-1-2 at example dot com.",
        "mail the catalogue to kirsty dot mac at example dot com",
    ],
)
def test_an_address_nobody_asked_for_is_read_as_well(words: str) -> None:
    assert email_read(words).value == email_read(words, asked=True).value != ""


@pytest.mark.parametrize(
    "words",
    [
        "ordered at example dot com",
        "I bought it at example dot com",
        "you can reach me at example dot com",
        "I saw the policy at example dot com",
        "the shop at example dot com",
        "Call me on 98451 91985 at 10 a.m. tomorrow please",
        "call 98451 91985 at 10.30 a.m. sharp",
        "ring me at 3 p.m. or so",
    ],
)
def test_where_something_was_bought_is_no_address(words: str) -> None:
    assert not email_read(words)


def test_an_o_beside_a_digit_is_read_back() -> None:
    assert email_read("a n n a o seven at example dot com", asked=True).confidence < 0.7


BEFORE = [
    "",
    "it's ",
    "ready? ",
    "okay ready ",
    "my address reads ",
    "the letters ",
    "the address is ",
    "my e-mail address would be ",
    "please send the catalogue to ",
    "I want the warranty policy at ",
    "send me the refund policy at ",
    "sure, ",
    "Yes. ",
    "you can write to ",
    "it goes, ",
]
AFTER = ["", ".", ", thanks", ", that's it", " please", " and that's all"]
SIGNS = {".": "dot", "_": "underscore", "-": "dash"}
DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def spelled(local: str, way: str) -> str:
    letters = [SIGNS.get(char, DIGITS[int(char)] if char.isdigit() else char) for char in local]
    if way == "hyphens":
        return "-".join(char.upper() for char in local) if local.isalnum() else " ".join(letters)
    return (", " if way == "commas" else " ").join(letters)


@given(
    st.from_regex(r"[b-hj-np-z][a-np-z]{2,6}([._-][b-hj-np-z][a-np-z]{1,5})?[0-9]{0,2}", fullmatch=True),
    st.sampled_from(["letters", "hyphens", "commas"]),
    st.sampled_from(BEFORE),
    st.sampled_from(AFTER),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_what_is_spelled_comes_back_without_its_sentence(
    local: str, way: str, before: str, after: str, asked: bool
) -> None:
    said = f"{before}{spelled(local, way)} at example dot com{after}"
    assert email_read(said, asked=asked).value == f"{local}@example.com"


@given(
    st.sampled_from(["kirsty", "moira", "o", "priya", "weber", "anil"]),
    st.sampled_from(["dot", "dash", "underscore"]),
    st.sampled_from(["mac", "laird", "brien", "nair", "k"]),
    st.sampled_from(["", "eight two", "24", "ninety nine"]),
    st.sampled_from(BEFORE),
    st.sampled_from(AFTER),
)
@settings(max_examples=200, deadline=None)
def test_words_joined_by_signs_come_back_without_their_sentence(
    first: str, sign: str, last: str, digits: str, before: str, after: str
) -> None:
    said = f"{before}{first} {sign} {last} {digits} at example dot com{after}"
    figures = {"": "", "eight two": "82", "24": "24", "ninety nine": "99"}[digits]
    signs = {name: char for char, name in SIGNS.items()}
    assert email_read(said, asked=True).value == f"{first}{signs[sign]}{last}{figures}@example.com"


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("Letter by letter, it's Z-O-E---L-A-N-E-4-9 at example dot com", "zoe-lane49@example.com"),
        ("it's z-o-e-dash-l-a-n-e at example dot com", "zoe-lane@example.com"),
        ("He uses rekha underscore s six one at example dot com", "rekha_s61@example.com"),
    ],
)
def test_a_hyphen_among_spelled_letters_is_one_and_a_verb_before_them_none_of_it(
    words: str, value: str
) -> None:
    assert email_read(words, asked=True).value == value
