"""Invariant: a task may run never, once, late or twice; the row decides what that means.

Each is one call of a service, named by the row's id. Retries are a column of the row and the sweep's
business: a Celery ETA beyond the broker's visibility timeout would run again and again.
"""

from __future__ import annotations

from celery import shared_task

from leads import services
from leads.doorbell import DELIVER, DIAL, LOOK_UP, RESOLVE, SEND_CODE

# Acknowledged when done, and given to another worker when this one dies: a second run finds nothing to claim.
_DOORBELL = {"ignore_result": True, "acks_late": True, "reject_on_worker_lost": True}


@shared_task(name=DELIVER, **_DOORBELL)
def message_deliver(message_id: str) -> None:
    """Deliver one message, if it still waits for that."""
    services.message_deliver(message_id=message_id)


@shared_task(name=RESOLVE, **_DOORBELL)
def message_resolve(message_id: str) -> None:
    """Find out what became of a message whose worker was lost."""
    services.message_resolve(message_id=message_id)


@shared_task(name=SEND_CODE, **_DOORBELL)
def code_send(code_id: str) -> None:
    """Text a one-time code, if it was asked for by somebody who may have one."""
    services.code_send(code_id=int(code_id))


@shared_task(name=DIAL, **_DOORBELL)
def callback_dial(callback_id: str) -> None:
    """Call somebody back, if it is time and nobody does already."""
    services.callback_dial(callback_id=int(callback_id))


@shared_task(name=LOOK_UP, **_DOORBELL)
def callback_resolve(callback_id: str) -> None:
    """Ask the provider what became of a call of which nothing was heard."""
    services.callback_resolve(callback_id=int(callback_id))


@shared_task(name="leads.tasks.callbacks_sweep", ignore_result=True, expires=30)
def callbacks_sweep() -> None:
    """Ring for callbacks that are due. Every two seconds, from the schedule."""
    services.callbacks_sweep()


@shared_task(name="leads.tasks.messages_sweep", ignore_result=True, expires=30)
def messages_sweep() -> None:
    """Ring for what waits. Every few seconds, from the schedule."""
    services.codes_sweep()
    services.messages_sweep()


@shared_task(name="leads.tasks.jobs_sweep", ignore_result=True, expires=30)
def jobs_sweep() -> None:
    """Ring for jobs that nobody took, or whose worker died."""
    services.jobs_sweep()
