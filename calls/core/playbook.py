"""What a company's agent says and how patient it is: data, given to the core, never looked up by it.

Invariant: no words that a caller hears are written in code; they are phrases with variables, in a playbook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter
from types import MappingProxyType
from typing import Final

from calls.core.decision import ACTIONS
from calls.core.hours import Hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Patience, in milliseconds. Defaults are argued in docs/architecture.md, "Where the time goes"."""

    greet_after: int = 2_000
    commit_quiet: int = 200
    unsure_quiet: int = 1_200
    dictating_quiet: int = 2_000
    unfinished_quiet: int = 3_000
    stt_patience: int = 8_000
    engine_patience: int = 12_000
    bridge_after: int = 1_200
    voice_patience: int = 6_000
    bargein_probe: int = 450
    hushed_by_quiet: int = 1_000
    hushed_by_voice: int = 2_500
    followup_after: int = 2_500
    idle_after: int = 12_000
    idle_again: int = 12_000
    idle_prompts: int = 2
    hold_after_readback: int = 4_000
    ack_grace: int = 2_500
    unacked_grace: int = 400
    person_patience: int = 30_000
    lost_for: int = 20_000
    longest_utterance: int = 60_000
    longest_call: int = 30 * 60_000
    last_words: int = 15_000
    typed_apart: int = 600
    keypad_pause: int = 2_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """When a person is offered, and which skill is looked for.

    ``angry_turns``: so many angry utterances in a call make the agent offer a person. ``skills``
    maps an intent or issue type to a skill.
    """

    angry_turns: int = 2
    skills: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType(
            {
                "product_query": "technical",
                "policy_query": "general",
                "order_status": "delivery",
                "delivery_delay": "delivery",
                "refund": "refund",
                "billing": "billing",
                "": "general",
            }
        )
    )


COMPLETE_ENOUGH: Final = 0.6
TURN_OVER: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """A company's phrases, pace and rules.

    ``phrases`` maps a phrase's id to its text with ``{variables}``. ``order_prefix`` and ``order_pattern`` are the shape of
    an order id; ``tracking_url`` has ``{tracking_id}`` in it, or is empty. ``compensation`` is what an admin offers for a late
    delivery, or empty. ``document_types`` maps a kind of document to what callers call it. ``version`` grows with every
    edit.
    """

    version: int = 0

    company: str
    phrases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    pace: Pace = Pace()
    region: str = "IN"
    language: str = "en"
    hours: Hours = field(default_factory=Hours)
    order_prefix: str = ""
    order_pattern: str = r"[A-Z]{2,6}-?\d{4,12}"
    tracking_url: str = ""
    compensation: str = ""
    document_types: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    escalation: Escalation = Escalation()
    allowed: frozenset[str] = frozenset(ACTIONS)

    def say(self, phrase: str, **variables: str) -> str:
        """The phrase with its variables filled in; ``{company}`` is always known.

        Raises ``KeyError`` for an unknown phrase. A variable that is missing is left out rather than read aloud in braces.
        """
        known = {"company": self.company, **variables}
        parts = []
        for literal, name, _spec, _conversion in Formatter().parse(self.phrases[phrase]):
            parts.append(literal)
            if name is not None:
                parts.append(known.get(name, ""))
        return " ".join("".join(parts).split())
