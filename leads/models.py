"""Invariant: a row here is the truth about a person or a promise; every task and page only reads and
advances it.

Every column but the key has a default in the database itself, so that plain SQL (a script, a report, another
program) may insert what it knows and leave the rest.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Cast, Concat, Now, Replace

from leads.status import Failure, Status


class Channel(models.TextChoices):
    EMAIL = "email", "E-mail"
    SMS = "sms", "SMS"
    WHATSAPP = "whatsapp", "WhatsApp"


class LeadStatus(models.TextChoices):
    NEW = "new", "New"
    CONTACTED = "contacted", "Contacted"
    QUALIFIED = "qualified", "Qualified"
    CUSTOMER = "customer", "Customer"
    LOST = "lost", "Lost"


class Lead(models.Model):
    """A person we talk to. `id` is what the company's own systems call them (such as `user_123`)."""

    id = models.CharField(
        primary_key=True,
        max_length=64,
        db_default=Concat(
            models.Value("lead_"),
            Replace(Cast(RandomUUID(), models.CharField()), models.Value("-"), models.Value("")),
            output_field=models.CharField(),
        ),
        help_text="The identifier in the company's own systems; made up here for callers nobody knows.",
    )
    # A second name for the key: integrations say external_id, joins say id, and the two can never differ.
    external_id = models.GeneratedField(
        expression=models.F("id"),  # type: ignore[arg-type]  # the stubs leave F out
        output_field=models.TextField(),
        db_persist=True,
    )
    name = models.CharField(max_length=200, blank=True, db_default="")
    company = models.CharField(max_length=200, blank=True, db_default="")
    phone = models.CharField(
        max_length=32, blank=True, db_default="", help_text="E.164, such as +919876543210"
    )
    email = models.CharField(max_length=254, blank=True, db_default="")
    lead_status = models.CharField(
        max_length=32, choices=LeadStatus.choices, default=LeadStatus.NEW, db_default=LeadStatus.NEW
    )
    last_contacted_at = models.DateTimeField(null=True, blank=True)
    next_action_time = models.DateTimeField(null=True, blank=True)
    pending_action = models.CharField(max_length=64, blank=True, db_default="")
    preferred_channel = models.CharField(max_length=32, blank=True, db_default="")
    last_issue = models.CharField(max_length=200, blank=True, db_default="")
    verified = models.BooleanField(
        default=True, db_default=True, help_text="False when all we know is what an unproven caller claimed."
    )
    is_demo = models.BooleanField(
        default=False, db_default=False, help_text="Messages to a demo lead never reach a real provider."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "leads"
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["phone"]), models.Index(fields=["email"])]

    def __str__(self) -> str:
        return self.id  # ids only: what a str() says may end in a log


class Order(models.Model):
    """What a lead bought. An order without a lead belongs to nobody and is told to nobody."""

    order_id = models.CharField(max_length=64, unique=True)
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.CASCADE, related_name="orders")
    product = models.CharField(max_length=200, blank=True, db_default="")
    status = models.CharField(max_length=64, blank=True, db_default="")
    estimated_delivery = models.DateTimeField(null=True, blank=True)
    tracking_id = models.CharField(max_length=64, blank=True, db_default="")
    placed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "orders"
        ordering: ClassVar = ["-placed_at"]

    def __str__(self) -> str:
        return self.order_id


