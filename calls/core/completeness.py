"""How finished the words are, whatever the voice did. Invariant: pure; 0 is cut off in mid-phrase, 1 can't
go on.

Closing punctuation from a recogniser is weak evidence (it is written at every silence), a dangling word is
strong, and an answer of the kind that was asked for is the strongest.
"""

from __future__ import annotations

import datetime as dt
import re
from types import MappingProxyType
from typing import Final

from calls.core.hours import Hours
from calls.core.slots.code import code_read
from calls.core.slots.email import email_read
from calls.core.slots.name import name_read
from calls.core.slots.order_id import order_id_read
from calls.core.slots.phone import phone_read
from calls.core.slots.unfinished import incomplete
from calls.core.slots.when import when_read
from calls.core.slots.yesno import yesno_read

__all__ = ["completeness", "incomplete"]

_DANGLING: Final = re.compile(
    r"\b(?:and|or|but|so|because|if|when|while|that|which|who|whether|than|as|like|with|without|to|of|for"
    r"|from|in|on|at|by|about|into|the|a"
    r"|an|my|your|our|their|his|some|any|this|these|those|very|really|um|uh|er|erm|well|i|i'm|i'd|i've"
    r"|you|we|he|they|is|are|was|were|(?<!\d )(?<!\d)am"
    r"|be|can|could|would|will|should|do|does|did|have|has|had|want|need|like to|please can you|how|what"
    r"|where|why|send|give|tell|get"
    r"|full|whole|entire|every|each|new|also|then|just|maybe|not|it's|there's|let's|let me|my name is"
    r"|number is|going to|wanna)[\s.,…\-]*$",
    re.IGNORECASE,
)
# Endings that look dangling and aren't: "where is it at", "yes I do", "what is it for", "that's the one I
# want".
_ENDED: Final = re.compile(
    r"\b(?:(?:yes|no|yeah|yep),? (?:i|it|that|we|they) (?:do|did|does|is|am|are|was|can|could|would|will"
    r"|have|has)(?: not)?"
    r"|what (?:is|was) (?:it|that|this) (?:for|about|like)|(?:is|was|for|about|like|do|did|want|have|love"
    r"|see) (?:that|this|it|so|those|these)"
    r"|of course not|why not|how (?:so|come)|i think so|thank you|bless you|(?:love|hate|help|call|thank"
    r"|hear|see|miss) you"
    r"|what should i do|what (?:can|do|could) (?:i|you) do|how are you|who are you|where are you"
    r"|as i said|the one i (?:want|need|have)|do you (?:have|want|need|do|get)|(?:have|has) it got"
    r"|(?:send|e-?mail|mail|text|whatsapp|message|forward|share|give|tell|show|know|mean|do|about|get|hear|repeat|explain)\b"
    r".{0,30}\b(?:that|this|these|those))[\s.,!?…]*$",
    re.IGNORECASE,
)
_QUESTION: Final = re.compile(
    r"^(?:(?:okay|ok|so|and|well|hi|hello|hey|um|uh|yes|no|alright|right|then|but|also|please|sorry"
    r"|thanks|great)[,.\s]+)*"
    r"(?:what|what's|when|where|where's|why|who|who's|how|how's|which|can|could|do|does|did|is|are|will"
    r"|would|may|should|has|have)\b",
    re.IGNORECASE,
)
_WISH: Final = re.compile(
    r"\b(?:i (?:want|need|would like|ordered|bought|have|had|got|can't|cannot|am|was)|i'd like|i'm|i've"
    r"|let me|send|email|mail|text|call|connect|transfer"
    r"|put me|give me|tell me|show me|get me|my \w+ (?:is|has|was|arrived|doesn't|won't)|please|it (?:is"
    r"|was|doesn't|stopped|arrived))\b",
    re.IGNORECASE,
)
_WHOLE: Final = re.compile(
    r"^(?:hi|hello|hey|bye|goodbye|thanks|thank you|thank you very much|thanks a lot|okay|ok|great"
    r"|perfect|stop|pardon|sorry|agent|operator|help"
    r"|representative|human|that's all|that's it|nothing else|never ?mind|good (?:morning|afternoon"
    r"|evening)|hello there|what|yes|no|sure)[.!?]*$",
    re.IGNORECASE,
)
# Whether a time is whole doesn't depend on the day it is said, nor on who is open.
_ANY_DAY: Final = dt.datetime(2000, 1, 3, tzinfo=dt.UTC)
_ALWAYS: Final = Hours(
    zone="UTC", week=MappingProxyType(dict.fromkeys(range(7), ((dt.time.min, dt.time.max),)))
)
_CUT: Final = re.compile(r"(?:\.\.\.|…|[,\-—])\s*$")


def completeness(asked: str, text: str, *, region: str = "IN") -> float:
    """0..1 how finished ``text`` is, given what was asked (as in a request: a slot, ``offer``, …, or
    empty)."""
    words = text.strip()
    if not words:
        return 0.0
    answered = _answer(asked, words, region)
    if answered is not None:
        return answered
    ended = bool(_ENDED.search(words))
    closing = words[-1] in ".!?"
    if not ended and _CUT.search(words):
        return 0.1
    if not ended and _DANGLING.search(words):
        # "What is your policy about?" with a mark is what a recogniser writes at any silence.
        return 0.3 if words.endswith("?") else 0.08
    return _shape(words, closing)


def _answer(asked: str, words: str, region: str) -> float | None:
    """What the open question says of it; None when the words are no answer of that kind."""
    if incomplete(asked, words, region=region):
        return 0.05
    if asked in ("phone", "whatsapp_number", "sms_number"):
        number = phone_read(words, region=region, asked=True)
        if number or number.missing in ("too_long", "impossible"):
            return 0.95 if number else 0.85
    if asked == "email" and email_read(words, asked=True):
        return 0.95
    if asked == "order_id":
        reading = order_id_read(words, asked=True)
        if reading or len(reading.display) >= 5:
            return 0.9
    if asked == "code" and code_read(words):
        return 0.95
    if asked == "callback_time":
        moment = when_read(words, now=_ANY_DAY, hours=_ALWAYS, asked=True)
        if moment:
            # "Tomorrow" often goes on with "at ten"; a time of day ends it.
            return 0.55 if moment.status in ("day", "part") else 0.92
    if asked == "name" and name_read(words, asked=True):
        return 0.8
    reply = yesno_read(words)
    if (
        reply.value
        and reply.confidence >= 0.6
        and len(reply.rest.split()) <= 2
        and not _DANGLING.search(words)
    ):
        if asked in ("offer", "anything_else"):
            return 0.95
        # A bare "yes" or "no" to an open question is rarely all, but it may be.
        return 0.9 if reply.closing or asked else 0.75
    return None


def _shape(words: str, closing: bool) -> float:
    count = len(words.split())
    if _WHOLE.match(words):
        return 0.9
    bonus = 0.12 if closing else 0.0
    if _QUESTION.search(words):
        if count >= 4:
            return 0.78 + (0.15 if words.endswith("?") else bonus / 2)
        return 0.45 + (0.3 if words.endswith("?") else bonus)
    if _WISH.search(words):
        return (0.7 if count >= 4 else 0.45) + bonus
    return min(0.35 + 0.05 * count, 0.6) + bonus
