"""What can happen to a call. Everything that reaches :func:`calls.core.machine.step` is one of these.

Invariant: an event is a fact with a time (``at``, milliseconds since the call began, never a wall clock), and results of
work carry the ``revision`` that asked for it, so that a late one can be told from a current one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from calls.core.decision import DocumentRef, Passage, Proposal
from calls.core.known import NOTHING_KNOWN, Known, known_record, known_replay
from calls.core.playbook import Playbook
from calls.core.playbook_record import playbook_record, playbook_replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    at: int


# --- the caller's side of the line -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceOn(Event):
    """The caller's voice is there (a voice-activity gate said so, some frames after it began)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceOff(Event):
    """The caller has been quiet for ``quiet_ms`` after ``voiced_ms`` of speech in this utterance."""

    quiet_ms: int
    voiced_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed(Event):
    """A typed turn, equal in rights to a spoken one."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dtmf(Event):
    digit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Played(Event):
    """``ms`` of agent turn ``turn`` have left the caller's loudspeaker."""

    turn: int
    ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HungUp(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost(Event):
    """The connection went away without a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Back(Event):
    """The same caller is connected again."""


# --- results of work -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard(Event):
    """Speech to text of the utterance, as of ``revision``. ``partial``: the caller was still talking."""

    revision: int
    text: str
    partial: bool = False
    language: str = "en"
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged(Event):
    """The end-of-turn model's word on the audio: ``probability`` (0..1) that the caller has finished."""

    revision: int
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketched(Event):
    """What is known of the words at once, while an engine still works on its answer: the same shape as :class:`Proposed`."""

    revision: int
    proposal: Proposal
    known: Known = NOTHING_KNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted(Event):
    """A sentence of the answer that an engine is writing for ``revision``; more may come, then :class:`Proposed`."""

    revision: int
    text: str
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed(Event):
    """What an engine makes of the words, and what the rows say meanwhile."""

    revision: int
    proposal: Proposal
    known: Known = NOTHING_KNOWN
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Voiced(Event):
    """Sentence ``index`` of ``revision`` is synthesised: ``ms`` of audio lie ready (0: it could not be)."""

    revision: int
    index: int
    ms: int
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent(Event):
    """All audio of agent turn ``turn`` has been handed to the connection."""

    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Event):
    """Work that was asked for could not be done. ``stage``: stt, engine or commit."""

    revision: int
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(Event):
    """What became of an action: ``status`` is queued, sent, delivered, failed or unknown; ``failure`` why it failed, if known,
    such as ``window_closed``."""

    key: str
    kind: str
    status: str
    label: str = ""
    simulated: bool = False
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled(Event):
    """An admin has changed what the agent says or may do: ``playbook`` counts from the next turn on."""

    playbook: Playbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing(Event):
    """The house is closing (a restart, an operator): end the call with a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Event):
    """Nothing happened, but a deadline came (see :func:`calls.core.machine.next_deadline`)."""


KINDS: Mapping[str, type[Event]] = MappingProxyType(
    {
        kind.__name__: kind
        for kind in (
            VoiceOn, VoiceOff, Typed, Dtmf, Played, HungUp, Lost, Back,
            Heard, Judged, Sketched, Drafted, Proposed, Voiced, Sent, Failed, Receipt, Ruled, Closing, Tick,
        )
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event as it is stored: its name, its time and its JSON-ready fields."""

    kind: str
    at: int
    data: Mapping[str, Any] = field(default_factory=dict)


def event_record(event: Event) -> Recorded:
    """``event`` in a form that JSON keeps whole; :func:`event_replay` is its inverse."""
    data = {
        field.name: getattr(event, field.name) for field in dataclasses.fields(event) if field.name != "at"
    }
    if isinstance(event, Proposed | Sketched):
        data |= {"proposal": _proposal_record(event.proposal), "known": known_record(event.known)}
    if isinstance(event, Ruled):
        data["playbook"] = playbook_record(event.playbook)
    return Recorded(kind=type(event).__name__, at=event.at, data=data)


def event_replay(recorded: Recorded) -> Event:
    """The event that was stored. Raises ``KeyError`` or ``TypeError`` for what never was one."""
    data = dict(recorded.data)
    if recorded.kind in {"Proposed", "Sketched"}:
        data |= {"proposal": _proposal_replay(data["proposal"]), "known": known_replay(data["known"])}
    if recorded.kind == "Ruled":
        data["playbook"] = playbook_replay(data["playbook"])
    return KINDS[recorded.kind](at=recorded.at, **data)


def _proposal_record(proposal: Proposal) -> dict[str, Any]:
    plain = dataclasses.replace(
        proposal,
        entities=dict(proposal.entities),
        timings=dict(proposal.timings),
        acts=dict(proposal.acts),
        also=None,
    )
    also = _proposal_record(proposal.also) if proposal.also else None
    return dataclasses.asdict(plain) | {"also": also}


def _proposal_replay(stored: Mapping[str, Any]) -> Proposal:
    data = dict(stored)
    data["passages"] = tuple(Passage(**{**one, "answer": tuple(one["answer"])}) for one in data["passages"])
    data["document"] = DocumentRef(**data["document"]) if data["document"] else None
    data["answer"], data["actions"] = tuple(data["answer"]), tuple(data["actions"])
    data["also"] = _proposal_replay(data["also"]) if data["also"] else None
    return Proposal(**data)
