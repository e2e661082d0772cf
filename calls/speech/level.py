"""Loudness is measured in one way everywhere: dB below full scale of float samples in [-1, 1]."""

import numpy as np

from calls.speech.base import SAMPLE_RATE, Audio

FLOOR_DBFS = -100.0


def dbfs(audio: Audio) -> float:
    """RMS level of the whole array; FLOOR_DBFS for silence and for an empty one."""
    if not len(audio):
        return FLOOR_DBFS
    power = float(np.dot(audio, audio)) / len(audio)
    return max(FLOOR_DBFS, 10.0 * float(np.log10(power))) if power > 0 else FLOOR_DBFS


def loudest(audio: Audio, *, block_ms: int = 100) -> float:
    """Level of the loudest block: whether anything at all was there, however long the silence around it."""
    block = SAMPLE_RATE * block_ms // 1000
    whole = len(audio) // block
    if not whole:
        return dbfs(audio)
    powers = np.square(audio[: whole * block]).reshape(whole, block).mean(axis=1)
    power = float(powers.max())
    return max(FLOOR_DBFS, 10.0 * float(np.log10(power))) if power > 0 else FLOOR_DBFS
