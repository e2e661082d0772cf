"""Reads of the knowledge base. Nothing here writes, and nothing here is stale: what is cached is keyed by the corpus's
version, which every change of a document changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One passage found for a question.

    `similarity` is calibrated: the probability, 0 to 1, that the passage answers the question. `clears` says whether it
    reaches KNOWLEDGE_THRESHOLD. `best` are the indexes into `sentences` that answer best, in the document's order.
    `raw` holds the features behind `similarity`, for records and for people who ask why.
    """

    chunk_id: int
    document_id: int
    document_title: str
    document_slug: str
    heading: str
    text: str
    similarity: float
    clears: bool
    sentences: tuple[str, ...]
    best: tuple[int, ...]
    raw: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRef:
    """Which document a caller means."""

    document_id: int
    slug: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFile:
    """A document as an attachment: `content` is the original upload, or the text rendered as an HTML page."""

    file_name: str
    mime: str
    content: bytes


def passages_search(*, query: str, limit: int = 3) -> list[Passage]:
    """The passages that answer `query` best, most similar first. An empty query finds nothing."""
    return []


def document_for(*, query: str) -> DocumentRef | None:
    """The document that "the full refund policy" or "your catalog" means, or None."""
    return None


def document_vocabulary(*, limit: int = 60) -> list[str]:
    """Names that a speech recogniser should expect: titles, other names, product names."""
    return []


def document_file(*, document_id: int) -> DocumentFile:
    """The document as an e-mail attachment. Raises Document.DoesNotExist."""
    raise LookupError(document_id)
