"""What the examples teach, kept up with the table that admins edit.

Invariant: a call always has something to be understood by. A newer version of the examples is learnt beside the calls and takes
over when it is ready; one that can't be learnt changes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import structlog

from calls.core.decision import CHANNEL_OF
from calls.engines import wording
from calls.engines.acts import INTENT_OF, acts_shipped
from calls.engines.classifier import Classifier, Matrix, classifier_train
from calls.engines.meaning import SEND
from calls.engines.moods import Moods, moods_train
from calls.engines.surface import surface
from calls.engines.vectors import Embed

logger = structlog.get_logger()

Examples = Callable[[], tuple[int | str, Mapping[str, Sequence[str]]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What one version of the examples taught: intents and acts together, and moods."""

    intents: Classifier
    moods: Moods


class Learner:
    """``examples`` gives a version and the utterances of each intent. ``embedded`` maps n texts to (n, d). ``patience`` is how
    many seconds a caller waits for changed examples to be learnt."""

    def __init__(self, *, examples: Examples, embedded: Embed, patience: float) -> None:
        self._examples = examples
        self._embedded = embedded
        self._patience = patience
        self._trained: tuple[int | str, Learnt] | None = None
        self._surfaces: dict[str, Matrix] = {}  # of the examples: nearly all are the same after an edit
        self._training = threading.Lock()
        self._thread: threading.Thread | None = None

    def learnt(self) -> Learnt:
        """What the examples as they are teach. A newer version is learnt beside the call: who speaks meanwhile waits
        for it a little, and is then understood by the one before. Raises ValueError when there is nothing to learn from."""
        version, examples = self._examples()
        trained = self._trained
        if trained is None:
            with self._training:
                return self._trained[1] if self._trained else self._train(version, examples)
        if trained[0] != version:
            self._learning(version, examples).join(self._patience)
            trained = self._trained or trained
        return trained[1]

    def _learning(self, version: int | str, examples: Mapping[str, Sequence[str]]) -> threading.Thread:
        with self._training:
            thread = self._thread
            if thread is None or not thread.is_alive():
                thread = threading.Thread(
                    target=self._train_beside, args=(version, examples), name="intents-learn", daemon=True
                )
                self._thread = thread
                thread.start()
            return thread

    def _train_beside(self, version: int | str, examples: Mapping[str, Sequence[str]]) -> None:
        try:
            self._train(version, examples)
        except ValueError as error:  # too few examples: calls go on with what was known
            logger.error("intents_not_learned", version=str(version), reason=str(error))
            if self._trained is not None:
                self._trained = (version, self._trained[1])

    def _train(self, version: int | str, examples: Mapping[str, Sequence[str]]) -> Learnt:
        learnt = self._learn(examples)
        self._trained = (version, learnt)
        logger.info(
            "intents_learned",
            version=str(version),
            examples=len(learnt.intents.owners),
            accuracy=round(learnt.intents.left_out_accuracy(INTENT_OF), 3),
        )
        return learnt

    def _learn(self, examples: Mapping[str, Sequence[str]]) -> Learnt:
        texts: list[str] = []
        labels: list[str] = []
        for intent, utterances in examples.items():
            texts += [wording.bare(utterance) for utterance in utterances]
            labels += [SEND if intent in CHANNEL_OF else intent] * len(utterances)
        if not texts:
            raise ValueError("there are no example utterances to learn from")
        if len(set(labels)) < 2:
            raise ValueError("examples of at least two intents are needed")
        for act, utterances in acts_shipped().items():
            texts += [wording.bare(utterance) for utterance in utterances]
            labels += [act] * len(utterances)
        known = self._surfaces
        self._surfaces = {text: known[text] if text in known else surface(text) for text in texts}
        seen = np.stack([self._surfaces[text] for text in texts])
        before = self._trained[1] if self._trained else None
        intents = classifier_train(
            self._embedded(texts), seen, labels, before=before.intents if before else None
        )
        moods = moods_train(examples, self._embedded, before=before.moods if before else None)
        return Learnt(intents=intents, moods=moods)
