"""Placing calls: as a person with a voice (:class:`calls.caller.Caller`), or frame by frame (:class:`Wire`)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import numpy as np
import soxr
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from calls.caller import RATE, Caller, Pcm, wav_read

AUDIO = Path(__file__).parents[1] / "audio"
PATIENCE_S = 45.0


def wav(name: str) -> Pcm:
    return wav_read(AUDIO / f"{name}.wav")


async def listens(caller: Caller, *, after: int | None = None) -> list[str]:
    """Hear the agent's next turn to its end (``after``: the turns that had begun before); returns its sentences."""
    before = caller.answers() if after is None else after
    await caller.until(lambda: caller.ended != "" or caller.answers() > before, PATIENCE_S)
    assert caller.answers() > before, f"the call ended instead: {caller.ended}"
    turn = _turns_begun(caller)[before]
    await caller.until(lambda: caller.ended != "" or caller._floor_is_free(), PATIENCE_S)
    return sentences(caller, turn)


async def says(caller: Caller, words: Pcm | str) -> list[str]:
    """Say it (samples) or type it (text), and hear the answer to its end."""
    before = caller.answers()
    await (caller.type(words) if isinstance(words, str) else caller.speak(words))
    return await listens(caller, after=before)


def sentences(caller: Caller, turn: int) -> list[str]:
    return [
        str(one["text"])
        for _, one in caller.heard
        if one["type"] == "transcript" and one["role"] == "agent" and one["turn"] == turn
    ]


def receipts(caller: Caller, kind: str) -> list[str]:
    return [one["status"] for _, one in caller.heard if one["type"] == "action" and one["kind"] == kind]


async def closed(caller: Caller) -> tuple[str, int | None]:
    """Why the call ended, and the code with which the server then closed the socket."""
    await caller.until(lambda: caller.ended != "", PATIENCE_S)
    assert caller._socket is not None
    async with asyncio.timeout(PATIENCE_S):
        await caller._socket.wait_closed()
    return caller.ended, caller._socket.close_code


def _turns_begun(caller: Caller) -> list[int]:
    return [int(one["turn"]) for _, one in caller.heard if one["type"] == "audio" and one["state"] == "start"]


def _fits(message: dict[str, Any], kind: str, fields: dict[str, Any]) -> bool:
    return message["type"] == kind and all(message.get(name) == value for name, value in fields.items())


class Wire:
    """One WebSocket, frame by frame; everything that came is kept in order, audio as its length."""

    def __init__(self, url: str, **handshake: Any) -> None:
        self.address = url.replace("http", "ws", 1) + "/ws/call/"
        self.handshake = handshake
        self.came: list[dict[str, Any]] = []

    async def __aenter__(self) -> Self:
        self.socket: ClientConnection = await connect(
            self.address, proxy=None, max_size=None, open_timeout=20, **self.handshake
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def send(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def raw(self, frame: str | bytes) -> None:
        await self.socket.send(frame)

    async def until(self, kind: str, /, **fields: Any) -> dict[str, Any]:
        """The next message of this kind with these fields that was not looked at yet; ``close`` has its ``code``."""
        async with asyncio.timeout(PATIENCE_S):
            while not _fits(message := await self._next(), kind, fields):
                assert message["type"] != "close", f"closed with {message['code']} before {kind}: {self.came}"
            return message

    async def told(self, kind: str, /, **fields: Any) -> dict[str, Any]:
        """The first message of this kind with these fields, whenever it came or comes."""
        found = next((one for one in self.came if _fits(one, kind, fields)), None)
        return found or await self.until(kind, **fields)

    async def started(self, **start: Any) -> dict[str, Any]:
        await self.send(type="start", **start)
        return await self.until("ready")

    async def heard(self) -> tuple[int, str]:
        """The agent's next turn, played to its end in no time: its number and its words."""
        start = await self.until("audio", state="start")
        turn, words = start["turn"], []
        while True:
            message = await self._next()
            if message["type"] == "transcript" and message["role"] == "agent":
                words.append(message["text"])
            if message["type"] == "audio" and message["state"] == "end":
                await self.send(type="played", turn=turn, ms=3_600_000)
                return turn, " ".join(words)
            assert message["type"] != "close", f"closed with {message['code']} in turn {turn}"

    async def asks(self, text: str) -> str:
        """Type it; the words of the answer."""
        await self.send(type="text", text=text)
        await self.until("transcript", role="customer", text=text)
        return (await self.heard())[1]

    async def listens(self, seconds: float) -> None:
        """Send nothing for so long, and read what comes. The connection and the call outlive it."""
        reading = asyncio.create_task(self._read_on())
        done, _ = await asyncio.wait((reading,), timeout=seconds)
        if done:
            await reading
        reading.cancel()
        await asyncio.wait((reading,))

    async def _read_on(self) -> None:
        while True:
            message = await self._next()
            assert message["type"] not in {"close", "ended"}, message

    async def hangs_up(self) -> None:
        await self.send(type="hangup")
        assert (await self.until("ended"))["reason"] == "hangup"
        assert (await self.until("close"))["code"] == 1000

    async def speak(self, name: str, rate: int, *, until: Callable[[], bool] = lambda: False) -> None:
        """A recording, in real time at this rate in frames of 20 ms, then silence until ``until()``."""
        samples = soxr.resample(wav(name).astype(np.float64), RATE, rate)
        spoken = np.clip(samples, -32768, 32767).astype("<i2").tobytes()
        size, loop = rate // 50 * 2, asyncio.get_running_loop()
        due, at = loop.time(), 0
        while at < len(spoken) or not until():
            await self.socket.send(spoken[at : at + size].ljust(size, b"\0"))
            at += size
            due += 0.02
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def _next(self) -> dict[str, Any]:
        try:
            frame = await self.socket.recv()
        except ConnectionClosed as error:
            message: dict[str, Any] = {"type": "close", "code": error.rcvd.code if error.rcvd else 1006}
        else:
            message = {"type": "pcm", "bytes": len(frame)} if isinstance(frame, bytes) else json.loads(frame)
        self.came.append(message)
        return message


async def refused(wire: Wire, **start: Any) -> str:
    """The code of the error with which a start is refused; the socket closes after it."""
    await wire.send(type="start", **start)
    error = await wire.until("error")
    assert error["message"]
    assert "Traceback" not in error["message"]
    closed = await wire.until("close")
    assert closed["code"] not in {1006, 1011}, "closed on purpose"
    return str(error["code"])
