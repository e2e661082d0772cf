"""Whether two parts of an utterance are two wishes. Invariant: pure; in doubt they are one.

Heard as two, one wish would be done twice; heard as one, two leave a wish undone that the caller says again.
"""

from __future__ import annotations

import re
from typing import Final

from calls.core.decision import CHANNEL_OF, Proposal
from calls.engines import wishes, wording
from calls.engines.answering import content_words
from calls.engines.meaning import QUESTIONS, SEND, Heard

_LEAST: Final = 0.5
_OWN_ORDER: Final = 0.9
_DEEDS: Final = frozenset(
    {"callback_request", "human_request", "order_status", "complaint", SEND, *CHANNEL_OF}
)
# Two names for one thing: who complains of a delay also asks where the parcel is.
_ONE: Final = (
    frozenset({"complaint", "order_status"}),
    frozenset({"callback_request", "human_request"}),
    frozenset({"policy_query", "product_query"}),
)
_BOTH: Final = re.compile(
    r"\b(?P<one>e-?mail|mail|sms|text(?: message)?|whats ?app)\b(?:\s+(?:as well|too))?[\s,]*\b(?:and|as"
    r" well as|plus)\b[\s,]*"
    r"(?:also )?(?:(?:on|by|via|over|through|to|in|as)\s+)?(?:an? |my )?(?P<other>e-?mail|mail|sms|text(?:"
    r" message)?|whats ?app)\b"
    r"(?!\s+(?:number|address)\b)",
    re.IGNORECASE,
)
_CHANNELS: Final = {"m": "email", "e": "email", "s": "sms", "t": "sms", "w": "whatsapp"}

Glance = tuple[Heard, str, float]


def beside_each_other(first: Glance, second: Glance, *, asked: str) -> bool:
    """May the two parts be wishes of their own, by what they seem to mean?"""
    (heard, intent, confidence), (heard_after, intent_after, confidence_after) = first, second
    if intent_after not in _DEEDS and intent_after not in QUESTIONS:
        return False
    if confidence_after < _LEAST or wording.gives_orders(heard_after.text):
        return False
    if intent == "small_talk":
        # The answer to what was asked, and then a wish.
        given = heard.slot_given or (asked == "offer" and heard.reply.value == "yes")
        return bool(asked) and given
    if (intent not in _DEEDS and intent not in QUESTIONS) or confidence < _LEAST:
        return False
    if "callback_request" in (intent, intent_after) and SEND in (intent, intent_after):
        sends = heard_after if intent_after == SEND else heard
        if wishes.is_confirming(sends.text):
            return False
    if intent == intent_after == SEND:
        # "You have a catalog that you could send me? WhatsApp is easiest": one document, one way.
        return bool(heard.channel and heard_after.channel)
    if intent == intent_after:
        return intent in QUESTIONS
    if frozenset({intent, intent_after}) == _ONE[2]:
        return True
    if {intent, intent_after} <= {"order_status", *QUESTIONS}:
        # "Will your van get down a track, do you deliver out there?" is about no order.
        own, sure = (heard, confidence) if intent == "order_status" else (heard_after, confidence_after)
        if sure < _OWN_ORDER and "order_id" not in own.slots and not wording.asks_for_own(own.text):
            return False
    return frozenset({intent, intent_after}) not in _ONE


def both_stand(first: Proposal, second: Proposal, words: str) -> bool:
    """Do they still stand as two, now that the documents have been asked?"""
    if (
        second.intent in QUESTIONS
        and not second.answer
        and (first.intent in ("complaint", *QUESTIONS) or not second.is_question)
    ):
        return False
    if first.intent in QUESTIONS and second.intent in QUESTIONS:
        return bool(first.answer and second.answer) and first.answer[0] != second.answer[0]
    if second.intent in CHANNEL_OF:
        if second.document is None:
            return False  # "… and text me the details": of the first wish
        if first.intent in QUESTIONS and not _names_another(first, second, words):
            return False  # "what's the policy, and mail it to me": one wish, with an answer to it
        if first.intent in CHANNEL_OF:
            return first.document is not None and (first.document, first.intent) != (
                second.document,
                second.intent,
            )
    return second.intent != first.intent or first.intent in CHANNEL_OF


def _names_another(first: Proposal, second: Proposal, words: str) -> bool:
    if first.document is None or second.document is None:
        return bool(content_words(words))
    return first.document.document_id != second.document.document_id


def other_channel(text: str, intent: str) -> str:
    """The second of two channels that one thing is wished by ("on WhatsApp and by email"); empty when there is one."""
    if intent not in CHANNEL_OF or not wording.has_send(text):
        return ""
    hit = _BOTH.search(text.replace("’", "'"))
    if hit is None:
        return ""
    named = {_CHANNELS[hit.group(name)[0].lower()] for name in ("one", "other")}
    left = named - {CHANNEL_OF[intent]}
    return left.pop() if len(named) == 2 and len(left) == 1 else ""
