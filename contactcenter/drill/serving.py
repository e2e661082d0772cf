"""A provider's API on loopback. It keeps what it accepted, since that is what is counted; a fault comes before or after."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl

from contactcenter.drill.faults import Fault, Faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    authorization: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Provider(Protocol):
    """What a stand-in must know of its provider."""

    def answer(self, request: Request) -> Answer: ...

    def trouble(self, fault: Fault, *, retry_after: int) -> Answer:
        """How it words a 429, a 500 or a 502."""
        ...


class Server:
    """One provider at a free port, until it is closed. ``patience``: how long a client waits for an answer."""

    def __init__(self, provider: Provider, faults: Faults, *, patience: float) -> None:
        self.closing = threading.Event()
        self.provider = provider
        self.faults = faults
        self.patience = patience
        #: Every request for an effect with the moment it came, also those that are refused.
        self.asked: list[tuple[float, Request]] = []
        handler = type("Handler", (_Handler,), {"server_of": self})
        self._server = _Listener(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed while it was being answered is what this is about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: Server

    def do_POST(self) -> None:
        self._serve(effect=True)

    def do_GET(self) -> None:
        self._serve(effect=False)

    def _serve(self, *, effect: bool) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True  # killed while it asked: half a request is none
            return
        path, _, query = self.path.partition("?")
        request = Request(
            method=self.command,
            path=path,
            query=_query(query),
            authorization=self.headers.get("Authorization", ""),
            body=body,
        )
        own = self.server_of
        if effect:
            own.asked.append((time.time(), request))
        weather = own.faults.draw(effect=effect)
        # Before the effect as well as after it: a client that dies while it waits may or may not have been served.
        before = weather.latency * random.random()
        own.closing.wait(before)
        fault = weather.fault
        if fault in {Fault.BUSY, Fault.BROKEN}:
            self._answer(own.provider.trouble(fault, retry_after=weather.retry_after))
            return
        if fault is Fault.CUT_BEFORE:
            self._cut()
            return
        answer = own.provider.answer(request)
        own.closing.wait(weather.latency - before)
        if fault is Fault.CUT_AFTER:
            self._cut()
        elif fault is Fault.GATEWAY:
            self._answer(own.provider.trouble(fault, retry_after=0))
        else:
            if fault is Fault.SLOW:
                own.closing.wait(own.patience * 1.3)
            self._answer(answer)

    def _cut(self) -> None:
        """Drop the line: sometimes politely, sometimes with a reset."""
        self.close_connection = True
        if random.random() < 0.5:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _answer(self, answer: Answer) -> None:
        data = answer.body.encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def _query(text: str) -> dict[str, str]:
    return dict(parse_qsl(text))


class Ids:
    """Ids as a provider gives them: a prefix and hexadecimal digits, never the same twice."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._lock = threading.Lock()

    def make(self, prefix: str) -> str:
        with self._lock:
            return f"{prefix}{self._chance.getrandbits(128):032x}"
