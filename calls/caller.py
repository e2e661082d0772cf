"""A caller for machines: speaks WAV files through the real socket, in real time, and listens like a browser does.

Invariant: it behaves as the contract says a client does: audio in 20 ms frames without a break, playback in real time,
acknowledged four times a second, dropped at once on ``interrupt``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Origin

RATE = 16_000
FRAME_S = 0.02
ACK_S = 0.25
PATIENCE_S = 40.0
QUIET = 300  # of 32,768: what a recording's own silence stays under
SETTLED = {"sent", "delivered", "failed", "unknown", "cancelled", "done"}

Pcm = NDArray[np.int16]


class CallRefused(RuntimeError):
    """The server didn't take the call; the message is the server's."""


def wav_read(path: Path) -> Pcm:
    """A 16-bit WAV file of any rate as mono samples at 16 kHz. Raises ``ValueError`` for anything else."""
    try:
        with wave.open(str(path), "rb") as file:
            if file.getsampwidth() != 2:
                raise ValueError(f"{path} isn't 16-bit PCM.")
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
            channels, rate = file.getnchannels(), file.getframerate()
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{path} isn't a WAV file: {error}") from error
    mono = samples.reshape(-1, channels).mean(axis=1) if channels > 1 else samples.astype(np.float64)
    return np.clip(soxr.resample(mono, rate, RATE), -32768, 32767).astype(np.int16)


@dataclass(slots=True)
class _Playing:
    """The agent turn that is being played, in bytes of PCM."""

    turn: int
    received: int = 0
    played: float = 0.0
    complete: bool = False


@dataclass(slots=True, kw_only=True)
class Caller:
    """One call. ``heard`` collects every JSON message, with the seconds since ``ready`` at which it came.

    ``mute``: no microphone, for somebody who only types; it costs the server a good deal less.
    """

    url: str
    token: str = ""
    site: str = ""
    lead: dict[str, str] = field(default_factory=dict)
    origin: str | None = None
    mute: bool = False
    heard: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    audio: list[tuple[float, bytes]] = field(default_factory=list)
    call_id: str = ""
    resume: str = ""
    rate: int = 22_050
    ended: str = ""
    _began: float = 0.0
    _spoke_until: float = 0.0
    _playing: _Playing | None = None
    _paused: bool = False
    _closed_mouth: bool = False
    _microphone: bytearray = field(default_factory=bytearray)
    _said: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _socket: ClientConnection | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def call(
        self,
        *,
        turns: Sequence[Pcm | str],
        greeting_first: bool = False,
        tell: Callable[[str], None] = lambda line: None,
    ) -> str:
        """Say ``turns`` (samples at 16 kHz are spoken, text is typed) one after the other; returns the call's id."""
        async with self.connected():
            if greeting_first or not turns:
                await self.until(self._agent_spoke)
            for turn in turns:
                await self.until(self._floor_is_free)
                if self.ended:
                    break
                await (self.type(turn) if isinstance(turn, str) else self.speak(turn))
                await self.answer_heard()
                tell(f"turn {self.answers()}: {'ended ' + self.ended if self.ended else 'answered'}")
            await self.hang_up()
        return self.call_id

    async def answer_heard(self, *, begun_for: float | None = None) -> None:
        """Until the agent has answered what was last said, and was heard to the end (or for ``begun_for`` seconds of it)."""
        await self.until(self._answered)
        if begun_for is None:
            await self.until(self._floor_is_free)
        else:
            await self.quiet(begun_for)

    async def quiet(self, seconds: float) -> None:
        """Say nothing for so long, or until the call ends."""
        self._spoke_until = self._now()
        with contextlib.suppress(TimeoutError):
            await self.until(lambda: self.ended != "", patience=seconds)

    async def press(self, digits: str) -> None:
        """Keys of the telephone, one after the other."""
        self._spoke_until = self._now()
        for digit in digits:
            await self.send({"type": "dtmf", "digit": digit})
            await asyncio.sleep(0.08)

    async def hang_up(self) -> None:
        """Stay on the line until what was undertaken is done, then put the receiver down unless the agent has."""
        await self._receipts_in()
        if not self.ended:
            with contextlib.suppress(ConnectionClosed):
                await self.send({"type": "hangup"})
            await self.until(lambda: self.ended != "")

    @contextlib.asynccontextmanager
    async def connected(self, **start: Any) -> Any:
        """Connected and ready, with microphone and loudspeaker running."""
        address = self.url.replace("http", "ws", 1).rstrip("/") + "/ws/call/"
        try:
            self._socket = await connect(
                address,
                origin=Origin(self.origin) if self.origin else None,
                max_size=None,
                open_timeout=15,
                proxy=None,
            )
        except (OSError, InvalidHandshake, TimeoutError) as error:
            raise CallRefused(f"No call can be placed to {address}: {error}") from error
        try:
            message = {
                "type": "start",
                "sample_rate": RATE,
                "site": self.site,
                "token": self.token,
                "lead": self.lead,
            }
            await self.send({name: value for name, value in (message | start).items() if value})
            await self._ready()
            loop = asyncio.get_running_loop()
            self._began = loop.time()
            self._tasks = [loop.create_task(self._listen()), loop.create_task(self._play())]
            if not self.mute:
                self._tasks.append(loop.create_task(self._speak()))
            yield self
        finally:
            for task in self._tasks:
                task.cancel()
            await self._socket.close()

    async def send(self, message: dict[str, Any]) -> None:
        assert self._socket is not None
        await self._socket.send(json.dumps(message))

    async def speak(self, samples: Pcm) -> None:
        """Say it, and come back when the last sample has been sent."""
        assert not self.mute, "somebody who is mute can't speak"
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > QUIET)
        self._spoke_until = self._now() + (int(loud[-1]) / RATE if loud.size else 0.0)
        if self._closed_mouth:
            return
        self._microphone += samples.tobytes()
        self._said.clear()
        await self._said.wait()

    async def type(self, text: str) -> None:
        self._spoke_until = self._now()
        await self.send({"type": "text", "text": text})

    async def until(self, true: Callable[[], bool], patience: float = PATIENCE_S) -> None:
        """Wait until ``true()``. Raises ``TimeoutError`` when that takes longer than ``patience`` seconds."""
        async with asyncio.timeout(patience):
            while not true():
                self._changed.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), 0.1)

    def is_floor_free(self) -> bool:
        """Nobody is speaking, or the call is over."""
        return self._floor_is_free()

    def answers(self) -> int:
        """How many agent turns have begun."""
        return sum(1 for _, one in self.heard if one["type"] == "audio" and one["state"] == "start")

    def said(self, role: str) -> list[str]:
        """Final transcript lines of one side, in order."""
        return [
            str(one["text"])
            for _, one in self.heard
            if one["type"] == "transcript" and one["role"] == role and one.get("final")
        ]

    # --- the three things a client does all the time ---------------------------------------------------------------------

    async def _listen(self) -> None:
        assert self._socket is not None
        try:
            async for frame in self._socket:
                if isinstance(frame, bytes):
                    self.audio.append((self._now(), frame))
                    if self._playing is not None:
                        self._playing.received += len(frame)
                else:
                    self._hear(json.loads(frame))
                self._changed.set()
        except ConnectionClosed:
            pass
        self.ended = self.ended or "closed"
        self._changed.set()

    def _hear(self, message: dict[str, Any]) -> None:
        self.heard.append((self._now(), message))
        kind = message["type"]
        if kind == "audio" and message["state"] == "start":
            self._playing, self._paused = _Playing(turn=message["turn"]), False
        elif kind == "audio" and self._playing is not None and self._playing.turn == message["turn"]:
            self._playing.complete = True
        elif kind == "interrupt":
            self._playing = None
        elif kind in {"pause", "resume"}:
            self._paused = kind == "pause"
        elif kind == "ended":
            self.ended = message["reason"]

    async def _speak(self) -> None:
        """The microphone never stops: silence is audio too."""
        size = int(RATE * FRAME_S) * 2
        loop = asyncio.get_running_loop()
        due = loop.time()
        assert self._socket is not None
        try:
            while True:
                frame = bytes(self._microphone[:size])
                del self._microphone[:size]
                if not self._microphone:
                    self._said.set()
                await self._socket.send(frame.ljust(size, b"\0"))
                due += FRAME_S
                await asyncio.sleep(max(0.0, due - loop.time()))
        except ConnectionClosed:
            self._microphone.clear()
        finally:
            self._closed_mouth = True
            self._said.set()  # whoever was speaking when the line went has no more to say

    async def _play(self) -> None:
        loop = asyncio.get_running_loop()
        last = loop.time()
        acked = 0.0
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(0.05)
                now, before = loop.time(), last
                last = now
                playing = self._playing
                if playing is None or self._paused:
                    continue
                playing.played = min(playing.received, playing.played + (now - before) * self.rate * 2)
                over = playing.complete and playing.played >= playing.received
                if over or now - acked >= ACK_S:
                    acked = now
                    ms = int(playing.played * 1000 / (self.rate * 2))
                    await self.send({"type": "played", "turn": playing.turn, "ms": ms})
                if over and self._playing is playing:
                    self._playing = None
                    self._changed.set()

    # --- small parts --------------------------------------------------------------------------------------------------------

    async def _ready(self) -> None:
        assert self._socket is not None
        async with asyncio.timeout(PATIENCE_S):
            message = json.loads(await self._socket.recv())
        if message["type"] != "ready":
            raise CallRefused(f"{message.get('code', 'refused')}: {message.get('message', message)}")
        self.call_id, self.rate, self.resume = message["call"], message["sample_rate"], message["resume"]

    async def _receipts_in(self) -> None:
        """Give what was undertaken a few seconds to be done, as a person would stay on the line to see it."""

        def settled() -> bool:
            newest = {one.get("key"): one["status"] for _, one in self.heard if one["type"] == "action"}
            return bool(self.ended) or all(status in SETTLED for status in newest.values())

        with contextlib.suppress(TimeoutError):
            await self.until(settled, patience=8.0)

    def _answered(self) -> bool:
        """Has the agent begun to speak since we last had something to say? What it said before that answered less."""
        begun = (at for at, one in self.heard if one["type"] == "audio" and one["state"] == "start")
        return bool(self.ended) or any(at >= self._spoke_until for at in begun)

    def _agent_spoke(self) -> bool:
        return bool(self.ended) or (self.answers() > 0 and self._playing is None)

    def _floor_is_free(self) -> bool:
        return bool(self.ended) or self._playing is None

    def _now(self) -> float:
        return asyncio.get_running_loop().time() - self._began
