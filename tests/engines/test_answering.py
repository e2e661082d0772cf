"""Which passage answers, and when a question is about a document as a whole. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from calls.engines.answering import answer_find, the_whole


@dataclass(frozen=True)
class Found:
    document_title: str
    text: str
    similarity: float
    document_id: int = 1
    heading: str = ""
    clears: bool = True

    @property
    def sentences(self) -> tuple[str, ...]:
        return (self.text,)

    best = (0,)


def said(query: str, *found: Found) -> str:
    answer = answer_find(query, search=lambda query, limit=3: found, document_for=lambda query: None)
    return " ".join(answer.sentences)


@pytest.mark.parametrize(
    "words",
    [
        "If I buy something and hate it, what's your refund policy?",
        "How does your refund policy work?",
        "I'd like to know about your refund policy before I order.",
        "your refund policy before I buy",
    ],
)
def test_words_around_a_document_that_is_asked_about_narrow_nothing(words: str) -> None:
    assert the_whole(words) == "What is your refund policy?"


@pytest.mark.parametrize(
    "words",
    [
        "what is your refund policy for opened headphones?",
        "how does the warranty policy treat batteries",
        "how long does a refund take?",
        "does your privacy policy cover recordings",
    ],
)
def test_a_point_of_a_document_stays_one(words: str) -> None:
    assert the_whole(words) == words


def test_how_many_days_is_answered_by_days() -> None:
    how = Found("Refund Policy", "To return a laptop, call us or visit any store.", 0.98)
    days = Found("Refund Policy", "You have 30 days to return a product.", 0.94)
    assert said("How many days do I have to return a laptop?", how, days) == days.text
    assert said("How do I return a laptop?", how, days) == how.text


def test_a_page_named_after_what_is_asked_goes_before_one_that_mentions_the_product() -> None:
    product = Found("Product Catalog", "The Hush headphones cost 8,990 and weigh 250 grams.", 0.86)
    warranty = Found("Warranty", "Headphones and other accessories have a six-month warranty.", 0.75, 2)
    assert said("what is the warranty on the Hush headphones?", product, warranty) == warranty.text


def test_the_word_order_in_a_title_names_no_page() -> None:
    bulk = Found("Business and Bulk Orders", "It cannot be combined with promo codes.", 0.93)
    promo = Found("Payment Methods", "Only one promo code can be used for each order.", 0.98, 2)
    assert said("Can I use two promo codes on one order?", bulk, promo) == promo.text
