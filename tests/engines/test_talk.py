"""How callers handle the talk: taking back, changing, asking again, swearing, wishing two things. Phrases that the engine never
learnt from (`talk.yaml`, `pairs.yaml`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from calls.core.decision import CHANNEL_OF, Line, Proposal
from calls.engines.base import Request
from calls.engines.offline import OfflineEngine
from calls.engines.plainly import asked_plainly

pytestmark = pytest.mark.models

HERE = Path(__file__).parent
TALK: dict[str, Any] = yaml.safe_load((HERE / "talk.yaml").read_text())
PAIRS: dict[str, Any] = yaml.safe_load((HERE / "pairs.yaml").read_text())


def _all(engine: OfflineEngine, words: list[str], asked: str = "") -> list[tuple[str, Proposal]]:
    return [(text, engine.propose(Request(text=text, asked=asked))) for text in words]


def test_none_of_these_phrases_is_an_example(examples: dict[str, list[str]]) -> None:
    learnt = {text.lower().strip(".!? ") for texts in examples.values() for text in texts}
    said = [
        entry if isinstance(entry, str) else entry["text"]
        for part in (TALK, PAIRS)
        for entries in part.values()
        for entry in entries
    ]
    # Greetings and single words can't be said any other way.
    assert [text for text in said if text.lower().strip(".!? ") in learnt and len(text.split()) > 3] == []


# --- wishes taken back and changed ------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["", "email", "callback_time", "anything_else"])
def test_a_wish_is_taken_back_whatever_was_asked(engine: OfflineEngine, asked: str) -> None:
    missed = [
        text
        for text, proposal in _all(engine, TALK["takes_back"], asked)
        if not proposal.cancel or proposal.intent == "goodbye" or proposal.reply != "no"
    ]
    assert missed == []


def test_what_is_wished_instead_is_understood_with_the_taking_back(engine: OfflineEngine) -> None:
    for case in TALK["takes_back_and_wishes"]:
        proposal = engine.propose(Request(text=case["text"]))
        assert (proposal.cancel, proposal.intent) == (True, case["intent"]), case["text"]
        assert proposal.words in case["text"]


def test_cancelling_goods_and_other_lookalikes_take_nothing_back(engine: OfflineEngine) -> None:
    assert [text for text, proposal in _all(engine, TALK["keeps"]) if proposal.cancel] == []


@pytest.mark.parametrize("change", ["cancel", "move"])
def test_a_callback_that_is_agreed_on_can_be_changed(engine: OfflineEngine, change: str) -> None:
    for text, proposal in _all(engine, TALK[f"callback_{change}"]):
        assert (proposal.intent, proposal.entities.get("change")) == ("callback_request", change), text


def test_a_new_callback_changes_none(engine: OfflineEngine) -> None:
    for text in (
        "I want to schedule a callback",
        "Please call me back tomorrow",
        "Can someone ring me at five?",
    ):
        assert "change" not in engine.propose(Request(text=text)).entities


# --- manners ---------------------------------------------------------------------------------------------------------


def test_whoever_did_not_hear_is_told_again(engine: OfflineEngine) -> None:
    assert [text for text, proposal in _all(engine, TALK["repeat"]) if not proposal.repeat] == []


@pytest.mark.parametrize("note", ["hold", "greeting", "abuse"])
def test_manners_are_told_apart(engine: OfflineEngine, note: str) -> None:
    assert [(text, p.note) for text, p in _all(engine, TALK[note]) if p.note != note] == []


def test_swearing_ends_no_call_and_sounds_angry(engine: OfflineEngine) -> None:
    for text, proposal in _all(engine, TALK["abuse"], "anything_else"):
        assert proposal.intent == "small_talk", text
        assert proposal.sentiment <= -0.4, text


def test_behind_a_curse_stands_a_wish(engine: OfflineEngine) -> None:
    for case in TALK["angry"]:
        proposal = engine.propose(Request(text=case["text"]))
        assert proposal.intent in case["intent"], case["text"]
        assert proposal.sentiment <= -0.4, case["text"]


def test_who_asks_for_a_robot_gets_no_person(engine: OfflineEngine) -> None:
    for text, proposal in _all(engine, TALK["asks_who"]):
        assert (proposal.intent, proposal.note, proposal.actions) == ("small_talk", "asks who speaks", ()), (
            text
        )


def test_no_orders_are_taken_from_anybody(engine: OfflineEngine) -> None:
    for text, proposal in _all(engine, TALK["injection"]):
        assert (proposal.intent, proposal.actions, proposal.answer, proposal.also) == (
            "out_of_scope",
            (),
            (),
            None,
        ), text


AFTER_BOOKING = (
    Line(role="customer", text="tomorrow at ten"),
    Line(role="agent", text="I'll schedule a callback for tomorrow at 10 AM. Is there anything else?"),
)


@pytest.mark.parametrize(
    "words",
    [
        "actually eleven would be better",
        "hmm, eleven, not ten",
        "I said eleven",
        "oops sorry, eleven not ten",
    ],
)
def test_another_hour_corrects_the_call_just_spoken_of(engine: OfflineEngine, words: str) -> None:
    proposal = engine.propose(Request(text=words, asked="anything_else", history=AFTER_BOOKING))
    assert (proposal.intent, proposal.correction) == ("callback_request", True)
    assert engine.propose(Request(text=words)).note != proposal.note


@pytest.mark.parametrize(
    "words", ["No, one more thing, do you sell tablets?", "no, that's all", "not now, thanks"]
)
def test_what_speaks_of_no_hour_corrects_none(engine: OfflineEngine, words: str) -> None:
    proposal = engine.propose(Request(text=words, asked="anything_else", history=AFTER_BOOKING))
    assert proposal.intent != "callback_request"


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("Bye, I want to schedule a Cal back.", "callback_request"),
        ("Bye, can you send me the refund policy by he mail?", "send_details_email"),
        ("What is your reef and policy?", "policy_query"),
    ],
)
def test_common_mishearings_are_seen_through(engine: OfflineEngine, words: str, intent: str) -> None:
    assert engine.propose(Request(text=words)).intent == intent


@pytest.mark.parametrize(
    "words", ["Thank you.", "No, thank you", "alright then, cheers", "yes, that's it", "thanks a lot"]
)
def test_thanks_end_the_call_only_when_nothing_else_is_wanted(engine: OfflineEngine, words: str) -> None:
    assert engine.propose(Request(text=words, asked="anything_else")).intent == "goodbye"
    assert engine.propose(Request(text="Thank you.")).intent == "small_talk"


@pytest.mark.parametrize(
    ("words", "least", "most"),
    [
        ("my laptop hasn't come, unacceptable", -1, -0.5),
        ("This is a disgrace", -1, -0.5),
        ("F you, this is a disgrace!", -1, -0.5),
        ("I waited at home the whole day for nothing", -0.5, -0.1),
        ("My order is late", -0.5, -0.1),
        ("Where is my order?", -0.1, 0.1),
        ("What is your refund policy?", -0.1, 0.1),
        ("That was really helpful, thank you so much", 0.3, 1),
    ],
)
def test_moods_are_heard(engine: OfflineEngine, words: str, least: float, most: float) -> None:
    assert least <= engine.propose(Request(text=words)).sentiment <= most


# --- two wishes at once ----------------------------------------------------------------------------------------------


def test_two_wishes_are_heard_as_two(engine: OfflineEngine) -> None:
    for case in PAIRS["two"]:
        proposal = engine.propose(Request(text=case["text"]))
        assert proposal.also is not None, case["text"]
        assert (proposal.intent, proposal.also.intent) == (case["first"], case["second"]), case["text"]
        assert proposal.words in case["text"]
        assert proposal.also.words in case["text"]
        assert case["text"].index(proposal.words) < case["text"].index(proposal.also.words)


def test_one_wish_is_not_cut_in_two(engine: OfflineEngine) -> None:
    assert [text for text, proposal in _all(engine, PAIRS["one"]) if proposal.also is not None] == []


def test_each_wish_has_the_values_of_its_own_part(engine: OfflineEngine) -> None:
    words = "Email the refund policy to jane at example dot com and call me on Monday on 98450 12345"
    proposal = engine.propose(Request(text=words))
    assert proposal.also is not None
    assert proposal.entities["email"] == "jane@example.com"
    assert "phone" not in proposal.entities
    assert proposal.also.entities["phone"] == "+919845012345"
    assert "email" not in proposal.also.entities


def test_one_thing_by_two_channels_is_two_wishes(engine: OfflineEngine) -> None:
    for case in PAIRS["both_channels"]:
        proposal = engine.propose(Request(text=case["text"]))
        assert proposal.also is not None, case["text"]
        assert [CHANNEL_OF[proposal.intent], CHANNEL_OF[proposal.also.intent]] == case["channels"]
        assert proposal.document == proposal.also.document


def test_a_consent_may_bring_a_wish_along(engine: OfflineEngine) -> None:
    proposal = engine.propose(Request(text="yes and send me the refund policy by email", asked="offer"))
    assert proposal.reply == "yes"
    assert proposal.also is not None
    assert proposal.also.intent == "send_details_email"


# --- answers to what was asked ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("callback_time", "Tomorrow at 10 AM"),
        ("callback_time", "ten"),
        ("callback_time", "how about tomorrow at ten?"),
        ("callback_time", "would 4 pm work?"),
        ("callback_time", "in half an hour"),
        ("callback_time", "as soon as possible"),
        ("callback_time", "Is Sunday possible?"),
        ("callback_time", "tomorrow at ten, on my other number, 98450 12345"),
        ("order_id", "It's ORD98765"),
        ("order_id", "O R D nine eight seven six five"),
        ("order_id", "Ward 98,765"),
        ("code", "four eight two nine one three"),
        ("code", "the code is 482 913"),
        ("name", "Jane Doe"),
    ],
)
def test_an_answer_to_the_question_is_heard_as_that(engine: OfflineEngine, asked: str, words: str) -> None:
    proposal = engine.propose(Request(text=words, asked=asked))
    assert (proposal.intent, proposal.note) == ("small_talk", "answers the question")


@pytest.mark.parametrize(
    ("asked", "words", "intent"),
    [
        ("callback_time", "What time do you close tomorrow?", "policy_query"),
        ("callback_time", "Actually, email me the refund policy instead", "send_details_email"),
        ("callback_time", "before that, what does shipping cost?", "policy_query"),
        ("callback_time", "I'd rather talk to somebody now", "human_request"),
        ("order_id", "I have no order id, just connect me to someone", "human_request"),
        ("order_id", "First tell me how long refunds take", "policy_query"),
        ("phone", "Before that, how long is the warranty?", "policy_query"),
        ("email", "Wait, do you also sell monitors?", "product_query"),
        ("name", "I want to speak to a manager", "human_request"),
        ("code", "where is my order?", "order_status"),
    ],
)
def test_what_is_no_answer_keeps_its_own_meaning(
    engine: OfflineEngine, asked: str, words: str, intent: str
) -> None:
    assert engine.propose(Request(text=words, asked=asked)).intent == intent


@pytest.mark.parametrize(
    ("asked", "words", "note"),
    [
        ("order_id", "I don't have it", "doesn't have it"),
        ("order_id", "no idea, sorry", "doesn't have it"),
        ("order_id", "it's the laptop I ordered last week", "says which order"),
        ("code", "I didn't get any code", "wants the code again"),
        ("code", "can you send it again?", "wants the code again"),
    ],
)
def test_who_has_no_value_says_so(engine: OfflineEngine, asked: str, words: str, note: str) -> None:
    assert engine.propose(Request(text=words, asked=asked)).note == note


def test_the_day_is_kept_as_it_was_said(engine: OfflineEngine) -> None:
    proposal = engine.propose(Request(text="Tomorrow at 10 AM", asked="callback_time"))
    assert proposal.entities["callback_date"] == "tomorrow"


@pytest.mark.parametrize(
    ("words", "topic", "feature"),
    [
        (
            "Do you have integration with Salesforce API v2.0?",
            "Salesforce API v2.0 integration",
            "salesforce_api_integration",
        ),
        ("Do you support single sign-on?", "single sign-on", "single_signon"),
        ("Is there a student discount?", "a student discount", "student_discount"),
        ("Tell me about your loyalty program", "loyalty program", "loyalty_program"),
        ("Do you sell helicopters?", "helicopters", "helicopters"),
    ],
)
def test_what_is_not_known_is_named_in_the_callers_words(
    engine: OfflineEngine, words: str, topic: str, feature: str
) -> None:
    entities = engine.propose(Request(text=words)).entities
    assert (entities["topic"], entities["product_feature"], entities["requires_human"]) == (
        topic,
        feature,
        True,
    )


@pytest.mark.parametrize("words", ["Do you have it?", "What is that?", "How does it work?", "Is it heavy?"])
def test_a_question_without_a_thing_has_no_topic(engine: OfflineEngine, words: str) -> None:
    assert "topic" not in engine.propose(Request(text=words)).entities


def test_charges_and_fees_are_searched_for_as_costs() -> None:
    assert asked_plainly("what are your delivery charges") == "what are your delivery cost"
    assert asked_plainly("do you charge anything for shipping?") == "does it cost for shipping?"
    assert asked_plainly("I was charged a fee twice") == "I was charged a fee twice"


def test_the_weather_is_no_complaint_and_a_broken_screen_is_one(engine: OfflineEngine) -> None:
    for words in (
        "It is very hot in our place these days.",
        "Well I never. My grandchildren won't believe it.",
    ):
        assert engine.propose(Request(text=words)).intent != "complaint", words
    for words in ("The screen of my new tablet is cracked.", "My order still hasn't come, this is a joke."):
        assert engine.propose(Request(text=words)).intent == "complaint", words


def test_oh_before_other_words_is_no_digit_of_the_number_that_follows(engine: OfflineEngine) -> None:
    words = "Oh lovely. So, my WhatsApp is nine seven three one eight nine one four zero nine"
    meant = engine.propose(Request(text=words, asked="phone"))
    assert meant.also is None and meant.words in ("", words)
