"""Invariant: a job that was asked for is a row until it is done or has failed; a provider that is down is known to be.

Ids only: what a job is about is named here, never told.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now


class JobRun(models.Model):
    """One piece of background work that is no message: an analysis, an indexing, a clearing out."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    task = models.CharField(max_length=120)
    row = models.CharField(
        max_length=120, blank=True, db_default="", help_text="The id of what it is done to."
    )
    args = models.JSONField(
        default=list, blank=True, db_default=models.Value([], models.JSONField()), help_text="Ids only."
    )
    state = models.CharField(
        max_length=16, choices=State.choices, default=State.QUEUED, db_default=State.QUEUED
    )
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    queued_at = models.DateTimeField(db_default=Now())
    rung_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    took_ms = models.PositiveIntegerField(null=True, blank=True)
    error = models.CharField(
        max_length=120, blank=True, db_default="", help_text="The kind of error, never its text."
    )

    class Meta:
        db_table = "job_runs"
        ordering: ClassVar = ["-queued_at"]
        verbose_name = "job"
        verbose_name_plural = "background work"
        constraints: ClassVar = [
            # Asked for twice while it is under way, it is done once.
            models.UniqueConstraint(
                fields=["task", "row"],
                name="job_runs_once_under_way",
                condition=models.Q(state__in=["queued", "running"]),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "queued_at"], name="job_runs_by_state"),
            models.Index(fields=["task", "row"], name="job_runs_of_row"),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.row}"


class ProviderPause(models.Model):
    """A provider that refuses or doesn't answer: until when nothing is tried. ``failures`` counts those in a row."""

    provider = models.CharField(primary_key=True, max_length=32)
    failures = models.PositiveIntegerField(default=0, db_default=0)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "provider_pauses"

    def __str__(self) -> str:
        return self.provider


class DataRemoval(models.Model):
    """That somebody's data was removed: when, by whom and how much. Ids only; this is the proof that it was done."""

    class Why(models.TextChoices):
        AGE = "age", "Kept long enough"
        REQUEST = "request", "Asked for"

    lead_ref = models.CharField(
        max_length=64, blank=True, db_default="", help_text="The id of the lead it was about."
    )
    why = models.CharField(max_length=16, choices=Why.choices, default=Why.AGE, db_default=Why.AGE)
    mode = models.CharField(max_length=16, db_default="delete")
    counts = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    by = models.CharField(
        max_length=64, blank=True, db_default="", help_text="The user's id, or the schedule."
    )
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "data_removals"
        ordering: ClassVar = ["-at"]
        verbose_name = "removal of data"
        verbose_name_plural = "removals of data"

    def __str__(self) -> str:
        return f"{self.why} {self.lead_ref}"
