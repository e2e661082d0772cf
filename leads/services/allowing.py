"""Invariant: nothing reaches a provider that was not counted, and no count passes its limit, whoever counts beside it.

One statement adds to every tally of a message and adds nothing where one of them is full. It runs in the transaction that
queues the message, so what is rolled back was not counted, and a key asked for twice is counted once. The tally that all
share is the first of the statement: who counts has it until its transaction ends, and nobody waits for anybody in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from leads.allowed.caps import OUTBOX_SIDE, Count, counts_of, day_of
from leads.allowed.money import price_of
from leads.allowed.numbers import number_allow, number_country, number_zones
from leads.allowed.quiet import quiet_until
from leads.allowed.verdict import YES, Refusal, Verdict, no
from leads.messengers.choice import OUTBOX, provider_choose
from leads.models import Channel, Message
from leads.models_allowed import Allowance, Limits, Price, ReachedBy, Tally
from leads.recipients import RecipientError, phone_normalise
from leads.selectors import stopped_calls

log = structlog.get_logger(__name__)

_TELEPHONE: Final = frozenset({Channel.SMS, Channel.WHATSAPP, ReachedBy.CALL})
#: What is counted again when a message leaves on another day than it was promised on.
_BY_DAY: Final = frozenset({Refusal.DAY, Refusal.SPEND})

_COUNT: Final = """
    INSERT INTO message_tallies AS tally (scope, subject, begins, used, most, updated_at)
    SELECT one.scope, one.subject, one.begins, one.used, one.most, now()
    FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::numeric[], %s::numeric[])
        WITH ORDINALITY AS one (scope, subject, begins, used, most, place)
    ORDER BY one.place
    ON CONFLICT (scope, subject, begins) DO UPDATE
        SET used = tally.used + excluded.used, most = excluded.most, updated_at = excluded.updated_at
        WHERE tally.used + excluded.used <= excluded.most
    RETURNING scope
"""


class _FullError(Exception):
    """Takes back what one refused count has added."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


def limits_now() -> Limits:
    """What admins have set, else the defaults."""
    return Limits.objects.filter(id=Limits.ONLY).first() or Limits()


def address_allow(*, channel: str, address: str, limits: Limits | None = None) -> Verdict:
    """Whether anything may go to this kind of address at all: numbers of allowed countries, and none that cost the caller."""
    if channel not in _TELEPHONE:
        return YES
    return number_allow(address, countries=(limits or limits_now()).allowed_countries)


@transaction.atomic
def message_count(*, message: Message, asked: bool, now: datetime) -> Verdict:
    """Count a message that is about to be promised, within the transaction that promises it.

    ``asked``: its receiver asked for it in a call that is going on. Refused: nothing was counted.
    """
    limits = limits_now()
    cost, kept_here = _cost(message)
    counts = _counts(message, limits=limits, cost=cost, kept_here=kept_here, now=now)
    verdict = _count(counts)
    if verdict.allowed:
        Allowance.objects.create(
            message=message,
            asked=asked,
            cost=cost,
            day=day_of(now, zone=_company_zone()),
            counted=[[one.scope, one.subject, one.begins.isoformat(), str(one.used)] for one in counts],
        )
    else:
        log.warning("message_refused", message=str(message.id), why=verdict.refusal)
    return verdict


def message_uncount(message: Message, *, now: datetime) -> None:
    """Give back, after this transaction, what a message was counted for that certainly never leaves.

    In a transaction of its own, since this one may hold rows that others who count wait for.
    """

    def give_back() -> None:
        with transaction.atomic():
            allowance = Allowance.objects.filter(message_id=message.id, returned_at=None).first()
            if allowance is None:
                return
            for scope, subject, begins, used in allowance.counted:  # in the order in which it was counted
                tally = Tally.objects.filter(scope=scope, subject=subject, begins=begins)
                tally.update(used=Greatest(F("used") - Decimal(used), Decimal(0)))
            Allowance.objects.filter(message_id=message.id).update(returned_at=now)

    transaction.on_commit(give_back)


def claim_allow(*, message: Message, now: datetime) -> Verdict:
    """Whether a message that was promised may leave now. With ``until`` it waits, without it has failed.

    What nobody has counted (a row that another program wrote) is counted here; what was promised on an earlier day is
    counted against this day's limits; and a limit that admins have lowered below what was spent holds at once.
    """
    limits = limits_now()
    verdict = address_allow(channel=message.channel, address=message.to, limits=limits)
    if not verdict.allowed:
        return verdict
    allowance = Allowance.objects.filter(message_id=message.id).first()
    if message.channel in _TELEPHONE and not (allowance and allowance.asked):
        zones = number_zones(message.to, otherwise=_company_zone())
        until = quiet_until(now, zones=zones, hours=limits.quiet)
        if until is not None:
            return no(Refusal.QUIET, until=until)
    if allowance is None:
        return message_count(message=message, asked=False, now=now)
    return _today(message, allowance, limits=limits, now=now)


