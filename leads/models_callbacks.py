"""Invariant: a promise to call somebody is one row, and what a provider says of a call is kept once, as it was said.

A callback's own row says what its events amount to.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Callback(models.Model):
    """A promise to call somebody at a time. `key` makes promising it twice harmless.

    A callback to a person who was deleted must not be made, so it goes with the lead.
    """

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", "Scheduled"
        CALLING = "calling", "Being called"
        NO_ANSWER = "no_answer", "No answer, tried again"
        UNKNOWN = "unknown", "Not known whether called"
        MOVED = "moved", "Moved to another time"
        CANCELLED = "cancelled", "Cancelled"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    id = models.BigAutoField(primary_key=True)
    # NULL, not "": rows that another program writes without a key don't collide.
    key = models.CharField(max_length=200, null=True, blank=True, unique=True)
    lead = models.ForeignKey(
        "leads.Lead", null=True, blank=True, on_delete=models.CASCADE, related_name="callbacks"
    )
    call_id = models.UUIDField(null=True, blank=True, db_index=True)
    phone = models.CharField(max_length=32, blank=True, db_default="", help_text="E.164")
    due_at = models.DateTimeField(db_default=Now())
    status = models.CharField(
        max_length=16, choices=Status.choices, default=Status.SCHEDULED, db_default=Status.SCHEDULED
    )
    reason = models.TextField(blank=True, db_default="", help_text="What it is about, in the caller's words.")
    attempts = models.PositiveIntegerField(
        default=0, db_default=0, help_text="How often a worker has set about calling; names the newest."
    )
    tries = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often it rang and nobody answered."
    )
    stage = models.CharField(
        max_length=16, blank=True, db_default="", help_text="How far the newest attempt has come."
    )
    provider = models.CharField(max_length=32, blank=True, db_default="")
    provider_id = models.CharField(max_length=128, blank=True, db_default="")
    simulated = models.BooleanField(default=False, db_default=False, help_text="Nobody's telephone rang.")
    error = models.TextField(blank=True, db_default="")
    failure = models.CharField(
        max_length=32, blank=True, db_default="", help_text="Why it failed, for programs."
    )
    last_try = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Moved or called off while the telephone was ringing: it is not tried again.",
    )
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    rung_at = models.DateTimeField(
        null=True, blank=True, help_text="When a worker was last asked to see to it."
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    connected_at = models.DateTimeField(null=True, blank=True, help_text="When they spoke to one of us.")
    finished_at = models.DateTimeField(null=True, blank=True)
    seen_to_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was somebody's task, or needed nobody."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        db_table = "callbacks"
        ordering: ClassVar = ["due_at", "id"]
        constraints: ClassVar = [
            # A telephone rings once at a time; so a call whose answer was lost can be told from any other.
            models.UniqueConstraint(
                fields=["phone"], name="callbacks_one_call_at_a_time", condition=models.Q(status="calling")
            ),
        ]
        indexes: ClassVar = [
            # The sweep looks every two seconds, at a handful among all there ever were.
            models.Index(
                fields=["due_at"],
                name="callbacks_under_way",
                condition=models.Q(status__in=["scheduled", "no_answer", "calling"]),
            ),
            models.Index(
                fields=["updated_at"],
                name="callbacks_unseen",
                condition=models.Q(seen_to_at=None, status__in=["done", "failed", "unknown"]),
            ),
        ]

    def __str__(self) -> str:
        return f"callback {self.pk}"


class CallbackEvent(models.Model):
    """One piece of news about an attempt to call somebody back; append only."""

    callback = models.ForeignKey(Callback, on_delete=models.CASCADE, related_name="events")
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
