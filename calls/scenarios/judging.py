"""A call that was played against what its script expects. Pure: the rows come in as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calls.scenarios.expecting import (
    Failure,
    actions_check,
    brief,
    fits,
    listed,
    mapping_check,
    messages_check,
    turn_check,
    words_check,
)
from calls.scenarios.format import Script
from calls.scenarios.playing import Played
from calls.scenarios.values import Person, Values

Row = Mapping[str, Any] | None


def call_judge(
    *,
    script: Script,
    played: Played,
    facts: Mapping[str, Any],
    values: Values,
    before: Mapping[str, Row],
    after: Mapping[str, Row],
) -> list[Failure]:
    """Everything that isn't as expected. ``facts`` is the call's record; ``before`` and ``after`` are people's rows."""
    now = values.now
    turns = {one["turn"]: one for one in facts["turns"]}
    failures: list[Failure] = []
    for at, turn in enumerate(script.turns):
        where = f"turn {at + 1}"
        step = played.steps[at] if at < len(played.steps) else None
        if step is None or not step.reached:
            why = played.trouble or f"the call was over ({played.ended or 'cut off'})"
            failures.append(Failure(where=where, expected="an answer", actual=why))
            break
        mine = [turns[number] for number in step.customer if number in turns]
        failures += turn_check(
            where,
            values.filled(dict(turn.expect)),
            decision=next((one["decision"] for one in reversed(mine) if one["decision"]), None),
            heard=" ".join(str(one["text"]) for one in mine),
            said=" ".join(str(turns[number]["text"]) for number in step.agent if number in turns),
            now=now,
        )
    if played.trouble and not failures:
        failures.append(Failure(where="the call", expected="to be played to its end", actual=played.trouble))
    end = values.filled(dict(script.finally_))
    if "ended" in end and played.ended not in listed(end["ended"]):
        failures.append(Failure(where="finally, ended", expected=brief(end["ended"]), actual=played.ended))
    everything = " ".join(str(one["text"]) for one in facts["turns"] if one["role"] == "agent")
    failures += words_check("finally", end, everything)
    for name, actual in (
        ("lead", facts["lead_row"]),
        ("call", facts["call"]),
        ("callback", facts.get("callback")),
        ("ticket", facts.get("ticket")),
        ("escalation", facts.get("escalation")),
        ("analytics", facts.get("analytics")),
    ):
        if name in end:
            failures += mapping_check(f"finally, {name}", end[name], actual, now)
    for name, count in (("tickets", facts["ticket_count"]), ("callbacks", facts["callback_count"])):
        if name in end and not fits(end[name], count, now):
            failures.append(Failure(where=f"finally, {name}", expected=brief(end[name]), actual=str(count)))
    failures += actions_check("finally", end, facts["actions"], now)
    failures += messages_check("finally", end, facts["messages"], now)
    for key in listed(end.get("unchanged")):
        failures += unchanged_check(values.people[str(key)], before.get(str(key)), after.get(str(key)))
    return failures


def unchanged_check(person: Person, before: Row, after: Row) -> list[Failure]:
    """The row of somebody whom the call must not touch."""
    changed = {
        name: f"{one} → {(after or {}).get(name)}"
        for name, one in (before or {}).items()
        if one != (after or {}).get(name)
    }
    where = f"finally, unchanged {person.key}"
    return [Failure(where=where, expected="no change", actual=brief(changed))] if changed else []
