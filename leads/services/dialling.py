"""Invariant: a telephone rings at most once for every attempt, whoever is killed when; and what was promised is tried,
settled, or somebody's task.

A worker claims a row with SKIP LOCKED and a change of its status, orders the call outside any transaction, and notes the id.
A claim that died before that is looked up at the provider; where that cannot tell, the callback stays `unknown`.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from contactcenter.locks import round_take
from leads import doorbell
from leads.allowed.verdict import Refusal, Verdict
from leads.dialers.base import CallLookup, CallReport, Placed, ProviderError, Ringing
from leads.dialers.choice import dialer_choose, dialer_for
from leads.models import Callback, CallbackEvent
from leads.recipients import RecipientError, phone_normalise
from leads.services.allowing import call_count, may_call
from leads.services.callbacks import WAITING, lead_next_call, ready_at
from leads.services.called import call_news_apply, callback_fail, event_note
from leads.services.delivery import CLAIM_TIMEOUT, GIVE_UP_AFTER, attempt_delay
from leads.services.pacing import provider_answered, provider_failed, provider_resting
from leads.status import Failure
from leads.voice import ringing_make

log = structlog.get_logger(__name__)

Status = Callback.Status
#: Up to this long after the time that was arranged, the time is still the caller's own choice: quiet hours don't hold it.
ON_TIME: Final = timedelta(minutes=30)
#: Whom we are later for than this is not rung out of the blue; a person decides.
TOO_LATE: Final = timedelta(hours=24)
#: Less than a round: a bell that was lost (its worker died, the broker was emptied) costs one round, and one too many finds
#: nothing to claim.
RING_AGAIN: Final = timedelta(seconds=1.5)
#: An answer to a question about a call takes longer than that to be had.
LOOK_AGAIN: Final = timedelta(seconds=4)
#: Without news for this long, the provider is asked how a call stands; sooner where it has no way to tell us.
ASK_AFTER: Final = timedelta(minutes=1)
ASK_OFTEN: Final = timedelta(seconds=10)
#: Somebody waits for a call that may never have been ordered: when the provider could not be asked, it is asked soon again.
ASK_LOST: Final = timedelta(seconds=5)
SWEEP_LIMIT: Final = 50
#: Limits that make room again soon.
_SOON_AGAIN: Final = frozenset({Refusal.HOUR, Refusal.PREFIX})
_PAUSES: Final = ":calls"
#: Calls are few and each has its time: a provider that was down is found again within seconds of its return.
REST_LONGEST_S: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DialClaim:
    """The right to order one call. ``attempt`` names it: news and settlements of an older one are told apart."""

    callback_id: int
    attempt: int
    provider: str
    phone: str
    claimed_at: datetime


def due(*, now: datetime) -> QuerySet[Callback]:
    """Callbacks whose time has come."""
    come = Q(next_attempt_at=None, due_at__lte=now) | Q(next_attempt_at__lte=now)
    return Callback.objects.filter(come, status__in=WAITING)


def callback_dial(*, callback_id: int, now: datetime | None = None) -> str | None:
    """Claim a callback, order its call, note the answer: its status then. None when there was nothing to claim."""
    claim = callback_claim(callback_id=callback_id, now=now)
    if claim is None:
        return None
    try:
        if now is None and abs(timezone.now() - claim.claimed_at) > CLAIM_TIMEOUT / 2:
            # This process was held up, or the clock was set: others may take the claim for lost.
            raise ProviderError("the attempt was held up for too long", retryable=True)
        placed = dialer_for(claim.provider).call(_ringing(claim))
    except ProviderError as error:
        return callback_settle(claim=claim, error=error, now=now)
    return callback_settle(claim=claim, placed=placed, now=now)


@transaction.atomic
def callback_claim(*, callback_id: int, now: datetime | None = None) -> DialClaim | None:
    """scheduled or no_answer → calling, for exactly one worker. None for everybody else, for what is not due, and for what
    may not be called now (it waits) or at all (it has failed)."""
    now = now or timezone.now()
    row = due(now=now).select_for_update(skip_locked=True, of=("self",)).filter(id=callback_id).first()
    if row is None:
        return None
    lead = row.lead
    try:
        phone = phone_normalise(
            row.phone or (lead.phone if lead else ""), region=settings.DEFAULT_PHONE_REGION
        )
    except RecipientError as error:
        callback_fail(row, why=str(error), failure=error.failure, now=now)
        return None
    late = now - row.due_at
    if late > TOO_LATE and row.tries == 0:
        callback_fail(row, why="its time was more than a day ago", failure=Failure.EXPIRED, now=now)
        return None
    verdict = may_call(phone=phone, now=now, asked=row.tries == 0 and late <= ON_TIME)
    if not verdict.allowed:
        _refused(row, verdict, now=now)
        return None
    provider = dialer_choose(demo=bool(lead and lead.is_demo))
    until = provider_resting(provider=f"{provider}{_PAUSES}", now=now)
    if until is not None:
        _wait(row, until=until, now=now)
        return None
    before = row.status
    row.status, row.phone, row.provider = Status.CALLING, phone, provider
    row.simulated = dialer_for(provider).simulated
    row.attempts += 1
    row.stage = row.provider_id = row.error = ""
    row.claimed_at = now
    row.checked_at = row.rung_at = row.answered_at = row.connected_at = None
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        # Another call to this number is under way; nobody answers two.
        Callback.objects.filter(id=row.id).update(
            next_attempt_at=now + timedelta(minutes=1), rung_at=None, updated_at=now
        )
        return None
    # Last, for it holds what all who count wait for.
    verdict = call_count(phone=phone, kept_here=row.simulated, now=now)
    if not verdict.allowed:
        row.status = before
        _refused(row, verdict, now=now)
        return None
    log.info("callback_claimed", callback=row.id, attempt=row.attempts, provider=provider)
    return DialClaim(callback_id=row.id, attempt=row.attempts, provider=provider, phone=phone, claimed_at=now)


def callback_settle(
    *,
    claim: DialClaim,
    placed: Placed | None = None,
    error: ProviderError | None = None,
    now: datetime | None = None,
) -> str:
    """Note what became of an order to call: exactly one of ``placed`` and ``error``. Returns the callback's status."""
    if (placed is None) == (error is None):
        raise ValueError("an order ends with either an answer or an error")
    now = now or timezone.now()
    if error is not None and (error.retryable or error.outcome_unknown):
        provider_failed(provider=f"{claim.provider}{_PAUSES}", error=error, now=now, longest_s=REST_LONGEST_S)
    else:
        provider_answered(provider=f"{claim.provider}{_PAUSES}")
    with transaction.atomic():
        row = Callback.objects.select_for_update(of=("self",)).filter(id=claim.callback_id).first()
        if row is None:
            return ""  # deleted with its lead while the call was being ordered
        ours = row.attempts == claim.attempt
        if placed is not None:
            event_note(
                row,
                event_id=f"{placed.provider_id}:ordered",
                attempt=claim.attempt,
                status="placed",
                provider_id=placed.provider_id,
                now=now,
            )
            if ours and not row.provider_id:
                _ordered(row, placed)
            for report in placed.reports:
                call_news_apply(report=report, now=now)
        elif error is not None and ours and row.status == Status.CALLING and not row.provider_id:
            _settle_error(row, error, now=now)
        row.refresh_from_db()
    log.info("callback_settled", callback=row.id, attempt=claim.attempt, status=row.status)
    return row.status


