"""All that a call knows, frozen. Handlers return a new state; nothing else holds any.

``Ear`` is the caller's turn in the making, ``Mouth`` the agent's turn on its way out, ``Dialogue`` what the talk is about.
Times are milliseconds since the call began.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any

from calls.core.decision import Decision, DocumentRef, Line, Proposal
from calls.core.effects import Order
from calls.core.known import NOBODY, NOTHING_KNOWN, Facts, Known, OrderFact
from calls.core.playbook import Playbook

_EMPTY: Mapping[str, Any] = MappingProxyType({})


class Phase(Enum):
    OPENING = "opening"  # connected; the greeting waits for the caller's silence
    LISTENING = "listening"  # the floor is the caller's
    THINKING = "thinking"  # the caller's turn is over, the answer's first sound is not there yet
    SPEAKING = "speaking"  # the agent is heard (or held, while we find out whether that was an interruption)
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the caller wants done and what it still lacks. ``kind`` is an action, ``intent`` what it was asked as.

    ``about`` is the subject: an issue type, ``order``, ``unanswered_question``. ``details`` hold words for the record and for
    phrases. ``change`` is ``move`` or ``cancel`` for a callback that exists.
    ``claim`` is who an unproven caller says they are.
    """

    kind: str
    intent: str
    channel: str = ""
    document: DocumentRef | None = None
    about: str = ""
    phone: str = ""
    due: dt.datetime | None = None
    day: dt.date | None = None
    part: str = ""
    order_id: str = ""
    change: str = ""
    claim: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    details: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """The complaint of this call. ``key`` is the order that opened its ticket; ``solved`` once the caller was told."""

    kind: str
    key: str
    priority: str = "normal"
    product: str = ""
    solved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """The callback that this call arranged, so that it can be corrected: ``key`` of its order, ``sms`` of its confirmation."""

    key: str
    due: dt.datetime
    phone: str
    sms: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An order that waits for the caller to let its recipient stand."""

    key: str
    turn: int
    release_at: int | None = None
    wish: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """What the talk is about. ``asked`` names the open question (a slot, ``offer``, ``anything_else``) or is empty.

    ``wish`` is what the open question is for, ``later`` what waits behind it. ``order``, ``issue``, ``booked`` and
    ``escalation`` are what this call has dealt with so far. ``anger`` counts angry utterances,
    ``lost`` those in a row that made no sense; ``soothed``: a person was offered for the anger once. ``failures`` say why a
    deed failed, by its key, and ``told`` names those that the caller has heard of. ``stops`` are the channels that this
    call has closed (True) or opened again.
    """

    facts: Facts = NOBODY
    asked: str = ""
    asked_text: str = ""
    wish: Wish | None = None
    document: DocumentRef | None = None
    given: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    held: tuple[Held, ...] = ()
    misses: int = 0
    asides: int = 0
    followup: str = ""
    receipts: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    labels: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    shown: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    failures: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    told: tuple[str, ...] = ()
    stops: Mapping[str, bool] = field(default_factory=lambda: _EMPTY)
    unanswered: str = ""
    sent: int = 0
    later: tuple[Wish, ...] = ()
    order: OrderFact | None = None
    issue: Issue | None = None
    booked: Booked | None = None
    escalation: str = ""
    anger: int = 0
    soothed: bool = False
    lost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the dialogue makes of a proposal: words, deeds and the dialogue as it will be once the caller hears them.

    ``decision`` is None for words that nobody asked for (a greeting, a prompt). ``ends`` names the reason for which the
    call ends once the words were heard; ``ask`` is the kind of input (``email``, ``tel``, ``text``) to offer on the screen.
    """

    dialogue: Dialogue
    decision: Decision | None
    sentences: tuple[str, ...]
    orders: tuple[Order, ...] = ()
    release: tuple[str, ...] = ()
    revoke: tuple[str, ...] = ()
    ends: str = ""
    ask: str = ""

    @property
    def words(self) -> str:
        return " ".join(self.sentences)

    @property
    def question(self) -> str:
        return self.decision.clarification_question if self.decision else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """The caller's turn in the making.

    ``revision`` stamps the newest guess about it. ``over`` is the agent turn that it talks over, as long as it isn't decided
    whether that is an interruption; ``asking`` says that the agent was just asking something, so that a short word may be
    the answer. ``committed`` is when the turn was judged finished. ``marks`` are milliseconds for the waterfall. While an
    engine works on its answer, ``sketch`` is what is known without it and ``draft`` what may already be said of it. ``before``
    is what they had said when all they heard in answer was "one moment".
    """

    revision: int
    began: int
    voice: bool = True
    typed: bool = False
    quiet_since: int | None = None
    voiced_ms: int = 0
    over: int = 0
    asking: bool = False
    probes: int = 0
    before: str = ""
    text: str | None = None
    language: str = ""
    audio_over: float | None = None
    sketch: Proposal | None = None
    draft: tuple[str, ...] = ()
    proposal: Proposal | None = None
    known: Known = NOTHING_KNOWN
    plan: Plan | None = None
    first_ms: int | None = None
    committed: int | None = None
    marks: Mapping[str, float] = field(default_factory=lambda: _EMPTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mouth:
    """The agent's turn on its way out. ``turn`` is 0 until its first sound; ``lengths`` are ms of audio a sentence.

    ``open``: the engine is still at work, and ``plan`` holds no more than what may be said already. ``pending``: the turn has
    begun, what it decides has not taken effect; until then ``answers`` is the caller's turn. ``asides`` are so many first
    sentences that only bridge a wait and belong to nobody's memory.
    """

    revision: int
    plan: Plan
    turn: int = 0
    lengths: tuple[int, ...] = ()
    began: int = 0
    played: int = 0
    acked: bool = False
    acked_at: int = 0
    sent: bool = False
    hushed_at: int | None = None
    hushed_ms: int = 0
    waiting_since: int = 0
    open: bool = False
    pending: bool = False
    answers: Ear | None = None
    asides: int = 0

    @property
    def words(self) -> str:
        """What the turn says, without what only bridges a wait."""
        return " ".join(self.plan.sentences[self.asides :])

    @property
    def bridging(self) -> bool:
        """Nothing of an answer has been heard yet: the agent only thinks aloud."""
        return self.pending and len(self.lengths) <= self.asides

    @property
    def whole(self) -> int:
        """Milliseconds of all sentences synthesised so far."""
        return sum(self.lengths)

    @property
    def synthesised(self) -> bool:
        return len(self.lengths) == len(self.plan.sentences)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallState:
    """A call. ``revision`` only grows; a result that carries another than the newest of its kind is dropped."""

    playbook: Playbook
    phase: Phase = Phase.OPENING
    at: int = 0
    turn: int = 0
    revision: int = 0
    ear: Ear | None = None
    mouth: Mouth | None = None
    dialogue: Dialogue = Dialogue()
    history: tuple[Line, ...] = ()
    last_said: str = ""
    waiting: tuple[str, ...] = ()
    quiet_from: int = 0
    prompts: int = 0
    uncaught: int = 0
    followup_at: int | None = None
    lost_at: int | None = None
    person_due: int | None = None
    keypad: str = ""
    keypad_at: int = 0
    over_limit: bool = False
    ended: str = ""
