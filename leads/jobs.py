"""Invariant: whoever rings for a job, and however it ends, it is seen: Celery's own signals write the rows.

A task must not fail because nobody could note it down: Celery logs what goes wrong here and goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from celery.signals import before_task_publish, task_failure, task_postrun, task_prerun

from leads.services import job_begin, job_end, job_seen_queued

#: The jobs that are shown, with what people call them. Messages have a page of their own; sweeps are only bells.
JOBS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "calls.tasks.call_analyse": "Analysis of a call",
        "knowledge.tasks.document_index": "Indexing of a document",
        "calls.tasks.retention_run": "Removal of old data",
    }
)
_RUNNING: Final[dict[str, UUID]] = {}


def job_row(args: Sequence[Any]) -> str:
    """What a job is about: its ids."""
    return ":".join(str(one) for one in args)


def jobs_watch() -> None:
    """Listen to Celery, once a process."""
    before_task_publish.connect(_published, dispatch_uid="leads.jobs", weak=False)
    task_prerun.connect(_begun, dispatch_uid="leads.jobs", weak=False)
    task_failure.connect(_broke, dispatch_uid="leads.jobs", weak=False)
    task_postrun.connect(_ended, dispatch_uid="leads.jobs", weak=False)


def _published(sender: str | None = None, body: Any = None, **_: Any) -> None:
    if sender is not None and sender in JOBS and isinstance(body, tuple):
        job_seen_queued(task=sender, row=job_row(body[0]), args=body[0])


def _begun(task_id: str, task: Any, args: Sequence[Any] = (), **_: Any) -> None:
    if task.name not in JOBS:
        return
    job_id = job_begin(task=task.name, row=job_row(args), args=args)
    if job_id is not None:
        _RUNNING[task_id] = job_id


def _broke(task_id: str, exception: BaseException, **_: Any) -> None:
    job_id = _RUNNING.pop(task_id, None)
    if job_id is not None:
        job_end(job_id=job_id, error=type(exception).__name__)


def _ended(task_id: str, state: str | None = None, **_: Any) -> None:
    job_id = _RUNNING.pop(task_id, None)
    if job_id is not None:
        job_end(job_id=job_id, error="" if state in {"SUCCESS", None} else str(state))