def callback_resolve(*, callback_id: int, now: datetime | None = None) -> str | None:
    """Find out how a call stands of which nothing was heard. None when there is none.

    Found: what the provider says of it. Certainly never ordered: it is due again. The provider cannot tell: `unknown`. Out of
    reach: asked again later, for hours.
    """
    now = now or timezone.now()
    row = _silent(now=now).filter(id=callback_id).first()
    if row is None or row.claimed_at is None:
        return None
    claim = DialClaim(
        callback_id=row.id,
        attempt=row.attempts,
        provider=row.provider,
        phone=row.phone,
        claimed_at=row.claimed_at,
    )
    dialer = dialer_for(row.provider)
    if not isinstance(dialer, CallLookup):
        return _unresolved(claim, why="the answer was lost, and the provider has no way to ask", now=now)
    try:
        if row.provider_id:
            report: CallReport | None = dialer.look(_ringing(claim), provider_id=row.provider_id)
        else:
            since = row.claimed_at - timedelta(minutes=1)
            report = dialer.lookup(_ringing(claim), since=since, taken=_ids_taken(row))
    except ProviderError as error:
        if error.retryable and now < row.claimed_at + GIVE_UP_AFTER:
            Callback.objects.filter(id=row.id, attempts=claim.attempt).update(checked_at=now)
            return Status.CALLING
        return _unresolved(claim, why=str(error), now=now)
    if report is None:
        return _never_ordered(claim, now=now)
    call_news_apply(report=report, now=now)
    Callback.objects.filter(id=row.id, attempts=claim.attempt).update(checked_at=now)
    row.refresh_from_db()
    return row.status


