"""A log line holds events and ids; what is private does not get into it."""

from __future__ import annotations

import logging

import pytest

from contactcenter.logs import OnlyEvents, path_shortened, private_dropped


def record(name: str, level: int, *args: object, **more: object) -> logging.LogRecord:
    made = logging.LogRecord(name, level, "file.py", 1, "%s: %s", args, None)
    for key, value in more.items():
        setattr(made, key, value)
    return made


def test_private_keys_lose_their_value_and_ids_keep_theirs() -> None:
    event = private_dropped(
        None, "info", {"event": "sent", "call_id": "7f", "phone": "+919876543210", "text": "hello"}
    )
    assert event == {"event": "sent", "call_id": "7f", "phone": "[private]", "text": "[private]"}


def test_a_failed_request_shows_only_the_first_part_of_its_path() -> None:
    failed = record(
        "django.request", logging.WARNING, "Not Found", "/media/d/signed-address", status_code=404
    )
    assert OnlyEvents().filter(failed)
    assert failed.getMessage() == "Not Found: /media/…"


def test_that_calls_can_not_be_taken_yet_is_not_an_error() -> None:
    waiting = record("django.request", logging.ERROR, "Service Unavailable", "/healthz", status_code=503)
    assert not OnlyEvents().filter(waiting)


@pytest.mark.parametrize(
    ("name", "level", "kept"),
    [("calls.session", logging.INFO, True), ("kombu", logging.INFO, False), ("kombu", logging.ERROR, True)],
)
def test_libraries_are_heard_when_something_is_wrong(name: str, level: int, kept: bool) -> None:
    assert OnlyEvents().filter(record(name, level, "a", "b")) is kept


def test_short_paths_stay_as_they_are() -> None:
    assert [path_shortened(path) for path in ("/healthz", "/", 404)] == ["/healthz", "/", 404]
