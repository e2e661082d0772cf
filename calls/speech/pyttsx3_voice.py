"""pyttsx3 can't hurt a call: it lives in a process of its own, and what it breaks there is started again.

The eSpeak NG driver under pyttsx3 keeps global state: a second engine in another thread crashes the process,
after a fork it hangs, two queued saves write one file, an empty text asserts. So there is one helper process,
spawned (never forked), one engine in its main thread, one request at a time over pipes, with a time limit on
each. A helper that dies or hangs is killed and replaced; the text is tried once more and then left unsaid.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
import structlog

from calls.speech.piper import Phrases
from calls.speech.resample import pcm_bytes
from calls.speech.trim import trimmed

HELPER = Path(__file__).with_name("pyttsx3_helper.py")
START_S = 20.0
TIMEOUT_S = 5.0
MAX_CHARACTERS = 1000
CHUNK_MS = 200
PEAK = 0.8
GAP_MS = 180

log = structlog.get_logger(__name__)


class HelperFailed(Exception):
    """The helper process died, hung or could not speak; a new one may."""


class Pyttsx3Speaker:
    """Implements Voice; thread-safe by queueing on one helper. Raises HelperFailed if it can't even start."""

    def __init__(self, *, rate: int = 170, timeout_s: float = TIMEOUT_S) -> None:
        self._rate = rate
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._helper: subprocess.Popen[bytes] | None = None
        self._phrases = Phrases()
        self.sample_rate = 22_050
        with self._lock:
            self._start()

    @property
    def helper_pid(self) -> int | None:
        """Of the process that speaks at the moment."""
        return self._helper.pid if self._helper else None

    def synthesise(self, text: str) -> Iterator[bytes]:
        """PCM s16le mono at `sample_rate` in chunks of 200 ms; nothing for unspeakable text or a dead
        engine."""
        text = " ".join(text.split())[:MAX_CHARACTERS]
        if not any(character.isalnum() for character in text):
            return
        pcm = self._phrases.get(text)
        if pcm is None:
            pcm = self._spoken(text)
            if pcm:
                self._phrases.put(text, pcm)
        size = 2 * (self.sample_rate * CHUNK_MS // 1000)
        for start in range(0, len(pcm), size):
            yield pcm[start : start + size]

    def close(self) -> None:
        """End the helper. A later `synthesise` starts another."""
        with self._lock:
            self._stop()

    def __enter__(self) -> "Pyttsx3Speaker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _spoken(self, text: str) -> bytes:
        for attempt in (1, 2):
            with self._lock:
                try:
                    if self._helper is None or self._helper.poll() is not None:
                        self._start()
                    raw = self._ask(text)
                except (HelperFailed, OSError) as error:
                    log.warning("pyttsx3_helper_failed", attempt=attempt, error=str(error))
                    self._stop()
                    continue
            audio = np.frombuffer(raw, dtype="<i2").astype(np.float32) / 32768.0
            peak = float(np.abs(audio).max(initial=0.0))
            if not peak:
                return b""
            gap = bytes(2 * (self.sample_rate * GAP_MS // 1000))
            return pcm_bytes(trimmed(audio * (PEAK / peak), self.sample_rate)) + gap
        return b""

    def _start(self) -> None:
        self._helper = subprocess.Popen(
            [sys.executable, "-I", str(HELPER), str(self._rate)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C meant for the server is for the server to pass on
        )
        try:
            with _Watchdog(self._helper, START_S):
                self.sample_rate = int(self._header()["sample_rate"])
        except HelperFailed:
            self._stop()
            raise

    def _stop(self) -> None:
        helper, self._helper = self._helper, None
        if helper is None:
            return
        helper.kill()
        helper.wait()
        for pipe in (helper.stdin, helper.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue  # what was still buffered for a dead process

    def _ask(self, text: str) -> bytes:
        helper = self._helper
        if helper is None or helper.stdin is None or helper.stdout is None:
            raise HelperFailed("not running")
        with _Watchdog(helper, self._timeout_s):
            helper.stdin.write(json.dumps({"text": text}).encode() + b"\n")
            helper.stdin.flush()
            size = int(self._header()["bytes"])
            raw = helper.stdout.read(size)
            if len(raw) != size:
                raise HelperFailed("ended in the middle of a sentence")
            return raw

    def _header(self) -> dict[str, int]:
        helper = self._helper
        if helper is None or helper.stdout is None:
            raise HelperFailed("not running")
        line = helper.stdout.readline()
        try:
            header = json.loads(line)
        except ValueError:
            raise HelperFailed("ended, hung or talked nonsense") from None
        if not isinstance(header, dict) or "error" in header:
            raise HelperFailed(f"said {header}")
        return header


class _Watchdog:
    """Kills the helper when a reply takes too long; the blocked read then sees the end of the pipe."""

    def __init__(self, helper: "subprocess.Popen[bytes]", timeout_s: float) -> None:
        self._timer = threading.Timer(timeout_s, helper.kill)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
