"""The demo company is put in once. Whatever people change or delete afterwards stays so, until they ask for a reset."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from calls.models import Site
from calls.rules.services import company_set
from contactcenter.demo.company import Company, DemoOrder, company_load
from contactcenter.demo.logins import logins_close, logins_put
from contactcenter.demo.models import DemoLoad
from escalations.models import Agent
from leads.models import Lead, Order

logger = structlog.get_logger()

# Any number that nothing else uses: two loads at once would each find nothing there yet.
LOAD_LOCK = 711_020_417


class DemoError(Exception):
    """The demo can't be loaded into this database; the message is one line for whoever asked."""


def company_current() -> Company:
    """The company that this installation is set to. Raises CompanyError."""
    return company_load(Path(settings.DEMO_COMPANY))


def _dates(order: DemoOrder, now: dt.datetime) -> dict[str, dt.datetime | None]:
    zone = ZoneInfo(settings.TIME_ZONE)
    due = order.due.resolve(now=now, zone=zone) if order.due else None
    return {"placed_at": order.placed.resolve(now=now, zone=zone), "estimated_delivery": due}


def _written(dates: dict[str, dt.datetime | None]) -> dict[str, str | None]:
    return {name: moment.astimezone(dt.UTC).isoformat() if moment else None for name, moment in dates.items()}


def order_fields(order: DemoOrder, now: dt.datetime) -> dict[str, object]:
    """Every column of the order as it is at first load."""
    return {
        "lead_id": order.lead,
        "product": order.product,
        "status": order.status,
        "tracking_id": order.tracking_id,
        **_dates(order, now),
    }


def order_remember(load: DemoLoad, order: DemoOrder, now: dt.datetime) -> None:
    load.dates[order.order_id] = _written(_dates(order, now))


def orders_anchor(*, company: Company, load: DemoLoad, now: dt.datetime) -> int:
    """Move the dates of orders that only grew old to where they would be if loaded now; returns how many moved.

    An order whose dates or status somebody has changed stays as it is.
    """
    rows = {row.order_id: row for row in Order.objects.filter(order_id__in=load.dates)}
    moved = 0
    for order in company.orders:
        row, before = rows.get(order.order_id), load.dates.get(order.order_id)
        if row is None or before is None or row.status != order.status:
            continue
        if _written({"placed_at": row.placed_at, "estimated_delivery": row.estimated_delivery}) != before:
            continue
        dates = _dates(order, now)
        if _written(dates) == before:
            continue
        Order.objects.filter(pk=row.pk).update(**dates)
        order_remember(load, order, now)
        moved += 1
    return moved


def _rows_put(company: Company, load: DemoLoad, now: dt.datetime) -> int:
    """Make the rows that no load has made before; returns how many. A key that somebody else's row has is left alone."""
    made = 0
    done = {kind: set(keys) for kind, keys in load.put.items()}

    def fresh(kind: str, key: str) -> bool:
        if key in done.setdefault(kind, set()):
            return False
        done[kind].add(key)
        return True

    for lead in company.leads:
        if fresh("leads", lead.id):
            fields = {"name": lead.name, "company": lead.company, "phone": lead.phone, "email": lead.email}
            made += Lead.objects.get_or_create(
                id=lead.id, defaults={**fields, "is_demo": True, "verified": True}
            )[1]
    present = set(
        Lead.objects.filter(id__in=[lead.id for lead in company.leads]).values_list("id", flat=True)
    )
    for order in company.orders:
        if order.lead in present and fresh("orders", order.order_id):
            _row, created = Order.objects.get_or_create(
                order_id=order.order_id, defaults=order_fields(order, now)
            )
            if created:
                order_remember(load, order, now)
                made += 1
    if fresh("rules", company.slug):
        company_set(
            by="",
            what="Demo company",
            order_prefix=company.order_prefix,
            order_pattern=company.order_pattern,
            tracking_url=company.tracking_url,
        )
        made += 1
    if fresh("sites", company.site.key):
        site = {"name": company.site.name, "origins": list(company.site.origins)}
        made += Site.objects.get_or_create(key=company.site.key, defaults=site)[1]
    users = {user.username: user for user in User.objects.filter(username__in=load.put.get("users", []))}
    for agent in company.agents:
        if fresh("agents", agent.id):
            agent_fields = {"name": agent.name, "status": agent.status, "expertise": agent.expertise}
            user = users.get(agent.login) if agent.login else None
            made += Agent.objects.get_or_create(id=agent.id, defaults={**agent_fields, "user": user})[1]
    load.put = {**load.put, **{kind: sorted(keys) for kind, keys in done.items()}}
    return made


def _agents_join_logins(company: Company, load: DemoLoad) -> None:
    """Agents that were loaded while there were no logins get theirs."""
    for agent in company.agents:
        if agent.login in load.put.get("users", []):
            user = User.objects.filter(username=agent.login, agent__isnull=True).first()
            if user is not None:
                Agent.objects.filter(id=agent.id, user=None).update(user=user)


def load_locked(company: Company) -> DemoLoad:
    """The record of what was loaded, for this transaction alone. Raises DemoError if another company is there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOAD_LOCK])
    other = DemoLoad.objects.exclude(company=company.slug).first()
    if other is not None:
        raise DemoError(
            f"this database holds the demo company '{other.company}', whose documents would answer for "
            f"'{company.slug}' too; use another DATA_DIR for it"
        )
    return DemoLoad.objects.get_or_create(company=company.slug)[0]


@transaction.atomic
def rows_load(*, company: Company, now: dt.datetime | None = None) -> int:
    """Leads, orders, agents, the site and the logins; returns how many rows were made or re-dated.

    There are no demo logins when PUBLIC_BASE_URL is set, and those that an earlier trial had are closed.
    """
    now = now or timezone.now()
    load = load_locked(company)
    if settings.PUBLIC_BASE_URL:
        logins_close()
    else:
        load.put["users"] = logins_put(logins=company.logins, known=load.put.get("users", []))
    changed = _rows_put(company, load, now)
    _agents_join_logins(company, load)
    changed += orders_anchor(company=company, load=load, now=now)
    load.save()
    if changed:
        logger.info("demo_rows_loaded", company=company.slug, rows=changed)
    return changed


@transaction.atomic
def orders_redate(*, company: Company, now: dt.datetime | None = None) -> int:
    """Re-date orders that only grew old, if this company is loaded; returns how many."""
    load = DemoLoad.objects.select_for_update().filter(company=company.slug).first()
    if load is None:
        return 0
    moved = orders_anchor(company=company, load=load, now=now or timezone.now())
    load.save()
    return moved
