"""Jobs that are seen, providers that rest, failures that become tasks, and the record of what was removed."""

from __future__ import annotations

import uuid
from typing import ClassVar

import django.contrib.postgres.functions
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("leads", "0006_templates_of_mail_and_whatsapp")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="DataRemoval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "lead_ref",
                    models.CharField(
                        blank=True, db_default="", help_text="The id of the lead it was about.", max_length=64
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[("age", "Kept long enough"), ("request", "Asked for")],
                        db_default="age",
                        default="age",
                        max_length=16,
                    ),
                ),
                ("mode", models.CharField(db_default="delete", max_length=16)),
                ("counts", models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                (
                    "by",
                    models.CharField(
                        blank=True, db_default="", help_text="The user's id, or the schedule.", max_length=64
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name": "removal of data",
                "verbose_name_plural": "removals of data",
                "db_table": "data_removals",
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="JobRun",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("task", models.CharField(max_length=120)),
                (
                    "row",
                    models.CharField(
                        blank=True, db_default="", help_text="The id of what it is done to.", max_length=120
                    ),
                ),
                (
                    "args",
                    models.JSONField(
                        blank=True,
                        db_default=models.Value([], models.JSONField()),
                        default=list,
                        help_text="Ids only.",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        db_default="queued",
                        default="queued",
                        max_length=16,
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("queued_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("rung_at", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("took_ms", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "error",
                    models.CharField(
                        blank=True,
                        db_default="",
                        help_text="The kind of error, never its text.",
                        max_length=120,
                    ),
                ),
            ],
            options={
                "verbose_name": "job",
                "verbose_name_plural": "background work",
                "db_table": "job_runs",
                "ordering": ["-queued_at"],
            },
        ),
        migrations.CreateModel(
            name="ProviderPause",
            fields=[
                ("provider", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("failures", models.PositiveIntegerField(db_default=0, default=0)),
                ("until", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "provider_pauses",
            },
        ),
        migrations.AddField(
            model_name="message",
            name="seen_to_at",
            field=models.DateTimeField(
                blank=True, help_text="When its failure was somebody's task, or needed nobody.", null=True
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="told_at",
            field=models.DateTimeField(
                blank=True, help_text="When the caller was told that it could not be sent.", null=True
            ),
        ),
        migrations.CreateModel(
            name="Undelivered",
            fields=[],
            options={
                "verbose_name": "undelivered messages",
                "verbose_name_plural": "undelivered messages",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("leads.message",),
        ),
        # What failed before anybody watched is no task for anybody now.
        migrations.RunSQL(
            "UPDATE messages SET seen_to_at = updated_at WHERE status = 'failed'", migrations.RunSQL.noop
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("seen_to_at", None), ("status", "failed")),
                fields=["updated_at"],
                name="messages_unseen_failures",
            ),
        ),
        migrations.AddIndex(
            model_name="jobrun",
            index=models.Index(fields=["state", "queued_at"], name="job_runs_by_state"),
        ),
        migrations.AddIndex(
            model_name="jobrun",
            index=models.Index(fields=["task", "row"], name="job_runs_of_row"),
        ),
        migrations.AddConstraint(
            model_name="jobrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["queued", "running"])),
                fields=("task", "row"),
                name="job_runs_once_under_way",
            ),
        ),
    ]
