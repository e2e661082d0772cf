"""Invariant: whoever lost the broker looks for it every second, so that its return is noticed at once.

Celery's own pauses grow to half a minute, in which nothing that is due would be rung for although everything runs again.
"""

from __future__ import annotations

from typing import Any

from celery.app.amqp import AMQP
from kombu import Connection

PAUSE_S = 1.0


class SteadyConnection(Connection):
    """kombu's own, which does not become tired."""

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        """Workers and the scheduler wait so; a doorbell, which gives up at once, does not come here."""
        pauses = {"interval_start": PAUSE_S, "interval_step": 0, "interval_max": PAUSE_S}
        return super().ensure_connection(*args, **{**pauses, **kwargs})


class SteadyAMQP(AMQP):
    """Makes such connections."""

    Connection = SteadyConnection
