"""One log-mel front end for both models that hear, equal to the reference that each was trained with.

Whisper and Smart Turn read 80 mel bands of a 25 ms Hann window every 10 ms, log10, floored 8 below the
loudest cell, scaled by (x + 4) / 4. Pure numpy: importing a framework for this costs seconds of start.
"""

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
HOP = 160
BANDS = 80
_WINDOW_SAMPLES = 400

Audio = NDArray[np.float32]


def _mel_to_hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slaney's scale: linear below 1 kHz, logarithmic above."""
    linear = 200.0 * mels / 3.0
    logarithmic = 1000.0 * np.exp((np.log(6.4) / 27.0) * (mels - 15.0))
    return np.where(mels >= 15.0, logarithmic, linear)


def _filterbank() -> NDArray[np.float32]:
    """(80, 201) triangles of equal area between 0 and 8 kHz."""
    top = 15.0 + np.log(8.0) * 27.0 / np.log(6.4)
    edges = _mel_to_hertz(np.linspace(0.0, top, BANDS + 2))
    bins = np.linspace(0.0, SAMPLE_RATE / 2, _WINDOW_SAMPLES // 2 + 1)
    widths = np.diff(edges)
    ramps = edges[:, None] - bins[None, :]
    rising = -ramps[:-2] / widths[:-1, None]
    falling = ramps[2:] / widths[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return (triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


_FILTERS = _filterbank()
_HANN = np.hanning(_WINDOW_SAMPLES + 1)[:-1].astype(np.float32)


def log_mel(audio: Audio) -> NDArray[np.float32]:
    """(80, len(audio) // 160) log-mel features of float32 mono at 16 kHz; needs more than 200 samples."""
    padded = np.pad(audio, _WINDOW_SAMPLES // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW_SAMPLES)[::HOP]
    spectrum = np.fft.rfft(frames[: len(audio) // HOP] * _HANN, axis=-1)
    power = spectrum.real**2 + spectrum.imag**2
    logs = np.log10(np.maximum(_FILTERS @ power.T.astype(np.float32), 1e-10))
    return ((np.maximum(logs, logs.max() - 8.0) + 4.0) / 4.0).astype(np.float32)
