"""Real models, loaded once for all speech tests; spoken fixtures as arrays."""

import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from calls.speech.models import Models, models_load

AUDIO = Path(__file__).parents[1] / "audio"


@pytest.fixture(scope="session")
def models() -> Iterator[Models]:
    loaded = models_load(stt_model="base", tts_engine="piper")
    yield loaded
    loaded.close()


@pytest.fixture(scope="session")
def spoken() -> Callable[[str], np.ndarray]:
    def read(name: str) -> np.ndarray:
        with wave.open(str(AUDIO / f"{name}.wav")) as file:
            return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.float32) / 32768

    return read
