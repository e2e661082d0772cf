"""People who take over, and what is open for them. Every column has a database default: other programs write SQL here."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Agent(models.Model):
    """A person who takes calls. ``expertise`` is a comma-separated list of skills, searched with LIKE by other programs."""

    class Status(models.TextChoices):
        AVAILABLE = "available"
        BUSY = "busy"
        WRAP_UP = "wrap_up"
        AWAY = "away"

    id = models.TextField(primary_key=True)
    name = models.TextField(db_default="")
    status = models.TextField(choices=Status.choices, db_default=Status.AWAY)
    expertise = models.TextField(db_default="", help_text="Skills, separated by commas: technical, billing")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    idle_since = models.DateTimeField(
        db_default=Now(), help_text="When the last conversation ended: who waits longest is asked first."
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "agents"

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"


class Ticket(models.Model):
    """Something that a person has to see to, or that was seen to."""

    class Status(models.TextChoices):
        OPEN = "open"
        PENDING = "pending"
        RESOLVED = "resolved"
        CLOSED = "closed"

    class Priority(models.TextChoices):
        LOW = "low"
        NORMAL = "normal"
        HIGH = "high"
        URGENT = "urgent"

    id = models.BigAutoField(primary_key=True)
    # NULL, not "": rows without a key don't collide.
    key = models.TextField(  # noqa: DJ001
        null=True, unique=True, editable=False, help_text="Makes opening it twice harmless."
    )
    lead = models.ForeignKey(
        "leads.Lead", null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets"
    )
    call_id = models.UUIDField(null=True, blank=True, db_index=True)
    issue_type = models.TextField(db_default="")
    priority = models.TextField(choices=Priority.choices, db_default=Priority.NORMAL)
    status = models.TextField(choices=Status.choices, db_default=Status.OPEN)
    description = models.TextField(db_default="", blank=True)
    contact = models.TextField(
        db_default="", blank=True, help_text="How to reach the caller, as the caller said it."
    )
    order_id = models.TextField(db_default="", blank=True, help_text="The order it is about, if any.")
    resolution = models.TextField(db_default="", blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        db_table = "support_tickets"
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"#{self.pk} {self.issue_type}"


class Escalation(models.Model):
    """A caller who is to talk to a person: why, to whom, and all that the person should know (``handoff``).

    ``status`` says how far it got and stays so; ``ended_at`` says that nobody is waiting any more.
    """

    class Status(models.TextChoices):
        WAITING = "waiting"
        OFFERED = "offered"
        ACCEPTED = "accepted"
        CONNECTED = "connected"
        CANCELLED = "cancelled"

    id = models.BigAutoField(primary_key=True)
    key = models.TextField(  # noqa: DJ001
        null=True, unique=True, editable=False, help_text="Makes asking for it twice harmless."
    )
    call_id = models.UUIDField(null=True, blank=True, db_index=True)
    lead = models.ForeignKey(
        "leads.Lead", null=True, blank=True, on_delete=models.SET_NULL, related_name="escalations"
    )
    status = models.TextField(choices=Status.choices, db_default=Status.WAITING)
    agent = models.ForeignKey(
        Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="escalations"
    )
    reason = models.TextField(db_default="", blank=True)
    query = models.TextField(db_default="", blank=True, help_text="What the caller wants to know.")
    skill = models.TextField(db_default="", blank=True)
    handoff = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "escalations"
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(
                fields=("agent",), name="escalations_under_way", condition=models.Q(ended_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"escalation {self.pk}"
