"""What a call asks of the world. The session performs these; it decides nothing.

Invariant: work that may be thrown away (transcribe, judge, decide, synthesise) has no side effects and carries the
``revision`` it belongs to; what others can see (tell, play, commit, release, close) is asked for only once a turn stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from calls.core.decision import Decision, DocumentRef, Line, Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    pass


# --- guesses: cancelled when a newer revision comes --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcribe(Effect):
    revision: int
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge(Effect):
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide(Effect):
    revision: int
    text: str
    asked: str
    document: DocumentRef | None
    history: tuple[Line, ...]
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthesise(Effect):
    revision: int
    index: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop(Effect):
    """Everything asked for before ``revision`` is unwanted now."""

    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget(Effect):
    """The audio of the utterance so far was nothing: don't keep it for the next one."""


# --- what the caller hears and sees ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Play(Effect):
    """Send sentence ``index`` of ``revision`` as part of agent turn ``turn``; ``last`` closes the turn's audio."""

    turn: int
    revision: int
    index: int
    text: str
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete(Effect):
    """Nothing more comes in ``turn``: what was played of it was all."""

    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hush(Effect):
    """Hold the agent's voice, keeping what is not yet sent: the caller may be interrupting."""

    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Effect):
    """Go on with the held voice, from ``from_ms`` of the turn when the client's buffer is gone (a new connection)."""

    turn: int
    from_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupt(Effect):
    """The agent's voice is over: clear what is not yet sent, and have the client drop what is buffered."""

    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell(Effect):
    """One JSON message to the client."""

    message: Mapping[str, Any]


# --- what stays --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Effect):
    """Something to undertake, as part of a turn's commit. ``hold``: not before it is released."""

    key: str
    kind: str
    label: str
    to: str = ""
    channel: str = ""
    hold: bool = False
    document: DocumentRef | None = None
    slots: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit(Effect):
    """One exchange, to be written in one transaction. ``customer_turn`` 0: the agent spoke unasked. ``told`` are keys of
    orders whose failure these words tell."""

    customer_turn: int
    customer_text: str
    agent_turn: int
    agent_text: str
    decision: Decision | None = None
    passages: tuple[Passage, ...] = ()
    timings: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    orders: tuple[Order, ...] = ()
    sentiment: float = 0.0
    spoken: bool = True
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle(Effect):
    """What the caller really heard of agent turn ``turn``."""

    turn: int
    heard: str
    interrupted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Effect):
    """Held orders that the caller has let stand."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoke(Effect):
    """Held orders that the caller has corrected."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Effect):
    """End the call: ``reason`` is goodbye, hangup, idle, limit, transferred or error."""

    reason: str
