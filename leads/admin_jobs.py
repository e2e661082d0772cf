"""Background work on one page: what waits, runs, failed, and how long it took. Invariant: rows are read, and run again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import Avg, Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html

from leads.jobs import JOBS
from leads.models import DataRemoval, JobRun, Message, ProviderPause
from leads.services import job_run_again
from leads.status import Status


class TaskFilter(admin.SimpleListFilter):
    title = "work"
    parameter_name = "task"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return list(JOBS.items())

    def queryset(self, _request: HttpRequest, rows: QuerySet[JobRun]) -> QuerySet[JobRun]:
        return rows.filter(task=self.value()) if self.value() else rows


class Seen:
    """Nobody writes these by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


@admin.register(JobRun)
class JobRunAdmin(Seen, admin.ModelAdmin):
    list_display = ("work", "condition", "took", "error", "row", "queued_at", "started_at", "tries")
    list_filter = ("state", TaskFilter)
    search_fields = ("row", "error")
    ordering = ("-queued_at",)
    actions = ("run_again",)
    change_list_template = "admin/leads/jobrun/change_list.html"
    fields = readonly_fields = (
        "work",
        "row",
        "condition",
        "queued_at",
        "started_at",
        "finished_at",
        "took",
        "tries",
        "error",
    )

    @admin.display(description="work", ordering="task")
    def work(self, job: JobRun) -> str:
        return JOBS.get(job.task, job.task)

    @admin.display(description="state", ordering="state")
    def condition(self, job: JobRun) -> str:
        strong = job.state == JobRun.State.FAILED
        return (
            format_html("<strong>{}</strong>", job.get_state_display()) if strong else job.get_state_display()
        )

    @admin.display(description="took", ordering="took_ms")
    def took(self, job: JobRun) -> str:
        return "" if job.took_ms is None else took_words(job.took_ms)

    @admin.action(description="Run again", permissions=["change"])
    def run_again(self, request: HttpRequest, chosen: QuerySet[JobRun]) -> None:
        begun = sum(job_run_again(job_id=job.id) for job in chosen)
        others = len(chosen) - begun
        if begun:
            self.message_user(request, f"{begun} queued again.", messages.SUCCESS)
        if others:
            self.message_user(
                request, f"{others} left alone: not failed, or the same is under way.", messages.INFO
            )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(
            request, {**(extra_context or {}), "work": work_now(), "title": "Background work"}
        )


@admin.register(DataRemoval)
class DataRemovalAdmin(Seen, admin.ModelAdmin):
    """The proof that data was removed: ids and numbers."""

    list_display = ("at", "why", "mode", "lead_ref", "by", "counts")
    list_filter = ("why", "mode")
    search_fields = ("lead_ref",)

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


def took_words(ms: float) -> str:
    """A time as people say it."""
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.1f} s"


def work_now(*, now: Any = None) -> dict[str, Any]:
    """What is under way, at a glance: jobs by kind, messages, and providers that are left in peace."""
    now = now or timezone.now()
    day = JobRun.objects.filter(queued_at__gt=now - timedelta(days=1))
    counted = {
        (row["task"], row["state"]): row["number"]
        for row in JobRun.objects.values("task", "state").order_by().annotate(number=Count("id"))
    }
    took = {
        row["task"]: row["mean"]
        for row in day.filter(state=JobRun.State.DONE).values("task").order_by().annotate(mean=Avg("took_ms"))
    }
    jobs = [
        {
            "name": name,
            **{state.value: counted.get((task, state.value), 0) for state in JobRun.State},
            "took": took_words(took[task]) if took.get(task) is not None else "–",
        }
        for task, name in JOBS.items()
    ]
    waiting = {
        row["status"]: row["number"]
        for row in Message.objects.filter(status__in=[Status.HELD, Status.QUEUED, Status.SENDING])
        .values("status")
        .order_by()
        .annotate(number=Count("id"))
    }
    return {
        "columns": ("Work", "Queued", "Running", "Failed", "Done", "Took, on average today"),
        "jobs": jobs,
        "messages": {status: waiting.get(status, 0) for status in ("held", "queued", "sending")},
        "failed": Message.objects.filter(status__in=[Status.FAILED, Status.UNKNOWN]).count(),
        "resting": list(ProviderPause.objects.filter(until__gt=now)),
        "busy": any(job["queued"] or job["running"] for job in jobs),
    }
