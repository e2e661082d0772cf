"""Agents see whom we are to call; staff may move it; a worker's notes are never overwritten; the schedule outlives clocks."""

from __future__ import annotations

import contextlib
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from contactcenter import beat as beat_module
from contactcenter.beat import SteadyScheduler
from contactcenter.celery import app
from contactcenter.env import SettingError, env_read
from leads import doorbell, tasks
from leads.models import Callback, Lead
from leads.services import callback_claim, callback_schedule

pytestmark = pytest.mark.django_db
PAGE = "/callbacks/"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "ring", lambda *_: True)


@pytest.fixture
def row(jane: Lead) -> Callback:
    return callback_schedule(
        key="k",
        lead_id=jane.id,
        call_id=None,
        phone=jane.phone,
        due_at=timezone.now() + timedelta(hours=2),
        reason="<b>a laptop</b>",
    )


def signed_in(client: Client, *groups: str, **fields: Any) -> Client:
    user = User.objects.create_user("somebody", **fields)
    for name in groups:
        user.groups.add(Group.objects.get_or_create(name=name)[0])
    client.force_login(user)
    return client


def test_the_list_is_for_those_who_work_here(client: Client, row: Callback) -> None:
    assert client.get(PAGE)["Location"].startswith("/accounts/login/")
    assert signed_in(client).get(PAGE).status_code == 403
    assert client.post(f"{PAGE}{row.id}/", {"do": "cancel"}).status_code == 403
    row.refresh_from_db()
    assert row.status == "scheduled"


@pytest.mark.parametrize("role", ["agent", "supervisor"])
def test_agents_see_call_and_cancel(client: Client, row: Callback, role: str) -> None:
    page = signed_in(client, role).get(PAGE)
    text = page.content.decode()
    assert "Jane Doe" in text
    assert row.phone in text
    assert "&lt;b&gt;a laptop" in text
    assert 'href="/callbacks/"' in text
    assert client.get(f"{PAGE}{row.id}/").status_code == 405
    assert "called now" in client.post(f"{PAGE}{row.id}/", {"do": "call"}, follow=True).content.decode()
    row.refresh_from_db()
    assert row.next_attempt_at is not None
    assert "Cancelled." in client.post(f"{PAGE}{row.id}/", {"do": "cancel"}, follow=True).content.decode()
    row.refresh_from_db()
    assert row.status == "cancelled"
    assert "nothing was changed" in client.post(f"{PAGE}{row.id}/", {"do": "x"}, follow=True).content.decode()


@pytest.mark.parametrize("show", ["open", "trouble", "done", "all", "nonsense"])
def test_each_choice_shows_its_own(client: Client, row: Callback, show: str) -> None:
    Callback.objects.create(phone="+919876500001", status="failed", error="21211", tries=3)
    Callback.objects.create(phone="+919876500002", status="done", simulated=True)
    text = signed_in(client, "agent").get(f"{PAGE}?show={show}&page=9").content.decode()
    assert (row.phone in text) is (show in {"open", "all", "nonsense"})
    assert ("+919876500001" in text) is (show in {"trouble", "all"})
    assert ("nobody&#x27;s telephone rang" in text or "nobody's telephone rang" in text) is (
        show in {"done", "all"}
    )


@pytest.fixture
def admin(client: Client) -> Client:
    return signed_in(client, is_staff=True, is_superuser=True)


def test_the_admin_moves_what_waits_and_overwrites_no_worker(
    admin: Client, row: Callback, jane: Lead
) -> None:
    url = f"/admin/leads/callback/{row.id}/change/"
    assert admin.get("/admin/leads/callback/").status_code == 200
    assert admin.get(url).status_code == 200
    later = timezone.localtime(timezone.now() + timedelta(hours=5)).replace(microsecond=0)
    form = {
        "due_at_0": later.strftime("%Y-%m-%d"),
        "due_at_1": later.strftime("%H:%M:%S"),
        "reason": "later",
        "events-TOTAL_FORMS": "0",
        "events-INITIAL_FORMS": "0",
    }
    assert admin.post(url, form).status_code == 302
    row.refresh_from_db()
    jane.refresh_from_db()
    assert (row.due_at, row.reason, jane.next_action_time) == (later, "later", later)
    Callback.objects.filter(id=row.id).update(due_at=timezone.now() - timedelta(seconds=1))
    assert callback_claim(callback_id=row.id) is not None
    assert "nothing was changed" in admin.post(url, form, follow=True).content.decode()
    row.refresh_from_db()
    assert row.status == "calling"
    assert row.due_at < timezone.now()


