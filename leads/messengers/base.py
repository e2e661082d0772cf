"""Invariant: an error carries the retry truth. Whoever catches a `ProviderError` knows whether the message
may have left, without knowing which provider it was.

Interfaces between the delivery service and the providers. No Django here: a messenger gets bytes and gives
answers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Protocol, runtime_checkable

from contactcenter.env import ENV
from leads.status import Failure, News

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})

#: Seconds to connect, and to wait for an answer. Both together stay far below the age at which a claim
#: counts as abandoned (`leads.services.delivery.CLAIM_TIMEOUT`), so that nobody looks up a message whose
#: answer is still due.
READ_TIMEOUT: Final = ENV.provider_timeout_s
CONNECT_TIMEOUT: Final = READ_TIMEOUT / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes with a message. `url` is a signed, expiring address of the same file, for the
    providers that fetch media instead of taking bytes; empty when we have no public address."""

    file_name: str
    mime: str
    content: bytes = field(repr=False)
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedContent:
    """A text that the provider approved, by its id, with what fills its variables. `text` is how it reads, as
    far as we know."""

    sid: str
    variables: Mapping[str, str] = field(repr=False)
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """One message, ready to go. `id` is our own id (a UUID as text); `to` is E.164 or an address without a
    name."""

    id: str
    channel: str
    to: str
    subject: str = ""
    body_text: str = field(repr=False)
    body_html: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = ()
    #: More headers of a mail.
    headers: Mapping[str, str] = field(default_factory=lambda: _NOTHING, repr=False)
    #: WhatsApp outside its window: the approved template that says it instead of `body_text`.
    content: ApprovedContent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One piece of news about a message that was sent. At least one of `message_id` (ours) and
    `provider_id` is set.

    `event_id` names the news: the same one told twice is one.
    """

    event_id: str
    news: News
    provider: str
    message_id: str = ""
    provider_id: str = ""
    detail: str = ""
    at: datetime | None = None
    simulated: bool = False
    #: The receiver told the provider that they want no more of these.
    opt_out: bool = False
    #: Why it failed, when it did.
    failure: Failure | None = None
    raw: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """A message that somebody sent to us. ``wish``: what the provider took it for where it knows words of its own for it,
    "stop" or "start"."""

    provider_id: str
    channel: str
    sender: str
    body: str = field(repr=False)
    wish: str = ""


def storable(value: Any) -> Any:
    """``value``, from JSON, with only such letters as a database holds: a STOP or a bounce must not be lost for one."""
    match value:
        case str():
            return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
        case list():
            return [storable(one) for one in value]
        case dict():
            return {storable(name): storable(one) for name, one in value.items()}
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The provider took the message. `receipts` are those it gave with its answer."""

    provider_id: str
    news: News = News.SENT
    detail: str = ""
    failure: Failure | None = None
    receipts: tuple[Receipt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookCall:
    """What a provider posted to us: the address as the provider knows it, headers in lower case, the raw
    body."""

    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class ProviderError(Exception):
    """The provider did not take the message, or did not say.

    `retryable`: the same request may succeed later, and certainly had no effect now. `retry_after`: seconds
    the provider asked us to wait. `outcome_unknown`: the request may have had its effect (the answer was
    lost on the way). Such a message is looked up and never simply sent again; `retryable` is False then.
    `failure`: what a program may conclude from a refusal.
    """

    def __init__(
        self,
        message: str,
        retryable: bool = False,
        retry_after: float | None = None,
        *,
        outcome_unknown: bool = False,
        failure: Failure = Failure.REFUSED,
    ) -> None:
        super().__init__(message)
        self.retryable = retryable and not outcome_unknown
        self.retry_after = retry_after
        self.outcome_unknown = outcome_unknown
        self.failure = failure


class ForgedError(Exception):
    """A webhook call that does not prove that it is the provider's. It must have no effect."""


class Messenger(Protocol):
    """Sends. One verb; what else a provider can do is declared by the protocols below."""

    name: str
    simulated: bool

    def send(self, message: OutgoingMessage) -> Sent:
        """Hand the message over, once. Raises ProviderError; never retries by itself."""
        ...


@runtime_checkable
class Receipts(Protocol):
    """A provider that tells later what became of a message."""

    def parse_receipt(self, call: WebhookCall) -> list[Receipt]:
        """The news in a call, after its signature was verified. Raises ForgedError."""
        ...


@runtime_checkable
class Inbox(Protocol):
    """A provider that brings us messages."""

    def parse_inbound(self, call: WebhookCall) -> Inbound:
        """The message in a call, after its signature was verified. Raises ForgedError."""
        ...


@runtime_checkable
class Lookup(Protocol):
    """A provider that can say whether it has a message whose answer was lost."""

    def lookup(self, message: OutgoingMessage, *, since: datetime, taken: Collection[str]) -> Sent | None:
        """The message as the provider has it, or None when it certainly has not. `taken` are provider ids
        that belong to other messages. Raises ProviderError when the provider cannot tell now (retryable) or
        ever (not)."""
        ...


def retry_after_seconds(value: str | None) -> float | None:
    """The seconds of a Retry-After header in its numeric form; a date or nonsense is nothing. At most an
    hour."""
    try:
        seconds = float(value or "")
    except ValueError:
        return None
    return min(seconds, 3600.0) if seconds >= 0 else None
