"""Invariant: pure. A person who takes over a call is told what was said and what was done, and what of it is proven.

What a caller only claims stands apart from what the company knows; a promise stands with its receipts. History is what was
heard, not what was meant to be said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from escalations.matching import GENERAL

#: The best passages that were tried, and the last lines that were heard; the rest is in the call's record.
PASSAGES: Final = 5
LINES: Final = 60
#: What a question is asked about; anything else is something that has happened.
_QUESTIONS: Final = frozenset({"product_query", "policy_query"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who calls. ``customer`` is the lead's id, or empty; what is not ``verified`` is only said."""

    customer: str = ""
    verified: bool = False
    name: str = ""
    company: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A passage that the agent looked at, and how well it fitted (0..1)."""

    document: str
    heading: str
    similarity: float
    clears: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Something undertaken in the call, and what is known of it."""

    kind: str
    label: str
    status: str
    to: str = ""
    receipts: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """The call so far. ``lines`` are (role, heard words); ``moods`` how the caller sounded, one word a turn."""

    lines: Sequence[tuple[str, str]] = ()
    intents: Sequence[str] = ()
    moods: Sequence[str] = ()
    passages: Sequence[Tried] = ()
    promises: Sequence[Promise] = ()
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    claims: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Why a person is needed. ``topic`` is the query in a few words."""

    reason: str
    query: str = ""
    topic: str = ""
    skill: str = ""


def handoff_build(*, person: Person, talk: Talk, wanted: Wanted, company: str, agent: str) -> dict[str, Any]:
    """The package, JSON-ready. ``agent`` is the name of whom the call is offered to, or empty."""
    tried = sorted(_best(talk.passages), key=lambda one: -one.similarity)[:PASSAGES]
    return {
        "customer": person.customer or None,
        "verified": person.verified,
        "conversation_history": [{"role": role, "text": text} for role, text in talk.lines[-LINES:] if text],
        "query": wanted.query,
        "customer_data": {"name": person.name, "company": person.company, "phone": person.phone},
        "ai_attempted": _attempted(talk.intents),
        "reason": wanted.reason,
        "skill": wanted.skill,
        "headline": headline(wanted),
        "summary": _summary(person, talk, wanted, tried),
        "verified_facts": dict(talk.facts) if person.verified else {},
        "unverified_claims": dict(talk.claims),
        "promises": [
            {
                "kind": promise.kind,
                "label": promise.label,
                "to": promise.to,
                "status": promise.status,
                "receipts": [dict(receipt) for receipt in promise.receipts],
            }
            for promise in talk.promises
        ],
        "passages_tried": [
            {
                "document": one.document,
                "heading": one.heading,
                "similarity": round(one.similarity, 3),
                "clears": one.clears,
            }
            for one in tried
        ],
        "sentiment": moods_collapse(talk.moods),
        "language": talk.language,
        "suggested_first_sentence": _first_sentence(person, talk, wanted, company=company, agent=agent),
    }


def headline(wanted: Wanted) -> str:
    """One line for a notification: "New escalation from AI: Technical query about Salesforce API"."""
    about = wanted.topic or wanted.query
    if about and wanted.skill and wanted.skill != GENERAL:
        return f"New escalation from AI: {wanted.skill.capitalize()} query about {about}"
    return f"New escalation from AI: {wanted.reason or about or 'a caller wants a person'}"


def moods_collapse(moods: Sequence[str]) -> list[str]:
    """How the mood went, without its repetitions: Angry, Angry, Neutral is Angry, Neutral."""
    return [mood for number, mood in enumerate(moods) if number == 0 or mood != moods[number - 1]]


def _attempted(intents: Sequence[str]) -> bool:
    """Whether the agent had anything to work on before a person was asked for."""
    return any(intent not in {"", "human_request", "small_talk"} for intent in intents)


def _best(passages: Sequence[Tried]) -> list[Tried]:
    best: dict[tuple[str, str], Tried] = {}
    for one in passages:
        known = best.get((one.document, one.heading))
        if known is None or one.similarity > known.similarity:
            best[one.document, one.heading] = one
    return list(best.values())


def _summary(person: Person, talk: Talk, wanted: Wanted, tried: Sequence[Tried]) -> str:
    who = person.name or "A caller"
    if person.company:
        who = f"{who} of {person.company}"
    parts = [f"{who} ({'identity proven' if person.verified else 'identity not proven'})."]
    if wanted.query:
        parts.append(f"Wants: {wanted.query}.")
    if wanted.reason:
        parts.append(f"Handed over because: {wanted.reason}.")
    if tried and not any(one.clears for one in tried):
        best = tried[0]
        parts.append(
            f"The documents had no answer; the closest was {best.document} with {best.similarity:.2f}."
        )
    done = [
        f"{promise.label or promise.kind.replace('_', ' ')} ({promise.status})" for promise in talk.promises
    ]
    if done:
        parts.append(f"Undertaken: {'; '.join(done)}.")
    moods = moods_collapse(talk.moods)
    if moods and moods != ["Neutral"]:
        parts.append(f"Mood: {' → '.join(moods)}.")
    return " ".join(part.replace("..", ".") for part in parts)


def _first_sentence(person: Person, talk: Talk, wanted: Wanted, *, company: str, agent: str) -> str:
    first_name = person.name.split()[0] if person.verified and person.name.split() else ""
    team = f" {wanted.skill} team" if wanted.skill and wanted.skill != GENERAL else ""
    me = f"this is {agent} from the {company}{team}" if team else f"this is {agent} from {company}"
    hello = f"Hi{f' {first_name}' if first_name else ''}, "
    opening = f"{hello}{me}." if agent else f"{hello}thank you for waiting."
    about = wanted.topic or wanted.query
    if not about:
        return f"{opening} How can I help you?"
    asked = next((intent for intent in reversed(talk.intents) if intent not in {"", "human_request"}), "")
    said = f"you have questions about {about}" if asked in _QUESTIONS else f"this is about {about}"
    return f"{opening} I understand {said}."
