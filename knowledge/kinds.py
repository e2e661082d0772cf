"""Kinds of documents: those that every company has, and those that an admin added to them.

Invariant: a kind that a document has can always be chosen again. Nothing here knows who adds kinds: whoever does says where
they are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from knowledge.models import Document

_SOURCES: list[Callable[[], Iterable[str]]] = []


def kinds_from(source: Callable[[], Iterable[str]]) -> None:
    """Let ``source`` be asked for more kinds whenever somebody chooses one."""
    _SOURCES.append(source)


def kind_label(kind: str) -> str:
    known = dict(Document.Kind.choices)
    return str(known.get(kind) or kind.replace("_", " ").capitalize())


def kind_choices() -> list[tuple[str, str]]:
    """(kind, label), the common ones first."""
    more = (kind for source in _SOURCES for kind in source())
    used = Document.objects.order_by("kind").values_list("kind", flat=True).distinct()
    return [(kind, kind_label(kind)) for kind in dict.fromkeys((*Document.Kind.values, *more, *used))]
