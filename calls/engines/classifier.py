"""Which intent an utterance has, learnt from example utterances. Invariant: the same examples give the
same answers.

A logistic regression on sentence embeddings and a few word cues, held near the classes' centres by its penalty (what few
examples can't tell is left as the centres have it), blended with the nearest examples of each class. The embedding's
directions that vary within classes count for less. Blend and temperature are chosen on folds of the examples, each judged by
a model that hadn't seen it; penalty, shrinkage and scale were chosen once, on the validation splits of public sets
(docs/understanding.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Matrix = NDArray[np.float32]

PENALTY: Final = 0.003
SCALE: Final = 10.0
SHRINKAGE: Final = 0.9
_CENTRES_SAY: Final = 20.0
_STEPS: Final = 60
_STEPS_AGAIN: Final = 20  # from weights that were learnt already
_FEW_CHANGED: Final = 0.02  # of the examples
_FOLDS: Final = 3
_BLENDS: Final = (0.0, 3.0, 6.0, 12.0)
_TEMPERATURES: Final = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
_NEAREST: Final = 3
_ROWS: Final = 2048  # of a matrix of similarities that are held at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Probabilities over the labels (sum 1), the cosine (-1..1) to the nearest example, and ``strength``: how much the
    utterance is like anything known at all. Probabilities can't tell, since they share out whatever there is."""

    probabilities: dict[str, float]
    nearest: float
    strength: float = 0.0

    @property
    def best(self) -> str:
        return max(self.probabilities, key=lambda label: self.probabilities[label])


@dataclass(frozen=True, slots=True, kw_only=True)
class Classifier:
    """A trained classifier. ``examples`` rows are embeddings of length 1; ``left_out`` (n, 2) is for each
    example what it is, and what a model that hadn't seen it took it for."""

    labels: tuple[str, ...]
    weights: Matrix
    offsets: Matrix
    turn: Matrix
    centres: Matrix
    examples: Matrix
    owners: NDArray[np.intp]
    blend: float
    temperature: float
    left_out: NDArray[np.intp]

    def left_out_accuracy(self, same: Mapping[str, str] | None = None) -> float:
        """0..1, over the examples. ``same`` maps labels to others that are as right."""
        names = np.array([(same or {}).get(label, label) for label in self.labels])
        return float((names[self.left_out[:, 0]] == names[self.left_out[:, 1]]).mean())

    def guess(self, embedding: Matrix, cues: Matrix) -> Guess:
        """The probabilities of one utterance, given its embedding (d,) and its cues (k,)."""
        near = self.examples @ embedding
        scores = self.scores(embedding[None, :], cues[None, :])[0]
        probabilities = _softmax(scores[None, :] / self.temperature)[0]
        return Guess(
            probabilities={label: float(p) for label, p in zip(self.labels, probabilities, strict=True)},
            nearest=float(near.max(initial=-1.0)),
            strength=float(self.strengths(embedding[None, :], scores[None, :])[0]),
        )

    def strengths(self, embeddings: Matrix, scores: Matrix) -> Matrix:
        """(n,): how much each of n utterances is like anything known, given its scores."""
        likeness = (embeddings @ self.centres.T).max(axis=1)
        result: Matrix = (scores.max(axis=1) + _CENTRES_SAY * likeness).astype(np.float32)
        return result

    def scores(self, embeddings: Matrix, cues: Matrix) -> Matrix:
        """(n, labels): raw scores of n utterances."""
        plain = _features(embeddings, cues, self.turn) @ self.weights + self.offsets
        if not self.blend:
            return plain
        kept = [
            plain[start : start + _ROWS]
            + self.blend
            * _top_mean(embeddings[start : start + _ROWS] @ self.examples.T, self.owners, len(self.labels))
            for start in range(0, len(plain), _ROWS)
        ]
        return np.concatenate(kept)


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


def _features(embeddings: Matrix, cues: Matrix, turn: Matrix) -> Matrix:
    turned = embeddings @ turn
    turned /= np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-6)
    return np.concatenate([turned, cues], axis=1).astype(np.float32)


