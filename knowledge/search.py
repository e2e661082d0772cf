"""Two lists of candidates from the database, by meaning and by words, fused there; ranking decides between them.

The lists are short and their length doesn't depend on the size of the corpus: HNSW gives the nearest vectors, and of
the question's words only the rarest are looked up, weighed by how rare they are.
"""

import json
from collections.abc import Sequence

import numpy as np
from django.db import connection, transaction
from pgvector import HalfVector

from knowledge.chunking import HEADING_JOINT
from knowledge.passages import sentence_cosines, vectors_unpack
from knowledge.ranking import Candidate, Question, Vocabulary

CANDIDATES = 16
LIST_LENGTH = 24
EF_SEARCH = 64
LOOKED_UP_TERMS = 6
# A common word finds everything and tells nothing: rare ones are looked up first, as long as they find few rows.
LOOKED_UP_ROWS = 400

_SQL = """
WITH near AS (
    SELECT id, row_number() OVER (ORDER BY distance, id) AS place
    FROM (
        SELECT id, embedding <=> %(vector)s::halfvec AS distance
        FROM knowledge_chunks ORDER BY embedding <=> %(vector)s::halfvec LIMIT %(length)s
    ) AS nearest
), wordy AS (
    SELECT id, row_number() OVER (ORDER BY score DESC, id) AS place
    FROM (
        SELECT c.id, sum(t.weight) AS score
        FROM unnest(%(terms)s::text[], %(weights)s::float8[]) AS t(term, weight)
        JOIN knowledge_chunks c ON c.search @@ quote_literal(t.term)::tsquery
        GROUP BY c.id ORDER BY score DESC, c.id LIMIT %(length)s
    ) AS matching
), fused AS (
    SELECT id, sum(1.0 / (60 + place)) AS score
    FROM (SELECT * FROM near UNION ALL SELECT * FROM wordy) AS both_lists
    GROUP BY id ORDER BY score DESC, id LIMIT %(candidates)s
)
SELECT c.id, c.document_id, d.title, d.slug, c.heading, c.text, c.ordinal, c.sentences,
       1 - (c.embedding <=> %(vector)s::halfvec), c.sentence_vectors
FROM fused JOIN knowledge_chunks c USING (id) JOIN knowledge_documents d ON d.id = c.document_id
ORDER BY fused.score DESC, c.id
"""


class Found:
    """One row of the search, with its candidate for ranking."""

    __slots__ = ("candidate", "chunk_id", "document_id", "heading", "slug", "text", "title")

    def __init__(self, row: Sequence[object], vector: np.ndarray) -> None:
        (chunk_id, document_id, title, slug, heading, text, ordinal, sentences, cosine, packed) = row
        self.chunk_id, self.document_id = int(chunk_id), int(document_id)  # type: ignore[call-overload]
        self.title, self.slug, self.heading, self.text = str(title), str(slug), str(heading), str(text)
        parts: list[dict[str, object]] = sentences  # type: ignore[assignment]
        self.candidate = Candidate(
            chunk_id=self.chunk_id,
            title=self.title,
            headings=tuple(self.heading.split(HEADING_JOINT)) if self.heading else (),
            ordinal=int(ordinal),  # type: ignore[call-overload]
            sentences=tuple(str(part["text"]) for part in parts),
            speakable=tuple(bool(part["speakable"]) for part in parts),
            passage_cosine=float(cosine),  # type: ignore[arg-type]
            sentence_cosines=sentence_cosines(vectors_unpack(packed), vector, len(parts)),  # type: ignore[arg-type]
        )


def terms_to_look_up(question: Question, vocabulary: Vocabulary) -> list[tuple[str, float]]:
    """The question's rarest words that the corpus has, the rarest always."""
    known = sorted(
        (vocabulary.frequency[stem], stem, weight)
        for stem, weight in question.weights.items()
        if vocabulary.known(stem)
    )
    chosen: list[tuple[str, float]] = []
    rows = 0
    for frequency, stem, weight in known[:LOOKED_UP_TERMS]:
        rows += frequency
        if chosen and rows > LOOKED_UP_ROWS:
            break
        chosen.append((stem, weight))
    return chosen


def candidates_find(question: Question, vector: np.ndarray, vocabulary: Vocabulary) -> list[Found]:
    """At most 16 passages that may answer, by one statement."""
    terms = terms_to_look_up(question, vocabulary)
    with transaction.atomic(), connection.cursor() as cursor:
        # LOCAL: the pool's connections go back as they came. No WHERE stands beside the vector order, so that the
        # index never has to look further than ef_search (no iterative scan needed).
        cursor.execute(f"SET LOCAL hnsw.ef_search = {EF_SEARCH}")
        cursor.execute(
            _SQL,
            {
                "vector": HalfVector(vector).to_text(),
                "length": LIST_LENGTH,
                "terms": [term for term, _ in terms],
                "weights": [weight for _, weight in terms],
                "candidates": CANDIDATES,
            },
        )
        return [Found(_with_json(row), vector) for row in cursor.fetchall()]


def _with_json(row: Sequence[object]) -> Sequence[object]:
    """Django leaves jsonb as text where no model field stands behind a column."""
    sentences = row[7]
    return [*row[:7], json.loads(sentences) if isinstance(sentences, str) else sentences, *row[8:]]
