"""Invariant: data goes lead by lead, each in one transaction, and what went is on record by ids and numbers only."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from calls.models import Call
from calls.retention import DELETE, MODES, left, over, rows_count, rows_remove
from contactcenter.locks import round_take
from leads.allowed.caps import OUTBOX_SIDE
from leads.models import Consent, Conversation, DataRemoval, JobRun, Lead, Message, Order, Tally
from leads.services import job_queue, tallies_forget
from leads.status import Status

log = structlog.get_logger(__name__)

RETENTION: Final = "calls.tasks.retention_run"
#: A call that has not been heard of for this long is none that is going on.
_ALIVE: Final = timedelta(seconds=60)
_BATCH: Final = 500


class EraseRefusedError(Exception):
    """It can't be done now. The text says why, to staff."""


def retention_run(
    *, days: int, mode: str = DELETE, dry_run: bool = False, by: str = "", now: datetime | None = None
) -> Counter[str]:
    """Remove what is over and older than ``days``; returns how many rows of each kind.

    Leads that were made up for callers nobody knows go with the last of their rows; the company's own stay. Raises
    ValueError for less than a day or an unknown ``mode``.
    """
    if days < 1 or mode not in MODES:
        raise ValueError("at least one day, and delete or anonymise")
    now = now or timezone.now()
    before = now - timedelta(days=days)
    total: Counter[str] = Counter()
    for lead_id in _leads_concerned(before):
        rows = over(whose=Q(lead_id=lead_id), before=before)
        if dry_run:
            total += rows_count(rows, mode=mode)
            continue
        with transaction.atomic():
            total += rows_remove(rows, mode=mode)
            total["leads"] += _lead_forget(lead_id, before=before)
    rows = over(whose=Q(lead=None), before=before)
    if dry_run:
        total += rows_count(rows, mode=mode)
    else:
        while True:  # of nobody: there may be many, and they have nothing in common
            with transaction.atomic():
                part = {
                    kind: found.model._default_manager.filter(
                        pk__in=list(left(kind, found, mode).values_list("pk", flat=True)[:_BATCH])
                    )
                    for kind, found in rows.items()
                }
                removed = rows_remove(part, mode=mode)
            total += removed
            if not any(removed.values()):
                break
        tallies_forget(before=now - timedelta(days=2))
        counts = {kind: count for kind, count in total.items() if count}
        DataRemoval.objects.create(why=DataRemoval.Why.AGE, mode=mode, counts=counts, by=by, at=now)
        log.info("retention_run", mode=mode, days=days, **counts)
    return total


def lead_erase(*, lead_id: str, by: str = "", now: datetime | None = None) -> Counter[str]:
    """Remove everything about one lead, whatever its age, in one transaction; returns how many rows of each kind.

    Kept: opt-outs and the record of each no (without the lead's id), and orders, which are the company's books, without
    the lead. Raises EraseRefusedError while a call or a message of theirs is under way.
    """
    now = now or timezone.now()
    with transaction.atomic():
        lead = Lead.objects.select_for_update().filter(pk=lead_id).first()
        if lead is None:
            raise EraseRefusedError("there is no such lead")
        if Call.objects.filter(lead=lead, status=Call.Status.ACTIVE, heartbeat_at__gt=now - _ALIVE).exists():
            raise EraseRefusedError("this lead is in a call; try again when it is over")
        if Message.objects.filter(lead=lead, status=Status.SENDING).exists():
            raise EraseRefusedError("a message to this lead is being sent; try again in two minutes")
        calls = list(Call.objects.filter(lead=lead).values_list("id", flat=True))
        theirs = Q(lead=lead) | Q(call_id__in=calls)
        counts = Counter[str]()
        for kind, found in over(whose=Q(lead=lead), before=None).items():
            rows = found if kind == "calls" else found.model._default_manager.filter(theirs)
            counts += rows_remove({kind: rows}, mode=DELETE)
        counts += _by_address(lead)
        counts["consents"] = Consent.objects.filter(lead=lead, given=True).delete()[0]
        counts["jobs"] = JobRun.objects.filter(row__in=[str(one) for one in calls]).delete()[0]
        counts["orders unlinked"] = Order.objects.filter(lead=lead).update(lead=None)
        # Django's own log of what staff changed holds names.
        LogEntry.objects.filter(content_type__app_label="leads", object_id=lead_id).update(
            object_repr=lead_id, change_message=""
        )
        lead.delete()
        counts["leads"] = 1
        kept = {kind: count for kind, count in counts.items() if count}
        DataRemoval.objects.create(
            why=DataRemoval.Why.REQUEST, mode=DELETE, lead_ref=lead_id, counts=kept, by=by, at=now
        )
    log.info("lead_erased", lead=lead_id, by=by)
    return counts


def retention_ask(*, now: datetime | None = None) -> bool:
    """Ask for the day's clearing out, once a day, if there is to be one. A tick that was missed costs no day."""
    if settings.RETENTION_DAYS < 1:
        return False
    now = now or timezone.now()
    day = timezone.localtime(now).date().isoformat()
    with transaction.atomic():
        if not round_take("retention") or JobRun.objects.filter(task=RETENTION, row=day).exists():
            return False
        job_queue(task=RETENTION, row=day, now=now)
    return True


def _leads_concerned(before: datetime) -> list[str]:
    ids: set[str] = set(
        Lead.objects.filter(verified=False, created_at__lt=before).values_list("pk", flat=True)
    )
    for found in over(whose=Q(lead__isnull=False), before=before).values():
        ids |= set(found.order_by().values_list("lead_id", flat=True).distinct())
    return sorted(ids)


def _by_address(lead: Lead) -> Counter[str]:
    """What was written from or sent to the lead's own addresses and is nobody's, unless another lead has the address, too."""
    counts: Counter[str] = Counter()
    for column, address in (("phone", lead.phone), ("email", lead.email)):
        if not address or Lead.objects.filter(**{column: address}).exclude(pk=lead.pk).exists():
            continue
        own = {
            "conversations": Conversation.objects.filter(lead=None, address=address),
            "messages": Message.objects.filter(lead=None, to__iexact=address),
        }
        counts += rows_remove(own, mode=DELETE)
        subjects = [f"{side}{address.casefold()}" for side in ("", OUTBOX_SIDE)]
        counts["tallies"] += Tally.objects.filter(subject__in=subjects).delete()[0]
    return counts


def _lead_forget(lead_id: str, *, before: datetime) -> int:
    """A made-up lead of whom nothing is left and who is old enough."""
    lead = Lead.objects.filter(pk=lead_id, verified=False, is_demo=False, created_at__lt=before).first()
    if lead is None:
        return 0
    for related in (
        "conversations",
        "messages",
        "callbacks",
        "tickets",
        "escalations",
        "calls",
        "codes",
        "orders",
    ):
        if getattr(lead, related).exists():
            return 0
    lead.delete()
    return 1


__all__ = ["EraseRefusedError", "lead_erase", "retention_ask", "retention_run"]
