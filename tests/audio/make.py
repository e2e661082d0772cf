"""The spoken fixtures are speech that no part of the product made: other engines, other voices, fixed texts.

Development only, run by hand: `python tests/audio/make.py` with `flite` and `espeak-ng` on the PATH (Debian packages
of those names). It rewrites every WAV beside it and `manifest.yaml`. Tests read the manifest and never run this.
"""

import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np
import soxr
import yaml

HERE = Path(__file__).parent
RATE = 16_000
VOICES = ("slt", "rms", "awb")

# (name, text as one would write it, what the synthesiser is given, voices)
LINES: list[tuple[str, str, str, tuple[str, ...]]] = [
    ("refund", "What is your refund policy?", "", VOICES),
    ("refund_p1", "Can I get my money back if I don't like it?", "", ("slt",)),
    ("refund_p2", "How do refunds work?", "", ("rms",)),
    ("refund_p3", "I want to know about your refund policy.", "", ("awb",)),
    ("email_it", "Okay, can you send me the full policy on email?", "", VOICES),
    ("email_it_p1", "Please email me the whole policy.", "", ("rms",)),
    ("email_it_p2", "Could you mail that document to me?", "", ("slt",)),
    ("email_it_p3", "Send the refund policy to my email address.", "", ("awb",)),
    ("bye", "No, that's all. Thank you!", "", VOICES),
    ("bye_p1", "Nothing else, thanks. Goodbye.", "", ("awb",)),
    ("bye_p2", "No, I'm good. Have a nice day.", "", ("slt",)),
    ("bye_p3", "That will be everything, thank you.", "", ("rms",)),
    ("yes", "Yes.", "", VOICES),
    ("no", "No.", "", VOICES),
    ("mm_hm", "Mm-hm.", "espeak:[[m'm_!h'm]]", ("en-us", "en-gb")),
    ("okay", "Okay.", "", ("slt", "rms")),
    ("stop", "Stop.", "", VOICES),
    ("wait", "Wait, how long does it take?", "", ("slt", "rms")),
    ("warranty", "How long is the warranty on a laptop?", "", ("slt", "awb")),
    ("international", "Do you ship internationally?", "", ("rms", "awb")),
    ("person", "I want to talk to a person.", "", ("slt", "rms")),
    ("payment", "Which payment methods do you accept?", "", ("slt",)),
    ("order", "Where is my order? It should have come yesterday.", "", ("rms",)),
    ("hours", "Are you open on Sundays?", "", ("awb",)),
    (
        "phone_number",
        "My number is 98765 43210.",
        "My number is|nine eight seven six five|four three two one zero.",
        ("slt", "rms"),
    ),
    (
        "email_spelled",
        "john.smith@example.com",
        "It is john dot smith|at example dot com.",
        ("slt", "awb"),
    ),
    ("unfinished", "I would like to know about", "I would like to know about", ("slt", "awb")),
    (
        "long",
        "I bought a laptop last week and the screen has a line on it, so I wonder if I can send it back.",
        "",
        ("slt",),
    ),
    (
        "foreign_person",
        "Necesito hablar con una persona, por favor.",
        "espeak:Necesito hablar con una persona, por favor.",
        ("es",),
    ),
    (
        "foreign_order",
        "Wo ist meine Bestellung? Ich habe sie vor fünf Tagen aufgegeben.",
        "espeak:Wo ist meine Bestellung? Ich habe sie vor fünf Tagen aufgegeben.",
        ("de",),
    ),
]

PAUSE_S = 0.9  # inside dictated numbers and addresses, where "|" stands
EDGE_S = 0.1


