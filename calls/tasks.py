"""What workers do for calls."""

from __future__ import annotations

from celery import shared_task

from calls.services import calls_abandon


@shared_task(ignore_result=True, expires=10)
def calls_sweep() -> None:
    """End calls whose web process died with them; harmless to run twice."""
    calls_abandon()
