"""A short utterance costs a short decode, and no decode may run away, invent, or lose a short word.

Whisper was trained on 30 s windows, and encoding one costs half a second on a CPU. The encoder accepts less,
but then the decoder, which has never seen so short a memory, often says everything twice and never stops
(about 40 % of short utterances here). So: encode the speech and one second of padding, and append the
encoder's own states of pure silence for the following ten seconds, computed once at load. The decoder sees an
utterance followed by silence, as it did in training, and stops (0 to 2 %). What still runs away is decoded
again in a full window, and cut where it repeats.

Phantom phrases ("thanks for watching") are refused by energy first, the model's own doubt second, a list
last.
"""

import os
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import tokenizers

from calls.speech.base import SAMPLE_RATE, Audio, Transcript
from calls.speech.features import HOP, log_mel
from calls.speech.level import loudest

WINDOW_S = 30.0
PADDING_S = 1.0
TAIL_STATES = 500  # 20 ms each
SHORT_S = 1.3  # a second look at so little costs more than it finds
PIECE_S = 28.0  # longer audio is cut into pieces at a quiet spot
# Less than this tells no language; more than so much doubt, or belief in the expected one, and it is that one.
LANGUAGE_S = 1.2
OTHER_LANGUAGE, EXPECTED_AT_MOST = 0.6, 0.2
SILENCE_DBFS = -52.0  # nothing louder than this in the whole utterance: nobody spoke
TOKENS_A_SECOND = 8.0  # faster than anyone speaks or spells
TOKENS_SPARE = 8
VOCABULARY_TOKENS = 96  # of the prompt; each costs prefill time and pull towards the list
MAX_NEW_TOKENS = 216

# Heard by Whisper in noise: only refused when the model also doubts that anyone spoke.
PHANTOMS = frozenset(
    phrase.strip()
    for phrase in """
        you | thank you | thanks | thank you very much | thanks for watching | thank you for watching | bye
        | bye bye | please subscribe | subscribe | subtitles by the amara org community | i m sorry | so | i m
        | the end | music | silence | applause
    """.split("|")
)


