"""The voice is heard at once and never raises: leading silence is cut, odd text is silence, fixed phrases are
kept.

Piper speaks a sentence at a time, so the first sentence is out before the second is begun. The engine under
it (eSpeak NG's phonemiser) is process-wide and guarded by Piper's own lock; synthesis itself runs
concurrently.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from piper import PiperVoice, SynthesisConfig
from piper.config import PiperConfig

from calls.speech.base import Audio
from calls.speech.onnx import session_open
from calls.speech.resample import pcm_bytes
from calls.speech.trim import trimmed

CHUNK_MS = 200
CACHE_BYTES = 16 << 20  # about six minutes at 22,050 Hz
CACHED_CHARACTERS = 200  # a longer text is an answer, not a fixed phrase
SENTENCE_GAP_MS = 180


class Phrases:
    """Least recently used audio of short texts, bounded in bytes."""

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._limit = limit
        self._size = 0
        self._audio: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str) -> bytes | None:
        with self._lock:
            if text in self._audio:
                self._audio.move_to_end(text)
            return self._audio.get(text)

    def put(self, text: str, audio: bytes) -> None:
        if len(text) > CACHED_CHARACTERS or len(audio) > self._limit:
            return
        with self._lock:
            self._size -= len(self._audio.pop(text, b""))
            self._audio[text] = audio
            self._size += len(audio)
            while self._size > self._limit:
                _, oldest = self._audio.popitem(last=False)
                self._size -= len(oldest)


class PiperSpeaker:
    """Implements Voice; thread-safe."""

    def __init__(self, *, voice: Any, length_scale: float = 1.0, volume: float = 0.8) -> None:
        self.sample_rate = int(voice.config.sample_rate)
        self._voice = voice
        self._settings = SynthesisConfig(length_scale=length_scale, normalize_audio=True, volume=volume)
        self._phrases = Phrases()

    @classmethod
    def from_file(cls, path: Path, config: dict[str, Any], *, threads: int, **options: Any) -> "PiperSpeaker":
        """From a Piper ONNX voice and the content of its JSON; `threads` are those of one synthesis."""
        session = session_open(path, threads=threads)
        voice = PiperVoice(session=session, config=PiperConfig.from_dict(config), download_dir=path.parent)
        return cls(voice=voice, **options)

    def synthesise(self, text: str) -> Iterator[bytes]:
        """PCM s16le mono at `sample_rate`, a sentence at a time in chunks of 200 ms; nothing for unspeakable
        text."""
        text = " ".join(text.split())
        cached = self._phrases.get(text)
        if cached is not None:
            yield from self._chunks(cached)
            return
        spoken: list[bytes] = []
        gap = bytes(2 * (self.sample_rate * SENTENCE_GAP_MS // 1000))
        for sentence in self._sentences(text):
            pcm = pcm_bytes(trimmed(sentence, self.sample_rate)) + gap
            spoken.append(pcm)
            yield from self._chunks(pcm)
        if spoken:
            self._phrases.put(text, b"".join(spoken))

    def _sentences(self, text: str) -> Iterator[Audio]:
        if not any(character.isalnum() for character in text):
            return
        # Piper reads [[...]] as raw phonemes; a text has no business there.
        text = text.replace("[[", "").replace("]]", "")
        for chunk in self._voice.synthesize(text, self._settings):
            audio = np.asarray(chunk.audio_float_array, dtype=np.float32).reshape(-1)
            if len(audio):
                yield audio

    def _chunks(self, pcm: bytes) -> Iterator[bytes]:
        size = 2 * (self.sample_rate * CHUNK_MS // 1000)
        for start in range(0, len(pcm), size):
            yield pcm[start : start + size]
