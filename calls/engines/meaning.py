"""How rules, likeness and retrieval are weighed into one meaning. Invariant: pure; the same evidence, the
same meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from calls.core.decision import CHANNEL_OF, DocumentRef
from calls.core.hours import Hours
from calls.core.known import UTC_START
from calls.core.slots import YesNo, email_read, name_read, order_id_read, phone_read, yesno_read
from calls.core.slots.code import code_read
from calls.core.slots.issue import issue_read, urgency_read
from calls.core.slots.phone import phone_on_file
from calls.core.slots.when import when_read
from calls.engines import topics, wishes, wording
from calls.engines.answering import NO_ANSWER, Answer, content_words
from calls.engines.base import Request
from calls.engines.classifier import Guess
from calls.engines.languages import english_share, language_of
from calls.sentiment import sentiment_score

SEND: Final = "send_details"
_NO_ACTS: Final[Mapping[str, float]] = MappingProxyType({})
QUESTIONS: Final = frozenset({"policy_query", "product_query"})
INTENT_OF_CHANNEL: Final[Mapping[str, str]] = {channel: intent for intent, channel in CHANNEL_OF.items()}
_ACTION_OF_CHANNEL: Final = {"email": "send_email", "whatsapp": "send_whatsapp", "sms": "send_sms"}
_ACTION_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "order_status": ("lookup_order",),
    "callback_request": ("schedule_callback",),
    "complaint": ("create_ticket",),
    "human_request": ("escalate_to_human",),
}
PHONE_ASKED: Final = frozenset({"phone", "contact", "whatsapp_number", "sms_number"})
_WRONG_FOR_SURE: Final = 0.75
_FAR: Final = (
    0.25  # cosine to the nearest example below which an utterance is like nothing that callers say here
)
_SURE: Final = 0.6
_FURIOUS: Final = -0.6
_UNHAPPY: Final = -0.15
_PARTING: Final = 0.7
_LONG_FAREWELL: Final = 14
_DOUBT: Final = 0.9
# "What if it turns out to be rubbish?" complains of nothing yet.
_SUPPOSES: Final = re.compile(
    r"\b(?:if|say i|suppos(?:e|ing)|in case|imagine|let'?s say|turns? out|what happens|would i|could i|can i)\b",
    re.IGNORECASE,
)
_ANY_HOURS: Final = Hours()  # whether words speak of a time at all doesn't depend on when the company opens


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An utterance with everything that rules can see in it. ``slot_given``: it holds a value of the kind
    asked for."""

    request: Request
    text: str
    reply: YesNo
    slots: Mapping[str, Any]
    channel: str
    question: bool
    slot_given: bool
    sentiment: float
    language: str = ""
    acts: Mapping[str, float] = field(default_factory=lambda: _NO_ACTS)

    def sounds(self, *acts: str) -> float:
        """How much (0..1) the words sound like one of ``acts`` (:data:`calls.core.decision.ACTS`)."""
        return sum(self.acts.get(act, 0.0) for act in acts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """``reply`` is how the words answer the open question, where likeness settled it; ``cancel``, that they take a wish back;
    ``change``, what they do to an agreed call. ``note`` says by which rule, where one settled it; callers of an engine may rely
    on none of them."""

    intent: str
    confidence: float
    answer: Answer = NO_ANSWER
    document: DocumentRef | None = None
    reply: str = ""
    cancel: bool = False
    change: str = ""
    note: str = ""


def hear(request: Request, order_prefix: str = "") -> Heard:
    """Read the slots and the surface of an utterance."""
    text = wording.mended(" ".join(request.text.replace("’", "'").split()))
    slots = _slots(request, text, order_prefix)
    return Heard(
        request=request,
        text=text,
        reply=yesno_read(text),
        slots=slots,
        channel=wording.channel_of(text),
        question=wording.is_question(text),
        slot_given=_answers(request.asked, slots),
        sentiment=sentiment_score(text),
        language=_language(request, text),
    )


def _language(request: Request, text: str) -> str:
    """The words' language when it isn't English. What speech was recognised as counts where the words leave it open."""
    heard_as = request.language[:2].lower()
    found = language_of(text)
    if request.asked in ("name", "email", "contact") and len(text.split()) < 5:
        return ""  # a name may be a word of any language
    if found or heard_as in ("", "en"):
        return found
    return "" if english_share(text) >= 0.3 or len(text.split()) < 3 else heard_as


def _slots(request: Request, text: str, order_prefix: str) -> dict[str, Any]:
    asked = request.asked
    found: dict[str, Any] = {}
    # "No, actually john at …": a correction answers the last read-back, whatever was asked since.
    corrects = yesno_read(text).correction
    email = email_read(text, asked=asked in ("email", "contact") or corrects)
    if email:
        found |= {"email": email.value, "email_display": email.display, "email_confidence": email.confidence}
    phone = phone_read(text, region=request.region, asked=asked in PHONE_ASKED)
    if phone and not email:
        found |= {"phone": phone.value, "phone_display": phone.display, "phone_confidence": phone.confidence}
    elif asked in PHONE_ASKED and phone.missing != "all" and _is_begun(phone.display, text):
        found |= {"partial": phone.display}
    elif (asked in PHONE_ASKED and phone_on_file(text)) or (
        asked in ("email", "contact") and _ON_FILE.search(text)
    ):
        found["on_file"] = True
    order = order_id_read(text, prefix=order_prefix if asked == "order_id" else "", asked=asked == "order_id")
    if order and not phone:
        found["order_id"] = order.value
    elif asked == "order_id" and _is_begun(order.display, text):
        found["partial"] = order.display
    name = name_read(text, asked=asked == "name")
    # "Call me tomorrow" names nobody.
    if name and (asked == "name" or not re.search(r"\bcall me\b", text, re.IGNORECASE)):
        found["name"] = name.value
    if asked == "code":
        code = code_read(text)
        if code:
            found["code"] = code.value
        elif code.display:
            found["partial"] = code.display
    said = topics.time_words(text, asked=asked == "callback_time")
    if asked == "callback_time" and not said:
        said = when_read(text, now=UTC_START, hours=_ANY_HOURS, asked=True).said
    if said:
        found["time_said"] = said
    return found


_ON_FILE: Final = re.compile(
    r"\b(?:my|the) (?:usual|same|normal|regular)(?: one| address| e-?mail)?\b|\b(?:one|address|e-?mail)"
    r" (?:that )?(?:you (?:have|know)|on file|i always use)\b",
    re.IGNORECASE,
)


_OH: Final = re.compile(r"oh?[,!.]? [a-z]", re.IGNORECASE)  # "Oh, lovely" begins no number


def _is_begun(shown: str, text: str) -> bool:
    """Is it the beginning of a number? "The first one" holds a one and is none."""
    digits = sum(char.isdigit() for char in shown)
    return digits >= 2 or (digits == 1 and len(text.split()) <= 2 and not _OH.match(text))


def _answers(asked: str, slots: Mapping[str, Any]) -> bool:
    kinds = {
        "email": ("email", "partial", "on_file"),
        "contact": ("email", "phone", "partial", "on_file"),
        "name": ("name",),
        "order_id": ("order_id", "partial"),
        "code": ("code", "partial"),
        "callback_time": ("time_said",),
    }
    wanted = kinds.get(asked, ("phone", "partial", "on_file") if asked in PHONE_ASKED else ())
    return any(slots.get(kind) for kind in wanted)


def without_values(heard: Heard) -> str:
    """The words without addresses and numbers in them, for whatever reads topics."""
    text = re.sub(r"\S+@\S+", " ", heard.text)
    if "email" in heard.slots:
        text = re.sub(r"\b\S+(?:\s+(?:dot|underscore|dash)\s+\S+)*\s+at\s+\S+(?:\s+dot\s+\S+)+", " ", text)
    if "phone" in heard.slots or "partial" in heard.slots:
        text = re.sub(r"\+?\d[\d\s,.\-]{3,}\d", " ", text)
    return " ".join(text.split())


def _is_ours(heard: Heard) -> bool:
    """Is what they are unhappy about something of the company's, or are they angry enough to be asked?"""
    wronged = wording.is_wronged(heard.text) or issue_read(heard.text) != "other"
    return wronged or heard.sentiment <= -0.5 or bool(heard.slots) or bool(heard.request.asked)


def weighed(guess: Guess, heard: Heard, threshold: float) -> tuple[str, float]:
    """The likeliest intent once the words have had their say."""
    chances = dict(guess.probabilities)
    sends = wording.has_send(heard.text)
    if heard.channel and sends and not wording.is_wronged(heard.text):
        chances[SEND] = max(chances.get(SEND, 0.0), 0.5) * 2
    elif not heard.channel and not sends and SEND in chances:
        chances[SEND] *= 0.3
    if heard.slots.get("email") and (sends or not heard.request.asked):
        # "I request the terms at jane at example dot com": why else would somebody say an address?
        chances[SEND] = chances.get(SEND, 0.0) * 3 + 1.0
    if heard.sentiment <= -0.5 and "complaint" in chances:
        # Anger is a complaint, whatever it is about: "where the hell is my parcel" asks for no tracking page.
        chances["complaint"] = chances["complaint"] * 2 + (0.3 if wording.is_wronged(heard.text) else 0.1)
    if wording.asks_for_own(heard.text) and not heard.channel and not wording.is_wronged(heard.text):
        chances["order_status"] = chances.get("order_status", 0.0) * 3 + 1.0
    if "order_id" in heard.slots and not wording.is_wronged(heard.text) and not heard.channel:
        # "I'm ringing regarding order …": whatever else it may be, it is about that order.
        unhappy = chances.get("complaint", 0.0) >= 0.5 and heard.sentiment < _UNHAPPY
        chances["order_status"] = chances.get("order_status", 0.0) * 3 + (0.5 if unhappy else 1.5)
    if wording.has_wish(heard.text):
        chances.pop("goodbye", None)  # "Bye, I want a callback": "Hi", misheard
    total = sum(chances.values()) or 1.0
    intent = max(chances, key=lambda name: chances[name])
    confidence = chances[intent] / total
    if intent == "goodbye" and (
        confidence < _PARTING
        or heard.slots
        or _reply_opens(heard)
        or len(heard.text.split()) > _LONG_FAREWELL
    ):
        # Hanging up on somebody is the dearest mistake: in doubt the call goes on.
        return "small_talk", min(confidence, 0.5)
    if (
        heard.sentiment <= _FURIOUS
        and confidence < _DOUBT
        and intent in ("out_of_scope", "small_talk", *QUESTIONS)
    ):
        return "complaint", 0.5
    if intent == "complaint" and confidence < _WRONG_FOR_SURE and not _is_ours(heard):
        return "small_talk", min(confidence, 0.45)  # the weather, the bus: nothing that a ticket could mend
    far = intent != SEND and guess.nearest < _FAR and confidence < _SURE
    if (far or (intent == "out_of_scope" and confidence < _DOUBT)) and wording.asks_of_us(heard.text):
        return "product_query", min(confidence, 0.5)
    if far:
        return "out_of_scope", max(confidence, 1 - guess.nearest)
    if confidence < threshold and heard.question and intent not in QUESTIONS:
        return "product_query", confidence
    return intent, confidence


def _reply_opens(heard: Heard) -> bool:
    """A "yes" or a correction keeps the talk open."""
    return heard.reply.value == "yes" or heard.reply.correction or heard.question


def supposes(heard: Heard) -> bool:
    """Is it asked what would be, not said what is?"""
    return heard.question and bool(_SUPPOSES.search(heard.text))


def worth_searching(intent: str, confidence: float, guess: Guess, heard: Heard) -> bool:
    """Can the documents have a say? A question always asks them; other intents when it is not the certain
    one."""
    if intent in QUESTIONS or intent == SEND:
        return True
    asking = sum(guess.probabilities.get(name, 0.0) for name in QUESTIONS)
    if intent == "complaint" and supposes(heard):
        return True
    if intent in ("goodbye", "human_request", "callback_request", "complaint"):
        return heard.question and asking >= 0.25
    if intent == "order_status":
        return heard.question and asking >= 0.2
    if intent == "small_talk":
        return heard.question and confidence < 0.9 and len(content_words(heard.text)) >= 1
    return asking >= 0.05 or confidence < _SURE or len(content_words(heard.text)) <= 3


def settled(
    intent: str, confidence: float, guess: Guess, answer: Answer, *, supposes: bool = False
) -> Meaning:
    """The meaning once the documents have been asked. A passage that clears makes a question of doubtful
    words."""
    asking = sum(guess.probabilities.get(name, 0.0) for name in QUESTIONS)
    if not answer.sentences:
        if intent in QUESTIONS:
            return Meaning(intent=intent, confidence=confidence, answer=Answer(passages=answer.passages))
        return Meaning(intent=intent, confidence=confidence)
    top = next(passage for passage in answer.passages if passage.clears)
    overrides = {
        "complaint": supposes and confidence < _DOUBT,
        SEND: True,
        "out_of_scope": asking >= 0.03 or confidence < 0.85,
        "small_talk": asking >= 0.1,
    }
    if intent not in QUESTIONS and not overrides.get(intent, asking >= 0.35):
        return Meaning(intent=intent, confidence=confidence)
    likelier = max(sorted(QUESTIONS), key=lambda name: guess.probabilities.get(name, 0.0))
    kind = {"policy": "policy_query", "": likelier}.get(top.kind, "product_query")
    return Meaning(
        intent=kind,
        confidence=max(confidence if intent in QUESTIONS else asking, top.similarity),
        answer=answer,
    )


def entities_of(heard: Heard, meaning: Meaning) -> dict[str, Any]:
    """The typed slots of the words, with what the intent adds."""
    entities: dict[str, Any] = {name: value for name, value in heard.slots.items() if name != "time_said"}
    if heard.channel:
        entities["channel"] = heard.channel
    if meaning.intent in CHANNEL_OF:
        entities["channel"] = CHANNEL_OF[meaning.intent]
        if meaning.document is not None:
            entities["details_type"] = meaning.document.kind
    if meaning.intent == "callback_request":
        change = meaning.change or wishes.callback_change(heard.text)
        entities |= {"change": change} if change else {}
    if meaning.intent == "callback_request" or heard.request.asked == "callback_time":
        day = topics.day_of(heard.text)
        entities |= {"callback_date": day} if day else {}
    if meaning.intent == "complaint":
        entities["issue_type"] = issue_read(heard.text)
        entities["urgency"] = urgency_read(heard.text, sentiment=heard.sentiment)
    if meaning.intent in ("complaint", "order_status") or heard.request.asked == "order_id":
        product = topics.product_of(heard.text)
        entities |= {"product": product} if product else {}
    if meaning.intent in QUESTIONS and not meaning.answer.sentences:
        # What the documents don't know is named to the caller in the caller's own words.
        topic = topics.topic_of(heard.text)
        if topic:
            entities |= {"topic": topic, "product_feature": topics.feature_of(topic)}
        entities["requires_human"] = True
    return entities


def actions_of(meaning: Meaning) -> tuple[str, ...]:
    """Allow-listed wishes; nothing for words that gave orders to the agent."""
    channel = CHANNEL_OF.get(meaning.intent)
    if channel:
        catalog = meaning.document is not None and meaning.document.kind == "product_catalog"
        return (_ACTION_OF_CHANNEL[channel], *(("fetch_product_catalog",) if catalog else ()))
    if meaning.intent in QUESTIONS and not meaning.answer.sentences:
        return ("escalate_to_human",)
    return _ACTION_OF.get(meaning.intent, ())
