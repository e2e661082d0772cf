"""What a complaint is about, how pressing it is, and which document is meant."""

from __future__ import annotations

import pytest

from calls.core.slots import ISSUES, document_type_read, issue_read, urgency_read

TYPES = {
    "policy": ("refund policy", "return policy", "policy"),
    "warranty": ("warranty policy", "warranty terms", "guarantee"),
    "product_catalog": ("catalog", "catalogue", "product catalog", "brochure", "price list"),
    "guide": ("user guide", "manual", "setup guide"),
}


@pytest.mark.parametrize(
    ("words", "issue"),
    [
        (
            "I ordered a laptop 5 days ago and haven't received it yet! This is unacceptable!",
            "delivery_delay",
        ),
        ("my parcel still hasn't arrived", "delivery_delay"),
        ("the delivery is late", "delivery_delay"),
        ("where is my order", "delivery_delay"),
        ("I am still waiting for my phone", "delivery_delay"),
        ("it never came", "delivery_delay"),
        ("the laptop arrived broken", "damaged"),
        ("the screen has a crack", "damaged"),
        ("my package came damaged", "damaged"),
        ("you sent me the wrong laptop", "wrong_item"),
        ("this is not what I ordered", "wrong_item"),
        ("the charger is missing", "wrong_item"),
        ("Damn it, my laptop still isn't here", "delivery_delay"),
        ("Holy shit, still no laptop?", "delivery_delay"),
        ("my tablet wasn't delivered", "delivery_delay"),
        ("Your courier broke my tablet!", "damaged"),
        ("the parcel was dead on arrival", "damaged"),
        ("it doesn't switch on, it's faulty", "damaged"),
        ("the laptop that was delivered is defective", "damaged"),
        ("the tablet came dead", "damaged"),
        ("it doesn't switch on", "technical"),
        ("it is still not working", "technical"),
        ("I want my refund", "refund"),
        ("where is my refund, it's late", "refund"),
        ("give me my money back", "refund"),
        ("I was charged twice", "billing"),
        ("there's a mistake on my invoice", "billing"),
        ("my laptop stopped working", "technical"),
        ("it won't turn on", "technical"),
        ("the app keeps crashing", "technical"),
        ("your agent was rude to me", "service"),
        ("nobody answers the phone", "service"),
        ("I'm very unhappy", "other"),
        ("", "other"),
    ],
)
def test_what_a_complaint_is_about(words: str, issue: str) -> None:
    assert issue_read(words) == issue
    assert issue in ISSUES


@pytest.mark.parametrize(
    ("words", "sentiment", "urgency"),
    [
        ("This is unacceptable!", 0.0, "high"),
        ("I need it urgently", 0.0, "high"),
        ("it is late", -0.8, "high"),
        ("I'm still waiting", 0.0, "medium"),
        ("hm", -0.3, "medium"),
        ("just asking", 0.0, "low"),
    ],
)
def test_how_pressing_it_is(words: str, sentiment: float, urgency: str) -> None:
    assert urgency_read(words, sentiment=sentiment) == urgency


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("send me the full policy on email", "policy"),
        ("your warranty policy please", "warranty"),
        ("Send me your product catalog on WhatsApp", "product_catalog"),
        ("can I have the product catalogue", "product_catalog"),
        ("the catalogs", "product_catalog"),
        ("send the brochure", "product_catalog"),
        ("a catalog of your products", "product_catalog"),
        ("the manual", "guide"),
        ("the user guides", "guide"),
        ("the catalog and the manual", ""),
        ("send me something", ""),
    ],
)
def test_which_document_is_meant(words: str, kind: str) -> None:
    assert document_type_read(words, TYPES) == kind


def test_a_kind_is_known_by_its_own_name_too() -> None:
    assert document_type_read("the price sheet", {"price_sheet": ()}) == "price_sheet"