def callbacks_sweep(*, now: datetime | None = None) -> int:
    """Ring for callbacks that are due, and for calls of which nothing was heard. Returns how many it rang.

    Harmless if it runs twice at once: one of the two does the round, and a bell too many finds nothing to claim.
    """
    now = now or timezone.now()
    # A mark from the future was made before the clock was set back, and says nothing.
    unmarked = Q(rung_at=None) | Q(rung_at__gt=now)
    not_rung, not_looked = (
        unmarked | Q(rung_at__lt=now - RING_AGAIN),
        unmarked | Q(rung_at__lt=now - LOOK_AGAIN),
    )
    with transaction.atomic():
        if not round_take("callbacks"):
            return 0
        rows = due(now=now).select_for_update(skip_locked=True, of=("self",)).filter(not_rung)
        ringing = list(rows.order_by("due_at", "id").values_list("id", flat=True)[:SWEEP_LIMIT])
        silent = _silent(now=now).select_for_update(skip_locked=True, of=("self",)).filter(not_looked)
        asking = list(silent.order_by("claimed_at").values_list("id", flat=True)[:SWEEP_LIMIT])
        Callback.objects.filter(id__in=[*ringing, *asking]).update(rung_at=now)
    rung = 0
    for task, ids in ((doorbell.DIAL, ringing), (doorbell.LOOK_UP, asking)):
        for callback_id in ids:
            if not doorbell.ring(task, callback_id):
                Callback.objects.filter(id__in=[*ringing, *asking]).update(rung_at=None)
                return rung  # The broker is down; the next sweep tries again.
            rung += 1
    return rung


def _silent(*, now: datetime) -> QuerySet[Callback]:
    """Calls of which something should have been heard by now: orders without an answer, and calls without an end."""
    ask_after = ASK_AFTER if settings.PUBLIC_BASE_URL else ASK_OFTEN
    lost = Q(provider_id="") & (Q(claimed_at__lt=now - CLAIM_TIMEOUT) | Q(claimed_at__gt=now + CLAIM_TIMEOUT))
    lost &= Q(checked_at=None) | Q(checked_at__lt=now - ASK_LOST) | Q(checked_at__gt=now)
    asked = Q(checked_at=None) | Q(checked_at__lt=now - ask_after) | Q(checked_at__gt=now)
    old = Q(claimed_at__lt=now - ask_after) | Q(claimed_at__gt=now + CLAIM_TIMEOUT)
    return Callback.objects.filter(lost | (~Q(provider_id="") & old & asked), status=Status.CALLING)


