"""What workers do for calls."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from calls.services import call_analysis_write, callback_tasks_open, calls_abandon, retention_ask
from calls.services import failures_sweep as failures_round
from calls.services import retention_run as retention_round
from calls.services.lifecycle import ANALYSE
from calls.services.retention import RETENTION
from leads.services import tallies_forget

#: Longer than any day or call lasts.
TALLIES_KEPT: Final = timedelta(days=3)


@shared_task(ignore_result=True, expires=10)
def calls_sweep() -> None:
    """End calls whose web process died with them; harmless to run twice."""
    calls_abandon()


@shared_task(ignore_result=True, expires=10)
def failures_sweep() -> None:
    """Make tasks of what could not be sent and nobody knows of; harmless to run twice."""
    failures_round()
    callback_tasks_open()


@shared_task(name=ANALYSE, ignore_result=True, soft_time_limit=50, time_limit=60)
def call_analyse(call_id: str) -> None:
    """Work out what a finished call amounts to."""
    call_analysis_write(call_id=call_id)


@shared_task(name="calls.tasks.retention_sweep", ignore_result=True, expires=600)
def retention_sweep() -> None:
    """Ask for the day's removal of old data, if there is to be one."""
    retention_ask()
    # Whatever is kept: what was counted has no use after its day, and has addresses in it.
    tallies_forget(before=timezone.now() - TALLIES_KEPT)


@shared_task(name=RETENTION, ignore_result=True, soft_time_limit=1500, time_limit=1560)
def retention_run(day: str) -> None:
    """Remove what is older than the settings say. ``day`` only names the run; what a killed one left, the next removes."""
    if settings.RETENTION_DAYS:
        retention_round(days=settings.RETENTION_DAYS, mode=settings.RETENTION_MODE, by="schedule")