def _means(rows: Matrix, owners: NDArray[np.intp], classes: int) -> Matrix:
    return np.stack([rows[owners == label].mean(axis=0) for label in range(classes)]).astype(np.float32)


def _turn(embeddings: Matrix, owners: NDArray[np.intp], classes: int) -> Matrix:
    """(d, d): makes the spread within classes alike in all directions, as far as few examples can know it."""
    dimensions = embeddings.shape[1]
    inner = embeddings - _means(embeddings, owners, classes)[owners]
    spread = inner.T @ inner / max(len(embeddings) - classes, 1)
    level = float(np.trace(spread)) / dimensions
    if level <= 1e-9:
        return np.eye(dimensions, dtype=np.float32)
    mixed = (1 - SHRINKAGE) * spread + SHRINKAGE * level * np.eye(dimensions)
    values, basis = np.linalg.eigh(mixed / level)
    result: Matrix = ((basis / np.sqrt(values)) @ basis.T).astype(np.float32)
    return result


def _fit(
    features: Matrix,
    owners: NDArray[np.intp],
    classes: int,
    start: Matrix | None = None,
    steps: int = _STEPS,
) -> tuple[Matrix, Matrix]:
    """Weights and offsets: the least penalised log-loss, by accelerated descent from the centres (or from ``start``)."""
    counts = np.bincount(owners, minlength=classes).astype(np.float32)
    # A class with many examples counts for more than one with few, but not in proportion.
    importance = (1.0 / np.sqrt(counts))[owners]
    importance = (importance / importance.mean() / counts.mean())[:, None].astype(np.float32)
    target = np.eye(classes, dtype=np.float32)[owners]
    centre = features.mean(axis=0)
    centred = features - centre
    aim = _means(centred, owners, classes)
    aim *= SCALE / np.maximum(np.linalg.norm(aim, axis=1, keepdims=True), 1e-6)
    anchor: Matrix = aim.T.astype(np.float32)
    weighted = centred * np.sqrt(importance)
    step = 1.0 / (0.5 * _largest(weighted) + PENALTY)
    weights = anchor.copy() if start is None else start.copy()
    offset_step = 1.0 / (0.5 * float(importance.sum()))
    offsets = np.zeros(classes, dtype=np.float32)
    ahead, ahead_offsets, pace = weights, offsets, 1.0
    for _ in range(steps):
        error = (_softmax(centred @ ahead + ahead_offsets) - target) * importance
        slope = centred.T @ error + PENALTY * (ahead - anchor)
        moved = ahead - step * slope
        moved_offsets = ahead_offsets - offset_step * error.sum(axis=0)
        if float((slope * (moved - weights)).sum()) > 0:
            pace = 1.0  # the momentum leads uphill: begin anew from here
        quicker = (1 + (1 + 4 * pace * pace) ** 0.5) / 2
        carry = (pace - 1) / quicker
        ahead = moved + carry * (moved - weights)
        ahead_offsets = moved_offsets + carry * (moved_offsets - offsets)
        weights, offsets, pace = moved, moved_offsets, quicker
    return weights.astype(np.float32), (offsets - centre @ weights).astype(np.float32)


def _largest(rows: Matrix) -> float:
    """The largest eigenvalue of ``rows.T @ rows``, a little too large rather than too small."""
    vector = np.ones(rows.shape[1], dtype=np.float32) / rows.shape[1] ** 0.5
    size = 1.0
    for _ in range(12):
        vector = rows.T @ (rows @ vector)
        size = float(np.linalg.norm(vector))
        vector /= max(size, 1e-12)
    return size * 1.1


