"""Embeddings of evaluation sentences, kept between runs: ten thousand take minutes. Invariant: found by the text's hash."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
_PART = 2000


class Kept:
    """``embed`` with a file under ``folder``; says on stderr how far it is."""

    def __init__(self, embed: Embed, folder: Path) -> None:
        self._embed = embed
        self._path = folder / "sentences.npz"
        self._rows: dict[str, NDArray[np.float32]] = {}
        if self._path.exists():
            with np.load(self._path, allow_pickle=False) as kept:
                self._rows = dict(zip(kept["keys"].tolist(), kept["rows"], strict=True))

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        keys = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}
        order = list(new)
        for start in range(0, len(order), _PART):
            part = order[start : start + _PART]
            self._rows.update(zip(part, self._embed([new[key] for key in part]), strict=True))
            if len(order) > _PART:
                sys.stderr.write(f"embedded {min(start + _PART, len(order))} of {len(order)} sentences\n")
        if len(order) >= _PART:
            self._write()
        return np.stack([self._rows[key] for key in keys])

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        scratch = self._path.with_suffix(".tmp.npz")
        np.savez(scratch, keys=np.array(list(self._rows)), rows=np.stack(list(self._rows.values())))
        scratch.replace(self._path)