class Conversation(models.Model):
    """One thing said or sent, in either direction, on any channel.

    The first three columns stand where an `INSERT INTO conversations VALUES ('Email sent to …', 'email',
    NOW())` without column names puts its values; that is why the key is declared last.
    """

    class Role(models.TextChoices):
        CUSTOMER = "customer", "Customer"
        AGENT = "agent", "Agent"
        HUMAN = "human", "Human"
        SYSTEM = "system", "System"

    message = models.TextField(blank=True, db_default="")
    channel = models.CharField(max_length=32, blank=True, default="voice", db_default="voice")
    timestamp = models.DateTimeField(db_default=Now())
    lead = models.ForeignKey(
        Lead, null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations"
    )
    intent = models.CharField(max_length=64, blank=True, db_default="")
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.SYSTEM, db_default=Role.SYSTEM)
    # Not a foreign key: calls stand above leads and know them, not the other way round.
    call_id = models.UUIDField(null=True, blank=True)
    turn = models.IntegerField(null=True, blank=True)
    source_id = models.CharField(
        max_length=128,
        null=True,
        blank=True,
        unique=True,
        help_text="The provider's id of a message that came in.",
    )
    address = models.CharField(
        max_length=64, blank=True, db_default="", help_text="The number that a message came in from."
    )
    id = models.BigAutoField(primary_key=True)

    class Meta:
        db_table = "conversations"
        ordering: ClassVar = ["timestamp", "id"]
        indexes: ClassVar = [
            models.Index(fields=["lead", "timestamp"]),
            models.Index(fields=["call_id", "turn"]),
            # When somebody last wrote to us is asked before each WhatsApp message.
            models.Index(
                fields=["address", "channel", "timestamp"],
                name="conversations_inbound",
                condition=~models.Q(address=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} on {self.channel}"


class Message(models.Model):
    """One promise to send something. `key` is what makes the same promise made twice one message."""

    STATUS_CHOICES: ClassVar = [(status.value, status.value) for status in Status]
    FAILURE_CHOICES: ClassVar = [(failure.value, failure.value.replace("_", " ")) for failure in Failure]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    key = models.CharField(max_length=200, unique=True)
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages")
    call_id = models.UUIDField(null=True, blank=True)
    channel = models.CharField(max_length=16, choices=Channel.choices)
    to = models.CharField(max_length=320)
    template = models.CharField(max_length=64, blank=True, db_default="")
    subject = models.CharField(max_length=300, blank=True, db_default="")
    body_text = models.TextField(blank=True, db_default="")
    body_html = models.TextField(blank=True, db_default="")
    attachments = models.JSONField(
        default=list,
        blank=True,
        db_default=models.Value([], models.JSONField()),
        help_text="[{document_id, filename}]",
    )
    status = models.CharField(
        max_length=16, choices=STATUS_CHOICES, default=Status.QUEUED.value, db_default=Status.QUEUED.value
    )
    provider = models.CharField(max_length=32, blank=True, db_default="")
    provider_id = models.CharField(max_length=128, blank=True, db_default="")
    simulated = models.BooleanField(
        default=False, db_default=False, help_text="Kept in the outbox; nothing was sent to a real person."
    )
    error = models.TextField(blank=True, db_default="")
    failure = models.CharField(
        max_length=32,
        blank=True,
        choices=FAILURE_CHOICES,
        db_default="",
        help_text="Why it failed, for programs.",
    )
    content = models.JSONField(
        default=dict,
        blank=True,
        db_default=models.Value({}, models.JSONField()),
        help_text="The approved WhatsApp template that carries it outside the 24-hour window: {sid, variables, text}",
    )
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    not_before = models.DateTimeField(
        null=True, blank=True, help_text="A held message goes out at this time."
    )
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    rung_at = models.DateTimeField(
        null=True, blank=True, help_text="When a worker was last asked to see to it."
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(
        null=True, blank=True, help_text="When the caller was told that it could not be sent."
    )
    seen_to_at = models.DateTimeField(
        null=True, blank=True, help_text="When its failure was somebody's task, or needed nobody."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        db_table = "messages"
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["call_id"]),
            models.Index(fields=["provider", "provider_id"]),
            # The sweep looks only at what is still under way, a handful among all that was ever sent.
            models.Index(
                fields=["status", "next_attempt_at"],
                name="messages_under_way",
                condition=models.Q(status__in=["held", "queued", "sending"]),
            ),
            # And what failed and nobody has seen to yet.
            models.Index(
                fields=["updated_at"],
                name="messages_unseen_failures",
                condition=models.Q(status="failed", seen_to_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"


class Undelivered(Message):
    """A message that failed or may have; a list of its own for whoever sees to them."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "undelivered messages"


class Delivery(models.Model):
    """One piece of news about a message, as the provider told it; append only."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.CharField(
        max_length=200, help_text="The provider's own id of this news, or one derived from it."
    )
    status = models.CharField(max_length=16)
    detail = models.TextField(blank=True, db_default="")
    simulated = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField(db_default=Now())
    raw = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))

    class Meta:
        db_table = "deliveries"
        ordering: ClassVar = ["at", "id"]
        verbose_name_plural = "deliveries"
        constraints: ClassVar = [
            # A provider may tell the same news a hundred times.
            models.UniqueConstraint(fields=["message", "event_id"], name="deliveries_one_news_once"),
        ]

    def __str__(self) -> str:
        return f"{self.status} at {self.at:%Y-%m-%d %H:%M:%S}"


class OptOut(models.Model):
    """An address that asked to be left alone on a channel. Kept by address, not by lead: the wish of the
    person who holds the number counts for every lead that has it, also for one made later."""

    channel = models.CharField(max_length=16, choices=[*Channel.choices, ("call", "Telephone call")])
    address = models.CharField(max_length=320)
    at = models.DateTimeField(db_default=Now())
    source = models.CharField(
        max_length=64, blank=True, db_default="", help_text="How it was said, such as STOP."
    )

    class Meta:
        db_table = "opt_outs"
        constraints: ClassVar = [models.UniqueConstraint(fields=["channel", "address"], name="opt_outs_once")]

    def __str__(self) -> str:
        return f"no {self.channel}"


class VerificationCode(models.Model):
    """A one-time code that proves that the caller of one call holds a lead's telephone.

    Only a keyed digest is kept. The row is written before anybody looks whether the claim fits a lead, and
    stays without one if it doesn't: tries are counted, and run out, in the same way.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=200, null=True, blank=True, unique=True)
    call_id = models.UUIDField(null=True, blank=True)
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.CASCADE, related_name="codes")
    claim = models.JSONField(
        default=dict,
        blank=True,
        db_default=models.Value({}, models.JSONField()),
        help_text="What the caller goes by, until it has been looked up.",
    )
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When it was looked up.")
    salt = models.CharField(max_length=64, blank=True, db_default="")
    digest = models.CharField(max_length=128, blank=True, db_default="")
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    expires_at = models.DateTimeField(db_default=Now())
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "verification_codes"
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["call_id", "created_at"]),
            models.Index(fields=["lead", "created_at"]),
        ]

    def __str__(self) -> str:
        return f"code {self.pk}"


from leads.models_allowed import Allowance, Consent, Limits, Price, ReachedBy, Tally  # noqa: E402, F401
from leads.models_callbacks import Callback, CallbackEvent  # noqa: E402, F401
from leads.models_jobs import DataRemoval, JobRun, ProviderPause  # noqa: E402, F401
from leads.models_templates import (  # noqa: E402, F401
    Branding,
    MessageTemplate,
    MessageTemplateVersion,
    WhatsAppTemplate,
)