def may_call(*, phone: str, now: datetime, asked: bool = False) -> Verdict:
    """Whether a number may be called now: an ordinary one of an allowed country, whose holder did not say stop, by day.

    ``asked``: for this very time, so that quiet hours are their own choice. Who said STOP (to calls, SMS or WhatsApp) and
    later, as the lead whose number it is, asked to be called, may be called. Nothing is counted: see `call_count`.
    """
    try:
        number = phone_normalise(phone, region=settings.DEFAULT_PHONE_REGION)
    except RecipientError:
        return no(Refusal.NOT_A_NUMBER)
    limits = limits_now()
    verdict = address_allow(channel=ReachedBy.CALL, address=number, limits=limits)
    if not verdict.allowed:
        return verdict
    if stopped_calls(phone=number):
        return no(Refusal.STOPPED)
    if asked:
        return YES
    zones = number_zones(number, otherwise=_company_zone())
    until = quiet_until(now, zones=zones, hours=limits.quiet)
    return YES if until is None else no(Refusal.QUIET, until=until)


@transaction.atomic
def call_count(*, phone: str, kept_here: bool, now: datetime) -> Verdict:
    """Count one attempt to dial ``phone`` (E.164): for its number, its range, the hour, the day and the money."""
    limits = limits_now()
    cost = price_of(channel=ReachedBy.CALL, country=number_country(phone), prices=_prices(ReachedBy.CALL))
    counts = counts_of(
        caps=limits.caps,
        now=now,
        zone=_company_zone(),
        address=phone,
        cost=cost,
        kept_here=kept_here,
        factor=limits.outbox_factor,
    )
    return _count(counts)


def _today(message: Message, allowance: Allowance, *, limits: Limits, now: datetime) -> Verdict:
    cost, kept_here = _cost(message)
    day = day_of(now, zone=_company_zone())
    if allowance.day != day or allowance.cost < cost:
        counts = _counts(message, limits=limits, cost=cost, kept_here=kept_here, now=now)
        with transaction.atomic():
            verdict = _count([one for one in counts if one.scope in _BY_DAY])
            if verdict.allowed:
                Allowance.objects.filter(message_id=message.id).update(day=day, cost=cost)
        return verdict
    if cost:
        spent = Tally.objects.filter(scope=Refusal.SPEND, subject="", begins=day).first()
        if spent is not None and spent.used > limits.spend_day:
            return no(Refusal.SPEND)
    return YES


def _counts(
    message: Message, *, limits: Limits, cost: Decimal, kept_here: bool, now: datetime
) -> tuple[Count, ...]:
    return counts_of(
        caps=limits.caps,
        now=now,
        zone=_company_zone(),
        address=message.to,
        cost=cost,
        call=str(message.call_id or ""),
        caller=message.lead_id or "",
        kept_here=kept_here,
        factor=limits.outbox_factor,
    )


def _count(counts: Sequence[Count]) -> Verdict:
    """Add to all of them, or to none."""
    beyond = next((one for one in counts if one.used > one.most), None)
    if beyond is not None:
        return no(beyond.scope)
    columns = (
        [one.scope.value for one in counts],
        [one.subject for one in counts],
        [one.begins for one in counts],
        [one.used for one in counts],
        [one.most for one in counts],
    )
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_COUNT, columns)
            counted = {scope for (scope,) in cursor.fetchall()}
            full = [one.scope for one in counts if one.scope not in counted]
            if full:
                raise _FullError(full[-1])  # the narrowest: what concerns this caller tells them most
    except _FullError as error:
        return no(error.refusal)
    return YES


def _cost(message: Message) -> tuple[Decimal, bool]:
    """What a message costs, and whether it only goes to the outbox (then nothing)."""
    demo = bool(message.lead and message.lead.is_demo)
    if provider_choose(channel=message.channel, demo=demo) == OUTBOX:
        return Decimal(0), True
    country = "" if message.channel == Channel.EMAIL else number_country(message.to)
    prices = _prices(message.channel)
    return price_of(channel=message.channel, country=country, text=message.body_text, prices=prices), False


def _prices(channel: str) -> dict[tuple[str, str], Decimal]:
    rows = Price.objects.filter(channel=channel).values_list("channel", "country", "price")
    return {(way, country): price for way, country, price in rows}


def _company_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def tallies_forget(*, before: datetime) -> int:
    """Remove tallies that no window of today can need; returns how many. Calls are over long before."""
    return Tally.objects.filter(updated_at__lt=before).delete()[0]


def tallies_of_demo_forget(*, calls: Sequence[UUID]) -> None:
    """A demo begins anew: what was kept in the outbox was never sent, and counts for nothing."""
    Tally.objects.filter(
        Q(subject__startswith=OUTBOX_SIDE) | Q(scope=Refusal.CALL, subject__in=[str(call) for call in calls])
    ).delete()
