"""Who is asked first."""

from __future__ import annotations

import datetime as dt

import pytest

from escalations.matching import Candidate, agent_match

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


def candidate(name: str, expertise: str, *, idle: int = 0, free: bool = True) -> Candidate:
    """``idle``: minutes since the last conversation."""
    return Candidate(
        id=name, name=name, expertise=expertise, idle_since=NOON - dt.timedelta(minutes=idle), free=free
    )


@pytest.mark.parametrize(
    ("skill", "people", "expected"),
    [
        ("technical", [candidate("a", "billing"), candidate("b", "technical,product")], "b"),
        ("technical", [candidate("a", "general", idle=90), candidate("b", "technical")], "b"),
        ("technical", [candidate("a", "billing", idle=90), candidate("b", "sales, general")], "b"),
        ("technical", [candidate("a", "billing", idle=1), candidate("b", "sales", idle=2)], "b"),
        ("technical", [candidate("a", "technical", idle=3), candidate("b", "technical", idle=2)], "a"),
        ("technical", [candidate("a", "technical", free=False), candidate("b", "billing")], "b"),
        ("technical", [candidate("b", "technical"), candidate("a", "technical")], "a"),
        ("Technical ", [candidate("a", "billing"), candidate("b", " TECHNICAL , x")], "b"),
        ("technical", [candidate("a", "non-technical", idle=5), candidate("b", "general")], "b"),
        ("", [candidate("a", "technical", idle=5), candidate("b", "general")], "b"),
        ("general", [candidate("a", ""), candidate("b", "delivery,general")], "b"),
        ("technical", [candidate("a", "technical", free=False)], None),
        ("technical", [], None),
    ],
    ids=[
        "the very skill",
        "the very skill before one who takes anything and waited longer",
        "who takes anything before anybody",
        "anybody, who waited longest",
        "among equals who waited longest",
        "not one who is talking",
        "always the same one among equals",
        "as it is spelt in the table",
        "a skill is a whole word",
        "no skill is any skill",
        "a general question",
        "nobody is free",
        "nobody is there",
    ],
)
def test_the_call_goes_to(skill: str, people: list[Candidate], expected: str | None) -> None:
    for order in (people, people[::-1]):
        chosen = agent_match(order, skill=skill)
        assert (chosen.id if chosen else None) == expected