def _ringing(claim: DialClaim) -> Ringing:
    return ringing_make(callback_id=claim.callback_id, attempt=claim.attempt, to=claim.phone)


def _ids_taken(row: Callback) -> frozenset[str]:
    """Ids at the provider that are other calls to this number, or earlier attempts."""
    told = CallbackEvent.objects.filter(callback__phone=row.phone).exclude(provider_id="")
    told = told.exclude(callback_id=row.id, attempt=row.attempts)
    return frozenset(told.values_list("provider_id", flat=True))


def _refused(row: Callback, verdict: Verdict, *, now: datetime) -> None:
    if verdict.until is not None:
        _wait(row, until=verdict.until, now=now)
    elif verdict.refusal in _SOON_AGAIN and now < row.due_at + GIVE_UP_AFTER:
        _wait(row, until=now + timedelta(minutes=10), now=now)
    else:
        callback_fail(row, why=verdict.reason, failure=verdict.failure, now=now)


def _wait(row: Callback, *, until: datetime, now: datetime) -> None:
    """Not now, but then. It rings no sooner, and the lead's row says so."""
    was = ready_at(row)
    row.next_attempt_at, row.rung_at = until, None
    row.save()
    if row.lead_id:
        lead_next_call(lead_id=row.lead_id, was=was, now=now)
    log.info("callback_waits", callback=row.id)


def _settle_error(row: Callback, error: ProviderError, *, now: datetime) -> None:
    row.error = str(error)[:2000]
    if error.outcome_unknown:
        # Stays `calling`: the sweep sees an old claim and has it looked up.
        row.save(update_fields=("error", "updated_at"))
        return
    if error.retryable and now < row.due_at + GIVE_UP_AFTER:
        _again(row)
        # What nobody rang for is no try; the waits double from 2 s.
        delay = attempt_delay(attempt=row.attempts - row.tries, retry_after=error.retry_after)
        _wait(row, until=now + delay, now=now)
        return
    callback_fail(row, why=row.error, failure=Failure.EXPIRED if error.retryable else error.failure, now=now)


def _ordered(row: Callback, placed: Placed) -> None:
    """It has an id. If the order had been given up for lost meanwhile, the telephone rings all the same: nobody else calls."""
    row.provider_id = placed.provider_id
    row.stage = row.stage or "placed"
    row.save(update_fields=("provider_id", "stage", "updated_at"))
    if row.status in {*WAITING, Status.UNKNOWN}:
        with contextlib.suppress(IntegrityError), transaction.atomic():
            Callback.objects.filter(id=row.id).update(status=Status.CALLING, finished_at=None)


def _again(row: Callback) -> None:
    row.status = Status.NO_ANSWER if row.tries else Status.SCHEDULED
    if row.last_try:
        row.status = Status.CANCELLED
    row.stage = ""


def _never_ordered(claim: DialClaim, *, now: datetime) -> str:
    with transaction.atomic():
        row = Callback.objects.select_for_update(of=("self",)).get(id=claim.callback_id)
        if row.status == Status.CALLING and row.attempts == claim.attempt and not row.provider_id:
            _again(row)
            _wait(row, until=now, now=now)
    log.warning("callback_never_ordered", callback=row.id, attempt=claim.attempt)
    return row.status


def _unresolved(claim: DialClaim, *, why: str, now: datetime) -> str:
    with transaction.atomic():
        row = Callback.objects.select_for_update(of=("self",)).get(id=claim.callback_id)
        if row.status == Status.CALLING and row.attempts == claim.attempt:
            row.status, row.error, row.finished_at = Status.UNKNOWN, why[:2000], now
            row.save()
            if row.lead_id:
                lead_next_call(lead_id=row.lead_id, was=ready_at(row), now=now)
    log.warning("callback_unresolved", callback=row.id, attempt=claim.attempt)
    return row.status
