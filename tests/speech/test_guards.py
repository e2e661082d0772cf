"""What Whisper says in a loop or into noise is recognised without running it."""

import pytest

from calls.speech.whisper import is_phantom, repetition_cut


@pytest.mark.parametrize(
    ("tokens", "kept"),
    [
        ([], []),
        ([1, 2, 3], [1, 2, 3]),
        ([1, 2, 3, 1, 2, 3, 1, 2, 3], [1, 2, 3]),
        ([1, 2, 3, 1, 2, 3, 1, 2, 3, 1], [1, 2, 3]),
        ([9, 1, 2, 1, 2, 1, 2], [9, 1, 2]),
        ([7, 7, 7, 7, 7], [7]),
        ([7, 7, 7, 8], [7, 7, 7, 8]),
        ([1, 2, 3, 1, 2, 3], [1, 2, 3, 1, 2, 3]),
    ],
)
def test_a_loop_at_the_end_is_cut_to_its_first_round(tokens: list[int], kept: list[int]) -> None:
    assert repetition_cut(tokens) == kept


@pytest.mark.parametrize("text", ["Yes.", "No.", "Okay.", "Stop.", "Mm-hm.", "Thank you."])
def test_a_short_answer_that_the_model_heard_is_kept(text: str) -> None:
    assert not is_phantom(text, avg_logprob=-0.9, no_speech_prob=0.5)


@pytest.mark.parametrize("text", ["Thanks for watching!", "you", "Thank you.", "", "..."])
def test_a_stock_phrase_into_noise_is_dropped(text: str) -> None:
    assert is_phantom(text, avg_logprob=-0.5, no_speech_prob=0.8)


def test_a_guess_that_the_model_itself_doubts_is_dropped_whatever_it_says() -> None:
    assert is_phantom("I put the oil on the pan.", avg_logprob=-1.6, no_speech_prob=0.7)
    assert not is_phantom("I put the oil on the pan.", avg_logprob=-1.6, no_speech_prob=0.2)
