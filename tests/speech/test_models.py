"""Real models on speech that is not their own."""

import os
import re
import signal
import threading
from collections.abc import Callable

import numpy as np
import pytest

from calls.speech.models import Models
from calls.speech.pyttsx3_voice import Pyttsx3Speaker
from calls.speech.resample import Resampler
from calls.speech.turn import turn_features
from calls.speech.vad import GateState, SpeechGate
from tests.speech.conftest import AUDIO

pytestmark = pytest.mark.models

Spoken = Callable[[str], np.ndarray]


def words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9']+", text.lower()))


def gated(models: Models, audio: np.ndarray) -> GateState:
    """State at the end of the audio between half a second of silence on each side."""
    vad, gate = models.vad(), SpeechGate()
    padded = np.pad(audio, 8192)
    for at in range(0, len(padded) - 511, 512):
        state = gate.push(vad.push(padded[at : at + 512]), padded[at : at + 512])
    return state


@pytest.mark.parametrize("voice", ["slt", "rms", "awb"])
@pytest.mark.parametrize("line", ["refund", "bye", "yes", "no", "stop"])
def test_speech_opens_the_gate_and_its_end_is_found(
    models: Models, spoken: Spoken, line: str, voice: str
) -> None:
    audio = spoken(f"{line}_{voice}")
    state = gated(models, audio)
    assert state.speaking
    assert state.start_sample is not None and state.start_sample <= 8192 + 1600 + 512
    end = 8192 + len(audio) - 1600
    assert state.speech_end_sample is not None and abs(state.speech_end_sample - end) < 4000


@pytest.mark.parametrize("noise", ["cough", "typing", "silence", "line_noise"])
def test_noises_do_not_open_the_gate(models: Models, spoken: Spoken, noise: str) -> None:
    assert not gated(models, spoken(noise)).speaking


def test_a_hum_of_agreement_opens_the_gate_and_nothing_is_invented_for_it(
    models: Models, spoken: Spoken
) -> None:
    audio = spoken("mm_hm_en_us")
    assert gated(models, audio).speaking
    assert len(words(models.recogniser.transcribe(audio).text).split()) <= 2


def test_two_calls_share_a_model_but_not_their_memory(models: Models, spoken: Spoken) -> None:
    audio = spoken("refund_slt")
    frames = [audio[at : at + 512] for at in range(0, len(audio) - 511, 512)]
    alone = models.vad()
    expected = [alone.push(frame) for frame in frames]
    one, other = models.vad(), models.vad()
    mixed = [(one.push(frame), other.push(np.zeros(512, dtype=np.float32)))[0] for frame in frames]
    assert mixed == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("voice", ["slt", "rms", "awb"])
def test_the_end_of_a_question_sounds_like_an_end_and_its_middle_does_not(
    models: Models, spoken: Spoken, voice: str
) -> None:
    audio = spoken(f"refund_{voice}")
    assert turn_features(audio).shape == (1, 80, 800)
    assert models.end_of_turn.judge(np.pad(audio, (0, 1600))) > 0.5
    assert models.end_of_turn.judge(audio[: len(audio) // 2]) < 0.5
    assert models.end_of_turn.judge(audio[:0]) == 0.0


@pytest.mark.parametrize("voice", ["slt", "rms", "awb"])
@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("refund", "what is your refund policy"),
        ("email_it", "can you send me the full policy on email"),
        ("bye", "that's all thank you"),
        ("yes", "yes"),
        ("no", "no"),
    ],
)
def test_the_first_scenario_is_understood_in_every_voice(
    models: Models, spoken: Spoken, line: str, text: str, voice: str
) -> None:
    heard = models.recogniser.transcribe(spoken(f"{line}_{voice}"), vocabulary=["refund policy", "WhatsApp"])
    assert text in words(heard.text)


@pytest.mark.parametrize("voice", ["slt", "rms"])
def test_a_dictated_number_keeps_all_its_digits(models: Models, spoken: Spoken, voice: str) -> None:
    heard = models.recogniser.transcribe(spoken(f"phone_number_{voice}"))
    assert re.sub(r"\D", "", heard.text) == "9876543210"


@pytest.mark.parametrize("noise", ["cough", "typing", "silence", "line_noise"])
def test_nothing_is_heard_in_noise_whether_or_not_there_are_names_to_listen_for(
    models: Models, spoken: Spoken, noise: str
) -> None:
    assert models.recogniser.transcribe(spoken(noise)).text == ""
    assert models.recogniser.transcribe(spoken(noise), vocabulary=["refund policy", "WhatsApp"]).text == ""


@pytest.mark.parametrize("line", ["yes_slt", "no_awb", "okay_rms"])
def test_names_to_listen_for_do_not_swallow_a_short_answer(models: Models, spoken: Spoken, line: str) -> None:
    names = ["Acme", "refund policy", "WhatsApp", "product catalog", "ABC12345", "UltraBook Pro"]
    heard = models.recogniser.transcribe(spoken(line), vocabulary=names)
    assert words(heard.text) == line.split("_")[0]


