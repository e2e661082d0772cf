"""What a call asks of its models: one verb each, arrays in, values out, no model's own types across the
border.

Audio between stages is float32 mono at 16 kHz in [-1, 1] on the way in, s16le mono at the voice's own rate on
the way out. Everything here is synchronous and may take tens of milliseconds: callers run it in a
ModelExecutor.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
FRAME_SAMPLES = 512  # one voice activity decision: 32 ms

Audio = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was heard in one utterance.

    `text` is prose, empty when nothing intelligible was said. `avg_logprob` is the mean log probability a
    token (0 is certain, under -1 is guessing); `no_speech_prob` is the model's own doubt that anyone spoke.
    `duration_ms` is the length of the audio. `ran_away` tells that the quick decode looped and the slow one
    was used. `language` is the language asked for, or another that was heard when that was looked for.
    """

    text: str
    avg_logprob: float
    no_speech_prob: float
    duration_ms: int
    ran_away: bool
    language: str


class VoiceActivity(Protocol):
    """One for each call: it remembers the frames before."""

    def push(self, frame: Audio) -> float:
        """Probability of speech in the next 512 samples."""
        ...

    def reset(self) -> None: ...


class EndOfTurn(Protocol):
    def judge(self, audio: Audio) -> float:
        """Probability that the speaker has finished, given the whole turn so far."""
        ...


class Recogniser(Protocol):
    def transcribe(
        self, audio: Audio, *, vocabulary: Sequence[str] = (), language: str = "en", or_other: bool = False
    ) -> Transcript:
        """What was said, in `language`; with `or_other` in whatever other language it plainly was."""
        ...


class Voice(Protocol):
    sample_rate: int

    def synthesise(self, text: str) -> Iterator[bytes]:
        """PCM s16le mono chunks, the first as early as the engine permits. Never raises for odd text."""
        ...
