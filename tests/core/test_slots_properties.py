"""What holds for any words at all: nothing raises, nothing is invented, what is spelled out comes back."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from calls.core.completeness import completeness
from calls.core.sentences import SentenceStream, split
from calls.core.slots import (
    ISSUES,
    code_read,
    digits_read,
    email_read,
    incomplete,
    issue_read,
    name_read,
    order_id_read,
    phone_on_file,
    phone_read,
    yesno_read,
)
from calls.core.speakable import speakable
from calls.sentiment import sentiment_score

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
SPOKEN = st.lists(
    st.sampled_from(
        [
            "yes",
            "no",
            "at",
            "dot",
            "double",
            "nine",
            "ninety",
            "98",
            "hundred",
            "plus",
            "oh",
            "wait",
            "jane",
            "example",
            "com",
            "and",
            "my",
            "number",
            "is",
            "email",
            "a",
            "b",
            "underscore",
            "billion",
            "+91",
            "9,8",
            "order",
            "ORD",
            "don't",
            "sure",
            ",",
            "?",
            "@",
        ]
    ),
    max_size=14,
).map(" ".join)
ANYTHING = st.one_of(SPOKEN, st.text(max_size=120))
ASKED = st.sampled_from(
    [
        "",
        "email",
        "phone",
        "contact",
        "name",
        "order_id",
        "offer",
        "anything_else",
        "document",
        "callback_time",
        "code",
    ]
)


@given(ANYTHING, ASKED)
@settings(max_examples=120, deadline=None)
def test_no_words_make_a_reader_fail(words: str, asked: str) -> None:
    for reading in (
        phone_read(words, asked=asked == "phone"),
        email_read(words, asked=asked == "email"),
        name_read(words, asked=True),
    ):
        assert 0.0 <= reading.confidence <= 1.0
        assert not (reading.value and reading.missing)
    order_id_read(words, candidates=["AB12345"], asked=True)
    assert len(code_read(words).value) in (0, 6)
    assert issue_read(words) in ISSUES
    assert isinstance(phone_on_file(words), bool)
    assert yesno_read(words).value in ("yes", "no", "mixed", "")
    assert isinstance(incomplete(asked, words), bool)
    assert 0.0 <= completeness(asked, words) <= 1.0
    assert -1.0 <= sentiment_score(words) <= 1.0
    speakable(words)


@given(
    st.from_regex(r"[6-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["words", "figures", "fives", "pairs", "groups"]),
)
@settings(max_examples=80, deadline=None)
def test_a_number_said_aloud_comes_back(number: str, way: str) -> None:
    said = {
        "words": " ".join(WORDS[int(digit)] for digit in number),
        "figures": " ".join(number),
        "fives": f"{number[:5]}, uh, {number[5:]}",
        "pairs": " ".join(number[at : at + 2] for at in range(0, 10, 2)),
        "groups": f"{number[0]},{number[1:4]},{number[4:7]},{number[7:]}",
    }[way]
    assert phone_read(f"it's {said}", asked=True).value == f"+91{number}"


@given(
    st.text(alphabet="0123456789", min_size=1, max_size=14),
    st.sampled_from(["", "um ", "my order ", "okay "]),
)
@settings(max_examples=80, deadline=None)
def test_figures_are_neither_lost_nor_invented(digits: str, before: str) -> None:
    assert digits_read(before + " ".join(WORDS[int(digit)] for digit in digits)) == digits
    assert digits_read(before + " ".join(digits)) == digits


@given(SPOKEN)
@settings(max_examples=120, deadline=None)
def test_an_order_is_always_one_of_the_candidates(words: str) -> None:
    assert order_id_read(words, candidates=["AB12345", "AB98"]).value in ("", "AB12345", "AB98")


@given(
    st.from_regex(r"[a-z][a-z0-9]{1,6}([._-][a-z0-9]{1,6})?", fullmatch=True),
    st.from_regex(r"[a-z]{2,8}(-[a-z]{2,5})?\.(com|org|net|co\.uk|in)", fullmatch=True),
)
@settings(max_examples=120, deadline=None)
def test_an_address_spelled_out_comes_back(local: str, domain: str) -> None:
    signs = {".": "dot", "_": "underscore", "-": "dash"}

    def spell(part: str) -> str:
        return " ".join(signs.get(char, char) for char in part)

    ending = re.split(r"\.", domain, maxsplit=1)
    said = f"{spell(local)} at {spell(ending[0])} dot {ending[1].replace('.', ' dot ')}"
    assert email_read(said, asked=True).value == f"{local}@{domain}"


@given(
    st.lists(
        st.sampled_from(
            [
                "Hello",
                "It costs $4.99.",
                "at 10 a.m.",
                "Mr.",
                "Smith,",
                "e.g.",
                "and",
                "Is it?",
                "No.",
                "5",
                "the",
                "very",
                "U.S.",
                "2.0",
                "policy",
            ]
        ),
        max_size=40,
    ).map(" ".join),
    st.integers(1, 9),
)
@settings(max_examples=80, deadline=None)
def test_a_stream_gives_the_same_sentences_as_the_whole(text: str, size: int) -> None:
    splitter = SentenceStream()
    pieces = [piece for at in range(0, len(text), size) for piece in splitter.feed(text[at : at + size])]
    assert (*pieces, *splitter.finish()) == split(text)


@given(st.text(max_size=200))
@settings(max_examples=80, deadline=None)
def test_splitting_loses_no_word(text: str) -> None:
    assert "".join("".join(split(text)).split()) == "".join(text.split())
