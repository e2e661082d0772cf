"""Work that is no message is a row from the moment it is asked for; a killed worker loses none of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from celery import current_app
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from calls import tasks
from calls.models import Call
from leads import jobs
from leads.models import JobRun
from leads.services import job_begin, job_end, job_queue, job_run_again, jobs_sweep
from leads.services.jobs import KEPT, LOST_AFTER, RING_AGAIN, SHORT, TRIED_AGAIN, TRIES
from tests.rows.conftest import Talking

pytestmark = pytest.mark.django_db
TASK = "calls.tasks.call_analyse"


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[Any]]]:
    rung: list[tuple[str, list[Any]]] = []
    monkeypatch.setattr("leads.doorbell.ring_job", lambda task, args: rung.append((task, list(args))) is None)
    return rung


def run(job: JobRun, task: Callable[..., Any], *, breaks: BaseException | None = None) -> None:
    """A worker takes it, as Celery's signals tell of it."""
    jobs._begun(task_id="t1", task=SimpleNamespace(name=job.task), args=job.args)
    if breaks is not None:
        jobs._broke(task_id="t1", exception=breaks)
        jobs._ended(task_id="t1", state="FAILURE")
        return
    task(*job.args)
    jobs._ended(task_id="t1", state="SUCCESS")


def test_a_call_that_ends_asks_for_its_analysis_in_the_same_transaction(
    begin: Callable[..., Talking], bells: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    talk = begin()
    talk.exchange("What is your refund policy?", intent="policy_query")
    with django_capture_on_commit_callbacks(execute=True):
        talk.finish()
    job = JobRun.objects.get()
    assert (job.task, job.row, job.state) == (TASK, str(talk.id), "queued")
    assert bells == [(TASK, [str(talk.id)])]
    assert talk.row.analytics == {}
    assert talk.document()["analytics"]["intents"] == [
        "policy_query"
    ]  # whoever asks meanwhile gets it all the same


def test_the_worker_writes_the_analysis_and_the_job_says_how_long_it_took(
    begin: Callable[..., Talking], bells: list[Any]
) -> None:
    talk = begin()
    talk.exchange("What is your refund policy?", intent="policy_query")
    talk.finish()
    run(JobRun.objects.get(), tasks.call_analyse)
    job = JobRun.objects.get()
    assert (job.state, job.tries, job.error) == ("done", 1, "")
    assert job.took_ms is not None
    assert talk.row.analytics["intents"] == ["policy_query"]


def test_a_killed_worker_leaves_a_job_that_is_rung_for_again(bells: list[Any]) -> None:
    began = timezone.now()
    job_queue(task=TASK, row="1", now=began)
    job_begin(task=TASK, row="1", args=["1"], now=began)
    assert jobs_sweep(now=began + SHORT[TASK]) == 0  # it may still be at it
    assert jobs_sweep(now=began + SHORT[TASK] + timedelta(seconds=1)) == 1
    assert bells == [(TASK, ["1"])]
    assert JobRun.objects.get().state == "queued"


def test_a_long_job_is_left_in_peace_for_as_long_as_it_may_take(bells: list[Any]) -> None:
    began = timezone.now()
    job_begin(task="knowledge.tasks.document_index", row="1:1", args=[1, 1], now=began)
    assert jobs_sweep(now=began + LOST_AFTER) == 0
    assert jobs_sweep(now=began + LOST_AFTER + timedelta(seconds=1)) == 1


def test_a_job_that_kills_its_workers_is_given_up_and_shown(bells: list[Any]) -> None:
    began = timezone.now()
    for _ in range(TRIES):
        job_begin(task=TASK, row="1", args=["1"], now=began)
    jobs_sweep(now=began + LOST_AFTER + timedelta(seconds=1))
    assert (JobRun.objects.get().state, JobRun.objects.get().error) == ("failed", "WorkerLost")


def test_a_bell_that_nobody_heard_is_rung_again_and_not_at_once(bells: list[Any]) -> None:
    began = timezone.now()
    job_queue(task=TASK, row="1", now=began)
    assert jobs_sweep(now=began + RING_AGAIN) == 0
    assert jobs_sweep(now=began + RING_AGAIN + timedelta(seconds=1)) == 1


def test_asked_for_twice_it_is_one_job_and_its_echo_is_none(bells: list[Any]) -> None:
    first, second = job_queue(task=TASK, row="1"), job_queue(task=TASK, row="1")
    assert first.id == second.id
    job_id = job_begin(task=TASK, row="1", args=["1"])
    assert job_id == first.id
    job_end(job_id=first.id)
    assert job_begin(task=TASK, row="1", args=["1"]) is None
    assert JobRun.objects.count() == 1


def test_an_accident_is_tried_again_by_itself_and_a_fault_waits_for_a_person(bells: list[Any]) -> None:
    job = job_queue(task=TASK, row="1")
    for attempt in range(TRIED_AGAIN + 1):
        run(job, print, breaks=LookupError("with somebody's name in it"))
        job.refresh_from_db()
        assert job.state == ("queued" if attempt < TRIED_AGAIN else "failed")
    assert job.error == "LookupError"
    assert job_run_again(job_id=job.id)
    job.refresh_from_db()
    assert (job.state, job.tries, job.error) == ("queued", 0, "")
    assert not job_run_again(job_id=job.id)


def test_what_somebody_else_rings_for_is_seen_too() -> None:
    jobs._published(sender="knowledge.tasks.document_index", body=((12, 3), {}, {}))
    jobs._published(sender="leads.tasks.message_deliver", body=(("x",), {}, {}))
    job = JobRun.objects.get()
    assert (job.row, job.args, job.state) == ("12:3", [12, 3], "queued")


def test_jobs_of_long_ago_are_forgotten_but_not_those_under_way(bells: list[Any]) -> None:
    long_ago = timezone.now() - KEPT - timedelta(days=1)
    for row in ("1", "2"):
        job_queue(task=TASK, row=row, now=long_ago)
    JobRun.objects.filter(row="1").update(state="failed")
    jobs_sweep()
    assert [job.row for job in JobRun.objects.all()] == ["2"]


def test_every_job_that_is_shown_is_a_task_that_there_is() -> None:
    current_app.loader.import_default_modules()
    assert set(jobs.JOBS) <= set(current_app.tasks)


def test_nothing_runs_in_the_callers_process_and_a_killed_worker_gives_back_its_task(settings: Any) -> None:
    conf = current_app.conf
    assert not conf.task_always_eager
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    current_app.loader.import_default_modules()
    ours = [task for name, task in current_app.tasks.items() if not name.startswith("celery.")]
    assert len(ours) > 8
    for task in ours:
        assert task.acks_late, task.name
        assert task.reject_on_worker_lost in {True, None}, task.name


def test_the_page_shows_queued_running_failed_and_took_and_runs_again(
    client: Client, bells: list[Any]
) -> None:
    client.force_login(User.objects.create_superuser("ada"))
    now = timezone.now()
    job_queue(task=TASK, row="waiting")
    done = job_begin(task=TASK, row="done", args=["done"], now=now)
    assert done is not None
    job_end(job_id=done, now=now + timedelta(milliseconds=420))
    broken = JobRun.objects.create(task=TASK, row="broken", args=["broken"], state="failed", error="KeyError")
    page = client.get("/admin/leads/jobrun/").content.decode()
    for words in (
        "Analysis of a call",
        "420 ms",
        "KeyError",
        "Removal of old data",
        "Took, on average today",
    ):
        assert words in page
    client.post("/admin/leads/jobrun/", {"action": "run_again", "_selected_action": [str(broken.id)]})
    broken.refresh_from_db()
    assert broken.state == "queued"


def test_a_call_that_goes_on_is_not_analysed(begin: Callable[..., Talking]) -> None:
    talk = begin()
    tasks.call_analyse(str(talk.id))
    assert Call.objects.get(id=talk.id).analytics == {}
