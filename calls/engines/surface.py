"""What an utterance looks like, beside what it means: word cues and its words in pairs, as one vector.

An embedding of a sentence knows what it is about, and little of how it is put: "call me" and "don't call me" lie close. Single
words and pairs of neighbours, hashed to a fixed number of places (Weinberger et al., "Feature Hashing for Large Scale Multitask
Learning", ICML 2009), tell them apart. Invariant: pure; the same words give the same vector in every process.
"""

from __future__ import annotations

import itertools
import re
import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from calls.engines import wording

PLACES: Final = 1024
WEIGHT: Final = 1.0  # of all words together, as long as the embedding
_WORD: Final = re.compile(r"[a-z']+|\d+")


def surface(text: str) -> NDArray[np.float32]:
    """(k,): the cues of ``text`` and its hashed words."""
    return np.concatenate([wording.cues(text), _hashed(text)])


def _hashed(text: str) -> NDArray[np.float32]:
    row = np.zeros(PLACES, dtype=np.float32)
    words = ["#" if word.isdigit() else word for word in _WORD.findall(text.lower())]
    framed = ["<", *words, ">"]
    for piece in (*words, *(f"{one} {other}" for one, other in itertools.pairwise(framed))):
        mark = zlib.crc32(piece.encode())
        row[mark % PLACES] += 1.0 if mark >> 16 & 1 else -1.0
    length = float(np.linalg.norm(row))
    return row * np.float32(WEIGHT / length) if length else row
