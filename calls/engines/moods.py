"""How an utterance sounds as a whole, learnt from examples: what no list of words can tell ("I waited all day for nothing").

Invariant: the same examples give the same mood; it is -1 (unhappy) … 1 (pleased), and says nothing of how angry somebody is.
That is left to the words (:mod:`calls.sentiment`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import yaml

from calls.engines import wording
from calls.engines.classifier import Classifier, Matrix, classifier_train

MOODS: Final = Path(__file__).parents[1] / "moods.yaml"
# Asking and wishing are neither pleased nor displeased; complaining is.
_NEUTRAL: Final = (
    "policy_query",
    "product_query",
    "order_status",
    "callback_request",
    "send_details_email",
    "human_request",
    "out_of_scope",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moods:
    classifier: Classifier

    def of(self, embedding: Matrix) -> float:
        """-1 … 1 for the embedding of an utterance without its politeness."""
        chances = self.classifier.guess(embedding, np.zeros(0, dtype=np.float32)).probabilities
        return chances["positive"] - chances["negative"]


@cache
def _shipped() -> Mapping[str, tuple[str, ...]]:
    loaded = yaml.safe_load(MOODS.read_text(encoding="utf-8"))
    return {mood: tuple(texts) for mood, texts in loaded.items()}


def moods_train(
    examples: Mapping[str, Sequence[str]],
    embedded: Callable[[Sequence[str]], Matrix],
    *,
    before: Moods | None = None,
) -> Moods:
    """Learn from the shipped examples of moods and from those of the intents. ``embedded`` maps n texts to (n, d). ``before``
    is what was learnt of nearly the same examples: learning goes on from there."""
    pairs = [(text, mood) for mood, texts in _shipped().items() for text in texts]
    pairs += [(text, "neutral") for intent in _NEUTRAL for text in examples.get(intent, ())]
    pairs += [(text, "negative") for text in examples.get("complaint", ())]
    rows = embedded([wording.bare(text) for text, _ in pairs])
    nothing = np.zeros((len(pairs), 0), dtype=np.float32)
    moods = [mood for _, mood in pairs]
    known = before.classifier if before is not None else None
    return Moods(classifier=classifier_train(rows, nothing, moods, before=known))
