"""What an indexed passage consists of, made the same way for the database, for calibration and for benchmarks.

The vector of a passage is of its title, headings and text together; the vectors of its sentences are each of the
nearest heading and the sentence, because a sentence such as "It takes five days." means nothing by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge import embedder, words
from knowledge.blocks import Block
from knowledge.chunking import HEADING_JOINT, Piece, Sentence, chunk_blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedPassage:
    """`embedding` is (384,) and `sentence_vectors` (2 x sentences, 384), both float32 of length 1: the
    sentences with their nearest heading, then without."""

    ordinal: int
    headings: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    text: str
    words: int
    terms: tuple[str, ...]
    embedding: np.ndarray
    sentence_vectors: np.ndarray

    @property
    def heading(self) -> str:
        return HEADING_JOINT.join(self.headings)


LEAST_WORDS = 3


def passages_make(
    blocks: Sequence[Block],
    *,
    title: str,
    language: str = "en",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[IndexedPassage]:
    """Chunk and embed a document. `progress` is told how many of how many passages are done."""
    chunks = chunk_blocks(blocks, language=language)
    pieces = [piece for piece in chunks if not _is_letterhead(piece, title)] or chunks
    passages: list[IndexedPassage] = []
    for ordinal, piece in enumerate(pieces):
        passages.append(_passage(piece, ordinal, title, language))
        progress(ordinal + 1, len(pieces))
    return passages


def _is_letterhead(piece: Piece, title: str) -> bool:
    """A word or two above the first heading, or the title once more: it would be found for everything and answers nothing."""
    if piece.headings:
        return False
    return piece.words < LEAST_WORDS or piece.text.rstrip(".").casefold() == title.casefold()


def headings_below(title: str, headings: Sequence[str]) -> tuple[str, ...]:
    """The headings without the first when that is only the title again."""
    if headings and headings[0].casefold() == title.casefold():
        return tuple(headings[1:])
    return tuple(headings)


def _passage(piece: Piece, ordinal: int, title: str, language: str) -> IndexedPassage:
    headings = headings_below(title, piece.headings)
    nearest = headings[-1] if headings else title
    texts = [sentence.text for sentence in piece.sentences]
    return IndexedPassage(
        ordinal=ordinal,
        headings=headings,
        sentences=piece.sentences,
        text=piece.text,
        words=piece.words,
        terms=tuple(words.terms_distinct([title, *headings, *texts], language)),
        embedding=embedder.embed([f"{title}: {'. '.join(headings)}. {piece.text}"])[0],
        sentence_vectors=np.concatenate(
            [embedder.embed([f"{nearest}. {text}" for text in texts]), embedder.embed(texts)]
        ),
    )


def sentence_cosines(vectors: np.ndarray, question: np.ndarray, count: int) -> np.ndarray:
    """(count,) cosines of the sentences with a question, each the better of with and without its heading.

    A heading says what "it takes five days" is about; before a sentence that says everything itself it only dilutes.
    """
    cosines: np.ndarray = vectors @ question
    return cosines.reshape(2, count).max(axis=0) if len(cosines) == 2 * count else cosines[:count]


def vectors_pack(vectors: np.ndarray) -> bytes:
    """Rows as little-endian float16."""
    return np.ascontiguousarray(vectors, dtype="<f2").tobytes()


def vectors_unpack(packed: bytes | memoryview) -> np.ndarray:
    """The inverse of `vectors_pack`: (n, 384) float32."""
    return np.frombuffer(packed, dtype="<f2").reshape(-1, embedder.DIMENSIONS).astype(np.float32)
