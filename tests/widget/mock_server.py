"""A stand-in for the call server: speaks the public WebSocket protocol and records what the widget sent.

Invariant: it says nothing that the real server may not say, and keeps every byte that it got with its arrival time,
so that a test judges the widget by the wire alone.

It serves the widget's own files and host pages too, each instance on a port of its own: two of them make a
cross-origin embedding. The site key of a call chooses how the server behaves (see `REFUSALS` and `MockServer.plan`).
Run it by hand with ``python -m tests.widget.mock_server`` for a scripted call in a browser.
"""

from __future__ import annotations

import asyncio
import html
import json
import math
import mimetypes
import struct
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

WIDGET = Path(__file__).resolve().parents[2] / "static" / "widget"
RATE = 22050
REFUSALS = {
    "busy": "All lines are busy.",
    "too_many_calls": "Too many calls.",
    "bad_token": "The token has expired.",
    "odd": "The moon is in the wrong house.",
}


def tone(seconds: float, *, hertz: float = 440, rate: int = RATE, loudness: float = 0.4) -> bytes:
    """PCM s16le mono of a sine."""
    count = round(seconds * rate)
    wave = (round(32767 * loudness * math.sin(2 * math.pi * hertz * i / rate)) for i in range(count))
    return struct.pack(f"<{count}h", *wave)


@dataclass(slots=True, kw_only=True)
class MockCall:
    """One call as the server saw it; `push*` may be used from any thread."""

    loop: asyncio.AbstractEventLoop
    socket: ServerConnection
    start: dict[str, object]
    id: str = field(default_factory=lambda: str(uuid4()))
    secret: str = field(default_factory=lambda: uuid4().hex)
    audio: list[tuple[float, bytes]] = field(default_factory=list)
    messages: list[tuple[float, dict[str, object]]] = field(default_factory=list)
    resumes: list[dict[str, object]] = field(default_factory=list)

    def push(self, **message: object) -> float:
        """Sends one event and returns the moment at which it had been handed to the network."""
        return self._run(self.socket.send(json.dumps(message)))

    def push_audio(self, pcm: bytes, *, paced: bool = False, wait: bool = True) -> float:
        """Sends PCM in frames of 20 ms: as fast as the socket takes them, or in real time if `paced`."""
        step = 2 * RATE // 50

        async def frames() -> None:
            for at in range(0, len(pcm), step):
                await self.socket.send(pcm[at : at + step])
                if paced:
                    await asyncio.sleep(0.02)

        if wait:
            return self._run(frames())
        asyncio.run_coroutine_threadsafe(frames(), self.loop)
        return time.monotonic()

    def say(self, turn: int, text: str, seconds: float, *, hertz: float = 440, end: bool = True) -> None:
        self.push(type="state", state="speaking")
        self.push(type="audio", turn=turn, state="start")
        self.push(type="transcript", turn=turn, role="agent", text=text, final=True)
        self.push_audio(tone(seconds, hertz=hertz))
        if end:
            self.push(type="audio", turn=turn, state="end")

    def drop(self) -> None:
        """Cuts the connection without a word, as a network does."""
        self.loop.call_soon_threadsafe(self.socket.transport.abort)

    def close(self, code: int) -> None:
        self._run(self.socket.close(code))

    def sent(self, kind: str) -> list[dict[str, object]]:
        return [message for _, message in self.messages if message["type"] == kind]

    def heard(self) -> bytes:
        return b"".join(data for _, data in self.audio)

    def _run(self, job: Awaitable[None]) -> float:
        async def timed() -> float:
            await job
            return time.monotonic()

        return asyncio.run_coroutine_threadsafe(timed(), self.loop).result(10)


