"""What callers do with the talk itself, in words that are nobody's example."""

from __future__ import annotations

import numpy as np
import pytest

from calls.core.decision import ACTS, Line
from calls.engines.acts import acts_shipped, parted
from calls.engines.base import Request
from calls.engines.classifier import Guess
from calls.engines.offline import OfflineEngine
from calls.engines.plainly import in_documents_words
from calls.engines.surface import PLACES, surface
from calls.engines.wishes import halves, unannounced

OFFERED = (Line(role="agent", text="Would you like me to connect you with one of our specialists?"),)


def answer(engine: OfflineEngine, words: str, asked: str = "offer") -> str:
    return engine.propose(Request(text=words, asked=asked, history=OFFERED)).reply


@pytest.mark.parametrize(
    "words",
    [
        "I'd be grateful if you would",
        "by all means, let's do that",
        "yeah fine, let's hear what they say",
        "that would suit me down to the ground",
    ],
)
def test_an_offer_is_taken_in_words_that_hold_no_plain_yes(engine: OfflineEngine, words: str) -> None:
    assert answer(engine, words) == "yes"


@pytest.mark.parametrize(
    "words",
    [
        "oh please, I'd hate to waste their time",
        "I'd sooner read up on it myself",
        "let's not go to all that trouble",
        "maybe some other day, I'm in a rush",
        "no worries, I was merely wondering",
    ],
)
def test_an_offer_is_refused_in_words_that_hold_no_plain_no(engine: OfflineEngine, words: str) -> None:
    assert answer(engine, words) == "no"


def test_no_refusal_of_an_offer_is_taken_for_a_consent(engine: OfflineEngine) -> None:
    assert [words for words in acts_shipped()["refuse"] if answer(engine, words) == "yes"] == []


@pytest.mark.parametrize(
    ("words", "change"),
    [
        ("the matter has sorted itself out, so nobody has to telephone me any longer", "cancel"),
        ("I'm afraid I have to pull out of that phone appointment", "cancel"),
        ("something came up, could they ring a bit later in the day", "move"),
    ],
)
def test_an_agreed_call_is_changed_in_callers_own_words(
    engine: OfflineEngine, words: str, change: str
) -> None:
    proposal = engine.propose(Request(text=words, asked="anything_else"))
    likelier = max(("callback_cancel", "callback_move"), key=proposal.sounds)
    assert proposal.intent == "callback_request"
    assert proposal.entities.get("change", likelier.removeprefix("callback_")) == change


def test_goods_that_are_cancelled_take_back_nothing_that_was_said(engine: OfflineEngine) -> None:
    for words in ("I want out of my subscription", "please cancel the sofa I ordered"):
        assert not engine.propose(Request(text=words)).cancel, words


def test_every_act_has_examples_and_none_is_an_intents(examples: dict[str, list[str]]) -> None:
    taught = {text.lower() for texts in examples.values() for text in texts}
    assert set(acts_shipped()) == set(ACTS)
    assert all(len(texts) >= 80 for texts in acts_shipped().values())
    assert [text for texts in acts_shipped().values() for text in texts if text.lower() in taught] == []


def test_what_was_asked_makes_some_acts_likelier_and_shares_still_sum_to_one() -> None:
    guess = Guess(probabilities={"accept": 0.3, "refuse": 0.1, "complaint": 0.6}, nearest=0.5)
    plain, acts = parted(guess, "well")
    offered, leaning = parted(guess, "well", "offer")
    assert sum(plain.probabilities.values()) == pytest.approx(1)
    assert sum(offered.probabilities.values()) == pytest.approx(1)
    assert leaning["accept"] > acts["accept"] and plain.best == "complaint" and offered.best == "small_talk"


def test_the_surface_of_words_tells_apart_what_means_the_contrary() -> None:
    call, dont = surface("call me"), surface("don't call me")
    assert call.shape == dont.shape and call.shape[0] >= PLACES
    assert np.array_equal(call, surface("call me")) and not np.array_equal(call, dont)


@pytest.mark.parametrize(
    ("asked", "searched"),
    [
        ("can I hand it back?", "can I return?"),
        ("whats ur policy if i wanna send something back", "what is your policy if i want to return"),
        ("what's the deal with gettin' my cash back?", "what's the policy for refund?"),
        ("what are your delivery charges", "what are your delivery cost"),
        ("my card was charged twice, what about my fees", "my card was charged twice, what about my fees"),
        ("How long is the warranty?", "How long is the warranty?"),
    ],
)
def test_questions_are_searched_for_in_the_words_of_documents(asked: str, searched: str) -> None:
    assert in_documents_words(asked) == searched


@pytest.mark.parametrize(
    "words",
    [
        "a callback at three tomorrow and the refund policy in my mailbox",
        "I have two wishes: the terms by email, plus a call tomorrow at four",
        "status of my order pls + email me the terms",
    ],
)
def test_a_wish_by_its_noun_alone_is_a_half(words: str) -> None:
    assert halves(unannounced(words))


@pytest.mark.parametrize(
    "words", ["my brochure, I mean the catalog", "quick question first, what does it cost"]
)
def test_what_is_put_right_or_only_announced_is_no_half(words: str) -> None:
    assert halves(words) == ()
