"""Values out of a caller's words, as people say them and as a recogniser writes them."""

from __future__ import annotations

import pytest

from calls.core.slots import (
    digits_read,
    email_read,
    incomplete,
    name_read,
    order_id_read,
    phone_display,
    phone_read,
)

PHONES = [
    "It's 9876543210",
    "9.876.543.210",
    "9 billion 876,543,210",
    "9,876,543,210",
    "nine eight seven six five, four three two one zero",
    "plus ninety one nine eight seven six five four three two one zero",
    "ninety eight seventy six fifty four thirty two ten",
    "nine hundred eighty seven six five four three two one oh",
    "oh nine eight seven six five four three two one zero",
    "98 76 54 32 10",
    "my number is 98765, uh, 43210.",
    "98765, yes, 43210",
    "+91-98765-43210",
    "tomorrow at 10, on my other number 98765 43210",
    "It's 98765 43211, no wait, 98765 43210",
    "sure, nine eight seven six five... four three two one zero, please",
]


@pytest.mark.parametrize("words", PHONES)
def test_a_spoken_number_is_read_however_it_was_written_down(words: str) -> None:
    reading = phone_read(words, asked=True)
    assert (reading.value, reading.display, reading.missing) == ("+919876543210", "98765 43210", "")


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("double nine 8 7 6 triple five one two", "+919987655512"),
        ("nine eight seven six five four triple two one", "+919876542221"),
        ("+44 20 7946 0958", "+442079460958"),
        ("plus one four one five five five five two six seven one", "+14155552671"),
    ],
)
def test_repeats_and_country_codes_are_understood(words: str, value: str) -> None:
    assert phone_read(words, asked=True).value == value


@pytest.mark.parametrize(
    "words", ["98765", "nine eight seven", "it's 98765 432", "plus ninety one nine eight"]
)
def test_half_a_number_is_no_value_but_unfinished(words: str) -> None:
    reading = phone_read(words, asked=True)
    assert not reading.value
    assert reading.missing in ("digits", "too_short")
    assert incomplete("phone", words)


def test_a_number_with_too_many_digits_is_no_value_and_not_unfinished() -> None:
    reading = phone_read("987654321012", asked=True)
    assert (reading.value, reading.missing) == ("", "too_long")
    assert not incomplete("phone", "987654321012")


@pytest.mark.parametrize(
    "words", ["I want 2 laptops at 500", "at 10 tomorrow", "within 30 days", "no thanks", ""]
)
def test_other_figures_are_no_phone_number_unless_one_was_asked_for(words: str) -> None:
    reading = phone_read(words)
    assert (reading.value, reading.missing) == ("", "all")


def test_a_number_from_abroad_is_shown_with_its_country_code() -> None:
    assert phone_display("+442079460958", region="IN") == "+44 20 7946 0958"
    assert phone_display("+442079460958", region="GB") == "20 7946 0958"


def test_digits_keep_their_order_across_figures_and_words() -> None:
    assert digits_read("five 43 double two and ten") == "543" + "22" + "10"


EMAILS = [
    ("jane dot doe at example dot com", "jane.doe@example.com"),
    ("jane.doe at example.com", "jane.doe@example.com"),
    ("jane.doe@example.com.", "jane.doe@example.com"),
    ("Jane.Doe@Example.com, thanks", "jane.doe@example.com"),
    ("J-A-N-E at example dot com.", "jane@example.com"),
    ("j a n e underscore d o e at g mail dot com", "jane_doe@gmail.com"),
    ("w i double l at yahoo dot com", "will@yahoo.com"),
    ("j for juliet a n e at example dot com", "jane@example.com"),
    ("jane at the rate gmail dot com", "jane@gmail.com"),
    ("my email is jane doe 42 at example dot co dot uk", "janedoe42@example.co.uk"),
    ("jane twenty two at example dot com", "jane22@example.com"),
    ("it's jane dash doe at my dash shop dot com please", "jane-doe@my-shop.com"),
    ("jane, all one word, at example dot com", "jane@example.com"),
    ("no sorry, john at example dot com", "john@example.com"),
    ("It's jane at example dot com, no wait, john at example dot com", "john@example.com"),
    ("you can use user at example dot com and call me later", "user@example.com"),
    ("it's jane dot doe at gmail", "jane.doe@gmail.com"),
]


