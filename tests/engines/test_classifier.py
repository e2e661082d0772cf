"""The classifier on made-up rows: no model, no examples of ours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calls.engines.classifier import Classifier, classifier_train

LABELS = ("bread", "milk", "tea", "rice", "salt", "oil")
Rows = NDArray[np.float32]


def shelves(seed: int, each: int = 80) -> tuple[Rows, Rows, list[str]]:
    """Utterances around six centres, near enough to each other to be mistaken now and then, with a few cues each."""
    chance = np.random.default_rng(seed)
    centres = np.random.default_rng(7).normal(size=(len(LABELS), 48))
    labels = [label for label in LABELS for _ in range(each)]
    owners = np.repeat(np.arange(len(LABELS)), each)
    rows = centres[owners] + 2.2 * chance.normal(size=(len(owners), 48))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cues = (chance.random((len(owners), 8)) < 0.2).astype(np.float32) * 0.1
    return rows.astype(np.float32), cues, labels


def guesses(classifier: Classifier, rows: Rows, cues: Rows) -> list[str]:
    return [classifier.labels[at] for at in classifier.scores(rows, cues).argmax(axis=1)]


def test_what_is_learnt_on_from_before_says_what_learning_anew_would() -> None:
    rows, cues, labels = shelves(1)
    first = classifier_train(rows, cues, labels)
    changed = [*labels]
    changed[3], changed[200] = "salt", "oil"  # an admin's edit
    anew = classifier_train(rows, cues, changed)
    onward = classifier_train(rows, cues, changed, before=first)
    others, their_cues, truth = shelves(2)
    one, other = guesses(anew, others, their_cues), guesses(onward, others, their_cues)
    assert np.mean([a == b for a, b in zip(one, other, strict=True)]) > 0.97
    right = np.mean([a == b for a, b in zip(one, truth, strict=True)])
    assert 0.6 < right < 1, "a set on which a classifier can be wrong"
    assert np.mean([a == b for a, b in zip(other, truth, strict=True)]) > right - 0.02


def test_a_new_label_is_learnt_anew_whatever_was_known_before() -> None:
    rows, cues, labels = shelves(1)
    first = classifier_train(rows, cues, labels)
    renamed = ["jam" if label == "oil" else label for label in labels]
    onward = classifier_train(rows, cues, renamed, before=first)
    assert "jam" in onward.labels and "oil" not in onward.labels
    assert guesses(onward, rows, cues).count("jam") > 60
