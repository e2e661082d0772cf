"""A caller's voice for spoken runs: preferably one that no part of the product has, so that it isn't hearing itself.

``flite`` if it is on the PATH, else eSpeak NG (the program, or the library that comes with the product), else the product's
own Piper, as a last resort and said so.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soxr

from calls.caller import RATE, Pcm, wav_read
from calls.core.speakable import speakable
from calls.scenarios.wording import NAMES
from calls.speech.models import PIPER, PIPER_CONFIG
from calls.speech.piper import PiperSpeaker
from calls.speech.pyttsx3_voice import Pyttsx3Speaker
from contactcenter.weights import weight_bytes, weight_file

EDGE_S = 0.1
_ID = re.compile(r"\b([A-Z]{2,6})-?(\d{4,12})\b")
_DIGITS = re.compile(r"(?<![\w.:])\+?\d[\d \-]{3,}\d(?![\w:])")


@dataclass(slots=True)
class Voices:
    """``say(text, at)``: samples of ``text`` in the voice for run ``at``, or ``wanted`` if there is such a voice.

    ``what`` says which engine it is; ``picked``: whoever runs it has picked the voices, and no scenario picks others.
    """

    what: str
    names: Sequence[str]
    make: Callable[[str, str], Pcm]
    picked: bool = False
    _made: dict[tuple[str, str], Pcm] = field(default_factory=dict)

    def say(self, text: str, at: int, wanted: str = "") -> Pcm:
        name = wanted if wanted in self.names and not self.picked else self.names[at % len(self.names)]
        if (text, name) not in self._made:
            self._made[text, name] = _trimmed(self.make(for_a_voice(text), name))
        return self._made[text, name]


def voices_find(names: Sequence[str] = ()) -> Voices:
    """Raises ``ValueError`` when the machine has no voice at all."""
    if shutil.which("flite"):
        return Voices("flite", names or ("slt", "rms", "awb"), _flite, bool(names))
    if shutil.which("espeak-ng"):
        return Voices("eSpeak NG", names or ("en-us", "en-gb"), _espeak, bool(names))
    try:
        return Voices("eSpeak NG, from the product's own library", ("en",), _pyttsx3())
    except Exception as error:  # noqa: BLE001 - whatever keeps it from speaking, there is another voice
        first = error
    try:
        return Voices("Piper, the product's own voice: a weak test of hearing", ("piper",), _piper())
    except Exception as error:
        raise ValueError(f"no voice to speak with: {first}; {error}") from error


def for_a_voice(text: str) -> str:
    """Numbers digit by digit and ids letter by letter, as a person would read them out."""
    text = _ID.sub(lambda hit: f"{' '.join(hit[1])} {_names(hit[2])}", text)
    text = _DIGITS.sub(lambda hit: _digit_by_digit(hit[0]), text)
    return speakable(text)


def _digit_by_digit(number: str) -> str:
    """In groups as written, or halves, with a short stop between them."""
    groups = re.findall(r"\d+", number)
    if len(groups) == 1 and len(groups[0]) > 6:
        middle = len(groups[0]) // 2
        groups = [groups[0][:middle], groups[0][middle:]]
    plus = "plus " if number.startswith("+") else ""
    return plus + ", ".join(_names(group) for group in groups)


def _names(number: str) -> str:
    return " ".join(NAMES[int(digit)] for digit in number)


def _trimmed(samples: Pcm) -> Pcm:
    """Without the engine's own silence, peak at -6 dBFS, a little silence on both sides."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 0.01 * np.abs(samples.astype(np.int32)).max())
    if not loud.size:
        return samples
    body = samples[loud[0] : loud[-1] + 1].astype(np.float64)
    edge = np.zeros(int(EDGE_S * RATE))
    whole = np.concatenate([edge, body * (16_384 / np.abs(body).max()), edge])
    return whole.astype(np.int16)


def _flite(text: str, voice: str) -> Pcm:
    return _by_program(["flite", "-voice", voice, "-t", text, "-o"], ())


def _espeak(text: str, voice: str) -> Pcm:
    return _by_program(["espeak-ng", "-v", voice, "-s", "150", "-w"], (text,))


def _by_program(before: Sequence[str], after: Sequence[str]) -> Pcm:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "said.wav"
        subprocess.run([*before, str(file), *after], check=True, capture_output=True, timeout=60)
        return wav_read(file)


def _pyttsx3() -> Callable[[str, str], Pcm]:
    speaker = Pyttsx3Speaker()
    return lambda text, _voice: _resampled(b"".join(speaker.synthesise(text)), speaker.sample_rate)


def _piper() -> Callable[[str, str], Pcm]:
    config = json.loads(weight_bytes(PIPER_CONFIG.distribution, PIPER_CONFIG.path, PIPER_CONFIG.sha256))
    file = weight_file(PIPER.distribution, PIPER.path, PIPER.sha256)
    speaker = PiperSpeaker.from_file(file, config, threads=1)
    return lambda text, _voice: _resampled(b"".join(speaker.synthesise(text)), speaker.sample_rate)


def _resampled(pcm: bytes, rate: int) -> Pcm:
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    return np.clip(soxr.resample(samples, rate, RATE), -32768, 32767).astype(np.int16)
