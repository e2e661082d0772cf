"""A language model behind an OpenAI-compatible server (vLLM, llama.cpp, Ollama, a hosted one), by the official SDK.

Invariant: every wait has an end: for the connection, for the first token, between tokens, for the whole. A stream that is
closed early closes its connection, so that the server stops writing.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator
from typing import Any, Final
from weakref import WeakKeyDictionary

import httpx2
import openai
import structlog
from openai.types.chat import ChatCompletionMessageParam

from calls.engines.llm.base import PATIENCE, LlmError, LlmSetupError, Patience, Prompt
from calls.engines.llm.contract import SCHEMA

log = structlog.get_logger(__name__)

MOST_TOKENS: Final = 500
# What a server can be asked for, from the strictest down; it is asked for less when it refuses.
FORMATS: Final[tuple[dict[str, Any], ...]] = (
    {"type": "json_schema", "json_schema": {"name": "decision", "schema": SCHEMA}},
    {"type": "json_object"},
    {},
)


class ServerWriter:
    """Streams from ``base_url``. Remembers what the server refuses (a response format, a system message), once for all."""

    def __init__(
        self, *, base_url: str, model: str, api_key: str = "", patience: Patience = PATIENCE
    ) -> None:
        self._model = model
        self._patience = patience
        self._trusted = ssl.create_default_context()  # slow to make; not in the event loop
        self._format = 0
        self._system_refused = False
        self._base_url = base_url
        self._api_key = api_key or "none"  # the SDK wants one; servers of one's own don't look
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, openai.AsyncOpenAI] = WeakKeyDictionary()

    def warm_up(self, prompt: Prompt) -> str:
        """See that the server answers, find out which model it has if none is named, and let it read the rules."""
        return asyncio.run(self._warm_up(prompt))

    async def _warm_up(self, prompt: Prompt) -> str:
        async with self._connect(60.0) as client:
            if not self._model:
                self._model = await self._only_model(client)
            try:
                async for _ in self._tokens(client, prompt, most_tokens=1, patience=_WARMING):
                    break
            except LlmError as error:
                # The server may come up later: until then the breaker is what callers meet.
                return f"the language model's server doesn't answer yet: {error.reason}"
        kind = FORMATS[self._format].get("type", "no format")
        return f"language model {self._model} answers ({kind})"

    async def _only_model(self, client: openai.AsyncOpenAI) -> str:
        try:
            names = [model.id async for model in client.models.list()]
        except openai.OpenAIError as error:
            raise LlmSetupError(
                "LLM_MODEL is missing, and the server at LLM_BASE_URL doesn't say which models it has"
                f" ({type(error).__name__}); set LLM_MODEL to the model's name there"
            ) from error
        if len(names) != 1:
            raise LlmSetupError(
                f"LLM_MODEL is missing; it should be one of the server's: {', '.join(names[:8]) or 'it has none'}"
            )
        return names[0]

    async def write(self, prompt: Prompt) -> AsyncGenerator[str]:
        stream = self._tokens(self._client(), prompt, most_tokens=MOST_TOKENS, patience=self._patience)
        async with contextlib.aclosing(stream):
            async for text in stream:
                yield text

    async def _tokens(
        self, client: openai.AsyncOpenAI, prompt: Prompt, *, most_tokens: int, patience: Patience
    ) -> AsyncGenerator[str]:
        loop = asyncio.get_running_loop()
        ends = loop.time() + patience.whole
        try:
            async with asyncio.timeout_at(min(ends, loop.time() + patience.first)) as clock:
                stream = await self._open(client, prompt, most_tokens=most_tokens)
                async with stream:
                    async for chunk in stream:
                        text = chunk.choices[0].delta.content if chunk.choices else None
                        if not text:
                            continue
                        clock.reschedule(None)  # whoever takes the text may take their time
                        yield text
                        clock.reschedule(min(ends, loop.time() + patience.between))
        except TimeoutError:
            raise LlmError("timed out") from None
        except openai.OpenAIError as error:
            raise _error_of(error) from error
        except (
            httpx2.HTTPError,
            OSError,
            ValueError,
        ) as error:  # in the middle of a stream; the SDK wraps only its start
            raise LlmError("connection lost", retriable=True) from error

    async def _open(
        self, client: openai.AsyncOpenAI, prompt: Prompt, *, most_tokens: int
    ) -> openai.AsyncStream[Any]:
        """Ask; a server that refuses the format or a system message is asked again without, now and from now on."""
        while True:
            wanted = FORMATS[self._format]
            extra: dict[str, Any] = {"response_format": wanted} if wanted else {}
            try:
                return await client.chat.completions.create(
                    model=self._model,
                    messages=self._messages(prompt),
                    stream=True,
                    temperature=0.0,
                    max_tokens=most_tokens,
                    **extra,
                )
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if not self._ask_for_less(str(error).lower()):
                    raise

    def _ask_for_less(self, complaint: str) -> bool:
        """Whether there is less to ask for. What is complained about goes first; it isn't always said."""
        about_roles = ("role" in complaint or "system" in complaint) and "format" not in complaint
        if about_roles and not self._system_refused:
            self._system_refused = True
        elif self._format + 1 < len(FORMATS):
            self._format += 1
        elif not self._system_refused:
            self._system_refused = True
        else:
            return False
        log.info(
            "llm_asked_for_less",
            format=FORMATS[self._format].get("type", ""),
            system=not self._system_refused,
        )
        return True

    def _messages(self, prompt: Prompt) -> list[ChatCompletionMessageParam]:
        if self._system_refused:
            return [{"role": "user", "content": f"{prompt.rules}\n\n{prompt.turn}"}]
        return [{"role": "system", "content": prompt.rules}, {"role": "user", "content": prompt.turn}]

    def _connect(self, timeout: float | openai.Timeout) -> openai.AsyncOpenAI:
        return openai.AsyncOpenAI(
            base_url=self._base_url,
            api_key=self._api_key,
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(verify=self._trusted, timeout=timeout),
        )

    def _client(self) -> openai.AsyncOpenAI:
        """One client, with its pool of connections, for each event loop."""
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = self._connect(
                openai.Timeout(self._patience.whole, connect=self._patience.connect)
            )
        return self._clients[loop]

    async def close(self) -> None:
        """Let this event loop's connections go."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()


_WARMING: Final = Patience(connect=2.0, first=60.0, between=60.0, whole=60.0)


def _error_of(error: openai.OpenAIError) -> LlmError:
    """An SDK error as a short reason; whether asking once more, now, may help."""
    match error:
        case openai.APITimeoutError():
            return LlmError("timed out")
        case openai.RateLimitError():
            after = _retry_after(error)
            return LlmError("429 too many requests", retry_after=after, retriable=True)
        case openai.APIStatusError() if error.status_code >= 500:
            return LlmError(
                f"{error.status_code} server error", retry_after=_retry_after(error), retriable=True
            )
        case openai.APIStatusError():
            return LlmError(f"{error.status_code} refused")
        case openai.APIConnectionError() if isinstance(
            error.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout
        ):
            return LlmError("no connection", retriable=True)
        case _:
            return LlmError("connection lost", retriable=True)


def _retry_after(error: openai.APIStatusError) -> float | None:
    value = error.response.headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        return None
    return min(seconds, 120.0) if seconds > 0 else None
