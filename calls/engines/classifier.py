"""Which intent an utterance has, learnt from example utterances. Invariant: the same examples give the
same answers.

A ridge regression on sentence embeddings and a few word cues, blended with the nearest examples of each
class. Both have leave-one-out predictions in closed form, so blend and temperature are chosen on examples
that each model hadn't seen, with no held-out data and in a few dozen milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

_PENALTIES: Final = (0.3, 1.0, 3.0)
_BLENDS: Final = (0.0, 0.5, 1.0, 2.0)
_TEMPERATURES: Final = (0.04, 0.06, 0.08, 0.1, 0.13, 0.17, 0.22, 0.3)
_NEAREST: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Probabilities over the labels (sum 1) and the cosine (-1..1) to the nearest example."""

    probabilities: dict[str, float]
    nearest: float

    @property
    def best(self) -> str:
        return max(self.probabilities, key=lambda label: self.probabilities[label])


@dataclass(frozen=True, slots=True, kw_only=True)
class Classifier:
    """A trained classifier. ``features`` rows are an embedding of length 1 followed by cues."""

    labels: tuple[str, ...]
    weights: Matrix
    centre: Matrix
    examples: Matrix
    owners: NDArray[np.intp]
    blend: float
    temperature: float
    dimensions: int
    left_out_accuracy: float

    def guess(self, embedding: Matrix, cues: Matrix) -> Guess:
        """The probabilities of one utterance, given its embedding (d,) and its cues (k,)."""
        row = np.concatenate([embedding, cues]) - self.centre
        scores = row @ self.weights[:-1] + self.weights[-1]
        near = self.examples @ embedding
        scores = scores + self.blend * _top_mean(near[None, :], self.owners, len(self.labels))[0]
        probabilities = _softmax(scores[None, :] / self.temperature)[0]
        return Guess(
            probabilities={label: float(p) for label, p in zip(self.labels, probabilities, strict=True)},
            nearest=float(near.max(initial=-1.0)),
        )


def _softmax(scores: Matrix) -> Matrix:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Matrix = shifted / shifted.sum(axis=1, keepdims=True)
    return result


def _top_mean(similarity: Matrix, owners: NDArray[np.intp], classes: int) -> Matrix:
    """(n, classes): the mean of each class's nearest examples."""
    columns = []
    for label in range(classes):
        own = similarity[:, owners == label]
        take = min(_NEAREST, own.shape[1])
        columns.append(np.partition(own, own.shape[1] - take, axis=1)[:, -take:].mean(axis=1))
    return np.stack(columns, axis=1).astype(np.float32)


def classifier_train(embeddings: Matrix, cues: Matrix, labels: Sequence[str]) -> Classifier:
    """Train on (n, d) embeddings of length 1, (n, k) cues and n labels. Raises ValueError for fewer than
    two labels."""
    names = tuple(sorted(set(labels)))
    if len(names) < 2:
        raise ValueError("examples of at least two intents are needed")
    owners = np.array([names.index(label) for label in labels], dtype=np.intp)
    target = np.eye(len(names), dtype=np.float32)[owners]
    features = np.concatenate([embeddings, cues], axis=1).astype(np.float32)
    counts = np.bincount(owners, minlength=len(names))
    weight = (1.0 / np.sqrt(counts))[owners]
    root = np.sqrt(weight / weight.mean())[:, None].astype(np.float32)
    share = (root * root) / (root * root).sum()
    centre: Matrix = (features * share).sum(axis=0).astype(np.float32)
    mean: Matrix = (target * share).sum(axis=0).astype(np.float32)
    design = features - centre
    weighted = design * root
    # One decomposition serves every penalty: rows in its basis give weights, fits and leverages alike.
    spread, basis = np.linalg.eigh(weighted.T @ weighted)
    turned = weighted @ basis
    aimed = turned.T @ ((target - mean) * root)
    near = embeddings @ embeddings.T
    np.fill_diagonal(near, -1.0)
    neighbours = _top_mean(near, owners, len(names))
    best: tuple[float, Matrix, float, float, float] | None = None
    for penalty in _PENALTIES:
        shrink = (1.0 / (np.maximum(spread, 0.0) + penalty)).astype(np.float32)
        weights = np.concatenate([basis @ (aimed * shrink[:, None]), mean[None, :]]).astype(np.float32)
        leverage = (turned * turned * shrink).sum(axis=1, keepdims=True) + share
        fitted = design @ weights[:-1] + mean
        left_out = (fitted - leverage * target) / np.maximum(1.0 - leverage, 1e-3)
        for blend in _BLENDS:
            scores = left_out + blend * neighbours
            for temperature in _TEMPERATURES:
                chance = _softmax(scores / temperature)[np.arange(len(labels)), owners]
                loss = float(-np.log(np.maximum(chance, 1e-6)).mean())
                if best is None or loss < best[0]:
                    accuracy = float((scores.argmax(axis=1) == owners).mean())
                    best = (loss, weights, blend, temperature, accuracy)
    assert best is not None
    return Classifier(
        labels=names,
        weights=best[1],
        centre=centre,
        examples=embeddings.astype(np.float32),
        owners=owners,
        blend=best[2],
        temperature=best[3],
        dimensions=embeddings.shape[1],
        left_out_accuracy=best[4],
    )
