"""Whether someone speaks is decided from samples alone: no clock here, so a late frame can't change an
answer.

`SileroStream` turns frames into probabilities (one for each call, on one shared session). `SpeechGate` turns
probabilities into "started here" and "quiet since": pure, counted in samples of the stream.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from calls.speech.base import FRAME_SAMPLES, SAMPLE_RATE, Audio
from calls.speech.level import dbfs

CONTEXT_SAMPLES = 64


class SileroStream:
    """Silero v6 on one stream of 512-sample frames; implements VoiceActivity."""

    def __init__(self, session: Any) -> None:
        """On the shared, stateless session of the model (one thread: a frame is 0.1 ms of work)."""
        self._session = session
        self.reset()

    def reset(self) -> None:
        self._input = np.zeros((1, CONTEXT_SAMPLES + FRAME_SAMPLES), dtype=np.float32)
        self._h = np.zeros((1, 1, 128), dtype=np.float32)
        self._c = np.zeros((1, 1, 128), dtype=np.float32)

    def push(self, frame: Audio) -> float:
        """Speech probability of the next 512 samples at 16 kHz. Raises ValueError for another length."""
        if frame.shape != (FRAME_SAMPLES,):
            raise ValueError(f"a frame has {FRAME_SAMPLES} samples, this one {frame.shape}")
        self._input[0, :CONTEXT_SAMPLES] = self._input[0, -CONTEXT_SAMPLES:]
        self._input[0, CONTEXT_SAMPLES:] = frame
        probability, self._h, self._c = self._session.run(
            None, {"input": self._input, "h": self._h, "c": self._c}
        )
        return float(probability.reshape(-1)[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """Thresholds of the hysteresis. Times are in ms of audio, levels in dB below full scale."""

    start_probability: float = 0.5
    stop_probability: float = 0.35
    start_ms: int = 64  # this much speech, in frames that may have one gap, before anyone is said to speak
    pre_roll_ms: int = 320  # kept from before the first speech frame: a soft consonant opens many words
    floor_dbfs: float = -55.0  # frames quieter than this never start speech
    floor_over_noise_db: float = 6.0  # nor do frames that don't stand out of the line's own noise


@dataclass(frozen=True, slots=True, kw_only=True)
class GateState:
    """After each frame: `speaking`, sample index where the speech began (pre-roll included), and quiet
    since."""

    speaking: bool
    started: bool  # true in exactly the frame that opened the speech
    start_sample: int | None  # of the stream
    speech_end_sample: int | None  # end of the last frame with speech
    quiet_ms: int  # since then; 0 while nobody has spoken


class SpeechGate:
    """Hysteresis over frame probabilities. It never closes itself: whoever owns the turn calls `close`."""

    def __init__(self, settings: GateSettings | None = None) -> None:
        self._settings = settings or GateSettings()
        self._position = 0  # samples seen
        self._noise_dbfs = -70.0
        self._open = False
        self._start: int | None = None
        self._last_speech_end: int | None = None
        self._candidate: int | None = None
        self._candidate_frames = 0
        self._misses = 0
        self._closed_at = 0

    def push(self, probability: float, frame: Audio) -> GateState:
        """The next frame (any length; 512 samples as a rule) with its speech probability."""
        settings = self._settings
        level = dbfs(frame)
        begin, self._position = self._position, self._position + len(frame)
        threshold = settings.stop_probability if self._open else settings.start_probability
        audible = level >= max(settings.floor_dbfs, self._noise_dbfs + settings.floor_over_noise_db)
        # Once open, loudness no longer counts: words fade out, and cutting their ends costs more than a late
        # end.
        is_speech = probability >= threshold and (self._open or audible)
        if probability < settings.stop_probability:
            # Falls quickly, rises slowly: music on hold or a fan is learnt within about two seconds.
            rate = 0.3 if level < self._noise_dbfs else 0.02
            self._noise_dbfs = min(-35.0, self._noise_dbfs + rate * (level - self._noise_dbfs))
        started = False
        if self._open:
            if is_speech:
                self._last_speech_end = self._position
        elif is_speech:
            started = self._candidate_push(begin, len(frame))
        else:
            self._misses += 1
            if self._misses > 1:
                self._candidate, self._candidate_frames = None, 0
        return self._state(started)

    def close(self) -> None:
        """The turn is over: the next speech opens a new one, whose pre-roll won't reach back into this
        one."""
        self._open, self._start, self._last_speech_end = False, None, None
        self._candidate, self._candidate_frames, self._misses = None, 0, 0
        self._closed_at = self._position

    def _candidate_push(self, begin: int, samples: int) -> bool:
        if self._candidate is None:
            self._candidate = begin
        self._misses = 0
        self._candidate_frames += 1
        if 1000 * self._candidate_frames * samples < self._settings.start_ms * SAMPLE_RATE:
            return False
        pre_roll = self._settings.pre_roll_ms * SAMPLE_RATE // 1000
        self._open = True
        self._start = max(self._closed_at, self._candidate - pre_roll)
        self._last_speech_end = self._position
        self._candidate, self._candidate_frames = None, 0
        return True

    def _state(self, started: bool) -> GateState:
        quiet = self._position - self._last_speech_end if self._last_speech_end is not None else 0
        return GateState(
            speaking=self._open,
            started=started,
            start_sample=self._start,
            speech_end_sample=self._last_speech_end,
            quiet_ms=1000 * quiet // SAMPLE_RATE,
        )