def test_control_tokens_in_a_name_stay_text(models: Models, spoken: Spoken) -> None:
    heard = models.recogniser.transcribe(
        spoken("refund_slt"), vocabulary=["<|endoftext|>", "<|startoftranscript|>"]
    )
    assert "refund policy" in heard.text


@pytest.mark.parametrize("samples", [0, 1, 100, 319, 321, 1600])
def test_a_scrap_of_audio_is_a_transcript_too(models: Models, samples: int) -> None:
    scrap = (0.3 * np.random.default_rng(1).standard_normal(samples)).astype(np.float32)
    assert models.recogniser.transcribe(scrap).duration_ms == round(samples / 16)


def test_a_turn_longer_than_the_window_is_heard_to_its_end(models: Models, spoken: Spoken) -> None:
    gap = np.zeros(12000, dtype=np.float32)
    parts = [spoken("long_slt"), gap] * 5 + [spoken("person_rms")]
    heard = models.recogniser.transcribe(np.concatenate(parts))
    assert heard.duration_ms > 30_000
    assert words(heard.text).endswith("i want to talk to a person")


def test_the_first_sample_that_is_sent_is_nearly_audible_and_sentences_come_one_by_one(
    models: Models,
) -> None:
    chunks = models.voice.synthesise("It takes five days. Then you get a mail.")
    first = np.frombuffer(next(chunks), dtype="<i2")
    assert models.voice.sample_rate == 22_050
    assert np.flatnonzero(np.abs(first) > 655)[0] < 22050 * 25 // 1000
    rest = b"".join(chunks)
    assert 1.5 < (len(first) + len(rest) / 2) / 22050 < 6.0


@pytest.mark.parametrize("text", ["", "  ", "😀", "!!! ###", "—", "[[", "[[x]]", "\x00", "नमस्ते", "1" * 50])
def test_odd_text_is_silence_or_speech_but_no_error(models: Models, text: str) -> None:
    assert len(b"".join(models.voice.synthesise(text))) % 2 == 0


def test_a_fixed_phrase_is_spoken_once_and_kept(models: Models) -> None:
    assert [*models.voice.synthesise("One moment, please.")] == [
        *models.voice.synthesise("One  moment, please. ")
    ]


def test_what_piper_says_can_be_understood(models: Models) -> None:
    pcm = b"".join(models.voice.synthesise("You will have your money back in seven days."))
    heard = models.recogniser.transcribe(Resampler(models.voice.sample_rate).push(pcm))
    assert "money back in" in words(heard.text)


def test_four_threads_may_speak_and_listen_at_once(models: Models, spoken: Spoken) -> None:
    heard: list[str] = []

    def call(line: str) -> None:
        b"".join(models.voice.synthesise(f"You said {line}."))
        heard.append(words(models.recogniser.transcribe(spoken(line)).text))

    threads = [
        threading.Thread(target=call, args=(line,)) for line in ("no_slt", "no_rms", "refund_rms", "yes_slt")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(heard) == ["no", "no", "what is your refund policy", "yes"]


def test_the_second_voice_speaks_the_same_way_and_survives_its_own_death() -> None:
    with Pyttsx3Speaker() as voice:
        before = b"".join(voice.synthesise("Hello, how can I help you?"))
        assert 1.0 < len(before) / 2 / voice.sample_rate < 4.0
        for odd in ("", "😀", "!!!"):
            assert b"".join(voice.synthesise(odd)) == b""
        first = voice.helper_pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert len(b"".join(voice.synthesise("I am back."))) > 10_000
        assert voice.helper_pid != first


def test_the_second_voice_is_replaced_when_it_hangs() -> None:
    with Pyttsx3Speaker(timeout_s=3.0) as voice:
        first = voice.helper_pid
        assert first is not None
        os.kill(first, signal.SIGSTOP)
        assert len(b"".join(voice.synthesise("I was stuck."))) > 10_000
        assert voice.helper_pid != first


# --- other languages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "language", "heard"),
    [("foreign_person_es", "es", "persona"), ("foreign_order_de", "de", "meine")],
)
def test_words_of_another_language_are_written_in_that_language(
    models: Models, spoken: Spoken, line: str, language: str, heard: str
) -> None:
    transcript = models.recogniser.transcribe(spoken(line), or_other=True)
    assert transcript.language == language and heard in transcript.text.lower()


def test_no_english_recording_of_ours_is_heard_as_another_language(models: Models, spoken: Spoken) -> None:
    ours = [path.stem for path in sorted(AUDIO.glob("*.wav")) if not path.stem.startswith("foreign")]
    assert len(ours) > 50
    others = [
        name for name in ours if models.recogniser.transcribe(spoken(name), or_other=True).language != "en"
    ]
    assert others == []
