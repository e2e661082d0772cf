"""What the engine needs of a language model: text that comes in bits, and one kind of error."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final, Protocol


class LlmError(Exception):
    """The model can't be asked or doesn't answer. ``reason`` is short, without words of a call, and goes into the record."""

    def __init__(self, reason: str, *, retry_after: float | None = None, retriable: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.retriable = retriable


class LlmSetupError(Exception):
    """The model can't be used at all with these settings; the text is the one line that stops the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """``rules`` are the same bytes for every turn of every call, so that a model can keep what it made of them."""

    rules: str
    turn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds. ``first`` is until the first text, ``between`` for each further bit, ``whole`` for all of it."""

    connect: float = 1.0
    first: float = 4.0
    between: float = 2.0
    whole: float = 10.0


PATIENCE: Final = Patience()


class Writer(Protocol):
    """A language model. ``write`` yields text as it is generated; closing the iterator stops the model."""

    def write(self, prompt: Prompt) -> AsyncGenerator[str]: ...

    def warm_up(self, prompt: Prompt) -> str:
        """Load what is needed and read ``prompt.rules`` into the cache, from an ordinary thread. Returns a line for the log.

        Raises:
            LlmSetupError: the model can't be used.
        """
