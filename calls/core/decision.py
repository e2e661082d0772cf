"""What an engine proposes and what the call decides: the two ends of one contract.

Invariant: a :class:`Proposal` is input (from embeddings, from a language model, from anybody), a :class:`Decision`
is what the policy made of it. Only decisions are spoken, stored and acted upon.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

INTENTS: Final = (
    "policy_query",
    "product_query",
    "order_status",
    "callback_request",
    "send_details_email",
    "send_details_whatsapp",
    "send_details_sms",
    "complaint",
    "human_request",
    "goodbye",
    "small_talk",
    "out_of_scope",
)
ACTIONS: Final = (
    "send_email",
    "send_sms",
    "send_whatsapp",
    "fetch_product_catalog",
    "schedule_callback",
    "cancel_callback",
    "create_ticket",
    "update_ticket",
    "lookup_order",
    "send_code",
    "check_code",
    "escalate_to_human",
)
#: What is undertaken as well, and no admin may forbid.
ALWAYS: Final = ("stop_messages", "allow_messages")
CHANNEL_OF: Final[Mapping[str, str]] = MappingProxyType(
    {"send_details_email": "email", "send_details_whatsapp": "whatsapp", "send_details_sms": "sms"}
)
#: What words may do to the talk itself, whatever they are about: see ``Proposal.acts``.
ACTS: Final = ("callback_move", "callback_cancel", "take_back", "accept", "refuse", "repeat")
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of what was really said and heard: ``role`` is ``customer`` or ``agent``."""

    role: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One passage of the company's documents, as found for the caller's words.

    ``similarity`` is the calibrated probability (0..1) that the passage answers the question; ``answer`` holds the
    passage's own sentences that do, in their order. ``kind`` is the document's (see :class:`DocumentRef`).
    """

    document_id: str
    document: str
    heading: str
    text: str
    similarity: float
    clears: bool
    kind: str = ""
    answer: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRef:
    """A document that can be sent: ``kind`` is what a caller calls it ("policy", "product_catalog", "guide")."""

    document_id: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What an engine makes of one utterance. Nothing in it is authority.

    ``confidence`` is 0..1 for ``intent``. ``entities`` holds typed slots found in the words (``email``, ``phone``,
    ``order_id``, ``name``, ``channel``, ``details_type``, ``urgency``, …). ``answer`` is the sentences that would answer a
    question, already free of anything the passages don't support. ``reply`` is ``yes``, ``no`` or empty: how the words
    answer the question that is open; ``cancel`` that they take a wish back ("forget it", "cancel that", "don't send it").
    ``also`` is a second wish in the same words; then ``words`` is the part of the utterance that each was read from.
    ``acts`` says how much (0..1) the words sound like each of :data:`ACTS`; hints, for where the talk makes
    sense of them.
    ``language`` is the language of the words when it isn't the call's.
    ``complete`` (0..1) says how finished the *words* are, whatever the voice did. ``written``: a model wrote ``answer``, so
    that only what the passages bear out of it is said. ``note`` is for the record: why it was decided so, or by another engine.
    """

    intent: str
    confidence: float
    engine: str
    entities: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    answer: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    document: DocumentRef | None = None
    actions: tuple[str, ...] = ()
    reply: str = ""
    correction: bool = False
    cancel: bool = False
    repeat: bool = False
    also: Proposal | None = None
    words: str = ""
    acts: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    language: str = ""
    is_question: bool = False
    thanks: bool = False
    complete: float = 0.0
    sentiment: float = 0.0
    timings: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    written: bool = False
    note: str = ""

    def sounds(self, *acts: str) -> float:
        """How much (0..1) the words sound like one of ``acts``."""
        return sum(float(self.acts.get(act, 0.0)) for act in acts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One turn's decision, in the shape that every engine, table and test shares."""

    immediate_response: str
    intent: str
    entities: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    needs_clarification: bool = False
    clarification_question: str = ""
    actions: tuple[str, ...] = ()
    used_knowledge: bool = False
    escalate_to_human: bool = False
    engine: str = ""
    engine_note: str = ""
    confidence: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """A JSON-ready dict. ``entities.missing_info`` is always a list."""
        entities = {"missing_info": [], **self.entities}
        entities["missing_info"] = list(entities["missing_info"])
        return {
            "immediate_response": self.immediate_response,
            "intent": self.intent,
            "entities": entities,
            "needs_clarification": self.needs_clarification,
            "clarification_question": self.clarification_question or None,
            "actions": list(self.actions),
            "used_knowledge": self.used_knowledge,
            "escalate_to_human": self.escalate_to_human,
            "engine": self.engine,
            "engine_note": self.engine_note,
            "confidence": round(self.confidence, 3),
        }
