"""Background work: a task is only the doorbell for a row, so that losing one costs a delay and nothing else."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")

app = Celery("contactcenter", amqp="contactcenter.reconnecting:SteadyAMQP")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# "Current" is a matter of each thread; requests run in many, and without a default they would ring at amqp://localhost.
app.set_default()


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Celery leaves logging alone when something answers this signal; Django has configured it already."""


@worker_process_init.connect
def forget_inherited_connections(**_: Any) -> None:
    """A connection pool that was filled before the fork would be shared by two processes."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        pool = getattr(connection, "close_pool", None)
        if pool is not None:
            pool()
