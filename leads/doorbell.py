"""Invariant: the row is the truth and Celery only the doorbell. A bell that does not ring costs a moment,
never a turn.

Tasks are rung by name, so that services need not import the tasks that call them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from celery import current_app
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

DELIVER = "leads.tasks.message_deliver"
RESOLVE = "leads.tasks.message_resolve"
SEND_CODE = "leads.tasks.code_send"
DIAL = "leads.tasks.callback_dial"
LOOK_UP = "leads.tasks.callback_resolve"
#: The sweeps ring these again until somebody came: what nobody heard must not pile up before a worker that is behind, or
#: was away.
EXPIRES_S = {DIAL: 30, LOOK_UP: 30, DELIVER: 20, RESOLVE: 20}


def ring(task: str, row_id: UUID | int) -> bool:
    """Ask a worker to look at a row. False when the broker is out of reach; the sweep then rings
    again."""
    try:
        # No retry here: the caller may be a live turn, and a broker that is down will not be up in half a
        # second.
        current_app.send_task(
            task, args=[str(row_id)], retry=False, ignore_result=True, expires=EXPIRES_S.get(task)
        )
    except (OperationalError, OSError) as error:
        log.warning("doorbell_missed", task=task, row=str(row_id), error=type(error).__name__)
        return False
    return True


def ring_job(task: str, args: Sequence[Any]) -> bool:
    """Ask a worker to do a job. False when the broker is out of reach."""
    try:
        current_app.send_task(task, args=list(args), retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        log.warning("doorbell_missed", task=task, error=type(error).__name__)
        return False
    return True
