"""The gate counts samples, so that every case here is exact."""

import numpy as np
import pytest

from calls.speech.vad import GateSettings, GateState, SpeechGate

FRAME = 512
LOUD = np.full(FRAME, 0.1, dtype=np.float32)  # -20 dBFS
FAINT = np.full(FRAME, 0.001, dtype=np.float32)  # -60 dBFS


def push(gate: SpeechGate, frames: int, probability: float, audio: np.ndarray = LOUD) -> list[GateState]:
    return [gate.push(probability, audio) for _ in range(frames)]


def test_speech_starts_once_and_keeps_what_came_just_before() -> None:
    gate = SpeechGate(GateSettings(start_ms=64, pre_roll_ms=320))
    push(gate, 20, 0.01, FAINT)
    states = push(gate, 5, 0.9)
    assert [state.started for state in states] == [False, True, False, False, False]
    assert states[-1].start_sample == 20 * FRAME - 5120


def test_pre_roll_does_not_reach_before_the_stream() -> None:
    gate = SpeechGate()
    assert push(gate, 3, 0.9)[-1].start_sample == 0


def test_quiet_is_counted_from_the_last_frame_with_speech() -> None:
    gate = SpeechGate()
    push(gate, 10, 0.9)
    states = push(gate, 4, 0.05, FAINT)
    assert [state.quiet_ms for state in states] == [32, 64, 96, 128]
    assert states[-1].speech_end_sample == 10 * FRAME
    assert push(gate, 1, 0.9)[-1].quiet_ms == 0


def test_one_missing_frame_inside_the_first_syllable_does_not_lose_it() -> None:
    gate = SpeechGate(GateSettings(start_ms=96))
    push(gate, 2, 0.9)
    push(gate, 1, 0.1)
    assert push(gate, 1, 0.9)[-1].started


def test_a_click_of_one_frame_is_not_speech() -> None:
    gate = SpeechGate()
    for _ in range(10):
        assert not push(gate, 1, 0.9)[-1].speaking
        assert not push(gate, 3, 0.01, FAINT)[-1].speaking


def test_a_sure_model_on_an_inaudible_frame_is_not_believed() -> None:
    gate = SpeechGate()
    assert not any(state.speaking for state in push(gate, 50, 0.99, FAINT))


def test_an_audible_word_on_a_noisy_line_is_heard_and_its_noise_is_not() -> None:
    noise = np.full(FRAME, 0.01, dtype=np.float32)  # -40 dBFS
    gate = SpeechGate()
    push(gate, 200, 0.1, noise)
    assert not any(state.speaking for state in push(gate, 20, 0.9, noise * 1.2))
    assert push(gate, 3, 0.9, LOUD)[-1].speaking


def test_a_fading_last_syllable_still_counts_as_speech() -> None:
    gate = SpeechGate()
    push(gate, 5, 0.9)
    assert push(gate, 3, 0.6, FAINT)[-1].quiet_ms == 0


def test_after_closing_the_next_turn_starts_anew_and_leaves_the_old_one_alone() -> None:
    gate = SpeechGate()
    push(gate, 10, 0.9)
    gate.close()
    state = push(gate, 3, 0.9)[-1]
    assert state.speaking
    assert state.start_sample == 10 * FRAME


@pytest.mark.parametrize("frames", [1, 7, 100])
def test_silence_alone_never_opens_nor_counts_quiet(frames: int) -> None:
    state = push(SpeechGate(), frames, 0.0, np.zeros(FRAME, dtype=np.float32))[-1]
    assert (state.speaking, state.start_sample, state.quiet_ms) == (False, None, 0)
