"""How well this installation's documents answer labelled questions. Invariant: the very search that answers calls is asked,
with the documents that are loaded; questions marked ``fit`` (the map to similarities was fitted on them) are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import yaml

from calls.evaluation.figures import EvaluationError, Figure, auroc


class _Found(Protocol):
    @property
    def document_slug(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def similarity(self) -> float: ...


Search = Callable[..., Sequence[_Found]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """``document`` and ``answer`` are empty for a question that nothing answers."""

    ask: str
    document: str = ""
    answer: str = ""


def questions_read(path: Path, *, split: str = "test") -> list[Question]:
    """A ``questions.yaml`` (see docs/knowledge.md): ``answerable`` and ``unanswerable``, those of ``split``."""
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        known = [
            Question(ask=ask, document=fact["document"], answer=fact["answer"])
            for fact in raw["answerable"]
            for ask in fact["ask"]
            if fact["split"] == split
        ]
        unknown = [
            Question(ask=ask)
            for group in raw["unanswerable"]
            for ask in group["ask"]
            if group["split"] == split
        ]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise EvaluationError(f"{path} is no file of labelled questions: {error!r}") from error
    if not known or not unknown:
        raise EvaluationError(f"{path} needs questions with and without an answer in the split {split}")
    return known + unknown


def answer_figures(path: Path, *, search: Search, threshold: float) -> list[Figure]:
    questions = questions_read(path)
    found = [search(query=question.ask, limit=3) for question in questions]
    best = np.array([max((one.similarity for one in passages), default=0.0) for passages in found])
    known = np.array([bool(question.document) for question in questions])
    right = [
        [
            one.document_slug == question.document and question.answer.lower() in one.text.lower()
            for one in passages
        ]
        for question, passages in zip(questions, found, strict=True)
        if question.document
    ]
    cleared = best >= threshold
    name = f"{path.parent.name}/{path.name}"

    def figure(what: str, n: int, value: float, note: str = "") -> Figure:
        return Figure(what=what, data=name, split="test", n=n, value=value, note=note)

    balanced = float((cleared[known].mean() + (~cleared[~known]).mean()) / 2)
    return [
        figure("answer or none, AUROC", len(questions), auroc(best[known], best[~known])),
        figure("answer or none, balanced accuracy", len(questions), balanced, f"similarity {threshold:g}"),
        figure("right passage first", len(right), float(np.mean([places[:1] == [True] for places in right]))),
        figure("right passage among three", len(right), float(np.mean([any(places) for places in right]))),
    ]