def classifier_train(
    embeddings: Matrix, cues: Matrix, labels: Sequence[str], *, before: Classifier | None = None
) -> Classifier:
    """Train on (n, d) embeddings of length 1, (n, k) cues and n labels. ``before`` is what was learnt of nearly the same
    examples: its blend and temperature are kept, and learning goes on from its weights, several times as fast. Raises
    ValueError for fewer than two labels."""
    names = tuple(sorted(set(labels)))
    if len(names) < 2:
        raise ValueError("examples of at least two intents are needed")
    # Many small products: sharing each among threads costs ten times what it saves, and takes the cores from calls.
    with threadpool_limits(limits=1, user_api="blas"):
        owners = np.array([names.index(label) for label in labels], dtype=np.intp)
        rows = embeddings.astype(np.float32)
        if before is not None and _is_alike(before, rows, names):
            return _relearnt(before, rows, cues, owners)
        return _trained(rows, cues, owners, names)


def _is_alike(before: Classifier, embeddings: Matrix, names: tuple[str, ...]) -> bool:
    known = {row.tobytes() for row in before.examples}
    new = sum(row.tobytes() not in known for row in embeddings)
    gone = max(len(before.owners) + new - len(embeddings), 0)
    return before.labels == names and (new + gone) <= _FEW_CHANGED * len(embeddings)


def _relearnt(before: Classifier, embeddings: Matrix, cues: Matrix, owners: NDArray[np.intp]) -> Classifier:
    features = _features(embeddings, cues, before.turn)
    weights, offsets = _fit(features, owners, len(before.labels), start=before.weights, steps=_STEPS_AGAIN)
    centres = _means(embeddings, owners, len(before.labels))
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-6)
    return replace(
        before, weights=weights, offsets=offsets, centres=centres, examples=embeddings, owners=owners
    )


def _trained(
    embeddings: Matrix, cues: Matrix, owners: NDArray[np.intp], names: tuple[str, ...]
) -> Classifier:
    turn = _turn(embeddings, owners, len(names))
    features = _features(embeddings, cues, turn)
    weights, offsets = _fit(features, owners, len(names))
    centres = _means(embeddings, owners, len(names))
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-6)
    left_out = _left_out(features, owners, len(names))
    neighbours = _neighbours(embeddings, owners, len(names))
    best: tuple[float, float, float, NDArray[np.intp]] | None = None
    for blend in _BLENDS:
        scores = left_out + blend * neighbours
        for temperature in _TEMPERATURES:
            chance = _softmax((scores / temperature).astype(np.float32))[np.arange(len(owners)), owners]
            loss = float(-np.log(np.maximum(chance, 1e-6)).mean())
            if best is None or loss < best[0]:
                best = (loss, blend, temperature, scores.argmax(axis=1))
    assert best is not None
    return Classifier(
        labels=names,
        weights=weights,
        offsets=offsets,
        turn=turn,
        centres=centres,
        examples=embeddings,
        owners=owners,
        blend=best[1],
        temperature=best[2],
        left_out=np.stack([owners, best[3]], axis=1),
    )


def _left_out(features: Matrix, owners: NDArray[np.intp], classes: int) -> Matrix:
    """Scores of every example by a model that was fitted without it."""
    fold = np.zeros(len(owners), dtype=np.intp)
    for label in range(classes):
        own = np.flatnonzero(owners == label)
        fold[own] = np.arange(len(own)) % _FOLDS
    scores = np.zeros((len(owners), classes), dtype=np.float32)
    for part in range(_FOLDS):
        out = fold == part
        kept = ~out
        if not out.any() or len(np.unique(owners[kept])) < classes:
            # A class with one example can't be left out: it is judged by the model that knows it.
            kept = np.ones(len(owners), dtype=bool)
        weights, offsets = _fit(features[kept], owners[kept], classes)
        scores[out] = features[out] @ weights + offsets
    return scores


def _neighbours(embeddings: Matrix, owners: NDArray[np.intp], classes: int) -> Matrix:
    """Likeness of every example to each class's nearest others."""
    kept = []
    for start in range(0, len(embeddings), _ROWS):
        near = embeddings[start : start + _ROWS] @ embeddings.T
        rows = np.arange(len(near))
        near[rows, start + rows] = -1.0
        kept.append(_top_mean(near, owners, classes))
    return np.concatenate(kept)
