"""Invariant: what a provider says of a call is kept once, as it was said; the callback's own row says what it amounts to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class CallbackEvent(models.Model):
    """One piece of news about an attempt to call somebody back; append only."""

    callback = models.ForeignKey("leads.Callback", on_delete=models.CASCADE, related_name="events")
    attempt = models.PositiveIntegerField(db_default=0)
    event_id = models.CharField(
        max_length=200, help_text="The provider's own id of this news, or one made of it."
    )
    status = models.CharField(max_length=16)
    provider_id = models.CharField(max_length=128, blank=True, db_default="")
    detail = models.TextField(blank=True, db_default="")
    simulated = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "callback_events"
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            # A provider may tell the same news a hundred times.
            models.UniqueConstraint(fields=["callback", "event_id"], name="callback_events_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["provider_id"], name="callback_events_of_call")]

    def __str__(self) -> str:
        return f"{self.status} at {self.at:%Y-%m-%d %H:%M:%S}"
