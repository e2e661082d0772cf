"""A browser's end of a call's socket, without the browser."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator

from calls.database import database_run
from calls.models import Call
from calls.routing import websocket_urlpatterns
from calls.selectors import call_document

HOST = (b"host", b"contact.example")


class Client:
    """One socket, read as a browser reads it; audio is kept apart from messages."""

    def __init__(self, *, origin: str | None = None, address: str = "127.0.0.1") -> None:
        headers = [HOST, *([(b"origin", origin.encode())] if origin else [])]
        self.socket = WebsocketCommunicator(URLRouter(websocket_urlpatterns), "/ws/call/", headers=headers)
        self.socket.scope["client"] = (address, 5555)
        self.audio = 0
        self.messages: list[dict[str, Any]] = []

    async def connect(self) -> bool:
        connected, _code = await self.socket.connect(timeout=10)
        return bool(connected)

    async def send(self, **message: Any) -> None:
        await self.socket.send_to(text_data=json.dumps(message))

    async def until(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next message of ``kind`` with these fields; what comes before it is kept."""
        async with asyncio.timeout(15):
            while True:
                frame = await self.socket.receive_output(timeout=15)
                if frame["type"] == "websocket.close":
                    return {"type": "close", "code": frame.get("code")}
                if frame.get("bytes"):
                    self.audio += len(frame["bytes"])
                    continue
                message = json.loads(frame["text"])
                self.messages.append(message)
                if message["type"] == kind and all(
                    message.get(name) == value for name, value in fields.items()
                ):
                    return message

    async def started(self, **start: Any) -> dict[str, Any]:
        assert await self.connect()
        await self.send(type="start", **start)
        return await self.until("ready")

    async def hang_up(self) -> None:
        await self.send(type="hangup")
        await self.until("ended")
        await self.until("close")


async def ended(call_id: str) -> dict[str, Any]:
    """The call's record, once its end is written."""
    async with asyncio.timeout(10):
        while (await database_run(lambda: Call.objects.get(id=call_id).status)) != Call.Status.ENDED:
            await asyncio.sleep(0.02)
    return await database_run(call_document, call_id=call_id)
