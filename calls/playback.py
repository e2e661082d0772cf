"""The agent's audio, on its way out: in real time, a little ahead, ready to stop at once.

Invariant: nothing of a turn is sent after it was interrupted, and at most ``LEAD_S`` of it lies unplayed on the other side.
What was sent of the current turn is kept until the turn is over, so that a new connection can go on where the old one broke.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

LEAD_S = 0.2
FRAME_S = 0.04


@dataclass(slots=True)
class _Outgoing:
    """One agent turn: its audio so far, and where in it each sentence begins (bytes)."""

    turn: int
    pcm: bytearray = field(default_factory=bytearray)
    sentences: list[tuple[int, str]] = field(default_factory=list)
    told: int = 0
    at: int = 0
    complete: bool = False
    started: bool = False
    finished: bool = False


class Playback:
    """Puts one turn at a time on the line, JSON and audio in their order; ``sent`` is called when all of it is out."""

    def __init__(
        self,
        *,
        rate: int,
        put: Callable[[Mapping[str, Any] | bytes], None],
        sent: Callable[[int], None],
    ) -> None:
        self._bytes_a_second = rate * 2
        self._frame = int(rate * FRAME_S) * 2
        self._put = put
        self._sent = sent
        self._out: _Outgoing | None = None
        self._hushed = False
        self._due = 0.0
        self._wake = asyncio.Event()

    def play(self, *, turn: int, text: str, pcm: bytes, last: bool) -> None:
        """Add a sentence to ``turn``, which becomes the current one."""
        if self._out is None or self._out.turn != turn:
            self._out = _Outgoing(turn=turn)
            self._hushed = False
            self._due = 0.0
        self._out.sentences.append((len(self._out.pcm), text))
        self._out.pcm += pcm
        self._out.complete = last
        self._wake.set()

    def complete(self, turn: int) -> None:
        """Nothing more comes in ``turn``."""
        if self._out is not None and self._out.turn == turn:
            self._out.complete = True
            self._wake.set()

    def hush(self, turn: int) -> bool:
        """Hold ``turn``; True if there was something to hold."""
        if self._out is None or self._out.turn != turn:
            return False
        self._hushed = True
        return True

    def resume(self, turn: int, *, from_ms: int | None) -> None:
        """Go on with ``turn``; ``from_ms`` sends again what lies behind that point."""
        if self._out is None or self._out.turn != turn:
            return
        self._hushed = False
        self._due = 0.0
        if from_ms is not None:
            at = int(from_ms * self._bytes_a_second / 1000) & ~1
            self._out.at = min(at, len(self._out.pcm))
            self._out.finished = False
            self._put({"type": "audio", "turn": turn, "state": "start", "from_ms": from_ms})
        self._wake.set()

    def clear(self, turn: int) -> None:
        if self._out is not None and self._out.turn == turn:
            self._out = None
            self._hushed = False

    async def run(self) -> None:
        """Send until cancelled. Frames leave when the other side's buffer has fallen to ``LEAD_S``."""
        while True:
            out = self._out
            if (
                out is None
                or self._hushed
                or out.finished
                or (out.at >= len(out.pcm) and not self._has_news(out))
            ):
                self._wake.clear()
                await self._wake.wait()
                continue
            await self._send_next(out)

    def _has_news(self, out: _Outgoing) -> bool:
        return out.complete or out.told < len(out.sentences)

    async def _send_next(self, out: _Outgoing) -> None:
        if not out.started:
            out.started = True
            self._put({"type": "audio", "turn": out.turn, "state": "start"})
        while out.told < len(out.sentences) and out.sentences[out.told][0] <= out.at:
            text = out.sentences[out.told][1]
            out.told += 1
            self._put({"type": "transcript", "turn": out.turn, "role": "agent", "text": text, "final": True})
        if out.at < len(out.pcm):
            await self._send_frame(out)
        elif out.complete and self._out is out:
            out.finished = True
            self._put({"type": "audio", "turn": out.turn, "state": "end"})
            self._sent(out.turn)

    async def _send_frame(self, out: _Outgoing) -> None:
        now = asyncio.get_running_loop().time()
        self._due = max(self._due, now - LEAD_S)
        ahead = self._due - now
        if ahead > 0:
            await asyncio.sleep(ahead)
        if self._out is not out or self._hushed:
            return
        frame = bytes(out.pcm[out.at : out.at + self._frame])
        out.at += len(frame)
        self._due += len(frame) / self._bytes_a_second
        self._put(frame)