class MockServer:
    """Start it with ``with MockServer() as server``; `calls` grows as calls are accepted."""

    def __init__(self, port: int = 0) -> None:
        self.calls: list[MockCall] = []
        self.attempts: list[dict[str, object]] = []
        self.origins: list[str | None] = []
        self.fetched: set[str] = set()
        self.down = 0  # so many connections are closed with `down_code` before they become a call
        self.down_code = 1012
        self.forgetful = False  # a lost call can't be resumed
        self.plan: Callable[[MockCall], Awaitable[None]] | None = None
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._server: Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> MockServer:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    @property
    def port(self) -> int:
        assert self._server is not None
        return next(iter(self._server.sockets)).getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    async def _listen(self) -> Server:
        return await serve(
            self._talk,
            "127.0.0.1",
            self._port,
            process_request=self._page,
            compression=None,
            ping_interval=None,
        )

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close(code=1001)
        await self._server.wait_closed()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:  # sound that was still being sent to a page that is gone
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    # -- pages

    def _page(self, _connection: ServerConnection, request: Request) -> Response | None:
        parts = urlsplit(request.path)
        if parts.path == "/ws/call/":
            self.origins.append(request.headers.get("Origin"))
            return None
        if parts.path.startswith("/static/widget/"):
            name = parts.path.removeprefix("/static/widget/")
            self.fetched.add(name)
            return self._file(name)
        if parts.path == "/token":
            return self._answer(f'{{"token": "fresh-{uuid4().hex[:6]}"}}'.encode(), "application/json")
        if parts.path == "/host":
            return self._host({key: values[0] for key, values in parse_qs(parts.query).items()})
        return self._answer(b"not found", "text/plain", HTTPStatus.NOT_FOUND)

    def _file(self, name: str) -> Response:
        path = WIDGET / name
        if "/" in name or not path.is_file():
            return self._answer(b"not found", "text/plain", HTTPStatus.NOT_FOUND)
        kind = "text/javascript" if path.suffix == ".js" else mimetypes.guess_type(name)[0] or "text/plain"
        return self._answer(path.read_bytes(), kind, extra={"Access-Control-Allow-Origin": "*"})

    def _host(self, query: dict[str, str]) -> Response:
        """A page of a host site. `product`: where the widget comes from; `csp=strict`: the policy of the docs."""
        product = query.pop("product", self.url)
        extra = {}
        if query.pop("csp", "") == "strict":
            socket = product.replace("http", "ws")
            extra["Content-Security-Policy"] = (
                f"default-src 'none'; script-src {product}; style-src {product}; connect-src {socket}; "
                "require-trusted-types-for 'script'"
            )
        if query.pop("no_mic", ""):
            extra["Permissions-Policy"] = "microphone=()"
        attributes = "".join(f' data-{key}="{html.escape(value)}"' for key, value in query.items())
        page = (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>A shop</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">'
            "<h1>A shop</h1><p>Everything that a host page has.</p><button id=other>Buy</button>"
            f'<script src="{product}/static/widget/widget.js"{attributes} defer></script></html>'
        )
        return self._answer(page.encode(), "text/html; charset=utf-8", extra=extra)

    @staticmethod
    def _answer(
        body: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK, extra: dict[str, str] | None = None
    ) -> Response:
        headers = Headers({"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"})
        headers.update(extra or {})
        return Response(status.value, status.phrase, headers, body)

    # -- calls

    async def _talk(self, socket: ServerConnection) -> None:
        try:
            first = await socket.recv()
            start = json.loads(first)
            self.attempts.append(start)
            if self.down > 0:
                self.down -= 1
                await socket.close(self.down_code)
                return
            call = await self._accept(socket, start)
            if call is None:
                return
            plan = asyncio.ensure_future(self.plan(call)) if self.plan and not call.resumes else None
            try:
                await self._listen_to(call, socket)
            finally:
                if plan:
                    plan.cancel()
        except ConnectionClosed:
            return

    async def _accept(self, socket: ServerConnection, start: dict[str, object]) -> MockCall | None:
        if "resume" in start:
            known = next(
                (c for c in self.calls if (c.id, c.secret) == (start["call"], start["resume"])), None
            )
            if known is None or self.forgetful:
                return await self._refuse(socket, "call_gone", "No such call.")
            known.socket = socket
            known.resumes.append(start)
            await self._ready(known)
            return known
        site = str(start.get("site", ""))
        if site in REFUSALS and not (site == "bad_token" and "token" not in start):
            return await self._refuse(socket, site, REFUSALS[site])
        call = MockCall(loop=asyncio.get_running_loop(), socket=socket, start=start)
        await self._ready(call)
        self.calls.append(call)
        return call

    @staticmethod
    async def _ready(call: MockCall) -> None:
        ready = {"type": "ready", "call": call.id, "sample_rate": RATE, "resume": call.secret}
        await call.socket.send(json.dumps(ready))

    @staticmethod
    async def _refuse(socket: ServerConnection, code: str, message: str) -> None:
        await socket.send(json.dumps({"type": "error", "code": code, "message": message}))
        await socket.close(1000)

    @staticmethod
    async def _listen_to(call: MockCall, socket: ServerConnection) -> None:
        async for data in socket:
            now = time.monotonic()
            if isinstance(data, bytes):
                call.audio.append((now, data))
                continue
            message = json.loads(data)
            call.messages.append((now, message))
            if message["type"] == "hangup":
                await socket.send(json.dumps({"type": "ended", "reason": "hangup"}))
                await socket.close(1000)


async def _scripted(call: MockCall) -> None:
    """A call for the eye and the ear: a greeting, an answer to whatever is typed, receipts that move on."""

    async def send(**message: object) -> None:
        await call.socket.send(json.dumps(message))

    async def speak(turn: int, text: str, seconds: float) -> None:
        await send(type="state", state="speaking")
        await send(type="audio", turn=turn, state="start")
        await send(type="transcript", turn=turn, role="agent", text=text, final=True)
        await call.socket.send(tone(seconds, hertz=300 + 40 * turn, loudness=0.15))
        await send(type="audio", turn=turn, state="end")
        await asyncio.sleep(seconds)
        await send(type="state", state="listening")

    await asyncio.sleep(2)
    await speak(1, "Hello, how can I help you today?", 2)
    turn = 2
    seen = 0
    while True:
        await asyncio.sleep(0.1)
        texts = call.sent("text")
        if len(texts) == seen:
            continue
        seen = len(texts)
        await send(type="transcript", turn=turn, role="customer", text=texts[-1]["text"], final=True)
        await send(type="state", state="thinking")
        await asyncio.sleep(0.4)
        for status in ("queued", "sent", "delivered"):
            await send(
                type="action",
                key=f"mail{turn}",
                kind="send_email",
                status=status,
                label="The answer by email",
            )
            await asyncio.sleep(0.5)
        await speak(turn + 1, "I've sent that to you. Is there anything else?", 2)
        turn += 2


def main() -> None:
    with MockServer(8899) as server:
        server.plan = _scripted
        print(f"{server.url}/host?site=demo&open=true")
        threading.Event().wait()


if __name__ == "__main__":
    main()
