"""What should be against what is. Pure: plain data in, failures out, each saying what was expected and what was there.

Texts are compared without regard to case. In ``says`` and ``contains`` a text must occur, ``/…/`` must match somewhere.
Elsewhere a text must be the value, ``/…/`` must match in it, a list is a choice, a mapping is looked at key by key, null
means nothing there, and a moment ("tomorrow 10:00") means that time.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from calls.scenarios.moments import is_moment, moment_resolve, tolerance

_ANYTHING: Final = "anything"
_PATTERN: Final = re.compile(r"/(.+)/i?", re.DOTALL)
_GONE_WRONG: Final = frozenset({"cancelled", "failed", "unknown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """``where`` names the turn and the field ("turn 2, says")."""

    where: str
    expected: str
    actual: str

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}; was {self.actual}"


def fits(expected: Any, actual: Any, now: dt.datetime) -> bool:
    """Is ``actual`` what ``expected`` says? ``now`` is when the call began, in the company's zone."""
    if expected is None:
        return actual in (None, "", [], {})
    if isinstance(expected, Mapping):
        return isinstance(actual, Mapping) and all(
            fits(one, actual.get(key), now) for key, one in expected.items()
        )
    if isinstance(expected, list):
        return any(fits(one, actual, now) for one in expected)
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if not isinstance(expected, str):
        return bool(expected == actual)
    if expected.lower() == _ANYTHING:
        return actual not in (None, "", [], {})
    pattern = pattern_of(expected)
    if pattern is not None:
        return re.search(pattern, _text(actual), re.IGNORECASE) is not None
    if is_moment(expected):
        moment = _moment(actual)
        return moment is not None and abs(moment - moment_resolve(expected, now)) <= tolerance(expected)
    return _text(actual).casefold() == expected.casefold()


def pattern_of(text: str) -> str | None:
    """What stands between the bars of ``/…/`` (or ``/…/i``); None for a plain text."""
    hit = _PATTERN.fullmatch(text)
    return hit[1] if hit else None


def mapping_check(
    where: str, expected: Mapping[str, Any] | None, actual: Mapping[str, Any] | None, now: dt.datetime
) -> list[Failure]:
    """Field by field, so that a failure names the field. None: there must be nothing."""
    if expected is None:
        return [] if not actual else [Failure(where=where, expected="none", actual=brief(actual))]
    if actual is None:
        return [Failure(where=where, expected=brief(expected), actual="none")]
    failures = []
    for key, one in expected.items():
        if isinstance(one, Mapping) and isinstance(actual.get(key), Mapping):
            failures += mapping_check(f"{where}.{key}", one, actual[key], now)
        elif not fits(one, actual.get(key), now):
            failures.append(
                Failure(where=f"{where}.{key}", expected=_wanted(one, now), actual=brief(actual.get(key)))
            )
    return failures


def occurs(expected: str, text: str) -> bool:
    """Does ``expected`` (a text, or ``/…/``) occur in ``text``?"""
    pattern = pattern_of(expected)
    if pattern is not None:
        return re.search(pattern, text, re.IGNORECASE | re.DOTALL) is not None
    return _plain(expected) in _plain(text)


def words_check(where: str, expected: Mapping[str, Any], text: str) -> list[Failure]:
    """``says`` (all), ``says_any`` (one of) and ``not_says`` (none) against what was said."""
    failures = [
        Failure(where=f"{where}, says", expected=repr(one), actual=repr(text))
        for one in listed(expected.get("says"))
        if not occurs(str(one), text)
    ]
    any_of = listed(expected.get("says_any"))
    if any_of and not any(occurs(str(one), text) for one in any_of):
        failures.append(Failure(where=f"{where}, says", expected=f"one of {any_of}", actual=repr(text)))
    return failures + [
        Failure(where=f"{where}, says", expected=f"not {one!r}", actual=repr(text))
        for one in listed(expected.get("not_says"))
        if occurs(str(one), text)
    ]


def turn_check(
    where: str,
    expected: Mapping[str, Any],
    *,
    decision: Mapping[str, Any] | None,
    heard: str,
    said: str,
    now: dt.datetime,
) -> list[Failure]:
    """One turn of the caller: what was made of it, and what the agent said to it."""
    failures = words_check(where, expected, said)
    if "hears" in expected and not any(occurs(str(one), heard) for one in listed(expected["hears"])):
        failures.append(
            Failure(where=f"{where}, hears", expected=brief(expected["hears"]), actual=repr(heard))
        )
    about = expected.keys() & {
        "intent",
        "asked",
        "clarifies",
        "actions",
        "not_actions",
        "entities",
        "used_knowledge",
        "escalates",
    }
    if not about:
        return failures
    if decision is None:
        return [*failures, Failure(where=where, expected="a decision", actual="no turn was answered")]
    entities = decision.get("entities", {})
    single = {
        "intent": decision.get("intent"),
        "clarifies": decision.get("needs_clarification"),
        "used_knowledge": decision.get("used_knowledge"),
        "escalates": decision.get("escalate_to_human"),
    }
    for name, actual in single.items():
        if name in expected and not fits(expected[name], actual, now):
            failures.append(
                Failure(where=f"{where}, {name}", expected=brief(expected[name]), actual=brief(actual))
            )
    if "asked" in expected:
        missing = sorted(map(str, entities.get("missing_info", [])))
        if missing != sorted(map(str, listed(expected["asked"]))):
            failures.append(
                Failure(
                    where=f"{where}, asked", expected=brief(listed(expected["asked"])), actual=brief(missing)
                )
            )
    failures += _decided_actions(where, expected, list(decision.get("actions", [])))
    if "entities" in expected:
        failures += mapping_check(f"{where}, entities", expected["entities"], entities, now)
    return failures


