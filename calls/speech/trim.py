"""Silence that an engine puts before a sentence is delay to the caller: cut it, but not the breath of the
first word."""

import numpy as np

from calls.speech.base import Audio

LEAD_MS = 20
TAIL_MS = 60
AUDIBLE = 0.02  # of full scale, about -34 dBFS: what a listener would call the beginning of speech


def trimmed(audio: Audio, sample_rate: int) -> Audio:
    """From LEAD_MS before the first audible sample to TAIL_MS after the last, both faded; empty when none
    is."""
    heard = np.flatnonzero(np.abs(audio) > AUDIBLE)
    if not len(heard):
        return audio[:0]
    lead, tail = sample_rate * LEAD_MS // 1000, sample_rate * TAIL_MS // 1000
    body = audio[max(0, heard[0] - lead) : heard[-1] + tail].copy()
    fade = min(sample_rate // 200, len(body) // 2)  # 5 ms: no click where the cut was made
    ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)
    body[:fade] *= ramp
    body[len(body) - fade :] *= ramp[::-1]
    return body
