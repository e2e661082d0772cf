"""The connection to the caller: ordered, bounded, and replaceable while the call goes on.

Invariant: messages leave in the order in which they were put, by one task; a connection that doesn't take them is given up
rather than waited for. While there is none, words are kept (the caller will want to read them) and audio is not.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import structlog

log = structlog.get_logger(__name__)

KEPT_WORDS = 200
LONGEST_QUEUE = 600


class Connection(Protocol):
    """One WebSocket, as seen from a call."""

    async def send_json(self, message: Mapping[str, Any]) -> None: ...

    async def send_audio(self, pcm: bytes) -> None: ...

    async def hang_up(self) -> None: ...


class Line:
    """Where a call puts what the caller shall see and hear. ``stuck`` is called when the other side stops reading."""

    def __init__(self, stuck: Callable[[], None]) -> None:
        self.stuck = stuck
        self.connection: Connection | None = None
        self._queue: deque[Mapping[str, Any] | bytes | None] = deque()
        self._wake = asyncio.Event()

    def connect(self, connection: Connection) -> None:
        self.connection = connection
        self._wake.set()

    def disconnect(self) -> None:
        self.connection = None
        self._queue = deque((one for one in self._queue if not isinstance(one, bytes)), maxlen=KEPT_WORDS)

    def put(self, item: Mapping[str, Any] | bytes | None) -> None:
        """Queue a JSON message, audio, or None: hang up after all that came before."""
        if self.connection is None and isinstance(item, bytes):
            return
        self._queue.append(item)
        self._wake.set()
        if self.connection is not None and len(self._queue) > LONGEST_QUEUE:
            log.info("connection_stuck")
            self.stuck()

    async def run(self) -> None:
        """Send until hung up or cancelled."""
        while True:
            if not self._queue or self.connection is None:
                self._wake.clear()
                await self._wake.wait()
                continue
            connection, item = self.connection, self._queue.popleft()
            try:
                if item is None:
                    await connection.hang_up()
                    return
                await self._send(connection, item)
            except Exception as error:  # noqa: BLE001 - whatever the transport raises, it means that the line is gone
                log.info("send_failed", error=type(error).__name__)
                if self.connection is connection:
                    self.stuck()

    @staticmethod
    def _send(connection: Connection, item: Mapping[str, Any] | bytes) -> Awaitable[None]:
        return connection.send_audio(item) if isinstance(item, bytes) else connection.send_json(item)
