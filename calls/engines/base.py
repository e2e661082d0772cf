"""Who proposes. One verb; an engine has no side effects, so a proposal can be made on a guess and thrown away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from calls.core.decision import DocumentRef, Line, Proposal

__all__ = ["DraftingEngine", "Engine", "Line", "Request"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One utterance and what it stands in.

    ``asked`` names what the agent's last question was about: a slot (``email``, ``phone``, ``name``, ``order_id``, ``code``,
    ``callback_time``, ``document``), ``offer`` (a yes/no offer), ``anything_else``, or empty. ``document`` is what the talk was
    last about, so that "send me that" has something to mean. ``history`` holds heard words only, oldest first. ``language`` is
    what the words were heard as, ``call_language`` what the call is held in.
    """

    text: str
    asked: str = ""
    document: DocumentRef | None = None
    history: tuple[Line, ...] = ()
    language: str = "en"
    call_language: str = "en"
    region: str = "IN"


class Engine(Protocol):
    """Proposes a decision. Runs in the model executor (synchronous); safe to call from several threads."""

    name: str

    def propose(self, request: Request) -> Proposal: ...

    def warm_up(self) -> None:
        """Load what is needed (examples embedded, caches filled). Called once before the first call."""


@runtime_checkable
class DraftingEngine(Engine, Protocol):
    """An engine that takes its time over the wording: its answer can be spoken while it is still being written."""

    async def draft(self, request: Request, base: Proposal, sentence: Callable[[str], None]) -> Proposal:
        """Better than ``base``, which :meth:`propose` gave; ``sentence`` is called with each sentence as it is written.

        Runs in the event loop and waits for others, never computes. Cancelling it stops whatever it asked for.
        """
