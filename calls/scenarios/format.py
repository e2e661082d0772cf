"""What a scenario file may say, and plain words for what it may not. Pure; the page for users is
docs/testing-your-contact-center.md.

Invariant: a scenario that was read can be run: every name in it means something, every expectation can be checked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from calls.core.decision import ACTIONS, ALWAYS, INTENTS
from calls.scenarios.document import Document, Place, document_read, strings
from calls.scenarios.expecting import pattern_of
from calls.scenarios.moments import is_moment
from calls.scenarios.wording import FORMS

_NONE: Final[Mapping[str, Any]] = MappingProxyType({})
REFERENCE: Final = re.compile(r"\{([a-z_]\w*(?:\.\w+)*)(?:\|(\w+))?\}")
MOMENT_FORMS: Final = ("day", "clock")
PERSON: Final = ("lead", "name", "company", "phone", "email", "orders")
ORDER: Final = ("order_id", "product", "status", "tracking_id", "placed", "due")
WAYS: Final = ("says", "types", "any_of", "keypad", "silence", "wav")
TURN: Final = (*WAYS, "interrupts_after", "expect")
EXPECT: Final = (
    "intent asked clarifies actions not_actions says says_any not_says entities hears used_knowledge "
    "escalates".split()
)
FINALLY: Final = (
    "ended lead unchanged messages message_count callback callbacks ticket tickets escalation actions not_actions "
    "analytics call says not_says".split()
)
CALL: Final = ("caller", "language", "greeting", "turns", "finally")
TOP: Final = ("name", "about", "voice", "people", "values", "examples", "calls", *CALL)
MESSAGE: Final = (
    "channel to subject contains not_contains status template attachments count simulated".split()
)
_LISTS: Final = ("says", "says_any", "not_says", "actions", "not_actions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One thing the caller does. ``way`` is one of :data:`WAYS`; ``phrasings`` are its words, one for each run."""

    way: str
    phrasings: tuple[str, ...] = ()
    seconds: float = 0.0
    wavs: tuple[Path, ...] = ()
    interrupts_after: float | None = None
    expect: Mapping[str, Any] = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One call. ``caller`` is ``anonymous``, ``{"person": key}`` (signed in) or ``{"claims": {…}}``."""

    caller: Mapping[str, Any]
    turns: tuple[Turn, ...]
    finally_: Mapping[str, Any]
    waits_for_greeting: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One file. It runs once for each phrasing and each example, whichever are more. ``voice`` speaks it best."""

    path: Path
    name: str
    voice: str
    people: Mapping[str, Mapping[str, Any]]
    values: Mapping[str, str]
    examples: tuple[Mapping[str, str], ...]
    calls: tuple[Script, ...]

    @property
    def runs(self) -> int:
        phrasings = [
            max(len(turn.phrasings), len(turn.wavs)) for script in self.calls for turn in script.turns
        ]
        return max([1, len(self.examples), *phrasings])

    @property
    def leads(self) -> tuple[str, ...]:
        """External ids of people who are in the company's own rows: they can be in one call at a time."""
        return tuple(sorted({str(one["lead"]) for one in self.people.values() if "lead" in one}))


def scenario_read(path: Path) -> Scenario:
    """Raises :class:`calls.scenarios.document.ScenarioError` with every problem of the file, each with its line."""
    document = document_read(path)
    data = document.data
    if not isinstance(data, dict):
        document.wrong((), "expected a mapping with name, caller and turns")
        document.check()
    _only(document, (), data, TOP)
    if not isinstance(data.get("name"), str):
        document.wrong(("name",), "expected a name: what the call is about")
    people = _people(document, data)
    values = _texts(document, ("values",), data.get("values") or {})
    examples = tuple(
        _texts(document, ("examples", at), one)
        for at, one in enumerate(_list(document, ("examples",), data.get("examples", [])))
    )
    if "calls" in data and "turns" in data:
        document.wrong(("turns",), "expected either turns (one call) or calls (several), not both")
    scripts: list[tuple[Place, Any]] = [((), data)]
    if "calls" in data:
        scripts = [(("calls", at), one) for at, one in enumerate(_list(document, ("calls",), data["calls"]))]
    calls = tuple(_script(document, place, one, people, data) for place, one in scripts)
    _references(document, data, people, values, examples)
    document.check()
    return Scenario(
        path=path,
        name=str(data["name"]),
        voice=str(data.get("voice") or ""),
        people=people,
        values=values,
        examples=examples,
        calls=tuple(one for one in calls if one is not None),
    )


