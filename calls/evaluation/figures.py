"""A figure and what it was measured on. Invariant: no figure without its data set, split and n."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


class EvaluationError(Exception):
    """A data set can't be used; the message is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """``value`` is 0..1. ``note`` says what else must be known to read it (seeds, thresholds and where they come from)."""

    what: str
    data: str
    split: str
    n: int
    value: float
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"value": round(self.value, 4)}


def auroc(known: npt.ArrayLike, unknown: npt.ArrayLike) -> float:
    """How often one of ``known`` scores higher than one of ``unknown``; ties count half."""
    first, second = np.asarray(known, dtype=float), np.asarray(unknown, dtype=float)
    both = np.concatenate([first, second])
    _, place, count = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    above = ranks[: len(first)].sum() - len(first) * (len(first) + 1) / 2
    return float(above / (len(first) * len(second)))


def table(figures: Sequence[Figure]) -> str:
    """The figures as lines of text, one each, in columns."""
    rows = [("what", "data", "split", "n", "value", "note")]
    rows += [(one.what, one.data, one.split, str(one.n), f"{one.value:.3f}", one.note) for one in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[5]]).rstrip()
        for row in rows
    )
