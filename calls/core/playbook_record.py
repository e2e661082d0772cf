"""A playbook as JSON-ready data, so that a recorded call runs again by the rules it was run by."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from calls.core.hours import Hours
from calls.core.playbook import Escalation, Pace, Playbook

_PLAIN = (
    "version", "company", "region", "language", "order_prefix", "order_pattern", "tracking_url", "compensation",
)  # fmt: skip


def playbook_record(playbook: Playbook) -> dict[str, Any]:
    hours, escalation = playbook.hours, playbook.escalation
    return {
        **{name: getattr(playbook, name) for name in _PLAIN},
        "phrases": dict(playbook.phrases),
        "pace": dataclasses.asdict(playbook.pace),
        "document_types": {kind: list(names) for kind, names in playbook.document_types.items()},
        "allowed": sorted(playbook.allowed),
        "hours": {
            "zone": hours.zone,
            "week": {
                str(day): [[begin.isoformat(), end.isoformat()] for begin, end in spans]
                for day, spans in hours.week.items()
            },
            "closed": sorted(day.isoformat() for day in hours.closed),
        },
        "escalation": {
            "angry_turns": escalation.angry_turns,
            "skills": dict(escalation.skills),
        },
    }


def playbook_replay(data: Mapping[str, Any]) -> Playbook:
    """The playbook that :func:`playbook_record` stored. Anything else raises KeyError, TypeError or ValueError."""
    time = dt.time.fromisoformat
    hours = Hours(
        zone=data["hours"]["zone"],
        week=MappingProxyType(
            {
                int(day): tuple((time(begin), time(end)) for begin, end in spans)
                for day, spans in data["hours"]["week"].items()
            }
        ),
        closed=frozenset(dt.date.fromisoformat(day) for day in data["hours"]["closed"]),
    )
    rules = data["escalation"]
    return Playbook(
        **{name: data[name] for name in _PLAIN},
        phrases=MappingProxyType(dict(data["phrases"])),
        pace=Pace(**data["pace"]),
        document_types=MappingProxyType(
            {kind: tuple(names) for kind, names in data["document_types"].items()}
        ),
        allowed=frozenset(data["allowed"]),
        hours=hours,
        escalation=Escalation(**{**rules, "skills": MappingProxyType(dict(rules["skills"]))}),
    )