# --- parts ------------------------------------------------------------------------------------------------------------


def _people(document: Document, data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for key, given in (_mapping(document, ("people",), data.get("people") or {})).items():
        place: Place = ("people", key)
        person = _mapping(document, place, given)
        _only(document, place, person, PERSON)
        for at, order in enumerate(_list(document, (*place, "orders"), person.get("orders", []))):
            spot: Place = (*place, "orders", at)
            _only(document, spot, _mapping(document, spot, order), ORDER)
            for name in ("placed", "due"):
                moment = order.get(name) if isinstance(order, dict) else None
                if moment is not None and not is_moment(str(moment)):
                    document.wrong((*spot, name), f"expected a moment such as 'next 18:00', got {moment!r}")
        if "lead" not in person and not person.get("name"):
            document.wrong(
                place, "expected a lead (somebody in your rows) or at least a name (somebody made up)"
            )
        found[key] = person
    for script in [data, *(data.get("calls") or [])]:
        caller = script.get("caller") if isinstance(script, dict) else None
        if isinstance(caller, dict) and "lead" in caller:
            found.setdefault("caller", {"lead": caller["lead"]})
    return found


def _script(
    document: Document, place: Place, data: Any, people: Mapping[str, Any], top: Mapping[str, Any]
) -> Script | None:
    data = _mapping(document, place, data)
    if place:
        _only(document, place, data, CALL)
    caller = data.get("caller", top.get("caller"))
    spot: Place = (*place, "caller")
    if caller is None:
        document.wrong(spot, "expected anonymous, {lead: …}, {person: …} or {claims: {…}}")
    caller = _caller(document, spot, caller, people)
    if data.get("greeting", "") not in ("", "wait"):
        document.wrong((*place, "greeting"), f"expected wait, got {data['greeting']!r}")
    turns = _list(document, (*place, "turns"), data.get("turns", []))
    if not turns:
        document.wrong((*place, "turns"), "expected at least one turn")
    end = _mapping(document, (*place, "finally"), data.get("finally") or {})
    _only(document, (*place, "finally"), end, FINALLY)
    _lists(document, (*place, "finally"), end, ("says", "not_says", "not_actions"))
    for at, message in enumerate(_list(document, (*place, "finally", "messages"), end.get("messages", []))):
        spot = (*place, "finally", "messages", at)
        _only(document, spot, _mapping(document, spot, message), MESSAGE)
    _actions(document, (*place, "finally"), end)
    return Script(
        caller=caller,
        turns=tuple(_turn(document, (*place, "turns", at), one) for at, one in enumerate(turns)),
        finally_=end,
        waits_for_greeting=data.get("greeting") == "wait",
        language=str(data.get("language", "")),
    )


def _caller(document: Document, place: Place, caller: Any, people: Mapping[str, Any]) -> Mapping[str, Any]:
    if caller in (None, "anonymous"):
        return {}
    caller = _mapping(document, place, caller)
    _only(document, place, caller, ("lead", "person", "claims"))
    if len(caller) != 1:
        document.wrong(place, "expected one of lead, person and claims")
    if "lead" in caller:
        return {"person": "caller"}
    if "person" in caller and caller["person"] not in people:
        document.wrong(place, f"there is nobody called {caller['person']!r} under people")
    if "claims" in caller:
        claims = _mapping(document, (*place, "claims"), caller["claims"])
        _only(document, (*place, "claims"), claims, ("name", "phone", "email"))
    return caller


def _turn(document: Document, place: Place, data: Any) -> Turn:
    data = _mapping(document, place, data)
    _only(document, place, data, TURN)
    ways = [way for way in WAYS if way in data and not (way == "wav" and len(data.keys() & {*WAYS}) > 1)]
    if len(ways) != 1:
        document.wrong(place, f"expected one of {', '.join(WAYS)}, got {' and '.join(ways) or 'none'}")
        return Turn(way="silence")
    way, value = ways[0], data[ways[0]]
    phrasings: tuple[str, ...] = ()
    seconds = 0.0
    if way == "silence":
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            document.wrong((*place, way), f"expected seconds, got {value!r}")
        else:
            seconds = float(value)
    elif way != "wav":
        phrasings = tuple(str(one) for one in (value if isinstance(value, list) else [value]))
        if not phrasings or any(
            one is None or isinstance(one, dict | list) or one == "" for one in phrasings
        ):
            document.wrong((*place, way), "expected words")
        if way == "keypad" and any(re.search(r"[^\d*#{}|\w.]", one) for one in phrasings):
            document.wrong((*place, way), "expected digits, * and #")
    wavs = data.get("wav", [])
    files = tuple(document.path.parent / str(one) for one in (wavs if isinstance(wavs, list) else [wavs]))
    for file in files:
        if not file.is_file():
            document.wrong((*place, "wav"), f"there is no file {file}")
    after = data.get("interrupts_after")
    if after is not None and (isinstance(after, bool) or not isinstance(after, int | float) or after < 0):
        document.wrong((*place, "interrupts_after"), f"expected seconds, got {after!r}")
        after = None
    expect = _mapping(document, (*place, "expect"), data.get("expect") or {})
    _only(document, (*place, "expect"), expect, EXPECT)
    _lists(document, (*place, "expect"), expect, _LISTS)
    _actions(document, (*place, "expect"), expect)
    for intent in _as_list(expect.get("intent", [])):
        if intent not in INTENTS and not REFERENCE.search(str(intent)):
            document.wrong(
                (*place, "expect", "intent"), f"{intent!r} is no intent; there are {', '.join(INTENTS)}"
            )
    return Turn(
        way="says" if way == "any_of" else way,
        phrasings=phrasings,
        seconds=seconds,
        wavs=files,
        interrupts_after=None if after is None else float(after),
        expect=expect,
    )


# --- small parts ------------------------------------------------------------------------------------------------------


def _references(
    document: Document,
    data: Mapping[str, Any],
    people: Mapping[str, Any],
    values: Mapping[str, str],
    examples: Sequence[Mapping[str, str]],
) -> None:
    known = {*people, *values, "code", "wrong_code", "company"}
    for example in examples:
        known |= {*example}
    for place, text in strings(data):
        for name, form in REFERENCE.findall(text):
            if name.partition(".")[0] not in known:
                document.wrong(place, f"{{{name}}} means nothing here; there are {', '.join(sorted(known))}")
            if form and form not in FORMS and form not in MOMENT_FORMS:
                document.wrong(
                    place,
                    f"|{form} is no way to write a value; there are {', '.join((*FORMS, *MOMENT_FORMS))}",
                )
        pattern = pattern_of(text)
        if pattern is not None:
            try:
                re.compile(REFERENCE.sub("x", pattern))
            except re.error as error:
                document.wrong(place, f"{text} is no regular expression: {error}")


def _actions(document: Document, place: Place, data: Mapping[str, Any]) -> None:
    for name in ("actions", "not_actions"):
        for action in _as_list(data.get(name, [])):
            if str(action) not in (*ACTIONS, *ALWAYS) and not REFERENCE.search(str(action)):
                document.wrong((*place, name), f"{action!r} is no action; there are {', '.join(ACTIONS)}")


def _only(document: Document, place: Place, data: Mapping[str, Any], allowed: Sequence[str]) -> None:
    for key in data:
        if key not in allowed:
            document.wrong((*place, key), f"means nothing here; expected one of {', '.join(allowed)}")


def _lists(document: Document, place: Place, data: Mapping[str, Any], names: Sequence[str]) -> None:
    for name in names:
        value = data.get(name)
        if value is not None and not isinstance(value, str | list | dict):
            document.wrong((*place, name), f"expected a text or a list, got {value!r}")


def _mapping(document: Document, place: Place, value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    document.wrong(place, f"expected a mapping, got {value!r}")
    return {}


def _list(document: Document, place: Place, value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    document.wrong(place, f"expected a list, got {value!r}")
    return []


def _texts(document: Document, place: Place, value: Any) -> dict[str, str]:
    found = _mapping(document, place, value)
    for key, one in found.items():
        if isinstance(one, dict | list) or one is None:
            document.wrong((*place, key), f"expected a text, got {one!r}")
    return {key: str(one) for key, one in found.items()}


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | dict) else [value]