def repetition_cut(tokens: Sequence[int], *, times: int = 3) -> list[int]:
    """Tokens up to the end of the first of `times` equal consecutive runs of any length, else all of them.

    The runs must reach the end of the sequence (its last run may be cut off), because that is what a loop
    looks like; "no, no, no, wait" is speech.
    """
    for period in range(1, len(tokens) // times + 1):
        looping = 0
        while looping + period < len(tokens) and tokens[-1 - looping] == tokens[-1 - looping - period]:
            looping += 1
        if looping >= period * (times - 1):
            return list(tokens[: len(tokens) - looping])
    return list(tokens)


def _loops(tokens: Sequence[int], limit: int) -> bool:
    return len(tokens) >= limit or repetition_cut(tokens) != list(tokens)


def is_phantom(text: str, *, avg_logprob: float, no_speech_prob: float) -> bool:
    """Whether a decode is the model talking to itself. One-word answers pass unless the model itself doubts
    them."""
    words = "".join(c if c.isalnum() else " " for c in text.lower()).split()
    if not words:
        return True
    if no_speech_prob > 0.6 and avg_logprob < -1.0:
        return True
    return no_speech_prob > 0.6 and " ".join(words) in PHANTOMS


class WhisperRecogniser:
    """Thread-safe; concurrent calls queue inside CTranslate2 unless `workers` allows more."""

    def __init__(
        self,
        *,
        model: Any,
        tokenizer: tokenizers.Tokenizer,
        beam_size: int = 1,
        cache: Path | None = None,
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._beam_size = beam_size
        self._end = self._token("<|endoftext|>")
        self._silence = self._silence_encoded(cache)

    @classmethod
    def from_files(
        cls, *, name: str, files: Mapping[str, bytes], threads: int, workers: int = 1, **options: Any
    ) -> "WhisperRecogniser":
        """From the content of a CTranslate2 model's files (model.bin, config.json, tokenizer.json,
        vocabulary.*)."""
        model = ctranslate2.models.Whisper(
            name, compute_type="int8", intra_threads=threads, inter_threads=workers, files=dict(files)
        )
        tokenizer = tokenizers.Tokenizer.from_str(files["tokenizer.json"].decode())
        return cls(model=model, tokenizer=tokenizer, **options)

    @classmethod
    def from_directory(
        cls, directory: Path, *, threads: int, workers: int = 1, **options: Any
    ) -> "WhisperRecogniser":
        """From a directory with a CTranslate2 Whisper model that the operator chose (and vouches for)."""
        model = ctranslate2.models.Whisper(
            str(directory), compute_type="int8", intra_threads=threads, inter_threads=workers
        )
        tokenizer = tokenizers.Tokenizer.from_file(str(directory / "tokenizer.json"))
        return cls(model=model, tokenizer=tokenizer, **options)

    def transcribe(
        self,
        audio: Audio,
        *,
        vocabulary: Sequence[str] = (),
        language: str = "en",
        or_other: bool = False,
    ) -> Transcript:
        """Text of float32 mono at 16 kHz, any length.

        With `or_other`, words that are plainly of another language are written in that one: taken for
        `language` they would come out translated, or as nonsense. `vocabulary` leans the spelling towards
        names (best first: what doesn't fit the prompt is left out).
        Speed: see docs/models.md.
        """
        if len(audio) > WINDOW_S * SAMPLE_RATE:
            return self._in_pieces(audio, vocabulary=vocabulary, language=language, or_other=or_other)
        duration_ms = round(1000 * len(audio) / SAMPLE_RATE)
        if len(audio) < SAMPLE_RATE // 50 or loudest(audio) < SILENCE_DBFS:
            return Transcript(
                text="",
                avg_logprob=0.0,
                no_speech_prob=1.0,
                duration_ms=duration_ms,
                ran_away=False,
                language=language,
            )
        limit = min(MAX_NEW_TOKENS, ceil(len(audio) / SAMPLE_RATE * TOKENS_A_SECOND) + TOKENS_SPARE)
        heard = self._heard(audio)
        states = self._followed_by_silence(heard, TAIL_STATES)
        if or_other and len(audio) >= LANGUAGE_S * SAMPLE_RATE and self._model.is_multilingual:
            other = self._other_language(states, language)
            if other:
                language, vocabulary = other, ()
        tokens, logprob, doubt = self._decode(states, self._prompt(vocabulary, language), limit)
        ran_away = _loops(tokens, limit)
        if ran_away and len(audio) < SHORT_S * SAMPLE_RATE:
            # A nod or a single word: what it says is in its first repetition, and somebody waits for it.
            tokens = repetition_cut(tokens, times=2)
        elif ran_away:
            # All the silence there is, at the price of a slower decode; the encoding is reused. No
            # vocabulary:
            # a prompt is one more thing to copy from.
            bare = self._prompt((), language)
            tokens, logprob, doubt = self._decode(self._followed_by_silence(heard, None), bare, limit)
            if _loops(tokens, limit):
                states = ctranslate2.StorageView.from_array(self._encode(log_mel(_padded(audio, WINDOW_S))))
                tokens, logprob, doubt = self._decode(states, bare, limit)
            tokens = repetition_cut(tokens)
        text = self._tokenizer.decode([token for token in tokens if token < self._end]).strip()
        if is_phantom(text, avg_logprob=logprob, no_speech_prob=doubt):
            text = ""
        return Transcript(
            text=text,
            avg_logprob=logprob,
            no_speech_prob=doubt,
            duration_ms=duration_ms,
            ran_away=ran_away,
            language=language,
        )

    def _token(self, piece: str) -> int:
        token = self._tokenizer.token_to_id(piece)
        if token is None:
            raise ValueError(f"not a Whisper tokenizer: it has no {piece}")
        return int(token)

    def _encode(self, features: np.ndarray) -> np.ndarray:
        """(1, frames // 2, width) encoder states of (80, frames) log-mel features, frames even."""
        view = ctranslate2.StorageView.from_array(np.ascontiguousarray(features[None]))
        return np.array(self._model.encode(view, to_cpu=True))

    def _silence_encoded(self, cache: Path | None) -> np.ndarray:
        """Encoder states of a window of silence, (1, 1500, width): over a second of work, so kept in ``cache`` if given.

        The file's name says which model made it; one that can't be read, or has another shape, is made anew.
        """
        positions = int(WINDOW_S * SAMPLE_RATE) // (2 * HOP)
        if cache is not None:
            try:
                kept = np.load(cache, allow_pickle=False)
                if kept.dtype == np.float32 and kept.shape[:2] == (1, positions) and np.isfinite(kept).all():
                    return np.asarray(kept)
            except (OSError, ValueError, EOFError):
                pass  # not there yet, or damaged: made below
        silence = self._encode(log_mel(np.zeros(int(WINDOW_S * SAMPLE_RATE), dtype=np.float32)))
        if cache is not None:
            scratch = cache.with_suffix(f".{os.getpid()}.tmp")
            try:
                cache.parent.mkdir(parents=True, exist_ok=True)
                with scratch.open("wb") as file:
                    np.save(file, silence)
                scratch.replace(cache)
            except OSError:
                scratch.unlink(missing_ok=True)  # a read-only disk only costs the next start a second
        return silence

    def _heard(self, audio: Audio) -> np.ndarray:
        """Encoder states of the speech and its padding."""
        return self._encode(log_mel(_padded(audio, min(WINDOW_S, len(audio) / SAMPLE_RATE + PADDING_S))))

    def _followed_by_silence(self, heard: np.ndarray, states: int | None) -> Any:
        """What was heard, then that many states of silence (None: all) from the positions that follow."""
        until = None if states is None else heard.shape[1] + states
        tail = self._silence[:, heard.shape[1] : until]
        joined = np.ascontiguousarray(np.concatenate([heard, tail], axis=1))
        return ctranslate2.StorageView.from_array(joined)

    def _prompt(self, vocabulary: Sequence[str], language: str) -> list[int]:
        """Tokens before the answer. The vocabulary stands as a finished sentence ("TechCo, refund policy."):

        left open with a comma, the decoder goes on with the list instead of the audio ("yes" became a name of
        it).
        """
        words: list[int] = []
        for word in vocabulary:
            lead = "," if words else ""
            more = self._tokenizer.encode(f"{lead} {word}", add_special_tokens=False).ids
            if len(words) + len(more) > VOCABULARY_TOKENS:
                break
            words += [
                token for token in more if token < self._end
            ]  # a text may not smuggle control tokens in
        prompt: list[int] = []
        if words:
            full_stop = self._tokenizer.encode(".", add_special_tokens=False).ids
            prompt = [self._token("<|startofprev|>"), *words, *full_stop]
        prompt.append(self._token("<|startoftranscript|>"))
        if self._model.is_multilingual:
            prompt += [self._token(f"<|{language}|>"), self._token("<|transcribe|>")]
        return [*prompt, self._token("<|notimestamps|>")]

    def _decode(self, states: Any, prompt: list[int], limit: int) -> tuple[list[int], float, float]:
        """Tokens, mean log probability and no-speech probability; at most `limit` tokens."""
        # CTranslate2 stops at half of max_length, or at max_length minus the prompt, whichever is less.
        result = self._model.generate(
            states,
            [prompt],
            beam_size=self._beam_size,
            max_length=max(2 * limit, limit + len(prompt)),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens = list(result.sequences_ids[0])
        # The score is a mean over the tokens without the end token; this counts that one too.
        logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
        return tokens, float(logprob), float(result.no_speech_prob)

    def _other_language(self, states: Any, expected: str) -> str:
        """The language that it plainly is when it isn't the expected one; empty otherwise. One decoder step."""
        chances = {token.strip("<|>"): chance for token, chance in self._model.detect_language(states)[0]}
        heard = max(chances, key=lambda name: chances[name])
        if (
            heard == expected
            or chances[heard] < OTHER_LANGUAGE
            or chances.get(expected, 0.0) > EXPECTED_AT_MOST
        ):
            return ""
        return heard

    def _in_pieces(
        self, audio: Audio, *, vocabulary: Sequence[str], language: str, or_other: bool
    ) -> Transcript:
        parts: list[Transcript] = []
        while len(audio):
            cut = _quiet_spot(audio) if len(audio) > WINDOW_S * SAMPLE_RATE else len(audio)
            piece = self.transcribe(audio[:cut], vocabulary=vocabulary, language=language, or_other=or_other)
            parts.append(piece)
            audio = audio[cut:]
        spoken = [part for part in parts if part.text] or parts[:1]
        return Transcript(
            text=" ".join(part.text for part in spoken if part.text),
            avg_logprob=min(part.avg_logprob for part in spoken),
            no_speech_prob=max(part.no_speech_prob for part in spoken),
            duration_ms=sum(part.duration_ms for part in parts),
            ran_away=any(part.ran_away for part in parts),
            language=spoken[0].language,
        )


def _padded(audio: Audio, seconds: float) -> Audio:
    """With silence up to `seconds`, rounded down to whole pairs of feature frames, because two make one
    state."""
    samples = int(seconds * SAMPLE_RATE) // (2 * HOP) * (2 * HOP)
    return np.pad(audio, (0, max(0, samples - len(audio))))[:samples]


def _quiet_spot(audio: Audio) -> int:
    """Sample index of the quietest 100 ms in the last 5 s of the first PIECE_S."""
    block = SAMPLE_RATE // 10
    last = int(PIECE_S * SAMPLE_RATE) // block
    powers = np.square(audio[: last * block]).reshape(last, block).mean(axis=1)
    first = last - 50
    return (first + int(np.argmin(powers[first:]))) * block + block // 2
