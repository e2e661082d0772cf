"""What changed between two versions, in words an admin would use. Pure."""

from __future__ import annotations

import datetime as dt
from calendar import day_name
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from calls.rules.checks import spans_read, spans_say
from calls.rules.shipped import action_label

SHORT: Final = 90
MENTIONED: Final = 4
_COMPANY: Final = {
    "order_prefix": "Letters of order numbers",
    "order_pattern": "Pattern of order numbers",
    "tracking_url": "Tracking address",
    "compensation": "Compensation for a late delivery",
    "angry_turns": "Angry sentences before a person is offered",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry that changed. ``before`` and ``after`` are as stored (None: wasn't there), ``words`` say it in a line."""

    section: str
    key: str
    before: Any
    after: Any
    words: str

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("section", "key", "before", "after", "words")}


def changes_between(
    before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> tuple[Change, ...]:
    """Every entry that differs, by section and key."""
    found: list[Change] = []
    for section, say in _SAY.items():
        old, new = before.get(section, {}), after.get(section, {})
        for key in sorted({*old, *new}, key=lambda key: (len(key) if section == "hours" else 0, key)):
            was, is_ = old.get(key), new.get(key)
            if was != is_:
                words = say(key, was, is_)
                found.append(Change(section=section, key=key, before=was, after=is_, words=words))
    return tuple(_examples_paired(found))


def changes_say(changes: Sequence[Change]) -> str:
    """All of them in one line; the first few when there are many."""
    lines = [change.words for change in changes if change.words]
    if len(lines) > MENTIONED + 1:
        lines = [*lines[:MENTIONED], f"and {len(lines) - MENTIONED} more changes"]
    return "; ".join(lines)


def value_say(section: str, value: Any) -> str:
    """A stored value as people read it; "" when there was none."""
    if value is None:
        return ""
    if section == "phrase":
        return str(value["text"])
    if section == "hours":
        return spans_say(spans_read(value)) or "closed"
    if section == "action":
        return "allowed" if value else "not allowed"
    if section == "document_type":
        return ", ".join(value)
    if section == "example":
        return "in use" if value else "switched off"
    return str(value)


def _short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[: SHORT - 1].rstrip()}…"


def _from_to(label: str, was: str, is_: str) -> str:
    return f"{label}: “{_short(was)}” → “{_short(is_)}”"


def _phrase(key: str, was: Any, is_: Any) -> str:
    language, _, name = key.partition("/")
    label = f"Phrase “{name}” ({language})"
    if is_ is None:
        return f"{label} removed: “{_short(was['text'])}”"
    if was is None:
        return f"{label} added: “{_short(is_['text'])}”"
    if was["text"] == is_["text"]:
        return (
            f"{label}: the same words {'are now your own' if is_['edited'] else 'now come with the product'}"
        )
    back = " (as shipped)" if was["edited"] and not is_["edited"] else ""
    return _from_to(label, was["text"], is_["text"]) + back


def _hours(key: str, was: Any, is_: Any) -> str:
    return f"{day_name[int(key)]}: {value_say('hours', was or [])} → {value_say('hours', is_ or [])}"


def _holiday(key: str, was: Any, is_: Any) -> str:
    day = f"{dt.date.fromisoformat(key):%d %B %Y}".lstrip("0")
    if is_ is None:
        return f"{day} is no longer a day off"
    return f"{day} is a day off" + (f" ({_short(is_)})" if is_ else "")


def _action(key: str, was: Any, is_: Any) -> str:
    return f"“{action_label(key)}” is {'allowed' if is_ else 'no longer allowed'}"


def _document_type(key: str, was: Any, is_: Any) -> str:
    language, _, kind = key.partition("/")
    label = f"Names of the document type “{kind}” ({language})"
    if was is None:
        return f"{label}: {_short(', '.join(is_))}"
    return f"{label} removed" if is_ is None else _from_to(label, ", ".join(was), ", ".join(is_))


def _escalation(key: str, was: Any, is_: Any) -> str:
    label = f"Skill for {key.replace('_', ' ') or 'anything else'}"
    if was is None:
        return f"{label}: {is_}"
    return f"{label}: no rule any more" if is_ is None else f"{label}: {was} → {is_}"


def _company(key: str, was: Any, is_: Any) -> str:
    label = _COMPANY.get(key, key)
    if was in (None, ""):
        return f"{label}: “{_short(str(is_))}”"
    return (
        f"{label} removed: “{_short(str(was))}”" if is_ in (None, "") else _from_to(label, str(was), str(is_))
    )


def _example(key: str, was: Any, is_: Any) -> str:
    language, intent, text = key.split("/", 2)
    label = f"Example of {intent.replace('_', ' ')} ({language})"
    how = {(None, True): "added", (None, False): "added, switched off"}.get((was, is_))
    how = how or ("removed" if is_ is None else "switched on" if is_ else "switched off")
    return f"{label} {how}: “{_short(text)}”"


def _examples_paired(changes: list[Change]) -> list[Change]:
    """One example that went and one that came for the same intent are one example that was reworded."""
    by_intent: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if change.section == "example":
            by_intent["/".join(change.key.split("/", 2)[:2])].append(change)
    for intent, pair in by_intent.items():
        if len(pair) == 2 and {pair[0].after is None, pair[1].after is None} == {True, False}:
            gone, come = sorted(pair, key=lambda change: change.after is not None)
            if gone.before is None or come.before is not None:
                continue
            language, _, name = intent.partition("/")
            label = f"Example of {name.replace('_', ' ')} ({language})"
            words = _from_to(label, gone.key.split("/", 2)[2], come.key.split("/", 2)[2])
            one = Change(section="example", key=come.key, before=None, after=come.after, words=words)
            other = Change(section="example", key=gone.key, before=gone.before, after=None, words="")
            changes = [one if c is come else other if c is gone else c for c in changes]
    return [change for change in changes if change.words] + [c for c in changes if not c.words]


_SAY: Final[Mapping[str, Callable[[str, Any, Any], str]]] = {
    "phrase": _phrase,
    "action": _action,
    "hours": _hours,
    "holiday": _holiday,
    "company": _company,
    "escalation": _escalation,
    "document_type": _document_type,
    "example": _example,
}
