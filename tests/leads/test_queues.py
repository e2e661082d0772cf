"""What somebody waits for at this moment does not stand behind what may take its time."""

from __future__ import annotations

from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings

from contactcenter.bootstrap.place import Place
from contactcenter.bootstrap.server import worker_programs
from leads import doorbell
from leads.services import dialling, sweeping


def queue_of(task: str) -> str:
    return str(current_app.amqp.router.route({}, task)["queue"].name)


@pytest.mark.parametrize("task", [doorbell.DIAL, doorbell.LOOK_UP, doorbell.SEND_CODE])
def test_a_backlog_of_messages_does_not_delay_a_call_or_a_code(task: str) -> None:
    assert queue_of(task) == "prompt"
    assert queue_of(doorbell.DELIVER) == "messages"


def test_a_round_that_is_dropped_when_it_is_late_does_not_wait_behind_a_backlog() -> None:
    hasty = [entry for entry in settings.CELERY_BEAT_SCHEDULE.values() if entry["options"]["expires"] <= 10]
    assert hasty
    assert {entry["options"]["queue"] for entry in hasty} == {"prompt"}


def queues_of(tmp_path: Path, name: str) -> set[str]:
    [program] = [one for one in worker_programs(Place(tmp_path), {}) if one.name == name]
    return set(program.argv[program.argv.index("-Q") + 1].split(","))


def test_while_a_provider_hangs_and_holds_all_who_mail_somebody_is_free_to_call(tmp_path: Path) -> None:
    assert queues_of(tmp_path, "prompt") == {queue_of(doorbell.DIAL)} == {"prompt"}


def test_a_worker_takes_from_every_queue_that_something_is_put_into(tmp_path: Path) -> None:
    taken = queues_of(tmp_path, "worker")
    used = {entry["options"]["queue"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    used |= {str(route["queue"]) for route in settings.CELERY_TASK_ROUTES.values()}
    assert used | {settings.CELERY_TASK_DEFAULT_QUEUE} == taken


def test_bells_that_a_sweep_rings_anew_do_not_pile_up_before_a_worker_that_is_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: dict[str, float | None] = {}
    monkeypatch.setattr(
        type(current_app._get_current_object()),
        "send_task",
        lambda _app, task, *, expires, **_: sent.update({task: expires}),
    )
    for task in (doorbell.DIAL, doorbell.LOOK_UP, doorbell.DELIVER, doorbell.RESOLVE, doorbell.SEND_CODE):
        assert doorbell.ring(task, 1)
    assert {task: expires for task, expires in sent.items() if expires} == doorbell.EXPIRES_S
    # No sooner than the sweep rings again, or for a while nobody would be called at all.
    assert doorbell.EXPIRES_S[doorbell.DELIVER] >= sweeping.RING_AGAIN.total_seconds()
    assert doorbell.EXPIRES_S[doorbell.DIAL] >= dialling.LOOK_AGAIN.total_seconds()
    assert sent[doorbell.SEND_CODE] is None
