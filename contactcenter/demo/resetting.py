"""A reset takes away what happened in the demo and nothing else: people, calls and documents of your own stay.

What belongs to the demo: its leads with their calls, messages, conversations, callbacks, codes, consents, tickets and
escalations; what their addresses said stop to, and what was counted in the outbox; and, while this is a trial (no
PUBLIC_BASE_URL), calls by callers nobody knows, with the unverified leads that those calls made. A call that is going on is
left alone, since the person on it would be cut off.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from calls.models import Call, Site
from contactcenter.demo.company import Company
from contactcenter.demo.documents import documents_restore
from contactcenter.demo.models import DemoLoad
from contactcenter.demo.services import load_locked, order_fields, order_remember
from escalations.models import Agent, Escalation, Ticket
from leads.models import (
    Callback,
    Consent,
    Conversation,
    Lead,
    LeadStatus,
    Message,
    OptOut,
    Order,
    VerificationCode,
)
from leads.services import tallies_of_demo_forget

# A call whose worker has not given a sign of life for this long has ended without anybody noting it.
HEARTBEAT_LOST = dt.timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetReport:
    """What a reset did. ``removed`` counts rows by kind; ``calls_going_on`` are ids of calls that were left alone."""

    company: str
    removed: dict[str, int]
    orders: list[dict[str, str | None]]
    documents_restored: list[str]
    calls_going_on: list[str]


def _remove(company: Company, now: dt.datetime) -> tuple[dict[str, int], list[str]]:
    demo_leads = [lead.id for lead in company.leads]
    of_demo = Q(lead_id__in=demo_leads)
    if not settings.PUBLIC_BASE_URL:
        nobody = Q(lead=None) | Q(lead__verified=False)
        of_demo |= nobody & (Q(site=None) | Q(site_id=company.site.key))
    calls = Call.objects.filter(of_demo)
    alive = Q(status=Call.Status.ACTIVE, heartbeat_at__gt=now - HEARTBEAT_LOST)
    going_on = list(calls.filter(alive).values_list("id", flat=True))
    ended = list(calls.exclude(alive).values_list("id", "lead_id"))
    call_ids = [call_id for call_id, _lead in ended]
    busy = set(Call.objects.filter(id__in=going_on).values_list("lead_id", flat=True))
    guests = Lead.objects.filter(id__in={lead for _call, lead in ended} - busy, verified=False).exclude(
        id__in=demo_leads
    )
    guest_ids = list(guests.values_list("id", flat=True))
    theirs = (Q(lead_id__in=[*demo_leads, *guest_ids]) & ~Q(call_id__in=going_on)) | Q(call_id__in=call_ids)
    removed: dict[str, int] = {}
    removed["messages"] = Message.objects.filter(theirs).delete()[1].get("leads.Message", 0)
    removed["conversations"] = Conversation.objects.filter(theirs).delete()[1].get("leads.Conversation", 0)
    removed["calls"] = Call.objects.filter(id__in=call_ids).delete()[1].get("calls.Call", 0)
    removed["tickets"] = Ticket.objects.filter(theirs).delete()[1].get("escalations.Ticket", 0)
    removed["escalations"] = Escalation.objects.filter(theirs).delete()[1].get("escalations.Escalation", 0)
    removed["callbacks"] = Callback.objects.filter(theirs).delete()[1].get("leads.Callback", 0)
    removed["codes"] = VerificationCode.objects.filter(theirs).delete()[1].get("leads.VerificationCode", 0)
    at_theirs = Q(address__in=_addresses(company))
    removed["consents"] = Consent.objects.filter(theirs | at_theirs).delete()[1].get("leads.Consent", 0)
    removed["stops"] = OptOut.objects.filter(at_theirs).delete()[1].get("leads.OptOut", 0)
    tallies_of_demo_forget(calls=call_ids)
    removed["leads"] = Lead.objects.filter(id__in=guest_ids).delete()[1].get("leads.Lead", 0)
    return removed, [str(call_id) for call_id in going_on]


def _addresses(company: Company) -> list[str]:
    return [address for lead in company.leads for address in (lead.phone, lead.email) if address]


def _restore(company: Company, load: DemoLoad, now: dt.datetime) -> None:
    for lead in company.leads:
        Lead.objects.update_or_create(
            id=lead.id,
            defaults={
                "name": lead.name,
                "company": lead.company,
                "phone": lead.phone,
                "email": lead.email,
                "lead_status": LeadStatus.NEW,
                "last_contacted_at": None,
                "next_action_time": None,
                "pending_action": "",
                "preferred_channel": "",
                "last_issue": "",
                "verified": True,
                "is_demo": True,
            },
        )
    for order in company.orders:
        Order.objects.update_or_create(order_id=order.order_id, defaults=order_fields(order, now))
        order_remember(load, order, now)
    for agent in company.agents:
        user = (
            User.objects.filter(username=agent.login).first()
            if agent.login in load.put.get("users", [])
            else None
        )
        Agent.objects.update_or_create(
            id=agent.id,
            defaults={
                "name": agent.name,
                "status": agent.status,
                "expertise": agent.expertise,
                "user": user,
                "idle_since": now,
            },
        )
    site = {"name": company.site.name, "origins": list(company.site.origins), "active": True}
    Site.objects.update_or_create(key=company.site.key, defaults=site)
    load.put = {
        **load.put,
        "leads": [lead.id for lead in company.leads],
        "orders": [order.order_id for order in company.orders],
        "agents": [agent.id for agent in company.agents],
        "sites": [company.site.key],
    }
    load.save()


def demo_reset(
    *, company: Company, progress: Callable[[str], None], now: dt.datetime | None = None
) -> ResetReport:
    """Put the demo company back to its first-load state. Raises DemoError if another company is loaded here.

    Logins keep their passwords, and the site keeps its secret.
    """
    now = now or timezone.now()
    with transaction.atomic():
        load = load_locked(company)
        removed, going_on = _remove(company, now)
        _restore(company, load, now)
    restored = documents_restore(company=company, progress=progress)
    rows = Order.objects.filter(order_id__in=[order.order_id for order in company.orders]).order_by(
        "order_id"
    )
    return ResetReport(
        company=company.slug,
        removed=removed,
        orders=[
            {
                "order_id": row.order_id,
                "lead": row.lead_id,
                "status": row.status,
                "estimated_delivery": timezone.localtime(row.estimated_delivery).isoformat()
                if row.estimated_delivery
                else None,
            }
            for row in rows
        ],
        documents_restored=restored,
        calls_going_on=going_on,
    )
