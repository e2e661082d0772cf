"""How well the mood of a sentence is told, on labelled sentences given by path. Invariant: nothing is learnt from them."""

from __future__ import annotations

import csv
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from calls.evaluation.figures import EvaluationError, Figure, auroc

MOODS: Final = ("negative", "neutral", "positive")
UNHAPPY: Final = -0.1
SATISFIED: Final = 0.3
_NEUTRAL_BAND: Final = 0.5  # of a rating from -4 to 4
_NOISE: Final = re.compile(r"@\w+|https?://\S+|#")


def moods_read(path: Path) -> list[tuple[str, str]]:
    """(sentence, mood) of a CSV with the columns ``text`` and ``airline_sentiment``, ``sentiment`` or ``label``; or of a table
    of number, rating from -4 to 4 and sentence, as VADER's ground truth is. Names and links are taken out."""
    try:
        raw = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise EvaluationError(f"{path} can't be read: {error.strerror}") from error
    pairs = _rated(raw) if path.suffix == ".txt" else _labelled(raw)
    cleaned = [(_NOISE.sub("", text).strip(), mood) for text, mood in pairs]
    kept = list(dict.fromkeys((text, mood) for text, mood in cleaned if text and mood in MOODS))
    if len({mood for _, mood in kept}) < 2:
        raise EvaluationError(f"{path} has no sentences of at least two moods")
    return kept


def _labelled(raw: str) -> list[tuple[str, str]]:
    rows = list(csv.DictReader(raw.splitlines(keepends=True)))
    column = next(
        (name for name in ("airline_sentiment", "sentiment", "label") if rows and name in rows[0]), ""
    )
    return [(row.get("text") or "", (row[column] or "").strip().lower()) for row in rows] if column else []


def _rated(raw: str) -> list[tuple[str, str]]:
    pairs = []
    for line in raw.splitlines():
        fields = line.split("\t")
        if len(fields) != 3:
            continue
        try:
            rating = float(fields[1])
        except ValueError:
            continue
        mood = "neutral" if abs(rating) < _NEUTRAL_BAND else "positive" if rating > 0 else "negative"
        pairs.append((fields[2], mood))
    return pairs


def mood_figures(path: Path, *, sentiment_of: Callable[[str], float]) -> list[Figure]:
    """Of the half of the sentences, by checksum, that weights were not chosen on."""
    pairs = [(text, mood) for text, mood in moods_read(path) if zlib.crc32(text.encode()) % 2]
    scores = np.array([sentiment_of(text) for text, _ in pairs])
    moods = np.array([mood for _, mood in pairs])
    said = np.where(scores < UNHAPPY, "negative", np.where(scores >= SATISFIED, "positive", "neutral"))
    negative = moods == "negative"
    split = "held-out half"
    note = f"{UNHAPPY} and {SATISFIED} part the moods, as in the call's record"
    return [
        _figure("mood, accuracy of three", path, split, len(pairs), float((said == moods).mean()), note),
        _figure("mood, macro F1 of three", path, split, len(pairs), _macro_f1(moods, said), note),
        _figure(
            "unhappy or not, AUROC", path, split, len(pairs), auroc(-scores[negative], -scores[~negative])
        ),
        _figure(
            "unhappy, recall", path, split, int(negative.sum()), float((said == "negative")[negative].mean())
        ),
        _figure(
            "unhappy, false alarms",
            path,
            split,
            int((~negative).sum()),
            float((said == "negative")[~negative].mean()),
        ),
    ]


def _figure(what: str, path: Path, split: str, n: int, value: float, note: str = "") -> Figure:
    return Figure(what=what, data=path.stem, split=split, n=n, value=value, note=note)


def _macro_f1(moods: NDArray[np.str_], said: NDArray[np.str_]) -> float:
    values = []
    for mood in MOODS:
        both = float(((said == mood) & (moods == mood)).sum())
        values.append(2 * both / max(1.0, float((said == mood).sum() + (moods == mood).sum())))
    return float(np.mean(values))
