"""Measure the database part of a retrieval on a corpus of a given size, in tables that vanish afterwards."""

import json
import time
from argparse import ArgumentParser
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from pgvector import HalfVector

from knowledge import corpus, embedder, search
from knowledge.passages import vectors_pack
from knowledge.ranking import Question, Vocabulary

_SCHEMA = "knowledge_bench"
_SENTENCES = 5
_TERMS = 45
_VOCABULARY = 12_000
_PER_DOCUMENT = 12


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chunks", type=int, default=10_000)
        parser.add_argument("--queries", type=int, default=300)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        random = np.random.default_rng(7)
        # Tables of the same shape in a schema that no other connection ever sees: it is rolled back. (Temporary tables
        # would not do: they are read through a small buffer of their own.)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {_SCHEMA}")
            for table in ("knowledge_documents", "knowledge_chunks"):
                cursor.execute(
                    f"CREATE TABLE {_SCHEMA}.{table} (LIKE public.{table} INCLUDING ALL EXCLUDING INDEXES)"
                )
            cursor.execute(f"SET LOCAL search_path = {_SCHEMA}, public")
            started = time.perf_counter()
            centres = self._fill(cursor, random, options["chunks"])
            built = time.perf_counter() - started
            figures = self._measure(random, centres, options["queries"])
            transaction.set_rollback(True)
        figures |= {"chunks": options["chunks"], "build_s": round(built, 1)}
        if options["json"]:
            self.stdout.write(json.dumps(figures))
            return
        for name, value in figures.items():
            self.stdout.write(f"{name}: {value}")

    def _fill(self, cursor: Any, random: np.random.Generator, chunks: int) -> np.ndarray:
        """Vectors in clusters, as topics are, and words with Zipf's frequencies, as language has them."""
        centres = _unit(random.normal(size=(max(8, chunks // 60), embedder.DIMENSIONS)))
        documents = chunks // _PER_DOCUMENT + 1
        cursor.execute(
            "INSERT INTO knowledge_documents (id, title, slug, kind, language, aliases, file, text, mime, bytes, sha256, "
            "status, progress, error, generation, indexed_generation, attempts, created_at, updated_at) "
            "SELECT n, 'Document ' || n, 'document-' || n, 'other', 'en', '{}', '', '', '', 0, '', 'ready', 100, '', 1, 1, 1, "
            "now(), now() FROM generate_series(1, %s) n",
            [documents],
        )
        shares = 1.0 / np.arange(1, _VOCABULARY + 1)
        shares /= shares.sum()
        sentences = json.dumps(
            [{"text": "A sentence of the usual length stands here.", "speakable": True}] * _SENTENCES
        )
        copy = (
            "COPY knowledge_chunks (id, document_id, generation, ordinal, heading, text, sentences, words, terms, embedding, "
            "sentence_vectors) FROM STDIN"
        )
        with cursor.copy(copy) as rows:
            for number in range(chunks):
                vector = _unit(
                    centres[number % len(centres)] + 0.05 * random.normal(size=embedder.DIMENSIONS)
                )
                packed = vectors_pack(np.tile(vector, (2 * _SENTENCES, 1)))
                words = {f"w{place}" for place in random.choice(_VOCABULARY, size=_TERMS, p=shares)}
                rows.write_row((
                    number + 1, number // _PER_DOCUMENT + 1, 1, number % _PER_DOCUMENT, "Heading", "Text " * 60, sentences,
                    60, sorted(words), HalfVector(vector).to_text(), packed,
                ))  # fmt: skip
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        cursor.execute(
            "CREATE INDEX ON knowledge_chunks USING hnsw (embedding halfvec_cosine_ops) WITH (m = 16, ef_construction = 64)"
        )
        cursor.execute("CREATE INDEX ON knowledge_chunks USING gin (search)")
        cursor.execute("CREATE UNIQUE INDEX ON knowledge_chunks (id)")
        cursor.execute("CREATE UNIQUE INDEX ON knowledge_documents (id)")
        cursor.execute("ANALYZE knowledge_chunks")
        cursor.execute("ANALYZE knowledge_documents")
        return centres

    def _measure(self, random: np.random.Generator, centres: np.ndarray, queries: int) -> dict[str, Any]:
        started = time.perf_counter()
        vocabulary = corpus.vocabulary_count()
        counted = (time.perf_counter() - started) * 1000
        version, found = [], []
        for number in range(queries + 20):
            vector = _unit(centres[number % len(centres)] + 0.05 * random.normal(size=embedder.DIMENSIONS))
            question = _question(random, vocabulary)
            started = time.perf_counter()
            corpus.version_read()
            between = time.perf_counter()
            rows = search.candidates_find(question, vector.astype(np.float32), vocabulary)
            ended = time.perf_counter()
            assert rows
            version.append((between - started) * 1000)
            found.append((ended - started) * 1000)
        warm = found[20:]
        return {
            "n": len(warm),
            "database_p50_ms": round(float(np.percentile(warm, 50)), 2),
            "database_p95_ms": round(float(np.percentile(warm, 95)), 2),
            "database_max_ms": round(max(warm), 2),
            "of_which_version_p50_ms": round(float(np.percentile(version[20:], 50)), 2),
            "vocabulary_after_a_change_ms": round(counted, 1),
        }


def _question(random: np.random.Generator, vocabulary: Vocabulary) -> Question:
    """Two everyday words, one middling and one rare, as questions have them."""
    places = [*random.integers(20, 200, size=2), random.integers(200, 1500), random.integers(1500, 6000)]
    weights = {f"w{place}": 0.3 + place / 6000 for place in places}
    return Question(text="", language="en", weights=weights, strange=frozenset())


def _unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))
