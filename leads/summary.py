"""Invariant: a summary is the document's own sentences, in its own order; nothing is reworded and nothing
added.

What stands first under each heading is what the section is about; that is what a reader wants to see before
opening the attachment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from knowledge.models import Chunk, Document

#: Characters of a point: two or three lines on a telephone.
POINT_LENGTH: Final = 220
POINTS: Final = 6
_HEADING_JOIN: Final = " › "


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A piece of a document: the headings it stands under, outermost first, and its sentences."""

    headings: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSummary:
    """`points` are pairs of a heading and the sentences that stand first under it."""

    title: str
    kind: str
    intro: str
    points: tuple[tuple[str, str], ...]


def document_summary(*, document_id: int) -> DocumentSummary:
    """A document in brief, from its newest searchable version; without one only the title. Raises
    Document.DoesNotExist."""
    document = Document.objects.get(id=document_id)
    chunks = Chunk.objects.filter(document=document, generation=document.indexed_generation).order_by(
        "ordinal"
    )
    sections = [
        Section(
            headings=tuple(part for part in chunk.heading.split(_HEADING_JOIN) if part),
            sentences=tuple(str(sentence["text"]) for sentence in chunk.sentences),
        )
        for chunk in chunks.only("heading", "sentences")[:200]
    ]
    intro, points = summarise(sections, title=document.title)
    return DocumentSummary(title=document.title, kind=document.kind, intro=intro, points=points)


def summarise(sections: Iterable[Section], *, title: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The introduction (what stands before the first heading but the title) and at most POINTS points."""
    intro = ""
    points: dict[str, str] = {}
    for section in sections:
        heading = section.headings[-1] if section.headings else ""
        start = _start(section.sentences, heading=heading)
        if not start:
            continue
        # Below the document's own title stands its introduction; the title may carry the company's name, too.
        if not heading or heading.casefold() in title.casefold() or title.casefold() in heading.casefold():
            intro = intro or start
        elif heading not in points and len(points) < POINTS:
            points[heading] = start
    return intro, tuple(points.items())


def _start(sentences: Iterable[str], *, heading: str) -> str:
    """Whole sentences from the beginning, as many as fit; a first one that is too long is cut at a word."""
    text = ""
    for sentence in sentences:
        clean = " ".join(sentence.split())
        if not clean or clean.casefold() == heading.casefold():
            continue
        if not text and len(clean) > POINT_LENGTH:
            return clean[: POINT_LENGTH - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
        if len(text) + len(clean) + 1 > POINT_LENGTH:
            break
        text = f"{text} {clean}".strip()
    return text
