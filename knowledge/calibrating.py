"""Calibration is fitted on one split of labelled questions and judged on another, by the very code that answers calls.

A labelled file `questions.yaml` lies beside the documents it speaks of (`documents/sources/*.md` or `documents/*.md`,
each with a front matter of slug and title): `answerable` facts (document, a phrase of the passage that answers, ways to
ask, split) and `unanswerable` questions (kind near or far, split). Pure but for reading those files and embedding.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from knowledge import embedder, ranking
from knowledge.html_blocks import markdown_blocks
from knowledge.passages import IndexedPassage, passages_make, sentence_cosines

CANDIDATES = 16
_PENALTY = 1.0
_ROUNDS = 3
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One wording of one question; `document` and `answer` are empty when nothing answers it."""

    ask: str
    split: str
    kind: str
    document: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """One company's passages, as (slug, title, passage), and the questions about them."""

    name: str
    passages: tuple[tuple[str, str, IndexedPassage], ...]
    questions: tuple[Labelled, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one question: the best passage's similarity, and whether it is one that answers."""

    question: Labelled
    similarity: float
    right: bool
    right_document: bool
    heading: str
    features: dict[str, float]


class CalibrationError(Exception):
    """A labelled file can't be used; the message is one line."""


def corpus_load(path: Path) -> Corpus:
    """Read and index the company beside `path`. Raises CalibrationError when a label points at no passage."""
    folder = path.parent / "documents"
    files = sorted((folder / "sources").glob("*.md")) or sorted(folder.glob("*.md"))
    passages: list[tuple[str, str, IndexedPassage]] = []
    for file in files:
        text = file.read_text(encoding="utf-8")
        about = yaml.safe_load(text.split("---", 2)[1])
        made = passages_make(
            markdown_blocks(text), title=about["title"], language=about.get("language", "en")
        )
        passages.extend((about["slug"], about["title"], passage) for passage in made)
    labels = yaml.safe_load(path.read_text(encoding="utf-8"))
    questions = [
        Labelled(
            ask=ask, split=fact["split"], kind="answerable", document=fact["document"], answer=fact["answer"]
        )
        for fact in labels["answerable"]
        for ask in fact["ask"]
    ] + [
        Labelled(ask=ask, split=group["split"], kind=group["kind"])
        for group in labels["unanswerable"]
        for ask in group["ask"]
    ]
    corpus = Corpus(name=path.parent.name, passages=tuple(passages), questions=tuple(questions))
    for question in questions:
        if question.document and not any(_answers(question, slug, p) for slug, _, p in passages):
            raise CalibrationError(f"{path}: no passage of {question.document} says “{question.answer}”")
    return corpus


def _answers(question: Labelled, slug: str, passage: IndexedPassage) -> bool:
    return (
        bool(question.document)
        and slug == question.document
        and question.answer.lower() in passage.text.lower()
    )


class Bench:
    """Ranks a corpus's questions in memory: exact search in place of the index, the same features and order."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.matrix = np.stack([passage.embedding for _, _, passage in corpus.passages])
        frequency = Counter(term for _, _, passage in corpus.passages for term in passage.terms)
        self.vocabulary = ranking.Vocabulary.build(len(corpus.passages), frequency)

    def question(self, ask: str) -> ranking.Question:
        return ranking.question_read(ask, vocabulary=self.vocabulary, rank=embedder.word_rank)

    def candidates(self, question: ranking.Question) -> list[ranking.Candidate]:
        vector = embedder.embed([question.text])[0]
        cosines = self.matrix @ vector
        lexical = [
            sum(weight for stem, weight in question.weights.items() if stem in passage.terms)
            for _, _, passage in self.corpus.passages
        ]
        near = [int(place) for place in np.argsort(-cosines)[:24]]
        wordy = sorted(
            (place for place, score in enumerate(lexical) if score), key=lambda place: -lexical[place]
        )[:24]
        return [
            self._candidate(place, vector, float(cosines[place]))
            for place in ranking.fuse([near, wordy], limit=CANDIDATES)
        ]

    def _candidate(self, place: int, vector: np.ndarray, cosine: float) -> ranking.Candidate:
        _, title, passage = self.corpus.passages[place]
        return ranking.Candidate(
            chunk_id=place,
            title=title,
            headings=passage.headings,
            ordinal=passage.ordinal,
            sentences=tuple(sentence.text for sentence in passage.sentences),
            speakable=tuple(sentence.speakable for sentence in passage.sentences),
            passage_cosine=cosine,
            sentence_cosines=sentence_cosines(passage.sentence_vectors, vector, len(passage.sentences)),
        )

    def verdict(self, labelled: Labelled, calibration: ranking.Calibration) -> Verdict:
        question = self.question(labelled.ask)
        top = ranking.rank_candidates(question, self.candidates(question), calibration, limit=1)[0]
        slug, _, passage = self.corpus.passages[top.candidate.chunk_id]
        return Verdict(
            question=labelled,
            similarity=top.similarity,
            right=_answers(labelled, slug, passage),
            right_document=slug == labelled.document,
            heading=passage.heading,
            features=dict(top.features),
        )

    def examples(
        self, labelled: Labelled, judge: ranking.Calibration | None
    ) -> Iterable[tuple[list[float], bool, float]]:
        """(features, answers, weight) of the passages that compete for a question: those that answer, and the three
        that come nearest to winning without answering, by `judge` or, before there is one, by cosines.

        Other passages of the right document are left out: they often answer too, and nobody labelled them.
        """
        question = self.question(labelled.ask)
        competing: list[tuple[float, list[float], str, bool]] = []
        for candidate in self.candidates(question):
            slug, _, passage = self.corpus.passages[candidate.chunk_id]
            features = ranking.features_of(question, candidate)
            strength = judge.probability(features) if judge else features["sentence"] + features["passage"]
            values = [features[name] for name in ranking.FEATURES]
            competing.append((strength, values, slug, _answers(labelled, slug, passage)))
        wrong = 0
        for _, values, slug, right in sorted(competing, key=lambda item: -item[0]):
            if not right and (slug == labelled.document or wrong == 3):
                continue
            wrong += not right
            yield values, right, 1.0 if right else 0.25 if labelled.document else 0.5


def calibration_fit(benches: Sequence[Bench], *, split: str) -> ranking.Calibration:
    """Logistic regression with a penalty on large weights and signs that can't turn (Newton's method)."""
    fitted: ranking.Calibration | None = None
    for _ in range(_ROUNDS):
        fitted = _fit_once(benches, split, fitted)
    assert fitted is not None
    return _platt(fitted, [verdict for bench in benches for verdict in verdicts(bench, fitted, split=split)])


def _fit_once(benches: Sequence[Bench], split: str, judge: ranking.Calibration | None) -> ranking.Calibration:
    examples = [
        example
        for bench in benches
        for question in bench.corpus.questions
        if question.split == split
        for example in bench.examples(question, judge)
    ]
    if not any(right for _, right, _ in examples) or all(right for _, right, _ in examples):
        raise CalibrationError(
            f"the split “{split}” needs questions with an answer and questions without one"
        )
    values = np.array([features for features, _, _ in examples])
    target = np.array([float(right) for _, right, _ in examples])
    weight = np.array([weight for _, _, weight in examples])
    weight *= len(weight) / weight.sum()
    means, scales = values.mean(axis=0), np.maximum(values.std(axis=0), 1e-6)
    design = np.column_stack([(values - means) / scales, np.ones(len(values))])
    active = np.ones(design.shape[1], dtype=bool)
    signs = np.array([*ranking.SIGNS, 0])
    while True:
        beta = _newton(design, target, weight, active)
        wrong = (signs * beta < 0) & active
        if not wrong.any():
            break
        active &= ~wrong
    return ranking.Calibration(
        means=tuple(round(float(value), 6) for value in means),
        scales=tuple(round(float(value), 6) for value in scales),
        weights=tuple(float(value) for value in beta[:-1]),
        bias=float(beta[-1]),
    )


def _platt(fitted: ranking.Calibration, found: Sequence[Verdict]) -> ranking.Calibration:
    """The weights say what is better than what; how likely the *best* passage of a question is to answer is read off
    the questions themselves: log-odds are scaled and moved until promised and found frequencies agree. A best passage
    counts as right when it is of the document that answers: which of its passages say so too nobody labelled."""
    chance = np.clip(np.array([verdict.similarity for verdict in found]), 1e-9, 1 - 1e-9)
    design = np.column_stack([np.log(chance / (1 - chance)), np.ones(len(found))])
    target = np.array([float(verdict.right_document) for verdict in found])
    # Half of the weight for each side: a file with more of one kind of question promises no more and no less.
    weight = np.where(target > 0, 0.5 / target.sum(), 0.5 / (len(target) - target.sum())) * len(target)
    scale, shift = _newton(design, target, weight, np.array([True, True]))
    return ranking.Calibration(
        means=fitted.means,
        scales=fitted.scales,
        weights=tuple(round(scale * value, 6) for value in fitted.weights),
        bias=round(scale * fitted.bias + shift, 6),
    )


def _newton(design: Floats, target: Floats, weight: Floats, active: npt.NDArray[np.bool_]) -> Floats:
    beta = np.zeros(design.shape[1])
    penalty = np.r_[np.full(design.shape[1] - 1, _PENALTY), 1e-6]
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-design @ beta))
        slope = design.T @ (weight * (chance - target)) + penalty * beta
        curve = (design * (weight * chance * (1 - chance))[:, None]).T @ design + np.diag(penalty)
        step = np.zeros_like(beta)
        step[active] = np.linalg.solve(curve[np.ix_(active, active)], slope[active])
        beta -= step
        if float(np.abs(step).max()) < 1e-9:
            break
    return beta


def verdicts(bench: Bench, calibration: ranking.Calibration, *, split: str | None) -> list[Verdict]:
    """One verdict a question of `split` (None: all)."""
    return [
        bench.verdict(question, calibration)
        for question in bench.corpus.questions
        if split is None or question.split == split
    ]


def report(found: Sequence[Verdict], *, threshold: float) -> dict[str, Any]:
    """Figures with their n. `reliability` compares what was promised with what came, for five bands of similarity."""
    answerable = [verdict for verdict in found if verdict.question.document]
    others = [verdict for verdict in found if not verdict.question.document]
    yes = np.array([verdict.similarity for verdict in answerable])
    no = np.array([verdict.similarity for verdict in others])
    higher = (yes[:, None] > no[None]).mean() + 0.5 * (yes[:, None] == no[None]).mean()
    cleared = [verdict for verdict in answerable if verdict.similarity >= threshold]
    kept_back = int((no < threshold).sum())
    bands: list[dict[str, Any]] = []
    for low in (0.0, 0.3, 0.5, 0.7, 0.9):
        high = {0.0: 0.3, 0.3: 0.5, 0.5: 0.7, 0.7: 0.9, 0.9: 1.01}[low]
        inside = [verdict for verdict in found if low <= verdict.similarity < high]
        bands.append(
            {
                "from": low,
                "to": min(high, 1.0),
                "n": len(inside),
                "promised": round(float(np.mean([v.similarity for v in inside])), 3) if inside else None,
                "labelled_passage": round(float(np.mean([v.right for v in inside])), 3) if inside else None,
                "right_document": round(float(np.mean([v.right_document for v in inside])), 3)
                if inside
                else None,
            }
        )
    return {
        "threshold": threshold,
        "answerable": len(answerable),
        "unanswerable": len(others),
        "auroc": round(float(higher), 4),
        "balanced_accuracy": round((len(cleared) / len(answerable) + kept_back / len(others)) / 2, 4),
        "answerable_cleared": len(cleared),
        "unanswerable_kept_back": kept_back,
        "labelled_passage_first": sum(verdict.right for verdict in answerable),
        "right_document_first": sum(verdict.right_document for verdict in answerable),
        "labelled_passage_first_of_cleared": sum(verdict.right for verdict in cleared),
        "reliability": bands,
    }
