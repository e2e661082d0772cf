"""Words of other languages are known as such; English, names and spelled letters never are."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from calls.engines.base import Request
from calls.engines.languages import language_of, language_wished
from calls.engines.offline import OfflineEngine

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("mujhe refund chahiye", "hi"),
        ("mera order kahan hai", "hi"),
        ("kya aap hindi mein baat kar sakte hain", "hi"),
        ("मेरा ऑर्डर कहाँ है", "hi"),
        ("enakku oru refund venum", "ta"),
        ("நான் ஒரு மடிக்கணினி வாங்கினேன்", "ta"),
        ("naa order ekkada undi", "te"),
        ("quiero hablar con una persona", "es"),
        ("¿Dónde está mi pedido?", "es"),
        ("no hablo inglés", "es"),
        ("je voudrais parler à quelqu'un", "fr"),
        ("où est ma commande", "fr"),
        ("ich möchte mein Geld zurück", "de"),
        ("wo ist meine Bestellung", "de"),
        ("onde está meu pedido", "pt"),
        ("dove si trova il mio ordine", "it"),
        ("waar is mijn bestelling", "nl"),
        ("gdzie jest moja przesyłka", "pl"),
        ("siparişim nerede", "tr"),
        ("jag vill ha tillbaka mina pengar", "sv"),
        ("где мой заказ", "ru"),
        ("أين طلبي", "ar"),
        ("我的订单在哪里", "zh"),
        ("注文はどこですか", "ja"),
    ],
)
def test_other_languages_are_told(words: str, code: str) -> None:
    assert language_of(words) == code


@pytest.mark.parametrize(
    "words",
    [
        "Rajesh Kumar Venkata Subramanian Iyer",
        "rajesh kumar venkata subramanian",
        "Maria del Carmen de la Cruz",
        "Flat 12, Shanti Niketan, Bandra, Mumbai",
        "jane dot doe at example dot com",
        "o r d nine eight seven six five",
        "J A N E D O E",
        "mm hm",
        "ha ha",
        "hola",
        "Namaste",
        "El Paso, Texas",
        "la la land",
        "Das Auto",
        "pardon",
        "no no no",
        "nahin",
        "I want my paisa back",
        "Do you deliver to São Paulo?",
        "café",
        "98765 43210",
        "nina81@example.com",
        "nina@example.com",
        "nina at example dot com",
        "www.example.com",
        "ORD98765",
        "",
        "🙂",
        "what about the Schadenfreude edition?",
    ],
)
def test_names_addresses_letters_and_borrowed_words_are_no_other_language(words: str) -> None:
    assert language_of(words) == ""


def test_no_english_utterance_of_ours_is_taken_for_another_language(examples: dict[str, list[str]]) -> None:
    held_out = [
        entry if isinstance(entry, str) else entry["text"]
        for name in ("held_out.yaml", "held_out_later.yaml")
        for entries in yaml.safe_load((HERE / name).read_text()).values()
        for entry in entries
    ]
    said = [*held_out, *(text for texts in examples.values() for text in texts)]
    assert [text for text in said if language_of(text)] == []


@pytest.mark.parametrize(
    ("words", "code"),
    [("Do you speak Hindi?", "hi"), ("Can we talk in Tamil, please?", "ta"), ("Spanish please", "es")],
)
def test_a_language_may_be_asked_for_in_english(words: str, code: str) -> None:
    assert language_wished(words) == code


@pytest.mark.parametrize("words", ["I want the manual in German", "Do you ship to French Guiana?", "Hindi"])
def test_a_language_that_is_named_is_not_always_asked_for(words: str) -> None:
    assert language_wished(words) == ("hi" if words == "Hindi" else "")


@pytest.mark.models
def test_another_language_reaches_the_policy_with_nothing_undertaken(engine: OfflineEngine) -> None:
    proposal = engine.propose(Request(text="mujhe refund chahiye"))
    assert (proposal.intent, proposal.language, proposal.actions, proposal.answer) == (
        "out_of_scope",
        "hi",
        (),
        (),
    )


@pytest.mark.models
def test_a_number_is_read_in_any_language(engine: OfflineEngine) -> None:
    proposal = engine.propose(Request(text="mera number hai 98765 43210", asked="phone"))
    assert proposal.entities["phone"] == "+919876543210"
    assert (proposal.language, proposal.note) == ("hi", "answers the question")


@pytest.mark.models
def test_what_recognition_heard_counts_where_the_words_leave_it_open(engine: OfflineEngine) -> None:
    assert engine.propose(Request(text="What is your refund policy?", language="de")).language == ""
    assert engine.propose(Request(text="bonnet sharnay lubey kartoffel", language="de")).language == "de"
    assert engine.propose(Request(text="Priya Sharma Gupta", asked="name", language="hi")).language == ""
