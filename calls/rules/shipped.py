"""What comes with the product: phrases, what is known about each, examples, kinds of documents. Files, read once.

Invariant: nothing here is anybody's edit; a newer release may change all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Any, Final

import yaml

CALLS: Final = Path(__file__).resolve().parent.parent
PHRASES: Final = CALLS / "phrases.yaml"
NOTES: Final = CALLS / "phrase_notes.yaml"
INTENTS: Final = CALLS / "intents.yaml"
OTHERS: Final = Path(__file__).with_name("shipped.yaml")

DEFAULT_LANGUAGE: Final = "en"
MOST_CHARACTERS: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What an admin is told about a phrase. ``must`` are variables that can't be left out, ``more`` optional ones;
    ``part`` is no sentence of its own, ``screen`` is never said."""

    where: str = "This phrase is new; nothing is written about it yet."
    group: str = "New"
    must: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    part: bool = False
    screen: bool = False
    most: int = MOST_CHARACTERS
    position: int = 10_000


@cache
def phrases_shipped() -> Mapping[str, str]:
    """Phrase by name, in English."""
    return MappingProxyType({str(name): str(text) for name, text in _yaml(PHRASES).items()})


@cache
def notes() -> Mapping[str, Note]:
    """What is written about each phrase, in the order of the file."""
    found: dict[str, Note] = {}
    for group, phrases in _yaml(NOTES)["groups"].items():
        for name, given in phrases.items():
            fields: dict[str, Any] = dict(given) if isinstance(given, Mapping) else {"where": given}
            fields |= {key: tuple(fields[key]) for key in ("must", "more") if key in fields}
            found[name] = Note(**fields, group=group, position=len(found))
    return MappingProxyType(found)


def note_of(name: str) -> Note:
    return notes().get(name, Note())


@cache
def samples() -> Mapping[str, str]:
    """What stands in for a variable in a preview."""
    return MappingProxyType({str(name): str(text) for name, text in _yaml(NOTES)["samples"].items()})


def variables_of(text: str) -> tuple[str, ...]:
    """The names in braces, in their order, each once. Raises ValueError for braces that don't match."""
    return tuple(dict.fromkeys(name for _, name, _, _ in Formatter().parse(text) if name is not None))


def variables_allowed(name: str) -> tuple[str, ...]:
    """What the phrase ``name`` may use: the variables of its shipped text, those its note adds, and the company."""
    shipped = variables_of(phrases_shipped().get(name, ""))
    return tuple(dict.fromkeys((*shipped, *note_of(name).more, "company")))


@cache
def examples_shipped() -> tuple[tuple[str, str], ...]:
    """(intent, words) of every example that comes with the product."""
    raw: Mapping[str, list[str]] = _yaml(INTENTS)
    return tuple((intent, str(text)) for intent, texts in raw.items() for text in dict.fromkeys(texts))


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionNote:
    """``instead`` are the phrases that callers hear when the agent may not do it; ``then`` says it where no phrase does."""

    label: str
    instead: tuple[str, ...] = ()
    then: str = ""


@cache
def action_notes() -> Mapping[str, ActionNote]:
    return MappingProxyType(
        {
            name: ActionNote(**{**given, "instead": tuple(given.get("instead", ()))})
            for name, given in _yaml(OTHERS)["actions"].items()
        }
    )


def action_label(action: str) -> str:
    note = action_notes().get(action)
    return note.label if note else action.replace("_", " ").capitalize()


@cache
def document_types_shipped() -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType(
        {kind: tuple(map(str, names)) for kind, names in _yaml(OTHERS)["document_types"].items()}
    )


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
