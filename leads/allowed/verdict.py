"""Invariant: a refusal is one of these words, said to people as it stands and never naming an address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from leads.status import Failure


class Refusal(StrEnum):
    """Why something may not go out. Callers hear the text beside it after "because"."""

    STOPPED = "stopped"
    COUNTRY = "country"
    KIND = "kind"
    NOT_A_NUMBER = "not_a_number"
    CALL = "call"
    CALLER = "caller"
    NUMBER = "number"
    PREFIX = "prefix"
    HOUR = "hour"
    DAY = "day"
    SPEND = "spend"
    QUIET = "quiet"


REASONS: Final = MappingProxyType(
    {
        Refusal.STOPPED: "the recipient asked for no more messages there",
        Refusal.COUNTRY: "we don't send to that country",
        Refusal.KIND: "that is not an ordinary telephone number",
        Refusal.NOT_A_NUMBER: "no such phone number can exist",
        Refusal.CALL: "that was as much as can be sent in one call",
        Refusal.CALLER: "that was as much as can be sent to one caller in a day",
        Refusal.NUMBER: "that recipient has been sent as much as we send in a day",
        Refusal.PREFIX: "too much was sent to numbers like that one in the last hour",
        Refusal.HOUR: "we have sent as much as we may in this hour",
        Refusal.DAY: "we have sent as much as we may today",
        Refusal.SPEND: "we have sent as much as we may today",
        Refusal.QUIET: "it is night there",
    }
)


#: What is no matter of how much.
FAILURES: Final = MappingProxyType(
    {
        Refusal.STOPPED: Failure.OPTED_OUT,
        Refusal.COUNTRY: Failure.NOT_ALLOWED,
        Refusal.KIND: Failure.NOT_ALLOWED,
        Refusal.NOT_A_NUMBER: Failure.INVALID_NUMBER,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether something may go out now. With ``until`` it may then, and not earlier; ``reason`` is for people."""

    allowed: bool
    refusal: Refusal | None = None
    until: datetime | None = None

    @property
    def failure(self) -> Failure:
        """The refusal, as a failed message has it."""
        return FAILURES.get(self.refusal, Failure.OVER_LIMIT) if self.refusal else Failure.REFUSED

    @property
    def reason(self) -> str:
        return REASONS[self.refusal] if self.refusal else ""


YES: Final = Verdict(allowed=True)


def no(refusal: Refusal, *, until: datetime | None = None) -> Verdict:
    return Verdict(allowed=False, refusal=refusal, until=until)
