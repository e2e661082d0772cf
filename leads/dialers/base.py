"""Invariant: an error carries the retry truth. Whoever catches a `ProviderError` knows whether a telephone may have rung.

Interfaces between the dialling service and the providers of calls. No Django here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, runtime_checkable

from leads.messengers.base import ForgedError, ProviderError, WebhookCall


class CallNews(StrEnum):
    """What a provider can tell of a call, in the order in which it happens. The last four end it."""

    PLACED = "placed"
    RINGING = "ringing"
    ANSWERED = "answered"
    COMPLETED = "completed"  # answered, and over
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"  # the network could not connect it


#: Somebody picked up.
REACHED: Final = frozenset({CallNews.ANSWERED, CallNews.COMPLETED})
#: The call is over, and nobody did.
MISSED: Final = frozenset({CallNews.BUSY, CallNews.NO_ANSWER, CallNews.FAILED})

_RANK: Final = {CallNews.PLACED: 1, CallNews.RINGING: 2, CallNews.ANSWERED: 3}


def stage_later(current: str, news: CallNews) -> str:
    """The later of two stages of one call: news comes in any order, and never takes anything back."""
    known = _RANK.get(CallNews(current), 9) if current else 0
    return news.value if _RANK.get(news, 9) > known else current


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """One attempt to call somebody back. `to` is E.164. `answer_url` is asked what is said to who picks up, `status_url` is
    told how the call goes; where we have no public address both are empty, and `answer_twiml` goes with the order."""

    callback_id: int
    attempt: int
    to: str
    answer_url: str = ""
    status_url: str = ""
    answer_twiml: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport:
    """One piece of news about one attempt. `event_id` names the news: told twice, it is one."""

    event_id: str
    news: CallNews
    provider: str
    callback_id: int
    attempt: int
    provider_id: str
    detail: str = ""
    at: datetime | None = None
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The provider took the order to call. `reports` are those it gave with its answer."""

    provider_id: str
    reports: tuple[CallReport, ...] = ()


class Dialer(Protocol):
    """Calls. One verb; what else a provider can do is declared by the protocols below."""

    name: str
    simulated: bool

    def call(self, ringing: Ringing) -> Placed:
        """Order one call, once. Raises ProviderError; never retries by itself."""
        ...


@runtime_checkable
class CallLookup(Protocol):
    """A provider that can be asked about a call of which nothing was heard."""

    def lookup(self, ringing: Ringing, *, since: datetime, taken: Collection[str]) -> CallReport | None:
        """The call as the provider has it, or None when it certainly has none. `taken` are ids of other calls to that
        number. Raises ProviderError when it cannot tell now (retryable) or ever (not)."""
        ...

    def look(self, ringing: Ringing, *, provider_id: str) -> CallReport:
        """How a call whose id is known stands. Raises ProviderError as `lookup` does."""
        ...


@runtime_checkable
class CallNewsSource(Protocol):
    """A provider that tells by webhook how a call goes."""

    def parse_status(self, call: WebhookCall) -> CallReport | None:
        """The news in a call, after its signature was verified; None when it holds none. Raises ForgedError."""
        ...


__all__ = [
    "MISSED",
    "REACHED",
    "CallLookup",
    "CallNews",
    "CallNewsSource",
    "CallReport",
    "Dialer",
    "ForgedError",
    "Placed",
    "ProviderError",
    "Ringing",
    "WebhookCall",
    "stage_later",
]
