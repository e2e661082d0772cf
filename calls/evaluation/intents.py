"""How well the product's classifier learns public intent sets from few examples. Invariant: test splits are only ever judged;
thresholds come from validation splits, and examples are drawn from training splits by fixed seeds.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calls.engines.classifier import Classifier, Matrix, classifier_train
from calls.evaluation.figures import EvaluationError, Figure, auroc

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
Pairs = Sequence[tuple[str, str]]
SEEDS = (0, 1, 2, 3, 4)
SHOTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    right: NDArray[np.bool_]
    strength: Matrix


def shots_draw(pairs: Pairs, *, shots: int, seed: int) -> list[tuple[str, str]]:
    """``shots`` examples of every label, by ``seed`` alone: neither order nor machine plays a part."""
    by_label: dict[str, list[str]] = defaultdict(list)
    for text, label in pairs:
        by_label[label].append(text)
    chance = np.random.default_rng(seed)
    drawn = []
    for label in sorted(by_label):
        texts = sorted(by_label[label])
        drawn += [(texts[place], label) for place in chance.permutation(len(texts))[:shots]]
    return drawn


def _trained(pairs: Pairs, embed: Embed) -> Classifier:
    rows = embed([text for text, _ in pairs])
    return classifier_train(rows, np.zeros((len(pairs), 0), np.float32), [label for _, label in pairs])


def _judged(classifier: Classifier, pairs: Pairs, embed: Embed) -> _Judged:
    rows = embed([text for text, _ in pairs])
    scores = classifier.scores(rows, np.zeros((len(pairs), 0), np.float32))
    names = [classifier.labels[place] for place in scores.argmax(axis=1)]
    right = np.array([name == label for name, (_, label) in zip(names, pairs, strict=True)])
    return _Judged(right=right, strength=classifier.strengths(rows, scores))


def clinc_figures(path: Path, *, embed: Embed, full: bool = False) -> list[Figure]:
    """CLINC150 (``data_full.json``): 150 intents and sentences of none. With ``full``, trained on the whole training split too.

    Raises EvaluationError for another kind of file.
    """
    try:
        data = {
            name: [(text, label) for text, label in rows]
            for name, rows in json.loads(path.read_text()).items()
        }
        parts = [data[name] for name in ("train", "val", "test", "oos_val", "oos_test")]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EvaluationError(f"{path} is no file like CLINC150's data_full.json: {error!r}") from error
    train, val, test, oos_val, oos_test = parts
    runs = [(f"{SHOTS}-shot", [shots_draw(train, shots=SHOTS, seed=seed) for seed in SEEDS])]
    if full:
        runs.append(("full", [train]))
    figures: list[Figure] = []
    for name, samples in runs:
        found = [_clinc_run(sample, val, test, oos_val, oos_test, embed) for sample in samples]
        means, spread = np.mean(found, axis=0), np.std(found, axis=0)
        seeds = f"mean of {len(samples)} draws" if len(samples) > 1 else "all training examples"
        cut = f"{seeds}; threshold from the validation split"
        for what, count, place, note in (
            ("intent accuracy", len(test), 0, f"{seeds}, sd {spread[0]:.3f}"),
            ("out-of-scope AUROC", len(test) + len(oos_test), 1, seeds),
            ("out-of-scope recall", len(oos_test), 2, cut),
            ("intent accuracy, kept and right", len(test), 3, cut),
        ):
            figures.append(
                Figure(
                    what=f"{what}, {name}",
                    data="CLINC150",
                    split="test",
                    n=count,
                    value=float(means[place]),
                    note=note,
                )
            )
    return figures


def _clinc_run(
    sample: Pairs, val: Pairs, test: Pairs, oos_val: Pairs, oos_test: Pairs, embed: Embed
) -> tuple[float, float, float, float]:
    classifier = _trained(sample, embed)
    cut = _threshold(_judged(classifier, val, embed), _judged(classifier, oos_val, embed))
    known, unknown = _judged(classifier, test, embed), _judged(classifier, oos_test, embed)
    return (
        float(known.right.mean()),
        auroc(known.strength, unknown.strength),
        float((unknown.strength < cut).mean()),
        float((known.right & (known.strength >= cut)).mean()),
    )


def _threshold(known: _Judged, unknown: _Judged) -> float:
    """The strength below which an utterance is of none: what serves known and unknown ones best together."""
    cuts = np.unique(np.concatenate([known.strength, unknown.strength]))
    served = [
        float((known.right & (known.strength >= cut)).mean() + (unknown.strength < cut).mean())
        for cut in cuts
    ]
    return float(cuts[int(np.argmax(served))])


def banking_figures(folder: Path, *, embed: Embed, full: bool = False) -> list[Figure]:
    """Banking77 (``train.csv`` and ``test.csv`` with the columns text and category)."""
    train, test = _csv(folder / "train.csv"), _csv(folder / "test.csv")
    samples = [shots_draw(train, shots=SHOTS, seed=seed) for seed in SEEDS]
    found = [float(_judged(_trained(sample, embed), test, embed).right.mean()) for sample in samples]
    figures = [
        Figure(
            what=f"intent accuracy, {SHOTS}-shot",
            data="Banking77",
            split="test",
            n=len(test),
            value=float(np.mean(found)),
            note=f"mean of {len(samples)} draws, sd {np.std(found):.3f}",
        )
    ]
    if full:
        value = float(_judged(_trained(train, embed), test, embed).right.mean())
        figures.append(
            Figure(
                what="intent accuracy, full",
                data="Banking77",
                split="test",
                n=len(test),
                value=value,
                note="all training examples",
            )
        )
    return figures


def _csv(path: Path) -> list[tuple[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [(row["text"].strip(), row["category"]) for row in csv.DictReader(file)]
    except (OSError, KeyError, csv.Error, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path} has no columns text and category: {error!r}") from error
