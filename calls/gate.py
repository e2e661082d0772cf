"""When somebody speaks, for one call: the voice-activity model's probabilities through a hysteresis, as two kinds of news.

Invariant: counts samples, reads no clock. A gate that has reported quiet is shut, and the next voice opens it anew.
"""

from __future__ import annotations

from collections.abc import Callable

from calls.hearing import RATE, Audio, Change
from calls.speech.base import VoiceActivity
from calls.speech.vad import SpeechGate

QUIET_MS = 120  # the first silence worth a guess: shorter ones lie between words


class VoiceGate:
    """Implements :class:`calls.hearing.Gate`. ``activity`` makes a fresh model state for a new line."""

    def __init__(self, activity: Callable[[], VoiceActivity]) -> None:
        self._fresh = activity
        self.reset()

    def reset(self) -> None:
        self._activity = self._fresh()
        self._gate = SpeechGate()

    def push(self, frame: Audio) -> Change | None:
        state = self._gate.push(self._activity.push(frame), frame)
        if state.started:
            return Change(voice=True)
        if not state.speaking or state.quiet_ms < QUIET_MS:
            return None
        begin, end = state.start_sample or 0, state.speech_end_sample or 0
        self._gate.close()
        return Change(voice=False, quiet_ms=state.quiet_ms, voiced_ms=(end - begin) * 1000 // RATE)