@pytest.mark.parametrize(
    ("action", "status", "words"), [("call_now", "scheduled", "1 of 1"), ("withdraw", "cancelled", "1 of 1")]
)
def test_the_admins_actions(admin: Client, row: Callback, action: str, status: str, words: str) -> None:
    form = {"action": action, "_selected_action": [row.id]}
    assert words in admin.post("/admin/leads/callback/", form, follow=True).content.decode()
    row.refresh_from_db()
    assert row.status == status


def test_tasks_are_rung_by_their_names(row: Callback) -> None:
    assert tasks.callback_dial.name == doorbell.DIAL
    assert tasks.callback_resolve.name == doorbell.LOOK_UP
    entry = app.conf.beat_schedule["callbacks-sweep"]
    assert entry["task"] == tasks.callbacks_sweep.name
    assert entry["schedule"] <= 2.0
    tasks.callback_dial(str(row.id))
    tasks.callback_resolve(str(row.id))
    tasks.callbacks_sweep()
    row.refresh_from_db()
    assert row.status == "scheduled"


# --- the schedule -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_set_stops_the_schedule_for_no_longer_than_a_round(
    tmp_path: Path, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    leap = [0.0]
    real = time.time
    monkeypatch.setattr(beat_module, "_apart", lambda: leap[0])
    rung: list[str] = []
    scheduler = SteadyScheduler(app, schedule_filename=str(tmp_path / "beat"))
    monkeypatch.setattr(scheduler, "apply_entry", lambda entry, **_: rung.append(entry.name))
    with contextlib.closing(scheduler), monkeypatch.context() as clock:
        began = real()
        _run(scheduler, clock, since=began, seconds=6)
        assert rung.count("callbacks-sweep") >= 2
        rung.clear()
        leap[0] = hours * 3600.0
        _run(scheduler, clock, since=began + hours * 3600.0, seconds=6)
        assert 2 <= rung.count("callbacks-sweep") <= 4
        assert "messages-sweep" in rung


def _run(scheduler: SteadyScheduler, clock: pytest.MonkeyPatch, *, since: float, seconds: int) -> None:
    """Ticks for so many seconds of a clock that only this test turns."""
    import datetime as dt

    import time_machine

    with time_machine.travel(dt.datetime.fromtimestamp(since, dt.UTC), tick=False) as traveller:
        for _ in range(seconds * 2):
            for _ in range(20):  # each tick applies one entry
                scheduler.tick()
            traveller.shift(0.5)


# --- settings ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["5;15", "0,5", "5,,15", "x", "5,15," + "1," * 9 + "1", "-5"])
def test_minutes_that_make_no_sense_stop_the_start(value: str) -> None:
    with pytest.raises(SettingError, match="CALLBACK_RETRY_MINUTES"):
        env_read({"CALLBACK_RETRY_MINUTES": value}, services_known=False)


def test_the_settings_of_callbacks_are_read() -> None:
    env = env_read({"CALLBACK_RETRY_MINUTES": " 1, 2,30 "}, services_known=False)
    assert (env.callback_retry_minutes, env.callback_ring_seconds, env.callback_connect_to) == (
        (1, 2, 30),
        25,
        "",
    )
    for name, value in (("CALLBACK_CONNECT_TO", "044 123"), ("CALLBACK_RING_SECONDS", "500")):
        with pytest.raises(SettingError, match=name):
            env_read({name: value}, services_known=False)
