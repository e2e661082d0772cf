"""YAML as plain data that still knows the line of every part, so that an error can point at it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

Place = tuple[str | int, ...]
_LOADER: Final[Any] = yaml.SafeLoader


class ScenarioError(ValueError):
    """A file that can't be run; ``problems`` are lines such as ``shop.yaml:12: turns: expected a list``."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(slots=True)
class Document:
    """The data of one file. ``problems`` collects what is wrong with it; :meth:`check` raises if anything is."""

    path: Path
    data: Any
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def wrong(self, place: Place, words: str) -> None:
        """Note a problem at ``place``, or at the nearest part around it that has a line."""
        at = place
        while at and at not in self.lines:
            at = at[:-1]
        self.problems.append(f"{self.path}:{self.lines.get(at, 1)}: {place_name(place)}{words}")

    def check(self) -> None:
        if self.problems:
            raise ScenarioError(self.problems)


def place_name(place: Place) -> str:
    """``turns 2, expect: `` for ("turns", 1, "expect"): as people count."""
    parts: list[str] = []
    for part in place:
        if isinstance(part, int) and parts:
            parts[-1] = f"{parts[-1]} {part + 1}"
        else:
            parts.append(str(part))
    return f"{', '.join(parts)}: " if parts else ""


def document_read(path: Path) -> Document:
    """Raises :class:`ScenarioError` for what is no YAML, or can't be read."""
    try:
        loader = _LOADER(path.read_text(encoding="utf-8"))
        try:
            node = loader.get_single_node()
            document = Document(path, None)
            document.data = _plain(loader, node, (), document) if node is not None else None
        finally:
            loader.dispose()
    except OSError as error:
        raise ScenarioError([f"{path}: can't be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise ScenarioError([f"{path}: is not UTF-8 text"]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        words = getattr(error, "problem", None) or "is not YAML"
        raise ScenarioError([f"{path}:{mark.line + 1 if mark else 1}: {words}"]) from error
    return document


def _plain(loader: Any, node: Any, place: Place, document: Document) -> Any:
    document.lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(loader.construct_object(key_node, deep=True))
            if key in found:
                document.lines[(*place, key)] = key_node.start_mark.line + 1
                document.wrong((*place, key), "is there twice")
            found[key] = _plain(loader, value_node, (*place, key), document)
            document.lines[(*place, key)] = key_node.start_mark.line + 1
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, one, (*place, at), document) for at, one in enumerate(node.value)]
    value = loader.construct_object(node, deep=True)
    # A phone number or a date without quotes is still what was written.
    return value if value is None or isinstance(value, bool | int | float | str) else str(node.value)


def strings(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every text in plain data, with its place."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from strings(one, (*place, key))
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from strings(one, (*place, at))
