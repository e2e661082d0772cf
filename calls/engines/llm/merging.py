"""What a model wrote and what the offline engine found, as one proposal.

Invariant: everything that can be checked is the offline engine's (slots, passages, yes and no, corrections); a model's intent
to do something counts only if the caller's words bear it out; of its sentences only those that the passages bear out remain.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from calls.core.decision import CHANNEL_OF, Proposal
from calls.core.grounding import said
from calls.core.politeness import tone_of
from calls.core.sentences import split
from calls.engines import wording
from calls.engines.base import Request
from calls.engines.llm.reading import Written

QUESTIONS: Final = frozenset({"policy_query", "product_query"})
SURE: Final = 0.85  # of the offline engine, from which on a model doesn't talk it out of a wish
AGREED: Final = 0.9
OWN: Final = 0.7
_WANTS_CALL: Final = re.compile(
    r"\bcall(?:s|ed|ing)?\b|\bcall-?back|\bring\b|\bphone me\b|\breach me\b", re.IGNORECASE
)
_WANTS_PERSON: Final = re.compile(
    r"\b(?:person|human|someone|somebody|anyone|agent|representative|colleague|manager|supervisor|operator|specialist|people"
    r"|staff|advis[eo]r|real|connect|transfer|speak|talk)\b",
    re.IGNORECASE,
)
_ORDER: Final = re.compile(
    r"\b(?:orders?|ordered|parcels?|packages?|deliver\w*|shipments?|shipped|track\w*|arriv\w*|purchase[ds]?|bought)\b",
    re.IGNORECASE,
)


def is_asked(request: Request, base: Proposal) -> bool:
    """Could a model change anything? Where the wish is plain the policy has its own words, and the caller needn't wait."""
    if base.repeat or base.language not in {"", request.call_language} or not request.text.strip():
        return False
    return not _is_plain(base)


def _is_plain(base: Proposal) -> bool:
    """A wish that the offline engine is sure of: no model talks it out of that."""
    return base.intent not in QUESTIONS and base.intent != "out_of_scope" and base.confidence >= SURE


def merged(written: Written, *, base: Proposal, words: str) -> Proposal:
    """The proposal that a model's ``written`` makes of the offline engine's ``base`` for the caller's ``words``."""
    intent = _intent(written.intent, base, words)
    answer = said(split(written.response), proposal=replace(base, intent=intent), words=words)
    if base.answer and not any(tone_of(sentence) is None for sentence in answer):
        answer = (*answer, *base.answer)  # courtesies alone answer nothing: the documents' own words do
    entities: dict[str, Any] = {**_opinions(written, words), **base.entities}
    return replace(
        base,
        intent=intent,
        confidence=AGREED if intent == base.intent else OWN,
        engine="llm",
        entities=MappingProxyType(entities),
        answer=answer if intent in QUESTIONS or base.answer else (),
        written=True,
        note="; ".join(
            part
            for part, holds in (
                ("llm's JSON was repaired", written.repaired),
                (f"llm's intent {written.intent or 'unknown'} not borne out", intent != written.intent),
            )
            if holds
        ),
    )


def _intent(proposed: str, base: Proposal, words: str) -> str:
    """The model's intent where the words bear it out, else the offline engine's."""
    if not proposed or proposed == base.intent or base.repeat or base.cancel or wording.gives_orders(words):
        return base.intent
    if _is_plain(base) or base.also is not None:
        return base.intent
    return proposed if _borne_out(proposed, base, words) else base.intent


def _borne_out(intent: str, base: Proposal, words: str) -> bool:
    """Whoever wants something done, or to go, has said so in some way; talk and questions need no evidence."""
    match intent:
        case "send_details_email" | "send_details_sms" | "send_details_whatsapp":
            named = wording.channel_of(words)
            return named == CHANNEL_OF[intent] or (not named and wording.has_send(words))
        case "callback_request":
            return bool(_WANTS_CALL.search(words))
        case "human_request":
            return bool(_WANTS_PERSON.search(words))
        case "order_status":
            return bool(_ORDER.search(words)) or "order_id" in base.entities
        case "complaint":
            return base.sentiment < 0 or wording.is_wronged(words)
        case "goodbye":
            return wording.has_bye(words) or (base.reply == "no" and not base.is_question) or base.thanks
        case "out_of_scope":
            return not base.answer
        case "small_talk":
            return not base.is_question and not base.answer
        case _:
            return base.is_question or bool(base.answer) or len(words.split()) >= 3


def _opinions(written: Written, words: str) -> dict[str, str]:
    """Entities that a model may judge, and names that the caller really said."""
    lowered = words.lower()
    kept = {name: value for name, value in written.entities.items() if name in {"issue_type", "urgency"}}
    product = written.entities.get("product", "")
    if product and product.lower() in lowered:
        kept["product"] = product
    return kept
