"""What admins may change about the agent. Rows are the desk they work at; what calls are run by is the newest version.

Invariant: nothing here is written but inside :func:`calls.rules.rules_changing`, which turns whatever was changed into one
:class:`PlaybookVersion`. A row that was changed past it takes effect, under its own name, with the next version.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Phrase(models.Model):
    """Something that the agent says. ``shipped`` is the text that came with the product; while ``text`` is the same, it
    follows the product when that is upgraded. Phrases of other languages have nothing shipped."""

    name = models.TextField()
    language = models.TextField(default="en", help_text="Two letters, such as en, de or hi.")
    text = models.TextField("what the agent says")
    shipped = models.TextField(default="", blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name", "language")
        constraints = (models.UniqueConstraint(fields=("language", "name"), name="phrase_once"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"

    @property
    def edited(self) -> bool:
        return self.text != self.shipped


class BusinessHours(models.Model):
    """One weekday's hours, in the company's time zone: ``[["09:00", "13:00"], ["14:00", "18:00"]]``; none is closed."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0
        TUESDAY = 1
        WEDNESDAY = 2
        THURSDAY = 3
        FRIDAY = 4
        SATURDAY = 5
        SUNDAY = 6

    weekday = models.PositiveSmallIntegerField(primary_key=True, choices=Weekday.choices)
    spans = models.JSONField("open", default=list, blank=True)

    class Meta:
        ordering = ("weekday",)
        verbose_name = verbose_name_plural = "business hours"

    def __str__(self) -> str:
        return str(self.Weekday(self.weekday).label)


class Holiday(models.Model):
    """A date on which the company is closed, whatever the weekday."""

    date = models.DateField(unique=True)
    name = models.TextField(default="", blank=True)

    class Meta:
        ordering = ("date",)
        verbose_name = "day off"
        verbose_name_plural = "days off"

    def __str__(self) -> str:
        return f"{self.date:%d %B %Y}" + (f" ({self.name})" if self.name else "")


class ActionRule(models.Model):
    """Whether the agent may do one of the things that it can do (``calls.core.decision.ACTIONS``)."""

    action = models.TextField(primary_key=True)
    allowed = models.BooleanField(default=True)

    class Meta:
        ordering = ("action",)
        verbose_name = "allowed action"

    def __str__(self) -> str:
        return self.action.replace("_", " ")


class DocumentType(models.Model):
    """What callers call a kind of document."""

    kind = models.TextField(help_text="The kind that documents have in Knowledge, such as policy or guide.")
    language = models.TextField(default="en", help_text="Two letters, such as en, de or hi.")
    names = ArrayField(models.TextField(), help_text="What callers call it, separated by commas.")

    class Meta:
        ordering = ("language", "kind")
        constraints = (models.UniqueConstraint(fields=("language", "kind"), name="document_type_once"),)

    def __str__(self) -> str:
        return f"{self.kind} ({self.language})"


class EscalationRule(models.Model):
    """Which skill a person needs for what the caller wants. ``topic`` is an intent or an issue type; "" is anything else."""

    topic = models.TextField(unique=True, blank=True)
    skill = models.TextField()

    class Meta:
        ordering = ("topic",)

    def __str__(self) -> str:
        return self.topic.replace("_", " ") or "anything else"


class CompanyRules(models.Model):
    """The few rules that a company has one of. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    order_prefix = models.TextField(default="", blank=True)
    order_pattern = models.TextField(default="", blank=True)
    tracking_url = models.TextField("tracking address", default="", blank=True)
    compensation = models.TextField(default="", blank=True)
    angry_turns = models.PositiveSmallIntegerField(default=2)

    class Meta:
        verbose_name = verbose_name_plural = "company rules"
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="company_rules_once"),)

    def __str__(self) -> str:
        return "Company rules"


class PlaybookVersion(models.Model):
    """All rules as they were after one change. Calls are run by the newest; older ones can be restored.

    ``snapshot`` maps a section to its entries, see :mod:`calls.rules.entries`; ``diff`` lists what changed.
    """

    number = models.PositiveIntegerField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    by = models.TextField(default="")
    what = models.TextField("what changed", default="")
    diff = models.JSONField(default=list)
    snapshot = models.JSONField(default=dict)

    class Meta:
        ordering = ("-number",)
        verbose_name = "version of the rules"
        verbose_name_plural = "versions of the rules"
        permissions = (("restore_playbookversion", "Can restore an earlier version of the rules"),)

    def __str__(self) -> str:
        return f"Version {self.number}"


class Shipped(models.Model):
    """What an upgrade brought last, so that the next one can tell what is new from what an admin removed."""

    name = models.TextField(primary_key=True)
    content = models.JSONField()

    def __str__(self) -> str:
        return self.name
