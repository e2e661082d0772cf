"""Invariant: a job that was asked for is done, or stands as failed with the kind of its error; a killed worker ends neither.

The row is written with whatever asks for the job; Celery is its doorbell. A job may run twice and must not mind.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from contactcenter.locks import round_take
from leads import doorbell
from leads.models_jobs import JobRun

log = structlog.get_logger(__name__)

UNDER_WAY: Final = (JobRun.State.QUEUED, JobRun.State.RUNNING)
#: A bell that nobody answered is rung again after this long.
RING_AGAIN: Final = timedelta(seconds=20)
#: The longest a task may take (see the time limits), and a little: after that nobody works on it any more.
LOST_AFTER: Final = timedelta(minutes=28)
#: Of tasks with a limit of their own that is shorter.
SHORT: Final = {"calls.tasks.call_analyse": timedelta(seconds=70)}
#: A worker that dies takes no count with it: after so many beginnings the job is at fault.
TRIES: Final = 5
#: What failed by accident (a database that restarts) is tried again so often without a person.
TRIED_AGAIN: Final = 2
ECHO: Final = timedelta(minutes=10)
KEPT: Final = timedelta(days=14)


def job_queue(
    *, task: str, row: str, args: Sequence[Any] | None = None, now: datetime | None = None
) -> JobRun:
    """Ask for a job, inside the caller's transaction. One that is under way for this row is the answer."""
    now = now or timezone.now()
    args = [row] if args is None else list(args)
    job, created = JobRun.objects.filter(state__in=UNDER_WAY).get_or_create(
        task=task, row=row, defaults={"args": args, "queued_at": now, "rung_at": now}
    )
    if created:
        transaction.on_commit(lambda: _ring(job))
    return job


def job_seen_queued(*, task: str, row: str, args: Sequence[Any], now: datetime | None = None) -> None:
    """A task was rung for by somebody who keeps a row of their own (a document): show it here, too."""
    now = now or timezone.now()
    JobRun.objects.filter(state__in=UNDER_WAY).get_or_create(
        task=task, row=row, defaults={"args": list(args), "queued_at": now, "rung_at": now}
    )


def job_begin(*, task: str, row: str, args: Sequence[Any], now: datetime | None = None) -> UUID | None:
    """A worker has started on it. None for the echo of a bell that was rung twice: the job was done a moment ago."""
    now = now or timezone.now()
    with transaction.atomic():
        same = JobRun.objects.filter(task=task, row=row)
        echo = same.filter(state=JobRun.State.DONE, finished_at__gt=now - ECHO).exists()
        if echo and not same.filter(state__in=UNDER_WAY).exists():
            return None
        job, _ = JobRun.objects.filter(state__in=UNDER_WAY).get_or_create(
            task=task, row=row, defaults={"args": list(args), "queued_at": now, "rung_at": now}
        )
        JobRun.objects.filter(id=job.id).update(
            state=JobRun.State.RUNNING, started_at=now, tries=F("tries") + 1, error=""
        )
    return job.id


def job_end(*, job_id: UUID, error: str = "", now: datetime | None = None) -> None:
    """It is done, or failed with this kind of error."""
    now = now or timezone.now()
    job = JobRun.objects.filter(id=job_id, state=JobRun.State.RUNNING).first()
    if job is None:
        return
    if error and job.tries <= TRIED_AGAIN:
        JobRun.objects.filter(id=job_id).update(state=JobRun.State.QUEUED, rung_at=now, error=error[:120])
        return
    took = (now - job.started_at) if job.started_at else timedelta()
    JobRun.objects.filter(id=job_id).update(
        state=JobRun.State.FAILED if error else JobRun.State.DONE,
        finished_at=now,
        took_ms=max(0, int(took.total_seconds() * 1000)),
        error=error[:120],
    )


def job_run_again(*, job_id: UUID, now: datetime | None = None) -> bool:
    """Queue a failed job once more. False when it hasn't failed, or the same is under way already."""
    now = now or timezone.now()
    with transaction.atomic():
        job = JobRun.objects.select_for_update().filter(id=job_id, state=JobRun.State.FAILED).first()
        if job is None or JobRun.objects.filter(task=job.task, row=job.row, state__in=UNDER_WAY).exists():
            return False
        JobRun.objects.filter(id=job.id).update(
            state=JobRun.State.QUEUED,
            queued_at=now,
            rung_at=now,
            started_at=None,
            finished_at=None,
            took_ms=None,
            tries=0,
            error="",
        )
        transaction.on_commit(lambda: _ring(job))
    log.info("job_run_again", job=str(job.id), task=job.task)
    return True


def jobs_sweep(*, now: datetime | None = None) -> int:
    """Ring again for jobs that nobody took, or whose worker died; forget those of long ago. How many it rang."""
    now = now or timezone.now()
    with transaction.atomic():
        if not round_take("jobs"):
            return 0
        late = Q(started_at__lt=now - LOST_AFTER)
        for task, after in SHORT.items():
            late |= Q(task=task, started_at__lt=now - after)
        lost = JobRun.objects.filter(late, state=JobRun.State.RUNNING)
        lost.filter(tries__gte=TRIES).update(state=JobRun.State.FAILED, finished_at=now, error="WorkerLost")
        lost.filter(tries__lt=TRIES).update(state=JobRun.State.QUEUED, rung_at=None)
        waiting = JobRun.objects.filter(state=JobRun.State.QUEUED).filter(
            Q(rung_at=None) | Q(rung_at__lt=now - RING_AGAIN)
        )
        found = list(waiting.order_by("queued_at")[:100])
        JobRun.objects.filter(id__in=[job.id for job in found]).update(rung_at=now)
        JobRun.objects.filter(queued_at__lt=now - KEPT).exclude(state__in=UNDER_WAY).delete()
    rung = 0
    for job in found:
        if not _ring(job):
            break
        rung += 1
    return rung


def jobs_count() -> dict[str, int]:
    """How many jobs there are in each state."""
    return {state.value: JobRun.objects.filter(state=state).count() for state in JobRun.State}


def _ring(job: JobRun) -> bool:
    return doorbell.ring_job(job.task, job.args)
