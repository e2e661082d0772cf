"""A person instead of the machine: offered, wanted, or needed. Invariant: an escalation exists from the caller's
yes, or from their own wish."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from calls.core.decision import DocumentRef
from calls.core.flows.hints import TECHNICAL
from calls.core.flows.saying import Say, key_free, key_fresh, order, ordered, plan_say, settled
from calls.core.sentences import split
from calls.core.state import Plan, Wish

#: Skills that the phrases have a word for ("our technical team"); others are called by their own name.
_GENERAL: Final = "general"
_NEAR: Final = 0.5  # similarity from which a passage that does not answer still says what it was about
_TECHNICAL_SKILL: Final = "technical"
_TEAM: Final = re.compile(
    r"\b(?:the|your|from|to|with|in) (sales|billing|technical|support|\w{4,20}) (?:team|department)\b", re.I
)


def offer(
    say: Say,
    *,
    phrase: str = "offer_person",
    prefix: str = "",
    reason: str,
    about: str = "",
    intent: str = "",
    actions: tuple[str, ...] = (),
    escalate: bool = True,
    entities: Mapping[str, Any] = MappingProxyType({"requires_human": True}),
) -> Plan:
    """Offer to connect the caller with somebody who can help; their "yes" makes it an escalation."""
    wish = person_wish(say, reason=reason, about=about or say.proposal.intent, intent=intent)
    words = f"{prefix} {say.phrase(phrase, team=team_of(say, wish))}".strip()
    dialogue = replace(say.dialogue, asked="offer", asked_text=split(words)[-1], wish=wish, misses=0)
    return plan_say(
        say, words, intent=intent, dialogue=dialogue, entities=entities, escalate=escalate, actions=actions
    )


def offer_unanswered(say: Say) -> Plan:
    """The documents don't answer it: say so, and offer somebody who may."""
    topic = _topic(say)
    words = say.phrase("no_knowledge_about" if topic else "no_knowledge", topic=topic)
    entities: dict[str, Any] = {"requires_human": True}
    if topic:
        entities["product_feature"] = "_".join(
            "".join(c if c.isalnum() else " " for c in topic.lower()).split()
        )
    plan = offer(
        say,
        prefix=words,
        phrase="offer_specialist",
        reason="Query outside knowledge base",
        about=say.proposal.intent,
        actions=("escalate_to_human",),
        entities=entities,
    )
    nearest = max(say.proposal.passages, key=lambda passage: passage.similarity, default=None)
    document = say.dialogue.document
    if nearest is not None and nearest.similarity >= _NEAR:
        # "Then mail me the rules" means the document that came nearest.
        document = DocumentRef(document_id=nearest.document_id, title=nearest.document, kind=nearest.kind)
    return replace(plan, dialogue=replace(plan.dialogue, unanswered=say.text, document=document))


def person_wish(say: Say, *, reason: str, about: str = "", intent: str = "") -> Wish:
    query = say.dialogue.unanswered if intent == "human_request" and say.dialogue.unanswered else say.text
    skill = _skill_named(say) or skill_of(say, about)
    details = {"reason": reason, "query": query, "topic": _topic(say), "skill": skill}
    return Wish(kind="escalate_to_human", intent=intent or say.proposal.intent, about=about, details=details)


def connect(say: Say, wish: Wish) -> Plan:
    """The caller wants it: hand over, or write it down when nobody may be put on the line."""
    if say.dialogue.escalation:
        return plan_say(say, say.phrase("still_waiting"), intent=wish.intent, dialogue=settled(say))
    if "escalate_to_human" not in say.playbook.allowed:
        return note_down(say, wish)
    topic = str(wish.details.get("topic") or "")
    team = team_of(say, wish)
    known = "transferring_about" if topic else "transferring"
    words = say.phrase(known if say.known.person_free else "transferring_later", topic=topic, team=team)
    key = key_fresh(say.dialogue, f"escalate_to_human|{wish.about}", say.turn)
    dialogue = replace(settled(say), escalation=key, later=())
    plan = plan_say(
        say,
        words,
        intent=wish.intent,
        dialogue=dialogue,
        actions=("escalate_to_human",),
        entities={"requires_human": True},
        escalate=True,
    )
    slots: dict[str, Any] = {name: str(value) for name, value in wish.details.items()}
    return ordered(
        plan, order(key, "escalate_to_human", say.phrase("label_person"), about=wish.about, **slots)
    )


def note_down(say: Say, wish: Wish) -> Plan:
    """A ticket for somebody to see to later. Without a way to reach the caller it still is one."""
    facts = say.dialogue.facts
    contact = (facts.phone or facts.email) if facts.verified else ""
    key = key_free(say.dialogue, f"create_ticket|{wish.about or wish.intent}", say.turn)
    plan = plan_say(
        say,
        say.phrase("ticket_opened"),
        intent=wish.intent,
        dialogue=replace(settled(say), followup=key),
        actions=("create_ticket",),
    )
    if "create_ticket" not in say.playbook.allowed:
        return plan_say(
            say, say.phrase("cant_do"), intent=wish.intent, dialogue=settled(say, "anything_else")
        )
    words = str(wish.details.get("query") or say.text)
    ticket = order(
        key,
        "create_ticket",
        say.phrase("label_ticket"),
        to=contact,
        issue_type=wish.about or wish.intent,
        priority="normal",
        words=words,
    )
    return ordered(plan, ticket)


def skill_of(say: Say, about: str) -> str:
    """The skill that is looked for: by the complaint, by what it is about, else anybody's."""
    skills = say.playbook.escalation.skills
    issue = say.dialogue.issue.kind if say.dialogue.issue else ""
    found = (skills[name] for name in (issue, about, say.proposal.intent) if name and name in skills)
    return next(found, skills.get("", _GENERAL))


def _skill_named(say: Say) -> str:
    """ "Put me through to billing": the skill that the caller asks for, if there is such a one."""
    words = set(_bare(say.words).split())
    known = set(say.playbook.escalation.skills.values()) - {_GENERAL}
    named = _TEAM.search(say.words)
    if named:
        return named.group(1).lower()
    if say.proposal.intent == "human_request":
        return next(iter(sorted(known & words)), "")
    return _TECHNICAL_SKILL if _TECHNICAL_SKILL in known and TECHNICAL.search(say.words) else ""


def team_of(say: Say, wish: Wish) -> str:
    skill = str(wish.details.get("skill") or "")
    return "" if skill in {"", _GENERAL} else skill


def _topic(say: Say) -> str:
    """What it is about, in words that the caller used: anything else an engine calls it isn't said."""
    topic = " ".join(str(say.proposal.entities.get("topic") or "").split())
    said = _bare(say.text).split()
    return topic if topic and set(_bare(topic).split()) <= set(said) and len(topic) <= 80 else ""


def _bare(text: str) -> str:
    return "".join(char if char.isalnum() else " " for char in text.lower())
