"""Asking for what is missing. Invariant: nobody is asked the same thing more than three times; then a person is offered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from calls.core.flows.people import offer
from calls.core.flows.saying import Say, plan_say, settled
from calls.core.sentences import split
from calls.core.state import Plan, Wish

TRIES: Final = 3
#: What the record calls a slot that is missing.
MISSING: Final = MappingProxyType({"code": "verification_code", "document": "details_type"})
ON_SCREEN: Final = MappingProxyType({"email": "email", "phone": "tel", "code": "tel"})
#: "I don't have it at hand": nothing is gained by asking again.
LACKS: Final = re.compile(
    r"\b(?:(?:don'?t|do not|can'?t|cannot|didn'?t|couldn'?t) (?:have|know|remember|recall|find|see|get)"
    r"|no idea|not sure|forgot(?:ten)?|lost (?:it|the|my)|haven'?t got|not with me|never got)\b",
    re.IGNORECASE,
)


def ask(
    say: Say,
    wish: Wish,
    slot: str,
    *,
    again: bool,
    phrase: str = "",
    entities: Mapping[str, Any] = MappingProxyType({}),
    prefix: str = "",
    **variables: str,
) -> Plan:
    """Ask for a slot; the second failure offers to type it, the third gives up rather than go round."""
    misses = say.dialogue.misses + 1 if again else 0
    if misses >= TRIES:
        return gave_up(say, wish)
    examples = say.phrase("document_examples")  # not what an engine calls so: it would be said
    words = say.phrase(
        phrase or (f"again_{slot}" if again else f"ask_{slot}"), examples=examples, **variables
    )
    if misses == TRIES - 1:
        words = f"{say.phrase('type_it')} {words}"
    on_screen = ON_SCREEN.get(slot, "text") if misses == TRIES - 1 else ""
    missing = MISSING.get(slot, slot)
    if slot == "phone" and wish.channel == "whatsapp":
        missing = "whatsapp_number"
    known: dict[str, Any] = {missing: None, **entities}
    if wish.channel:
        known |= {"channel": wish.channel, "details_type": wish.document.kind if wish.document else None}
    plan = plan_say(
        say,
        f"{prefix} {words}".strip(),
        intent=wish.intent,
        clarify=words,
        missing=(missing,),
        entities=known,
        dialogue=replace(
            say.dialogue,
            asked=slot,
            asked_text=split(words)[-1],
            wish=wish,
            misses=misses,
            asides=0 if not again else say.dialogue.asides,
            document=wish.document or say.dialogue.document,
        ),
    )
    return replace(plan, ask=on_screen)


def phone_problem(say: Say) -> tuple[str, dict[str, Any]]:
    """The phrase that says what is wrong with the number just given, and its variables; an empty one if nothing was."""
    number = say.phone(asked=True)
    if number.missing not in {"too_long", "too_short", "impossible"}:
        return "", {}
    return f"phone_{number.missing}", {"count": str(sum(char.isdigit() for char in number.display))}


def gave_up(say: Say, wish: Wish) -> Plan:
    """It couldn't be understood: nothing is done, and a person is offered."""
    return offer(say, prefix=say.phrase("gave_up"), reason=f"{wish.intent}: a detail could not be understood")


def refused(say: Say, wish: Wish) -> Plan:
    """The caller doesn't want to give it: then it isn't done."""
    words = say.phrase("wont_send" if wish.channel else "wont_do")
    return plan_say(say, words, intent=wish.intent, dialogue=settled(say, asked="anything_else"))
