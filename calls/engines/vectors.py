"""Embeddings of example utterances, kept in a file between starts. Invariant: a damaged or missing file costs time, never a
start; rows are found by their text's hash, so that no other text's row is ever used."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray

logger = structlog.get_logger()
_MANY = 500
_MOST_THREADS = 8
Embed = Callable[[Sequence[str]], NDArray[np.float32]]


class KeptVectors:
    """``embed`` for texts that come again at every start. ``path``: None keeps them in memory only."""

    def __init__(self, embed: Embed, path: Path | None) -> None:
        self._embed = embed
        self._path = path
        self._rows: dict[str, NDArray[np.float32]] = {}
        self._wanted: set[str] = set()

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d): from memory or the file where they are there, else embedded and kept."""
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        if not self._rows:
            self._read()
        self._wanted.update(keys)
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}
        if new:
            self._rows.update(zip(new, self._embedded(list(new.values())), strict=True))
            self._write()
        return np.stack([self._rows[key] for key in keys]).astype(np.float32)

    def _embedded(self, texts: list[str]) -> NDArray[np.float32]:
        """(n, d). Thousands, at the first start of all, on as many cores as there are: nobody is calling yet."""
        if len(texts) < _MANY:
            return self._embed(texts)
        parts = [texts[start : start + _MANY // 2] for start in range(0, len(texts), _MANY // 2)]
        with ThreadPoolExecutor(min(len(os.sched_getaffinity(0)), _MOST_THREADS), "embed-many") as pool:
            return np.concatenate(list(pool.map(self._embed, parts)))

    def _read(self) -> None:
        if self._path is None or not self._path.exists():
            return
        try:
            with np.load(self._path, allow_pickle=False) as kept:
                self._rows = dict(zip(kept["keys"].tolist(), kept["rows"], strict=True))
        except (OSError, ValueError, KeyError):
            logger.warning("intent_vectors_unreadable")

    def _write(self) -> None:
        """Only what was asked for in this process: what admins have taken out is not kept for ever."""
        if self._path is None:
            return
        keys = sorted(self._wanted)
        scratch = self._path.with_suffix(".tmp.npz")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            np.savez(scratch, keys=np.array(keys), rows=np.stack([self._rows[key] for key in keys]))
            scratch.replace(self._path)
        except OSError as error:
            logger.warning("intent_vectors_not_kept", error=type(error).__name__)
