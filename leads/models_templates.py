"""Invariant: what the house's messages say is either the shipped words or the newest version of a row here, and a
version that was saved is never changed.

A row is words with variables, never a program: `leads.wording` reads it.
"""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now

from leads.models import Channel


class MessageTemplate(models.Model):
    """How one kind of message reads on one channel. While `edited` is false the shipped words count."""

    name = models.CharField(max_length=64)
    channel = models.CharField(max_length=16, choices=Channel.choices)
    subject = models.CharField(max_length=200, blank=True, db_default="")
    preheader = models.CharField(
        "line after the subject",
        max_length=200,
        blank=True,
        db_default="",
        help_text="What an inbox shows after the subject.",
    )
    body = models.TextField("text", blank=True, db_default="")
    footer = models.TextField(blank=True, db_default="", help_text="Small, at the end of the mail.")
    edited = models.BooleanField(default=False, db_default=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        db_table = "message_templates"
        ordering: ClassVar = ["channel", "name"]
        verbose_name = "message text"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "channel"], name="message_templates_once")
        ]

    def __str__(self) -> str:
        return f"{Channel(self.channel).label}: {self.name.replace('_', ' ')}"


class MessageTemplateVersion(models.Model):
    """What a template said from one moment on; append only."""

    template = models.ForeignKey(MessageTemplate, on_delete=models.CASCADE, related_name="versions")
    subject = models.CharField(max_length=200, blank=True, db_default="")
    preheader = models.CharField(max_length=200, blank=True, db_default="")
    body = models.TextField(blank=True, db_default="")
    footer = models.TextField(blank=True, db_default="")
    by = models.CharField(max_length=150, blank=True, db_default="")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "message_template_versions"
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return f"version {self.pk}"


class Branding(models.Model):
    """How the company's mails look. One row, or none."""

    name = models.CharField(
        "company name",
        max_length=100,
        blank=True,
        db_default="",
        help_text="Empty: the name in the settings.",
    )
    logo_text = models.CharField(
        max_length=60,
        blank=True,
        db_default="",
        help_text="At the head of each mail. Empty: the company's name.",
    )
    colour = models.CharField(
        max_length=7,
        default="#0b5a6b",
        db_default="#0b5a6b",
        validators=[RegexValidator(r"\A#[0-9a-fA-F]{6}\Z", "A colour looks like #0b5a6b.")],
        help_text="Of the head and of buttons.",
    )
    address_line = models.CharField(
        max_length=200,
        blank=True,
        db_default="",
        help_text="The company's postal address, at the foot of each mail.",
    )

    class Meta:
        db_table = "branding"
        verbose_name_plural = "branding"
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="branding_is_one_row")]

    def __str__(self) -> str:
        return self.name or "Branding"


class WhatsAppTemplate(models.Model):
    """A text that WhatsApp approved: the only thing that may be sent to whoever has not written to us within a day."""

    name = models.CharField("message", max_length=64, help_text="The message that this text stands for.")
    language = models.CharField(max_length=8, default="en", db_default="en")
    content_sid = models.CharField(
        max_length=34,
        db_default="",
        validators=[
            RegexValidator(r"\AHX[0-9a-fA-F]{32}\Z", "A content SID is HX and 32 hexadecimal digits.")
        ],
        help_text="From Twilio's Content Template Builder, such as HX0123…",
    )
    variables = models.JSONField(
        default=dict,
        blank=True,
        db_default=models.Value({}, models.JSONField()),
        help_text='Which of our variables fills which of the template\'s, such as {"1": "name", "2": "document"}',
    )
    text = models.TextField(
        blank=True,
        db_default="",
        help_text="The text as it was approved, with {{1}} and so on; for our records.",
    )

    class Meta:
        db_table = "whatsapp_templates"
        ordering: ClassVar = ["name", "language"]
        verbose_name = "WhatsApp template"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "language"], name="whatsapp_templates_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"
