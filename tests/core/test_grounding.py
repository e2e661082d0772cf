"""Which written sentences may be said: those that the passages bear out, whatever words they are put in, and no others."""

from __future__ import annotations

import pytest

from calls.core.decision import Passage, Proposal
from calls.core.grounding import is_supported, said, sentence_fit
from calls.core.politeness import Tone, tone_of
from calls.core.streaming import continuation


def passage(text: str, document: str = "Refund Policy", *, clears: bool = True) -> Passage:
    return Passage(document_id="1", document=document, heading="", text=text, similarity=0.9, clears=clears)


SHOP = (
    passage(
        "We offer a 30-day money-back guarantee. If you are not satisfied with your purchase, contact us within 30 days for a "
        "full refund. Opened items can be returned as long as they are undamaged. Refunds are processed within 5-7 business "
        "days. The money goes back to the payment method that you used."
    ),
    passage(
        "Standard delivery takes 3 to 5 business days. Express delivery arrives on the next business day. Shipping is free for "
        "orders above $50. Smaller orders cost $4.99 to ship. We deliver from Monday to Saturday, not on Sundays.",
        "Shipping and Delivery",
    ),
    passage(
        "Every device has a warranty of two years from the date of purchase. The warranty covers defects of material and "
        "workmanship. Water damage and drops are not covered by the guarantee.",
        "Warranty Terms",
    ),
)
BASE = Proposal(intent="policy_query", confidence=0.9, engine="offline", passages=SHOP, answer=("x",))

BORNE_OUT = """We offer a 30-day money-back guarantee.
If you're not satisfied with your purchase, just contact us within 30 days for a full refund.
The refund will be processed in 5-7 business days.
Refunds are processed in 5 to 7 business days.
Your refund is processed within five to seven business days.
Our devices have a two-year warranty from the date of purchase.
You get a 2 year warranty from the date you bought it.
Standard shipping takes 3 to 5 business days.
Shipping is free for orders above $50.
Shipping is free if your order is above $50.
Delivery is free for orders over 50 dollars.
We deliver Monday to Saturday, but not on Sundays.
Water damage isn't covered by the warranty.
You can return opened items as long as they are undamaged.
The warranty covers defects in material and workmanship.
Express delivery arrives the next business day.
The money goes back to the payment method you used."""
NOT_BORNE_OUT = """We offer a 60-day money-back guarantee.
Refunds are processed in 3 business days.
Refunds are processed in 7 business days.
The refund is processed within 5-7 months.
Your refund has been processed.
Your refund was processed within 5-7 business days.
Shipping is free for orders below $50.
Shipping is free.
Shipping is always free.
Shipping is free for all orders.
Express delivery is free.
Express delivery takes 3 to 5 business days.
Smaller orders ship free.
Smaller orders cost 4.99 euros to ship.
Water damage is covered by the guarantee.
We deliver on Sundays.
We also deliver on Sundays.
We deliver only on Sundays.
You get a full refund.
You can return opened items.
Opened items can't be returned.
Our laptops have a three-year warranty from the date of purchase.
Every device has a lifetime warranty.
We deliver to Germany from Monday to Saturday.
We offer a 30-day money-back guarantee on furniture.
Refunds are processed within 5-7 business days by our manager Peter.
The money goes back to your PayPal account.
John will contact you within 30 days.
I'll send you the refund policy by email.
We have sent you the refund policy.
We will refund your purchase within 30 days.
I've processed your full refund.
What time works best for you?
Is it within 30 days?
{"intent": "goodbye"}
Visit https://acme.com for the 30-day money-back guarantee.
Assistant: We offer a 30-day money-back guarantee.
**We offer a 30-day money-back guarantee.**
We offer a 30-day
Free refund."""


@pytest.mark.parametrize("sentence", BORNE_OUT.splitlines())
def test_a_fact_of_the_passages_may_be_said_in_other_words(sentence: str) -> None:
    assert is_supported(sentence, passages=SHOP)


@pytest.mark.parametrize("sentence", NOT_BORNE_OUT.splitlines())
def test_whatever_the_passages_do_not_hold_is_not_said(sentence: str) -> None:
    assert sentence_fit(sentence, proposal=BASE, words="What is your refund policy?") == ""


def test_a_passage_below_the_threshold_bears_nothing_out() -> None:
    below = (passage("We offer a 30-day money-back guarantee.", clears=False),)
    assert not is_supported("We offer a 30-day money-back guarantee.", passages=below)


def test_a_yes_that_nothing_vouches_for_is_left_out_and_the_fact_is_said() -> None:
    said_ = sentence_fit(
        "Yes, shipping is free for orders above $50.", proposal=BASE, words="Is shipping free?"
    )
    assert said_ == "Shipping is free for orders above $50."


def test_documents_in_another_language_are_read_back_word_for_word_only() -> None:
    german = (passage("Die Lieferung dauert 3 bis 5 Werktage. Ab 50 Euro ist sie kostenlos.", "Versand"),)
    assert is_supported("Die Lieferung dauert 3 bis 5 Werktage.", passages=german)
    assert not is_supported("Die Lieferung dauert 2 Werktage.", passages=german)


@pytest.mark.parametrize(
    ("sentence", "tone"),
    [
        ("Absolutely!", Tone.AGREEING),
        ("That's a great question.", Tone.AGREEING),
        ("I'd be happy to help you with that.", Tone.AGREEING),
        ("I'm so sorry to hear that.", Tone.SORRY),
        ("I sincerely apologize for the delay.", Tone.SORRY),
        ("I understand how frustrating this must be.", Tone.SORRY),
        ("Thank you for calling!", Tone.THANKS),
        ("Hello there!", Tone.GREETING),
        ("I'm sorry for your loss.", None),
        ("Sure, I'll refund you.", None),
        ("Great, your order has been cancelled.", None),
        ("I understand that you are owed money.", None),
        ("Thank you for your payment of $50.", None),
        ("", None),
    ],
)
def test_a_courtesy_is_one_of_a_closed_list(sentence: str, tone: Tone | None) -> None:
    assert tone_of(sentence) is tone


def test_a_sentence_is_said_once() -> None:
    twice = [
        "Absolutely!",
        "Water damage isn't covered by the warranty.",
        "Absolutely!",
        "Water damage isn't covered by the warranty.",
    ]
    assert said(twice, proposal=BASE, words="") == (
        "Absolutely!",
        "Water damage isn't covered by the warranty.",
    )


def test_what_follows_neither_repeats_a_fact_nor_a_courtesy_and_keeps_every_promise_and_question() -> None:
    before = ("Sure!", "We offer a 30-day money-back guarantee.")
    planned = (
        "Absolutely!",
        "You have our 30-day money-back guarantee.",
        "I'll send the policy to Ann.",
        "Anything else?",
    )
    assert continuation(before, planned) == planned[2:]
    assert continuation((), planned) == planned
    assert continuation(("Sure!",), ("Absolutely!",)) == ("Absolutely!",), (
        "a turn that says nothing else says that"
    )
