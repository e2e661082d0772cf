"""The caller's audio, as it comes in: which samples belong to the utterance that is being made.

Invariant: time here is counted in samples, never read from a clock. What was said stays until it is forgotten on purpose, so
that a turn which reopens has all of its audio.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
FRAME = 512  # what the voice-activity model takes: 32 ms
PRE_ROLL = RATE * 3 // 10  # the gate opens some frames after the voice; a first consonant is quieter still
LONGEST = RATE * 60
KEPT_QUIET = RATE // 5  # silence kept after the last sound: enough for a final consonant

Audio = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The gate opened (``voice``) or has been shut for ``quiet_ms``, ``voiced_ms`` of speech lying before."""

    voice: bool
    quiet_ms: int = 0
    voiced_ms: int = 0


class Gate(Protocol):
    """Says when there is a voice; one a call. ``push`` takes one frame of :data:`FRAME` samples."""

    def push(self, frame: Audio) -> Change | None: ...

    def reset(self) -> None: ...


class Hearing:
    """Collects the samples of one call; hands out the current utterance."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._rest: Audio = np.zeros(0, dtype=np.float32)
        self._past: Audio = np.zeros(0, dtype=np.float32)
        self._utterance: list[Audio] | None = None
        self._length = 0
        self.voice = False

    def push(self, samples: Audio) -> list[Change]:
        """Take in any number of samples (float32, mono, 16 kHz, -1..1); returns what changed, in order."""
        changes: list[Change] = []
        data = np.concatenate((self._rest, samples)) if self._rest.size else samples
        whole = data.size - data.size % FRAME
        for start in range(0, whole, FRAME):
            frame = data[start : start + FRAME]
            change = self._gate.push(frame)
            if change is not None and change.voice and self._utterance is None:
                self._utterance, self._length = [self._past], self._past.size
            if self._utterance is not None and self._length < LONGEST:
                self._utterance.append(frame)
                self._length += FRAME
            self._past = np.concatenate((self._past, frame))[-PRE_ROLL:]
            if change is not None:
                self.voice = change.voice
                changes.append(change)
        self._rest = data[whole:]
        return changes

    def utterance(self) -> Audio:
        """All samples since the utterance began, a short pre-roll included; empty if there is none."""
        if not self._utterance:
            return np.zeros(0, dtype=np.float32)
        audio = np.concatenate(self._utterance)
        self._utterance = [audio]
        return audio

    def forget(self) -> None:
        """The utterance is over or was nothing. A voice that is still there starts a new one at once."""
        self._utterance = [self._past[:0]] if self.voice else None
        self._length = 0

    def reset(self) -> None:
        """The line was cut: nothing before it belongs to what comes after."""
        self._gate.reset()
        self.voice = False
        self._utterance = None
        self._length = 0
        self._rest = self._rest[:0]
        self._past = self._past[:0]
