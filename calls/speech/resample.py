"""Bytes of any agreed rate become 16 kHz floats without a click at a frame's border: the filter keeps its
state."""

import numpy as np
import soxr

from calls.speech.base import SAMPLE_RATE, Audio


class Resampler:
    """Streaming s16le mono bytes -> float32 mono at 16 kHz; one for each call.

    The filter holds back a few ms at other rates; `flush` returns them at the end of the stream.
    """

    def __init__(self, sample_rate: int) -> None:
        if not 8_000 <= sample_rate <= 48_000:
            raise ValueError(f"sample_rate is {sample_rate}; it should be between 8000 and 48000")
        self._stream = (
            None
            if sample_rate == SAMPLE_RATE
            else soxr.ResampleStream(sample_rate, SAMPLE_RATE, 1, dtype="float32", quality="MQ")
        )

    def push(self, pcm: bytes) -> Audio:
        """Samples that are ready; may be empty. Raises ValueError for an odd number of bytes."""
        if len(pcm) % 2:
            raise ValueError(f"s16le comes in pairs of bytes, this frame has {len(pcm)}")
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / 32768.0
        if self._stream is None:
            return samples
        return self._stream.resample_chunk(samples)

    def flush(self) -> Audio:
        if self._stream is None:
            return np.zeros(0, dtype=np.float32)
        return self._stream.resample_chunk(np.zeros(0, dtype=np.float32), last=True)


def pcm_bytes(audio: Audio) -> bytes:
    """s16le bytes of float samples in [-1, 1]; what is louder is clipped."""
    return (np.clip(audio, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
