"""A call's record. The rows are the truth: whatever a call decided can be read here, and nothing else decides later."""

from __future__ import annotations

import secrets
import uuid

from django.db import models
from django.db.models.functions import Now


def site_secret() -> str:
    """A fresh secret (256 bits, URL-safe) for signing caller tokens."""
    return secrets.token_urlsafe(32)


class Site(models.Model):
    """A website that embeds the widget. Its ``secret`` signs its callers' tokens; it never leaves the two servers."""

    key = models.TextField(primary_key=True)
    name = models.TextField()
    origins = models.JSONField(default=list, blank=True, help_text='Such as ["https://shop.example.com"].')
    secret = models.TextField(default=site_secret)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class TokenUse(models.Model):
    """A caller token that was used: each is good for one call."""

    jti = models.TextField(primary_key=True)
    expires_at = models.DateTimeField(db_index=True)


class Call(models.Model):
    """One conversation, from the first connection to the last word."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        ENDED = "ended"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.SET_NULL)
    lead = models.ForeignKey(
        "leads.Lead", null=True, blank=True, on_delete=models.SET_NULL, related_name="calls"
    )
    verified = models.BooleanField(
        default=False, help_text="The caller proved it: a signed token, or a code."
    )
    claims = models.JSONField(
        default=dict, blank=True, help_text="What an unverified caller said about themselves."
    )
    channel = models.TextField(default="web")
    language = models.TextField(default="en")
    status = models.TextField(choices=Status.choices, default=Status.ACTIVE, db_index=True)
    end_reason = models.TextField(default="", blank=True)
    started_at = models.DateTimeField(db_default=Now(), db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    worker = models.TextField(default="", blank=True, help_text="The process that holds the call.")
    heartbeat_at = models.DateTimeField(db_default=Now())
    resume_hash = models.TextField(default="", blank=True)
    analytics = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("-started_at",)

    def __str__(self) -> str:
        return str(self.id)


class Turn(models.Model):
    """One side's turn. ``text`` is what was said or meant to be said; ``heard`` is what the caller really heard of it."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="turns")
    number = models.PositiveIntegerField()
    role = models.TextField()
    text = models.TextField(blank=True)
    heard = models.TextField(blank=True)
    decision = models.JSONField(default=dict, blank=True)
    passages = models.JSONField(default=list, blank=True)
    timings = models.JSONField(default=dict, blank=True)
    sentiment = models.FloatField(default=0.0)
    interrupted = models.BooleanField(default=False)
    at_ms = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("call", "number")
        constraints = (models.UniqueConstraint(fields=("call", "number"), name="turn_once"),)

    def __str__(self) -> str:
        return f"{self.call_id} {self.number}"


class CallEvent(models.Model):
    """What came to the core and when, so that a call can be run again exactly."""

    id = models.BigAutoField(primary_key=True)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    at_ms = models.PositiveIntegerField()
    kind = models.TextField()
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ("call", "seq")
        constraints = (models.UniqueConstraint(fields=("call", "seq"), name="event_once"),)

    def __str__(self) -> str:
        return f"{self.call_id} {self.seq} {self.kind}"


class Action(models.Model):
    """Something really undertaken for the caller. ``key`` (call, action, slots) makes undertaking it twice harmless."""

    key = models.TextField(unique=True)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="actions")
    turn = models.PositiveIntegerField()
    kind = models.TextField()
    status = models.TextField(default="queued")
    to = models.TextField(blank=True, default="")
    label = models.TextField(blank=True, default="")
    message = models.ForeignKey(
        "leads.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    ticket = models.ForeignKey(
        "escalations.Ticket", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    callback = models.ForeignKey(
        "leads.Callback", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    escalation = models.ForeignKey(
        "escalations.Escalation", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("call", "created_at", "id")

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"


class ExampleUtterance(models.Model):
    """How callers say something: the examples that the offline engine learns an intent from. Edited by admins."""

    intent = models.TextField(db_index=True)
    language = models.TextField(default="en")
    text = models.TextField()
    active = models.BooleanField(default=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("intent", "id")
        constraints = (models.UniqueConstraint(fields=("language", "intent", "text"), name="example_once"),)

    def __str__(self) -> str:
        return self.text


from calls.models_rules import (  # noqa: E402
    ActionRule,
    BusinessHours,
    CompanyRules,
    DocumentType,
    EscalationRule,
    Holiday,
    Phrase,
    PlaybookVersion,
    Shipped,
)

__all__ = [
    "Action",
    "ActionRule",
    "BusinessHours",
    "Call",
    "CallEvent",
    "CompanyRules",
    "DocumentType",
    "EscalationRule",
    "ExampleUtterance",
    "Holiday",
    "Phrase",
    "PlaybookVersion",
    "Shipped",
    "Site",
    "TokenUse",
    "Turn",
]
