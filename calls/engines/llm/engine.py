"""The engine with a language model: what the offline engine finds (slots, passages, rules), and a model's reading of it.

Invariant: a model that is slow, down or talks nonsense costs a turn its wording, never its answer: the offline engine's
proposal is there before the model is asked, and stands in whenever the model's can't be used. Its ``note`` then says why.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import structlog

from calls.core.decision import Proposal
from calls.engines.base import Engine, Request
from calls.engines.llm.base import LlmError, Prompt, Writer
from calls.engines.llm.breaker import Breaker
from calls.engines.llm.merging import is_asked, merged
from calls.engines.llm.prompt import prompt_write, rules_write
from calls.engines.llm.reading import LONGEST, ResponseStream, Written, is_whole, written_read

log = structlog.get_logger(__name__)

RETRY_WITHIN_S: Final = 1.0  # of the turn; later than that the caller has waited enough


class LlmEngine:
    """Drafts with ``writer`` on top of ``offline``. ``company`` is named to the model; ``whole`` bounds a turn, in seconds."""

    name = "llm"

    def __init__(
        self,
        *,
        offline: Engine,
        writer: Writer,
        company: str,
        breaker: Breaker | None = None,
        whole: float = 10.0,
    ) -> None:
        self._offline = offline
        self._writer = writer
        self._rules = rules_write(company=company)
        self._breaker = breaker or Breaker()
        self._whole = whole

    def warm_up(self) -> None:
        """Load both. Raises :class:`~calls.engines.llm.base.LlmSetupError` when the model can't be used at all."""
        self._offline.warm_up()
        line = self._writer.warm_up(Prompt(rules=self._rules, turn='{"passages": [], "caller": "hello"}'))
        log.info("llm_ready", detail=line)

    def propose(self, request: Request) -> Proposal:
        """The offline engine's proposal: what a draft is built upon, and what stands in for it."""
        return self._offline.propose(request)

    async def draft(self, request: Request, base: Proposal, sentence: Callable[[str], None]) -> Proposal:
        """The model's proposal, or ``base`` with a note. ``sentence`` is given each sentence of the answer as it is written.

        Cancelling it closes the stream, and the model stops writing.
        """
        began = time.monotonic()
        if not is_asked(request, base):
            return replace(base, note=base.note or "llm not needed")
        if not self._breaker.allow():
            return replace(base, note="llm is down, left alone for now")
        try:
            async with asyncio.timeout(self._whole):
                written = await self._written(request, base, sentence, began)
        except asyncio.CancelledError:
            self._breaker.gave_up()
            raise
        except TimeoutError:
            return self._failed(base, LlmError("timed out"), began)
        except LlmError as error:
            return self._failed(base, error, began)
        self._breaker.succeeded()
        ms = _ms_since(began)
        if written is None:
            log.info("llm_unusable", ms=ms)
            return _timed(replace(base, note="llm wrote no decision"), ms)
        return _timed(merged(written, base=base, words=request.text), ms)

    async def _written(
        self, request: Request, base: Proposal, sentence: Callable[[str], None], began: float
    ) -> Written | None:
        prompt = prompt_write(rules=self._rules, request=request, base=base)
        try:
            return await self._read(prompt, sentence)
        except LlmError as error:
            if not error.retriable or error.retry_after or time.monotonic() - began > RETRY_WITHIN_S:
                raise
            log.info("llm_asked_again", reason=error.reason)
        return await self._read(prompt, sentence)

    async def _read(self, prompt: Prompt, sentence: Callable[[str], None]) -> Written | None:
        """One answer of the model, read until its JSON closes. A stream that breaks is used as far as it came."""
        stream = ResponseStream()
        try:
            async with contextlib.aclosing(self._writer.write(prompt)) as bits:
                async for bit in bits:
                    for one in stream.feed(bit):
                        sentence(one)
                    if is_whole(stream.text) or len(stream.text) > LONGEST:
                        break
        except LlmError as error:
            if not stream.text:
                raise
            # Something was written, perhaps said: to ask again would say it twice.
            raise LlmError(f"{error.reason} while writing") from error
        return written_read(stream.text)

    def _failed(self, base: Proposal, error: LlmError, began: float) -> Proposal:
        opened = self._breaker.failed(seconds=error.retry_after)
        log.warning("llm_failed", reason=error.reason, opened=opened, ms=_ms_since(began))
        return _timed(replace(base, note=f"llm {error.reason}"), _ms_since(began))


def _ms_since(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)


def _timed(proposal: Proposal, ms: float) -> Proposal:
    return replace(proposal, timings=MappingProxyType({**proposal.timings, "llm_ms": ms}))
