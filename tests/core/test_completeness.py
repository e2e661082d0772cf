"""How finished words are, and how a caller sounds."""

from __future__ import annotations

import pytest

from calls.core.completeness import completeness
from calls.core.playbook import COMPLETE_ENOUGH
from calls.sentiment import sentiment_score, urgency_of

FINISHED = [
    ("", "What is your refund policy?"),
    ("", "Okay, can you send me the full policy on email?"),
    ("anything_else", "No, that's all. Thank you!"),
    ("offer", "yes"),
    ("", "Hello"),
    ("email", "jane at example dot com"),
    ("phone", "98765 43210"),
    ("phone", "why do you need it?"),
    ("order_id", "It's ABC98765"),
    ("", "I ordered a laptop 5 days ago and haven't received it yet! This is unacceptable!"),
    ("", "Send me your product catalog on WhatsApp"),
    ("", "What is it for?"),
    ("name", "Jane"),
]
CUT = [
    ("", "What is your"),
    ("", "I want to"),
    ("", "Okay, can you send me the full"),
    ("", "I ordered a laptop and"),
    ("", "Do you have integration with"),
    ("", "My number is"),
    ("", "I was wondering if"),
    ("", "How long does"),
    ("email", "jane dot doe at"),
    ("phone", "98765"),
    ("order_id", "O R D"),
    ("anything_else", "No, but can you"),
    ("", ""),
    ("", "I would like the, um,"),
]


@pytest.mark.parametrize(("asked", "words"), FINISHED)
def test_finished_words_are_complete_enough(asked: str, words: str) -> None:
    assert completeness(asked, words) >= COMPLETE_ENOUGH


@pytest.mark.parametrize(("asked", "words"), CUT)
def test_words_that_break_off_are_far_from_complete(asked: str, words: str) -> None:
    assert completeness(asked, words) < 0.2


def test_a_yes_is_surer_to_be_all_when_a_yes_was_asked_for() -> None:
    assert completeness("offer", "yes") > completeness("", "yes")


def test_a_mark_at_the_end_does_not_finish_a_broken_phrase() -> None:
    assert completeness("", "I want to know the.") < 0.2


@pytest.mark.parametrize(
    ("words", "low", "high"),
    [
        ("I ordered a laptop 5 days ago and haven't received it yet! This is unacceptable!", -1.0, -0.6),
        ("I'm not happy with this", -0.6, -0.1),
        ("What is your refund policy?", 0.0, 0.0),
        ("No problem", 0.0, 0.0),
        ("No, that's fine. Thank you for checking", 0.1, 1.0),
        ("Thank you, that's great!", 0.4, 1.0),
    ],
)
def test_the_mood_of_words(words: str, low: float, high: float) -> None:
    assert low <= sentiment_score(words) <= high


def test_anger_and_hurry_are_urgent() -> None:
    assert urgency_of("This is unacceptable", -0.7) == "high"
    assert urgency_of("I need it immediately", 0.0) == "high"
    assert urgency_of("where is it", 0.0) == "low"
