"""What callers do with the talk itself: agree, refuse, take something back, change an agreed call, ask to hear it again.

Learnt together with the intents, from ``calls/acts.yaml``, so that each is told from all of them. No act is an intent of its
own: its share counts for the intent that it belongs to, and the policy is told how much the words sound like it.

Invariant: an act is a hint. What it may do is the policy's to say, which knows what is open, held or arranged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import yaml

from calls.core.decision import ACTS
from calls.engines import wording
from calls.engines.classifier import Guess
from calls.engines.meaning import QUESTIONS, SEND, Heard, Meaning
from calls.engines.wishes import about_goods

SHIPPED: Final = Path(__file__).parents[1] / "acts.yaml"
INTENT_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "callback_move": "callback_request",
        "callback_cancel": "callback_request",
        "take_back": "small_talk",
        "accept": "small_talk",
        "refuse": "small_talk",
        "repeat": "small_talk",
    }
)
_GOODS: Final = 0.05
_LEAST: Final = 0.03  # a share below this says nothing, and isn't passed on
# What was asked makes some answers likelier than among all that callers say.
_LEANS: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "offer": {"accept": 5.0, "refuse": 5.0},
        "confirm": {"accept": 5.0, "refuse": 5.0},
        "anything_else": {"refuse": 3.0, "goodbye": 3.0, "accept": 0.3},
    }
)


@cache
def acts_shipped() -> Mapping[str, Sequence[str]]:
    """Examples by act."""
    loaded = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    assert set(loaded) == set(ACTS) == set(INTENT_OF)
    return {act: tuple(map(str, texts)) for act, texts in loaded.items()}


def parted(guess: Guess, text: str, asked: str = "") -> tuple[Guess, Mapping[str, float]]:
    """A guess over intents and acts, as one over intents alone, and the share of each act that has one; both as likely as they
    are of ``text``, once ``asked`` was asked."""
    intents: dict[str, float] = {}
    acts: dict[str, float] = {}
    leans = dict(_LEANS.get(asked, {}))
    if about_goods(text):
        leans["take_back"] = (
            _GOODS  # "I want to cancel my subscription" takes back nothing that was said here
        )
    leaning = {label: share * leans.get(label, 1.0) for label, share in guess.probabilities.items()}
    whole = sum(leaning.values()) or 1.0
    for label, raw in leaning.items():
        share = raw / whole
        intent = INTENT_OF.get(label, label)
        intents[intent] = intents.get(intent, 0.0) + share
        if label in INTENT_OF and share >= _LEAST:
            acts[label] = round(share, 3)
    return replace(guess, probabilities=intents), MappingProxyType(acts)


_AGREED: Final = 0.75  # taking a refusal for a consent acts against the caller's will: consent needs more than anything else
_SURELY: Final = 0.9
_CONTRARY: Final = 0.1
_LIKELY: Final = 0.5
#: A refusal this likely is not taken for anything else.
AGAINST: Final = 0.3
_PLAIN: Final = 0.75
_WISHES: Final = frozenset(
    {SEND, *QUESTIONS, "human_request", "order_status", "callback_request", "complaint"}
)
_CHANGED: Final = 0.6
_AGAIN: Final = 0.6
_BRIEF: Final = 12  # words


def by_act(heard: Heard) -> Meaning | None:
    """The meaning of words that do something to the talk itself; None when they more likely wish or ask for something."""
    asked, against = heard.request.asked, heard.sounds("refuse", "take_back", "callback_cancel")
    busy = heard.slot_given or heard.channel
    if heard.sounds("repeat") >= _AGAIN and len(heard.text.split()) <= _BRIEF and not busy:
        return Meaning(intent="small_talk", confidence=heard.sounds("repeat"), note="repeat")
    if asked in ("offer", "confirm") and not busy:
        if against >= _LIKELY:
            return Meaning(intent="small_talk", confidence=against, reply="no", note="answers the question")
        agrees = heard.sounds("accept")
        asks = heard.question and agrees < _SURELY  # "would you? that would help" asks for nothing
        if agrees >= _AGREED and against <= _CONTRARY and heard.reply.value != "no" and not asks:
            return Meaning(intent="small_talk", confidence=agrees, reply="yes", note="answers the question")
        return None
    if asked == "anything_else" and heard.sounds("refuse") >= _LIKELY and not busy and not heard.question:
        return Meaning(
            intent="small_talk", confidence=heard.sounds("refuse"), reply="no", note="answers the question"
        )
    for act, change in (("callback_cancel", "cancel"), ("callback_move", "move")):
        if heard.sounds(act) >= _CHANGED and not busy:
            return Meaning(intent="callback_request", confidence=heard.sounds(act), change=change, note=act)
    if heard.sounds("take_back") >= _CHANGED and not (busy or heard.question):
        return Meaning(
            intent="small_talk",
            confidence=heard.sounds("take_back"),
            cancel=True,
            reply="no",
            note="takes a wish back",
        )
    return None


def is_doubtful(heard: Heard, meaning: Meaning) -> bool:
    """Did a rule go by a few of the words only: a farewell without a goodbye, an answer to an offer with more to it?"""
    farewell = meaning.intent == "goodbye" and not wording.has_bye(heard.text)
    answers = heard.request.asked == "offer" and bool(heard.reply.value and heard.reply.rest)
    return farewell or answers


def belies(heard: Heard, guess: Guess) -> bool:
    """Do doubtful words say otherwise as a whole? "Need a call back … well, not today" is no farewell, "oh please, I wouldn't
    want to trouble anybody" no consent, "no worries, connect me" no refusal."""
    if heard.request.asked == "offer" and heard.reply.value == "yes":
        against = heard.sounds("refuse", "take_back")
        return against >= AGAINST or against > heard.sounds("accept")
    if heard.request.asked == "offer" and heard.reply.value == "no":
        return heard.sounds("accept") + guess.probabilities.get("human_request", 0.0) >= _PLAIN
    return guess.best in _WISHES and guess.probabilities[guess.best] >= _PLAIN
