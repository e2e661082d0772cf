"""Whatever dies, and however the clock is set, a telephone rings once for a callback, and news of it counts once."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import permutations
from typing import Any

import pytest
from django.db import connection

from leads import doorbell
from leads.dialers.base import CallNews, CallReport, Placed, ProviderError, Ringing
from leads.models import Callback, CallbackEvent, Lead, Message, ProviderPause
from leads.services import (
    call_news_apply,
    callback_claim,
    callback_dial,
    callback_resolve,
    callback_schedule,
    callbacks_sweep,
    dialling,
)
from leads.services.delivery import CLAIM_TIMEOUT

NOW = dt.datetime(2026, 3, 10, 6, 0, tzinfo=dt.UTC)  # half past eleven in India
SECOND, MINUTE, HOUR = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(hours=1)
#: Long enough for anything that was left to be taken up by somebody else.
LATER = NOW + CLAIM_TIMEOUT + 2 * MINUTE
Beat = Callable[[dt.datetime], int]


class Telephone:
    """A provider that rings, and lists what it rang. ``lost``: so many next orders have their effect and no answer."""

    name, simulated = "twilio", False

    def __init__(self) -> None:
        self.rung: list[Ringing] = []
        self.lost = 0

    def call(self, ringing: Ringing) -> Placed:
        self.rung.append(ringing)
        if self.lost:
            self.lost -= 1
            raise ProviderError("the answer was lost", outcome_unknown=True)
        return Placed(provider_id=f"CA{len(self.rung)}")

    def lookup(self, ringing: Ringing, *, since: dt.datetime, taken: Collection[str]) -> CallReport | None:
        for number, one in enumerate(self.rung, start=1):
            if one.to == ringing.to and f"CA{number}" not in taken:
                return report(ringing.callback_id, CallNews.RINGING, ringing.attempt, f"CA{number}")
        return None

    def look(self, ringing: Ringing, *, provider_id: str) -> CallReport:
        return report(ringing.callback_id, CallNews.RINGING, ringing.attempt, provider_id)


def report(callback_id: int, news: CallNews, attempt: int = 1, sid: str = "CA1") -> CallReport:
    return CallReport(
        event_id=f"{sid}:{news.value}",
        news=news,
        provider="twilio",
        callback_id=callback_id,
        attempt=attempt,
        provider_id=sid,
    )


@pytest.fixture
def telephone(monkeypatch: pytest.MonkeyPatch) -> Telephone:
    made = Telephone()
    monkeypatch.setattr(dialling, "dialer_for", lambda _provider: made)
    monkeypatch.setattr(dialling, "dialer_choose", lambda *, demo: "twilio")
    return made


@pytest.fixture
def beat(telephone: Telephone, monkeypatch: pytest.MonkeyPatch) -> Beat:
    """One beat of the schedule, and workers that do what it rang for."""
    bells: deque[tuple[str, int]] = deque()
    monkeypatch.setattr(doorbell, "ring", lambda task, row: bells.append((task, row)) is None)
    work = {doorbell.DIAL: callback_dial, doorbell.LOOK_UP: callback_resolve}

    def once(now: dt.datetime) -> int:
        rung = callbacks_sweep(now=now)
        while bells:
            task, row = bells.popleft()
            if task in work:
                work[task](callback_id=row, now=now)
        return rung

    return once


def promised(number: int) -> Callback:
    lead = Lead.objects.create(phone=f"+919876{number:06d}")
    return callback_schedule(
        key=f"k{number}", lead_id=lead.id, call_id=None, phone=lead.phone, due_at=NOW, now=NOW
    )


def again(row: Callback) -> Callback:
    row.refresh_from_db()
    return row


class KilledError(BaseException):
    """What kill -9 is to a transaction: nothing of it is there."""


@contextmanager
def killed_at(statement: int) -> Iterator[None]:
    """The process dies before its n-th statement."""
    count = 0

    def execute(run: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal count
        count += 1
        if count == statement:
            raise KilledError
        return run(sql, params, many, context)

    with connection.execute_wrapper(execute):
        yield


def killed_everywhere(
    work: Callable[[Callback], object], prepare: Callable[[Callback], object]
) -> list[Callback]:
    """``work`` on a callback of its own for each of its statements, killed before that statement; those it was killed at."""
    rows = []
    for statement in range(1, 200):
        row = promised(statement)
        prepare(row)
        try:
            with killed_at(statement):
                work(row)
        except KilledError:
            rows.append(row)
        else:
            assert len(rows) > 5
            return rows
    raise AssertionError("it never came to an end")


@pytest.mark.django_db(transaction=True)
def test_killed_between_any_two_statements_of_calling_it_rings_once_all_the_same(
    telephone: Telephone, beat: Beat
) -> None:
    rows = killed_everywhere(lambda row: callback_dial(callback_id=row.id, now=NOW), lambda row: None)
    before = {one.to for one in telephone.rung}
    assert {row.phone in before for row in rows} == {True, False}  # some died before it rang, some after
    for seconds in (0, 20, 40):
        beat(LATER + seconds * SECOND)
    numbers = [one.to for one in telephone.rung]
    assert sorted(numbers) == sorted({row.phone for row in Callback.objects.all()})
    assert {(again(row).status, row.provider_id != "") for row in rows} == {("calling", True)}


@pytest.mark.django_db(transaction=True)
def test_killed_between_any_two_statements_of_looking_up_it_is_looked_up_again(
    telephone: Telephone, beat: Beat
) -> None:
    def lose(row: Callback) -> None:
        ProviderPause.objects.all().delete()  # it would rest after some of these
        telephone.lost = 1
        callback_dial(callback_id=row.id, now=NOW)
        assert again(row).provider_id == ""

    rows = killed_everywhere(lambda row: callback_resolve(callback_id=row.id, now=LATER), lose)
    beat(LATER + MINUTE)
    assert {(again(row).status, row.provider_id != "") for row in rows} == {("calling", True)}
    assert len({one.to for one in telephone.rung}) == len(telephone.rung)


@pytest.mark.django_db(transaction=True)
def test_killed_between_any_two_statements_of_hearing_news_it_counts_once_when_it_is_told_again(
    telephone: Telephone, beat: Beat
) -> None:
    def news(row: Callback) -> CallReport:
        return report(row.id, CallNews.NO_ANSWER, 1, again(row).provider_id)

    def hear(row: Callback) -> None:
        call_news_apply(report=said[row.id], now=NOW)

    def ring(row: Callback) -> None:
        callback_dial(callback_id=row.id, now=NOW)
        said[row.id] = news(row)

    said: dict[int, CallReport] = {}
    for row in killed_everywhere(hear, ring):
        for _ in range(3):
            hear(row)
        assert (again(row).status, row.tries) == ("no_answer", 1)


@pytest.mark.django_db(transaction=True)
def test_killed_between_any_two_statements_of_the_last_miss_there_is_one_text(
    telephone: Telephone, beat: Beat
) -> None:
    said: dict[int, CallReport] = {}

    def last_try(row: Callback) -> None:
        callback_dial(callback_id=row.id, now=NOW)
        Callback.objects.filter(id=row.id).update(tries=2)
        said[row.id] = report(row.id, CallNews.NO_ANSWER, 1, again(row).provider_id)

    def hear(row: Callback) -> None:
        call_news_apply(report=said[row.id], now=NOW)

    for row in killed_everywhere(hear, last_try):
        hear(row)
        hear(row)
        assert again(row).status == "failed"
        assert Message.objects.filter(to=row.phone, template="callback_unreached").count() == 1


@pytest.mark.django_db(transaction=True)
def test_killed_between_any_two_statements_of_the_sweep_the_next_one_rings(
    telephone: Telephone, beat: Beat
) -> None:
    for statement in range(1, 50):
        row = promised(statement)
        try:
            with killed_at(statement):
                callbacks_sweep(now=NOW)
        except KilledError:
            beat(NOW + 16 * SECOND)
            assert again(row).status == "calling"
        else:
            break
    assert 3 < statement < 49


@pytest.mark.django_db
@pytest.mark.parametrize(
    "order", list(permutations((CallNews.PLACED, CallNews.RINGING, CallNews.ANSWERED, CallNews.COMPLETED)))
)
def test_news_of_who_was_reached_has_one_result_in_any_order_however_often(
    telephone: Telephone, beat: Beat, order: tuple[CallNews, ...]
) -> None:
    row = promised(1)
    beat(NOW)
    for news in order * 5:
        call_news_apply(report=report(row.id, news), now=NOW + MINUTE)
    assert (again(row).status, row.stage, row.tries) == ("done", "completed", 0)
    told = CallbackEvent.objects.filter(callback=row).exclude(event_id__endswith=":ordered")
    assert sorted(told.values_list("status", flat=True)) == sorted(news.value for news in order)
    call_news_apply(report=report(row.id, CallNews.NO_ANSWER), now=NOW + HOUR)  # late, and of nothing
    assert again(row).status == "done"


@pytest.mark.django_db
def test_news_of_no_attempt_of_ours_has_no_effect(telephone: Telephone, beat: Beat) -> None:
    row = promised(1)
    assert not call_news_apply(report=report(row.id, CallNews.COMPLETED), now=NOW)  # it was never ordered
    beat(NOW)
    assert not call_news_apply(report=report(row.id, CallNews.COMPLETED, attempt=2), now=NOW)
    assert not call_news_apply(report=report(row.id + 1, CallNews.COMPLETED), now=NOW)
    assert again(row).status == "calling"


@pytest.mark.django_db
@pytest.mark.parametrize("jump", [-24 * HOUR, 24 * HOUR], ids=["back", "ahead"])
def test_a_bell_of_a_clock_that_was_set_since_keeps_nobody_waiting(
    telephone: Telephone, beat: Beat, jump: dt.timedelta
) -> None:
    row = promised(1)
    Callback.objects.filter(id=row.id).update(rung_at=NOW - jump)
    beat(NOW)
    assert len(telephone.rung) == 1


@pytest.mark.django_db
def test_a_claim_of_a_clock_that_was_set_back_since_is_looked_up(telephone: Telephone, beat: Beat) -> None:
    row = promised(1)
    assert callback_claim(callback_id=row.id, now=NOW) is not None  # and its worker dies
    Callback.objects.filter(id=row.id).update(claimed_at=NOW + 24 * HOUR)
    beat(NOW + MINUTE)
    beat(NOW + MINUTE + 2 * SECOND)
    assert len(telephone.rung) == 1
    assert again(row).status == "calling"