@pytest.mark.parametrize(("words", "value"), EMAILS)
def test_a_spoken_address_is_read(words: str, value: str) -> None:
    assert email_read(words, asked=True).value == value


@pytest.mark.parametrize(
    ("words", "missing"),
    [("jane at", "domain"), ("jane at example", "ending"), ("jane dot", "at"), ("j a n", "at")],
)
def test_half_an_address_is_unfinished(words: str, missing: str) -> None:
    reading = email_read(words, asked=True)
    assert (reading.value, reading.missing) == ("", missing)
    assert incomplete("email", words)


@pytest.mark.parametrize(
    "words",
    [
        "I looked at example.com yesterday",
        "I bought it at amazon.com",
        "what is the price?",
        "no not that one",
        "",
        "at",
    ],
)
def test_words_that_only_look_like_an_address_are_none(words: str) -> None:
    assert not email_read(words)


def test_a_completed_provider_asks_to_be_read_back() -> None:
    assert (
        email_read("jane at gmail", asked=True).confidence
        < email_read("jane at gmail dot com", asked=True).confidence
    )


@pytest.mark.parametrize(
    "words",
    ["It's ABC98765", "Ward 98,765", "A B C 9 8 7 6 5", "order nine eight seven six five", "it ends in 765"],
)
def test_an_order_is_found_among_the_callers_own(words: str) -> None:
    assert order_id_read(words, candidates=["ABC98765", "ABC11111"]).value == "ABC98765"


def test_digits_of_no_own_order_find_none() -> None:
    reading = order_id_read("my order is ABC 55555", candidates=["ABC98765", "ABC11111"])
    assert (reading.value, reading.missing) == ("", "unknown")


def test_a_digit_off_is_offered_below_certainty() -> None:
    reading = order_id_read("98764", candidates=["ABC98765", "ABC11111"])
    assert reading.value == "ABC98765"
    assert reading.confidence < 0.5


def test_a_tail_that_two_orders_share_is_ambiguous() -> None:
    reading = order_id_read("it ends in 765", candidates=["ABC98765", "ABC11765"])
    assert (reading.value, reading.missing) == ("", "which")


def test_without_candidates_an_id_needs_its_shape_or_a_prefix() -> None:
    assert order_id_read("It's QX-4411.", pattern=r"[A-Z]{2}-\d{4}").value == "QX-4411"
    assert order_id_read("nine eight seven six five", prefix="ZED").value == "ZED98765"
    assert not order_id_read("order 98765")


@pytest.mark.parametrize(
    ("words", "asked", "name"),
    [
        ("My name is Jane Doe", False, "Jane Doe"),
        ("this is John from Acme", False, "John"),
        ("I'm Sarah and I need help", False, "Sarah"),
        ("Jane here", False, "Jane"),
        ("call me bob", False, "Bob"),
        ("J A N E", True, "Jane"),
        ("uh it's jane doe", True, "Jane Doe"),
        ("I'm looking for a laptop", False, ""),
        ("This is unacceptable!", False, ""),
        ("This is the third time", False, ""),
        ("yes", True, ""),
    ],
)
def test_a_name_is_what_the_caller_says_is_one(words: str, asked: bool, name: str) -> None:
    assert name_read(words, asked=asked).value == name


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("", "My number is"),
        ("", "I want to"),
        ("", "and"),
        ("email", "my email is"),
        ("order_id", "O R D"),
        ("contact", "98765"),
    ],
)
def test_words_that_stop_in_the_middle_are_unfinished(asked: str, words: str) -> None:
    assert incomplete(asked, words)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("phone", "98765 43210"),
        ("phone", "why do you need it?"),
        ("phone", "no"),
        ("email", "jane at example dot com"),
        ("email", "the same as before"),
        ("order_id", "It's ABC98765"),
        ("contact", "jane at example dot com"),
        ("", "What is your refund policy?"),
        ("", ""),
    ],
)
def test_a_whole_value_or_another_answer_is_finished(asked: str, words: str) -> None:
    assert not incomplete(asked, words)
