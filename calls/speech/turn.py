"""The end of a turn is judged from how the last eight seconds sounded, not from how long nobody spoke.

Smart Turn v3.2: log-mel 80×800 of audio padded with silence on the left, normalised to zero mean and unit
variance with its padding, as in the reference. A second opinion only: keep a silence limit beside it.
"""

from pathlib import Path
from typing import Any

import numpy as np

from calls.speech.base import SAMPLE_RATE, Audio
from calls.speech.features import log_mel
from calls.speech.onnx import session_open

WINDOW_SAMPLES = 8 * SAMPLE_RATE


def turn_features(audio: Audio) -> np.ndarray:
    """(1, 80, 800) float32 of the last eight seconds."""
    window = audio[-WINDOW_SAMPLES:]
    window = np.pad(window, (WINDOW_SAMPLES - len(window), 0))
    window = (window - window.mean()) / np.sqrt(window.var() + 1e-7)
    return log_mel(window.astype(np.float32))[None]


class SmartTurn:
    """Implements EndOfTurn; stateless and thread-safe."""

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._session: Any = session_open(path, threads=threads)

    def judge(self, audio: Audio) -> float:
        """Probability (0..1) that the speaker has finished; 0.0 for no audio at all."""
        if not len(audio):
            return 0.0
        return float(self._session.run(None, {"input_features": turn_features(audio)})[0].reshape(-1)[0])