def flite(text: str, voice: str) -> np.ndarray:
    """float32 mono at 16 kHz."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", file.name], check=True)
        return wav_read(Path(file.name))


def espeak(text: str, voice: str) -> np.ndarray:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["espeak-ng", "-v", voice, "-s", "150", "-w", file.name, text], check=True)
        return wav_read(Path(file.name))


def wav_read(path: Path) -> np.ndarray:
    with wave.open(str(path)) as wav:
        samples = np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2").astype(np.float32) / 32768
        rate = wav.getframerate()
    return samples if rate == RATE else soxr.resample(samples, rate, RATE)


def trimmed(audio: np.ndarray) -> np.ndarray:
    """Without the engine's own silence, peak at -6 dBFS, EDGE_S of silence on both sides."""
    loud = np.flatnonzero(np.abs(audio) > 0.01 * np.abs(audio).max())
    body = audio[loud[0] : loud[-1] + 1]
    edge = np.zeros(int(EDGE_S * RATE), dtype=np.float32)
    return np.concatenate([edge, 0.5 * body / np.abs(body).max(), edge])


def wav_write(path: Path, audio: np.ndarray) -> None:
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes((np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes())


def spoken(text: str, given: str, voice: str) -> np.ndarray:
    if given.startswith("espeak:"):
        return trimmed(espeak(given.removeprefix("espeak:"), voice))
    pieces = [trimmed(flite(piece, voice)) for piece in (given or text).split("|")]
    gap = np.zeros(int((PAUSE_S - 2 * EDGE_S) * RATE), dtype=np.float32)
    joined = pieces[0]
    for piece in pieces[1:]:
        joined = np.concatenate([joined, gap, piece])
    return joined


def noises() -> dict[str, np.ndarray]:
    """Sounds of a call that are not speech; seeded, so that a rerun writes the same bytes."""
    random = np.random.default_rng(7)

    def silence(seconds: float) -> np.ndarray:
        return np.zeros(int(seconds * RATE), dtype=np.float32)

    def burst(seconds: float, level: float, low: float, high: float) -> np.ndarray:
        white = random.standard_normal(int(seconds * RATE))
        spectrum = np.fft.rfft(white)
        frequencies = np.fft.rfftfreq(len(white), 1 / RATE)
        spectrum[(frequencies < low) | (frequencies > high)] = 0
        shaped = np.fft.irfft(spectrum, len(white)) * np.exp(-np.linspace(0, 6, len(white)))
        return (level * shaped / np.abs(shaped).max()).astype(np.float32)

    clicks = silence(2.0)
    for start in np.cumsum(random.uniform(0.08, 0.25, size=10)):
        click = burst(0.012, 0.15, 1500, 7000)
        at = int(start * RATE)
        clicks[at : at + len(click)] += click[: len(clicks) - at]
    hum = 0.01 * np.sin(2 * np.pi * 50 * np.arange(3 * RATE) / RATE)
    hiss = 0.004 * random.standard_normal(3 * RATE)
    return {
        "cough": np.concatenate(
            [
                silence(0.3),
                burst(0.25, 0.6, 200, 4000),
                silence(0.1),
                burst(0.18, 0.4, 200, 4000),
                silence(0.6),
            ]
        ),
        "typing": clicks,
        "silence": silence(2.0),
        "line_noise": (hum + hiss).astype(np.float32),
    }


def main() -> None:
    for old in HERE.glob("*.wav"):
        old.unlink()
    entries = []
    for name, text, given, voices in LINES:
        for voice in voices:
            audio = spoken(text, given, voice)
            file = f"{name}_{voice.replace('-', '_')}.wav"
            wav_write(HERE / file, audio)
            engine = "espeak-ng" if given.startswith("espeak:") else "flite"
            entry = {
                "file": file,
                "kind": "speech",
                "line": name,
                "text": text,
                "engine": engine,
                "voice": voice,
            }
            entries.append(entry | {"seconds": round(len(audio) / RATE, 2)})
    for name, audio in noises().items():
        wav_write(HERE / f"{name}.wav", audio)
        entry = {"file": f"{name}.wav", "kind": "noise", "line": name, "text": ""}
        entries.append(entry | {"engine": "numpy", "voice": "", "seconds": round(len(audio) / RATE, 2)})
    header = "# Written by make.py. All 16 kHz mono s16le. `text` is what a listener would write down.\n"
    (HERE / "manifest.yaml").write_text(header + yaml.safe_dump(entries, sort_keys=False, allow_unicode=True))


if __name__ == "__main__":
    main()
