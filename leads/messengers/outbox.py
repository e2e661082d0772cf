"""Invariant: nothing leaves the house, and nobody is told that it did.

The message is already kept in the database; "sending" it here gives it an id and a delivery that is marked
simulated.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Self

from leads.messengers.base import OutgoingMessage, Receipt, Sent
from leads.status import News


class OutboxMessenger:
    """The provider where there are no credentials, and for demo leads always."""

    name = "outbox"
    simulated = True

    @classmethod
    def from_settings(cls, settings: object) -> Self:
        """Needs none."""
        return cls()

    def send(self, message: OutgoingMessage) -> Sent:
        """Keep the message where it is. The id follows from ours, so that doing it twice is doing it once."""
        provider_id = f"outbox-{message.id}"
        delivered = Receipt(
            event_id=f"{provider_id}:delivered",
            news=News.DELIVERED,
            provider=self.name,
            message_id=message.id,
            provider_id=provider_id,
            detail="simulated: kept in the outbox, sent to nobody",
            simulated=True,
        )
        return Sent(provider_id=provider_id, receipts=(delivered,))

    def lookup(self, message: OutgoingMessage, *, since: datetime, taken: Collection[str]) -> Sent:
        """The database is the provider, so what was to be kept is kept."""
        return self.send(message)
