"""An engine with the real embedder, the shipped examples and a small company's documents."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from calls.engines.offline import OfflineEngine
from calls.engines.vectors import KeptVectors
from knowledge.embedder import embed
from tests.engines.library import Library

EXAMPLES = Path(__file__).parents[2] / "calls" / "intents.yaml"


#: Each sentence is embedded once in a run of the tests: thousands of examples take half a minute.
embed_once = KeptVectors(embed, None)


@pytest.fixture(scope="session")
def library() -> Library:
    return Library(embed)


@pytest.fixture(scope="session")
def examples() -> dict[str, list[str]]:
    loaded: dict[str, list[str]] = yaml.safe_load(EXAMPLES.read_text())
    return loaded


@pytest.fixture(scope="session")
def engine(library: Library, examples: dict[str, list[str]]) -> OfflineEngine:
    made = OfflineEngine(
        examples=lambda: (1, examples),
        embed=embed_once,
        search=library.search,
        document_for=library.document_for,
    )
    made.warm_up()
    return made