def actions_check(
    where: str, expected: Mapping[str, Any], actions: Sequence[Mapping[str, Any]], now: dt.datetime
) -> list[Failure]:
    """What was really undertaken in a call: a list of kinds, or kinds with their status; ``[]`` means none at all."""
    done = [one for one in actions if one["status"] not in _GONE_WRONG]
    shown = brief([f"{one['kind']} ({one['status']})" for one in actions])
    wanted = expected.get("actions")
    failures = []
    if isinstance(wanted, Mapping):
        for kind, status in wanted.items():
            if not any(one["kind"] == kind and fits(status, one["status"], now) for one in actions):
                failures.append(
                    Failure(where=f"{where}, actions", expected=f"{kind} ({brief(status)})", actual=shown)
                )
    elif wanted is not None:
        kinds = {one["kind"] for one in done}
        if not wanted and kinds:
            failures.append(Failure(where=f"{where}, actions", expected="none", actual=shown))
        failures += [
            Failure(where=f"{where}, actions", expected=str(kind), actual=shown)
            for kind in listed(wanted)
            if kind not in kinds
        ]
    return failures + [
        Failure(where=f"{where}, actions", expected=f"no {kind}", actual=shown)
        for kind in listed(expected.get("not_actions"))
        if any(one["kind"] == kind for one in done)
    ]


def messages_check(
    where: str, expected: Mapping[str, Any], messages: Sequence[Mapping[str, Any]], now: dt.datetime
) -> list[Failure]:
    """Each expected message must be among those of the call; one that was cancelled counts only where that is asked for."""
    failures = []
    for wanted in expected.get("messages", []):
        matching = [one for one in messages if _message_fits(wanted, one, now)]
        count = wanted.get("count")
        if (count is None and not matching) or (count is not None and len(matching) != count):
            failures.append(
                Failure(
                    where=f"{where}, messages",
                    expected=brief(wanted),
                    actual="; ".join(_message_brief(one) for one in messages) or "none",
                )
            )
    if "message_count" in expected:
        count = sum(1 for one in messages if one["status"] != "cancelled")
        if count != expected["message_count"]:
            failures.append(
                Failure(
                    where=f"{where}, message_count",
                    expected=str(expected["message_count"]),
                    actual=f"{count} ({'; '.join(_message_brief(one) for one in messages)})",
                )
            )
    return failures


def _message_fits(wanted: Mapping[str, Any], message: Mapping[str, Any], now: dt.datetime) -> bool:
    if "status" not in wanted and message["status"] == "cancelled":
        return False
    fields = {
        name: one
        for name, one in wanted.items()
        if name not in ("contains", "not_contains", "count", "subject")
    }
    text = f"{message['subject']}\n{message['body_text']}"
    return (
        fits(fields, message, now)
        and ("subject" not in wanted or occurs(str(wanted["subject"]), str(message["subject"])))
        and all(occurs(str(one), text) for one in listed(wanted.get("contains")))
        and not any(occurs(str(one), text) for one in listed(wanted.get("not_contains")))
    )


def _message_brief(message: Mapping[str, Any]) -> str:
    words = " ".join(str(message["body_text"]).split())
    return (
        f"{message['channel']} to {message['to']} ({message['status']}): {message['subject']} {words[:160]}"
    )


def _decided_actions(where: str, expected: Mapping[str, Any], actual: list[str]) -> list[Failure]:
    failures = []
    if "actions" in expected:
        wanted = listed(expected["actions"])
        missing = [one for one in wanted if one not in actual]
        if missing or (not wanted and actual):
            failures.append(
                Failure(where=f"{where}, actions", expected=brief(wanted) or "none", actual=brief(actual))
            )
    unwanted = [one for one in listed(expected.get("not_actions")) if one in actual]
    if unwanted:
        failures.append(
            Failure(where=f"{where}, actions", expected=f"no {brief(unwanted)}", actual=brief(actual))
        )
    return failures


# --- small parts ------------------------------------------------------------------------------------------------------


def listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | Mapping) else [value]


def brief(value: Any, longest: int = 400) -> str:
    """On one line, not too long."""
    if isinstance(value, Mapping):
        text = "{" + ", ".join(f"{key}: {brief(one, 120)}" for key, one in value.items()) + "}"
    elif isinstance(value, list | tuple):
        text = "[" + ", ".join(brief(one, 120) for one in value) + "]"
    elif value is None:
        text = "nothing"
    else:
        text = value if isinstance(value, str) else _text(value)
    return text if len(text) <= longest else f"{text[:longest]}…"


def _wanted(value: Any, now: dt.datetime) -> str:
    if isinstance(value, str) and is_moment(value):
        return f"{value} ({moment_resolve(value, now).isoformat(timespec='minutes')})"
    return brief(value)


def _moment(value: Any) -> dt.datetime | None:
    if isinstance(value, dt.datetime):
        return value if value.tzinfo else None
    if isinstance(value, str):
        try:
            found = dt.datetime.fromisoformat(value)
        except ValueError:
            return None
        return found if found.tzinfo else None
    return None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping) or (isinstance(value, Iterable) and not isinstance(value, str)):
        return str(value)
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)


def _plain(text: str) -> str:
    """For comparing what was said: case, typographic quotes and spacing don't matter."""
    return " ".join(text.casefold().replace("’", "'").replace("“", '"').replace("”", '"').split())
