"""Invariant: no telephone rings, and nobody is told that one did: all news of it is marked simulated."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Self

from leads.dialers.base import CallNews, CallReport, Placed, Ringing


class OutboxDialer:
    """The dialer where there are no credentials, and for demo leads always."""

    name = "outbox"
    simulated = True

    @classmethod
    def from_settings(cls, settings: object) -> Self:
        """Needs none."""
        return cls()

    def call(self, ringing: Ringing) -> Placed:
        """The id follows from ours, so that doing it twice is doing it once."""
        report = self.look(ringing, provider_id=f"outbox-call-{ringing.callback_id}-{ringing.attempt}")
        return Placed(provider_id=report.provider_id, reports=(report,))

    def lookup(self, ringing: Ringing, *, since: datetime, taken: Collection[str]) -> CallReport:
        """The database is the provider, so what was to be kept is kept."""
        return self.call(ringing).reports[0]

    def look(self, ringing: Ringing, *, provider_id: str) -> CallReport:
        return CallReport(
            event_id=f"{provider_id}:completed",
            news=CallNews.COMPLETED,
            provider=self.name,
            callback_id=ringing.callback_id,
            attempt=ringing.attempt,
            provider_id=provider_id,
            detail="simulated: nobody was called",
            simulated=True,
        )
