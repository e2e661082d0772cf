"""A callback rings within five seconds of its time while scheduler, a worker, broker and database are there, or there again."""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import time_machine
from kombu.utils import functional

from contactcenter.beat import SteadyScheduler
from contactcenter.celery import app
from leads import doorbell
from leads.dialers.base import Placed, ProviderError, Ringing
from leads.models import Callback, Lead
from leads.services import callback_dial, callback_schedule, callbacks_sweep, dialling
from leads.services.delivery import CLAIM_TIMEOUT
from leads.services.pacing import provider_resting

NOON = dt.datetime(2026, 3, 10, 6, 30, tzinfo=dt.UTC)
SECOND, HOUR = dt.timedelta(seconds=1), dt.timedelta(hours=1)
ROUND = app.conf.beat_schedule["callbacks-sweep"]["schedule"] * SECOND
PROMISED = 5 * SECOND


class Telephone:
    """A provider that takes every order."""

    name, simulated = "twilio", False

    def __init__(self) -> None:
        self.rung = 0

    def call(self, ringing: Ringing) -> Placed:
        self.rung += 1
        return Placed(provider_id=f"CA{self.rung}")


@pytest.fixture
def telephone(monkeypatch: pytest.MonkeyPatch) -> Telephone:
    made = Telephone()
    monkeypatch.setattr(dialling, "dialer_for", lambda _provider: made)
    monkeypatch.setattr(dialling, "dialer_choose", lambda *, demo: "twilio")
    return made


def rings_at(monkeypatch: pytest.MonkeyPatch, clock: Iterator[dt.datetime], *, lost: int) -> dt.datetime:
    """The moment of the round in which a worker claims, when it loses the first ``lost`` bells."""
    bells: list[int] = []
    monkeypatch.setattr(doorbell, "ring", lambda _task, row: bells.append(row) is None)
    for now in clock:
        callbacks_sweep(now=now)
        while len(bells) > lost:
            if callback_dial(callback_id=bells.pop(), now=now) is not None:
                return now
    raise AssertionError("it never rang")


def promised() -> Callback:
    lead = Lead.objects.create(phone="+919876500001")
    return callback_schedule(
        key="k", lead_id=lead.id, call_id=None, phone=lead.phone, due_at=NOON, now=NOON - HOUR
    )


def rounds(first: dt.datetime) -> Iterator[dt.datetime]:
    return (first + number * ROUND for number in range(20))


@pytest.mark.django_db
@pytest.mark.parametrize("tenths", [1, 5, 10, 15, 20])
@pytest.mark.parametrize("lost", [0, 1])
def test_whenever_the_round_falls_and_also_when_a_worker_dies_of_its_bell(
    telephone: Telephone, monkeypatch: pytest.MonkeyPatch, tenths: int, lost: int
) -> None:
    promised()
    first = NOON + tenths * SECOND / 10
    assert rings_at(monkeypatch, rounds(first), lost=lost) - NOON <= PROMISED
    assert telephone.rung == 1


@pytest.mark.django_db
@pytest.mark.parametrize("jump", [-HOUR, HOUR], ids=["back", "ahead"])
def test_after_the_clock_was_set_within_five_seconds_of_when_it_then_is_due(
    telephone: Telephone, monkeypatch: pytest.MonkeyPatch, jump: dt.timedelta
) -> None:
    """Its bell was rung and lost just before; set back, the time is ahead again and comes again."""
    row = promised()
    monkeypatch.setattr(doorbell, "ring", lambda _task, _row: True)
    assert callbacks_sweep(now=NOON) == 1
    again = max(NOON, NOON + jump)
    if jump < dt.timedelta():
        assert callbacks_sweep(now=NOON + jump) == 0
        assert callback_dial(callback_id=row.id, now=NOON + jump) is None
    assert rings_at(monkeypatch, rounds(again + SECOND), lost=0) - again <= PROMISED
    assert telephone.rung == 1


@pytest.mark.parametrize("down", [1, 3600], ids=["a moment", "an hour"])
def test_a_scheduler_that_was_killed_sweeps_in_the_first_round_after_its_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, down: int
) -> None:
    """What it wrote last is what kill -9 left: nothing was closed."""

    def swept(name: str, since: dt.datetime) -> int:
        rung: list[str] = []
        scheduler = SteadyScheduler(app, schedule_filename=str(tmp_path / name))
        monkeypatch.setattr(scheduler, "apply_entry", lambda entry, **_: rung.append(entry.name))
        with closing(scheduler), time_machine.travel(since, tick=False) as clock:
            for _ in range(int(ROUND.total_seconds() * 2) + 1):
                for _ in range(10):  # each tick applies one entry
                    scheduler.tick()
                clock.shift(0.5)
            if name == "first":
                for file in tmp_path.glob("first*"):
                    shutil.copy(file, tmp_path / file.name.replace("first", "left"))
        return rung.count("callbacks-sweep")

    with time_machine.travel(NOON, tick=False):
        assert swept("first", NOON) >= 1
    with time_machine.travel(NOON + down * SECOND, tick=False):
        assert swept("left", NOON + down * SECOND) >= 1


def test_however_long_the_broker_was_away_it_is_looked_for_every_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(functional, "sleep", waited.append)
    attempts = itertools.count(1)

    def connect() -> object:
        if next(attempts) <= 300:
            raise ConnectionRefusedError
        return object()

    connection = app.connection_for_read()
    monkeypatch.setattr(connection, "_connection_factory", connect)
    paused: list[float] = []
    connection.ensure_connection(
        lambda _error, pause: paused.append(pause), app.conf.broker_connection_max_retries
    )
    assert len(paused) == 300
    assert set(paused) == {1.0}
    assert sum(waited) == pytest.approx(300.0)


@pytest.mark.django_db
def test_a_lost_order_that_could_not_be_looked_up_is_looked_up_again_after_five_seconds(
    settings: Any,
) -> None:
    settings.PUBLIC_BASE_URL = "https://shop.example"
    row = promised()
    claimed = NOON - CLAIM_TIMEOUT - SECOND
    Callback.objects.filter(id=row.id).update(
        status="calling", provider="twilio", attempts=1, claimed_at=claimed, checked_at=NOON
    )
    silent = dialling._silent
    assert not silent(now=NOON + SECOND).exists()
    assert silent(now=NOON + PROMISED + SECOND).exists()
    # Of a call that was ordered news comes by itself; that is asked about once a minute.
    Callback.objects.filter(id=row.id).update(provider_id="CA1", claimed_at=NOON - HOUR)
    assert not silent(now=NOON + 50 * SECOND).exists()
    assert silent(now=NOON + 61 * SECOND).exists()


@pytest.mark.django_db
def test_a_provider_of_calls_that_was_down_for_long_is_tried_again_within_five_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Down(Telephone):
        def call(self, ringing: Ringing) -> Placed:
            raise ProviderError("503", retryable=True)

    monkeypatch.setattr(dialling, "dialer_for", lambda _provider: Down())
    monkeypatch.setattr(dialling, "dialer_choose", lambda *, demo: "twilio")
    row = promised()
    now = NOON
    for _ in range(10):
        Callback.objects.filter(id=row.id).update(next_attempt_at=None)
        assert callback_dial(callback_id=row.id, now=now) == "scheduled"
        until = provider_resting(provider="twilio:calls", now=now)
        assert until is None or until - now <= PROMISED
        now = until or now
    assert until is not None
