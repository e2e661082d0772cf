"""An OpenAI-compatible server on loopback that does as it is told: well, slowly, wrongly or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Script:
    """What the next answer is like. ``text`` is what the model writes, in bits of ``size`` characters."""

    text: str = ""
    size: int = 7
    first_s: float = 0.0
    between_s: float = 0.0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drops_after: int | None = None
    refuses: Sequence[str] = ()
    garbage: bool = False


@dataclass
class Served:
    """The server: ``scripts`` are used one after the other, the last one again and again."""

    scripts: list[Script]
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    writers: list[Any] = field(default_factory=list)
    closed_early: int = 0
    bits_sent: int = 0

    def _next(self) -> Script:
        return self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]

    async def models(self, _request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "the-model", "object": "model"}]})

    async def completions(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        self.keys.append(request.headers.get("authorization", ""))
        script = self._next()
        for name in script.refuses:
            kind = body.get("response_format", {}).get("type")
            system = any(message["role"] == "system" for message in body["messages"])
            if name == kind or (name == "system" and system):
                return web.json_response(
                    {"error": {"message": f"{name} is not supported: {_why(name)}"}}, status=400
                )
        if script.status != 200:
            return web.json_response(
                {"error": {"message": "no"}}, status=script.status, headers=script.headers
            )
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        try:
            await asyncio.sleep(script.first_s)
            await response.prepare(request)
            await self._stream(response, script)
        except (ConnectionResetError, asyncio.CancelledError):
            self.closed_early += 1
            raise
        return response

    async def _stream(self, response: web.StreamResponse, script: Script) -> None:
        if script.garbage:
            await response.write(b"data: <html>busy</html>\n\n")
            return
        bits = [script.text[at : at + script.size] for at in range(0, len(script.text), script.size)]
        for number, bit in enumerate(bits):
            if script.drops_after is not None and number >= script.drops_after:
                assert response._req is not None and response._req.transport is not None
                response._req.transport.abort()
                return
            chunk = {"choices": [{"index": 0, "delta": {"content": bit}, "finish_reason": None}]}
            chunk |= {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "the-model"}
            await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
            self.bits_sent += 1
            await asyncio.sleep(script.between_s)
        await response.write(b"data: [DONE]\n\n")


def _why(name: str) -> str:
    return "conversation roles must alternate" if name == "system" else "response_format"


@asynccontextmanager
async def serving(*scripts: Script) -> AsyncIterator[Served]:
    served = Served(scripts=list(scripts))
    app = web.Application()
    app.router.add_get("/v1/models", served.models)
    app.router.add_post("/v1/chat/completions", served.completions)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    served.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield served
    finally:
        for writer in served.writers:
            await writer.close()
        await runner.cleanup()


def decision(response: str, intent: str = "policy_query", **fields: Any) -> str:
    """What a good model writes, in the order that it is asked for."""
    return json.dumps(
        {
            "immediate_response": response,
            "intent": intent,
            "entities": {},
            "needs_clarification": False,
            "actions": [],
            "used_knowledge": True,
            "escalate_to_human": False,
        }
        | fields
    )
