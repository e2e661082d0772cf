"""Invariant: what is known of a call only grows: each piece of news counts once, in whatever order, and takes nothing back.

Who was reached is not called again, whichever attempt it was; who was not is called again until the tries are used up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from leads.dialers.base import MISSED, REACHED, CallNews, CallReport, stage_later
from leads.models import Callback, CallbackEvent
from leads.services.callbacks import WAITING, lead_next_call, ready_at
from leads.services.messages import message_queue
from leads.status import Failure

log = structlog.get_logger(__name__)

Status = Callback.Status
#: The news that they spoke to somebody may come a little after the end of the call.
_LATE_NEWS: Final = timedelta(seconds=30)
#: Their wish, or told by SMS: no work for anybody.
_NOBODYS_TASK: Final = (Failure.OPTED_OUT, Failure.UNREACHABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackTask:
    """A callback that a person has to see to."""

    callback_id: int
    lead_id: str | None
    call_id: object
    phone: str
    reason: str
    why: str


def event_note(
    row: Callback,
    *,
    event_id: str,
    attempt: int,
    status: str,
    provider_id: str,
    now: datetime,
    detail: str = "",
    simulated: bool | None = None,
) -> bool:
    """Keep one piece of news. False when it was told before."""
    _, new = CallbackEvent.objects.get_or_create(
        callback=row,
        event_id=event_id,
        defaults={
            "attempt": attempt,
            "status": status,
            "provider_id": provider_id,
            "detail": detail,
            "simulated": row.simulated if simulated is None else simulated,
            "at": now,
        },
    )
    return new


@transaction.atomic
def call_news_apply(*, report: CallReport, now: datetime | None = None) -> bool:
    """Take one piece of a provider's news. False when it is of no callback of ours, or was told before."""
    now = now or timezone.now()
    row = Callback.objects.select_for_update(of=("self",)).filter(id=report.callback_id).first()
    if row is None or row.provider != report.provider or not 0 < report.attempt <= row.attempts:
        return False
    at = report.at or now
    new = event_note(
        row,
        event_id=report.event_id,
        attempt=report.attempt,
        status=report.news.value,
        provider_id=report.provider_id,
        detail=report.detail,
        simulated=report.simulated,
        now=at,
    )
    if not new:
        return False
    current = report.attempt == row.attempts
    if current:
        row.provider_id = row.provider_id or report.provider_id
        if row.status in {Status.CALLING, Status.UNKNOWN}:
            row.stage = stage_later(row.stage, report.news)
    settled = row.status in {Status.DONE, Status.CANCELLED, Status.MOVED}
    if report.news in REACHED and not settled:
        row.answered_at = row.answered_at or at
        # Of an attempt that was given up already: they were reached, and that settles it.
        if report.news is CallNews.COMPLETED or row.status != Status.CALLING:
            _done(row, now=now)
    elif report.news in MISSED and current and row.status in {Status.CALLING, Status.UNKNOWN}:
        if row.answered_at is not None:
            _done(row, now=now)
        else:
            _missed(row, detail=report.detail or report.news.value, now=now)
    row.save()
    _lead_follow(row, now=now)
    log.info("call_news", callback=row.id, news=report.news.value, status=row.status)
    return True


def callback_connected(*, callback_id: int, attempt: int, now: datetime | None = None) -> None:
    """They have spoken to one of us."""
    Callback.objects.filter(id=callback_id, attempts=attempt, connected_at=None).update(
        connected_at=now or timezone.now()
    )


def callback_fail(row: Callback, *, why: str, failure: Failure, now: datetime) -> None:
    """Give a callback up, in the caller's transaction that holds its lock."""
    row.status, row.error, row.failure = Status.FAILED, why[:2000], failure.value
    row.finished_at, row.rung_at = now, None
    row.save()
    _lead_follow(row, now=now)
    log.warning("callback_failed", callback=row.id, failure=failure.value)


@transaction.atomic
def callback_tasks(*, now: datetime, limit: int = 100) -> Sequence[CallbackTask]:
    """Callbacks that are over and that nobody has looked at, locked: those that need a person. The caller notes them as seen
    with `callbacks_seen`; what needs nobody is noted here."""
    over = Callback.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        Q(status=Status.DONE, finished_at__lt=now - _LATE_NEWS)
        | Q(status__in=(Status.FAILED, Status.UNKNOWN)),
        seen_to_at=None,
    )
    rows = list(over.order_by("updated_at")[:limit])
    found = [(row, _needs(row)) for row in rows]
    callbacks_seen(callback_ids=[row.id for row, why in found if not why], now=now)
    return [
        CallbackTask(
            callback_id=row.id,
            lead_id=row.lead_id,
            call_id=row.call_id,
            phone=row.phone,
            reason=row.reason,
            why=why,
        )
        for row, why in found
        if why
    ]


def callbacks_seen(*, callback_ids: Sequence[int], now: datetime) -> None:
    """Somebody has these as a task, or nobody needs to."""
    Callback.objects.filter(id__in=callback_ids).update(seen_to_at=now)


def _needs(row: Callback) -> str:
    """Why a person has to see to it; nothing when nobody has to."""
    if row.lead is not None and row.lead.is_demo:
        return ""
    if row.status == Status.UNKNOWN:
        return "it is not known whether they were called: the provider's answer was lost, and it cannot tell"
    if row.status == Status.FAILED:
        return "" if row.failure in _NOBODYS_TASK else f"they could not be called: {row.error}"
    if row.simulated:
        return "their telephone did not ring: no provider of calls is set up"
    return "" if row.connected_at else "they picked up, but could not be connected with one of us"


def _done(row: Callback, *, now: datetime) -> None:
    row.status, row.error, row.failure = Status.DONE, "", ""
    row.stage, row.finished_at, row.rung_at = CallNews.COMPLETED.value, now, None


def _missed(row: Callback, *, detail: str, now: datetime) -> None:
    row.tries += 1
    row.rung_at = None
    waits = settings.CALLBACK_RETRY_MINUTES
    if row.last_try:
        row.status, row.finished_at = Status.CANCELLED, now
    elif row.tries <= len(waits):
        row.status = Status.NO_ANSWER
        row.next_attempt_at = now + timedelta(minutes=waits[row.tries - 1])
    else:
        row.status, row.finished_at = Status.FAILED, now
        row.error, row.failure = f"nobody answered: {detail}", Failure.UNREACHABLE.value
        message_queue(
            key=f"callback:{row.id}:unreached:{row.attempts}",
            lead_id=row.lead_id,
            call_id=None,
            channel="sms",
            to=row.phone,
            template="callback_unreached",
            context={},
            asked=False,
            now=now,
        )


def _lead_follow(row: Callback, *, now: datetime) -> None:
    """The lead's next action is the next try, or no call any more."""
    if row.lead_id and row.status != Status.CALLING:
        lead_next_call(lead_id=row.lead_id, was=None if row.status in WAITING else ready_at(row), now=now)


__all__ = [
    "CallbackTask",
    "call_news_apply",
    "callback_connected",
    "callback_fail",
    "callback_tasks",
    "callbacks_seen",
    "event_note",
]
