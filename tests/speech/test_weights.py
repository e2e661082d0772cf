"""A damaged, missing or foreign model file stops the start with one line."""

import hashlib
from pathlib import Path

import pytest

from calls.speech.models import SILERO, SMART_TURN, WHISPER, models_load
from contactcenter.weights import WeightError, weight_bytes, weight_file


def one_line(error: pytest.ExceptionInfo[WeightError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


def test_a_file_of_an_installed_wheel_is_found_and_verified() -> None:
    path = weight_file(SILERO.distribution, SILERO.path, SILERO.sha256)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == SILERO.sha256


def test_one_flipped_bit_is_noticed_even_when_size_and_dates_are_kept(tmp_path: Path) -> None:
    source = weight_file(SMART_TURN.distribution, SMART_TURN.path, SMART_TURN.sha256)
    content = bytearray(source.read_bytes())
    content[len(content) // 2] ^= 1
    damaged = tmp_path / SMART_TURN.distribution / SMART_TURN.path
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(content)
    with pytest.raises(WeightError) as error:
        weight_file(SMART_TURN.distribution, SMART_TURN.path, SMART_TURN.sha256, weights_dir=tmp_path)
    line = one_line(error)
    assert str(damaged) in line
    assert SMART_TURN.sha256[:16] in line
    assert "reinstall" in line


def test_a_damaged_file_in_any_model_stops_the_loading_of_all(tmp_path: Path) -> None:
    config = WHISPER["base"]["config.json"][0]
    damaged = tmp_path / config.distribution / config.path
    damaged.parent.mkdir(parents=True)
    damaged.write_text("{}")
    with pytest.raises(WeightError) as error:
        models_load(stt_model="base", tts_engine="piper", weights_dir=tmp_path)
    assert str(damaged) in one_line(error)


def test_a_wheel_that_is_not_installed_is_named() -> None:
    with pytest.raises(WeightError) as error:
        weight_bytes("no-such-weights", "a/b.onnx", "0" * 64)
    assert "no-such-weights is not installed" in one_line(error)


def test_a_file_that_left_its_wheel_is_named() -> None:
    with pytest.raises(WeightError) as error:
        weight_file("faster-whisper", "faster_whisper/assets/nothing.onnx", "0" * 64)
    assert "nothing.onnx is missing" in one_line(error)


@pytest.mark.parametrize(
    ("stt_model", "says"),
    [
        ("huge", "should be base, tiny"),
        ("/no/such/dir", "should be base, tiny"),
        ("{empty}", "should hold a CTranslate2"),
    ],
)
def test_an_unknown_recogniser_is_refused_in_one_line(tmp_path: Path, stt_model: str, says: str) -> None:
    with pytest.raises(WeightError) as error:
        models_load(stt_model=stt_model.format(empty=tmp_path), tts_engine="piper")
    assert says in one_line(error)
