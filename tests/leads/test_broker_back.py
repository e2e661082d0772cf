"""When the broker is back, who lost it is back within a second, however long it was away."""

from __future__ import annotations

import itertools

import pytest
from kombu.utils import functional

from contactcenter.celery import app


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
