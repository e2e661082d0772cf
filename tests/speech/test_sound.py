"""Bytes become the same sound at any rate and in any slices; loudness and trimming are exact."""

import numpy as np
import pytest

from calls.speech.features import log_mel
from calls.speech.level import FLOOR_DBFS, dbfs, loudest
from calls.speech.resample import Resampler, pcm_bytes
from calls.speech.trim import trimmed


def tone(rate: int, seconds: float = 1.0, hertz: float = 440.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000])
def test_a_tone_survives_resampling_in_20_ms_slices(rate: int) -> None:
    resampler, pcm = Resampler(rate), pcm_bytes(tone(rate))
    size = 2 * (rate // 50)
    out = np.concatenate(
        [*(resampler.push(pcm[at : at + size]) for at in range(0, len(pcm), size)), resampler.flush()]
    )
    assert abs(len(out) - 16000) <= 2
    expected = tone(16000)[: len(out)]
    assert np.abs(out[800:-800] - expected[800 : len(out) - 800]).max() < 0.01


def test_slices_of_any_size_give_the_same_sound() -> None:
    pcm = pcm_bytes(tone(48000, 0.5))
    whole, sliced = Resampler(48000), Resampler(48000)
    at_once = np.concatenate([whole.push(pcm), whole.flush()])
    pieces = [sliced.push(pcm[at : at + 1234]) for at in range(0, len(pcm), 1234)]
    assert np.allclose(at_once, np.concatenate([*pieces, sliced.flush()]), atol=1e-5)


def test_an_odd_byte_is_the_callers_bad_frame_and_leaves_the_stream_usable() -> None:
    resampler = Resampler(16000)
    with pytest.raises(ValueError, match="pairs of bytes"):
        resampler.push(b"\x00\x01\x02")
    assert len(resampler.push(b"\x00\x01")) == 1


@pytest.mark.parametrize("rate", [0, 7999, 48001, -16000])
def test_a_rate_outside_the_contract_is_refused(rate: int) -> None:
    with pytest.raises(ValueError, match="between 8000 and 48000"):
        Resampler(rate)


def test_levels_are_in_db_below_full_scale() -> None:
    assert dbfs(np.ones(100, dtype=np.float32)) == pytest.approx(0.0)
    assert dbfs(np.full(100, 0.1, dtype=np.float32)) == pytest.approx(-20.0, abs=1e-3)
    assert dbfs(np.zeros(100, dtype=np.float32)) == FLOOR_DBFS == dbfs(np.zeros(0, dtype=np.float32))


def test_a_short_word_in_a_long_silence_is_as_loud_as_alone() -> None:
    word = tone(16000, 0.2)
    silence = np.zeros(48000, dtype=np.float32)
    assert loudest(np.concatenate([silence, word, silence])) == pytest.approx(loudest(word), abs=0.1)


def test_trimming_leaves_20_ms_before_the_first_audible_sample() -> None:
    audio = np.concatenate([np.zeros(2000), tone(22050, 0.3), np.zeros(5000)]).astype(np.float32)
    cut = trimmed(audio, 22050)
    first = int(np.flatnonzero(np.abs(cut) > 0.02)[0])
    assert first <= 22050 * 22 // 1000
    assert 6615 < len(cut) < 6615 + 22050 * 90 // 1000
    assert len(trimmed(np.zeros(1000, dtype=np.float32), 22050)) == 0


def test_features_have_a_frame_each_10_ms_and_reach_8_below_the_loudest_at_most() -> None:
    features = log_mel(tone(16000))
    assert features.shape == (80, 100)
    assert features.max() - features.min() <= 2.0 + 1e-6
