"""A scenario's side of the database: people made up for a run, what the rows say after it, and nothing left behind.

Invariant: only rows that a run made itself are ever deleted; made-up people are marked as demo, so that nothing is sent to
them for real.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.forms.models import model_to_dict
from django.utils import timezone

from calls.models import Call, Site
from calls.scenarios.values import Order, Person, Values
from calls.selectors import call_document
from calls.tokens import caller_token_mint
from escalations.models import Escalation, Ticket
from leads.models import Callback, Conversation, Lead, Message, VerificationCode
from leads.models import Order as OrderRow

WRITTEN_WITHIN_S: Final = 10.0


class RowsError(RuntimeError):
    """A scenario asks for somebody who isn't there; the message is for whoever runs it."""


class OrderTaken(RowsError):
    """An order that a scenario makes up is somebody's already."""


def now_there() -> Any:
    """The present, in the company's zone."""
    return timezone.now().astimezone(ZoneInfo(settings.TIME_ZONE))


@transaction.atomic
def people_put(values: Values) -> None:
    """Make the run's people, and read those who are there already."""
    for key, person in values.people.items():
        if not person.made:
            values.people[key] = _person_read(person)
            continue
        person_remove(person)
        Lead.objects.create(
            id=person.lead_id,
            name=person.name,
            company=person.company,
            phone=person.phone,
            email=person.email,
            is_demo=True,
            verified=True,
        )
        for order in person.orders:
            taken = OrderRow.objects.filter(order_id=order.order_id).exists()
            if taken:
                raise OrderTaken(
                    f"order {order.order_id} is somebody's already; write it with # for a random digit"
                )
            OrderRow.objects.create(
                order_id=order.order_id,
                lead_id=person.lead_id,
                product=order.product,
                status=order.status,
                tracking_id=order.tracking_id,
                estimated_delivery=order.due,
                placed_at=order.placed or timezone.now(),
            )


@transaction.atomic
def person_remove(person: Person) -> None:
    """Take a made-up person away with everything that came of their calls."""
    assert person.made
    calls = list(Call.objects.filter(lead_id=person.lead_id).values_list("id", flat=True))
    calls_remove([str(one) for one in calls])
    for rows in (Message, Conversation, Ticket, Escalation):
        rows.objects.filter(lead_id=person.lead_id).delete()
    Lead.objects.filter(id=person.lead_id).delete()


@transaction.atomic
def calls_remove(call_ids: list[str]) -> None:
    """Take calls away that the runner placed, with what they left: also the unverified lead that a claim made."""
    leads = list(Call.objects.filter(id__in=call_ids, lead__verified=False).values_list("lead_id", flat=True))
    for rows in (Message, Conversation, Ticket, Escalation, Callback, VerificationCode):
        rows.objects.filter(call_id__in=call_ids).delete()
    Call.objects.filter(id__in=call_ids).delete()
    Lead.objects.filter(id__in=leads, verified=False).delete()


def token_for(person: Person) -> str:
    site = Site.objects.filter(active=True).order_by("key").first()
    if site is None:
        raise RowsError("there is no active site to sign for; add one in the admin")
    return caller_token_mint(site=site, lead_id=person.lead_id)


def code_read(values: Values) -> str:
    """The newest one-time code that was sent to one of the run's people since the run began, from its message."""
    rows = _codes_of(values).order_by("-created_at")
    hit = next((found for row in rows if (found := re.search(r"\b\d{4,8}\b", row.body_text))), None)
    return hit[0] if hit else ""


def _codes_of(values: Values) -> QuerySet[Message]:
    """A code is no message of the call that asked for it: whoever reads the call's record must not find it there."""
    leads = [person.lead_id for person in values.people.values()]
    return Message.objects.filter(lead_id__in=leads, template="code", created_at__gte=values.now)


def call_facts(call_id: str, values: Values) -> dict[str, Any]:
    """Everything a scenario may say of a call: the call's document, the lead's row and the messages'.

    Waits for the end of the call to be written, which happens right after its last word.
    """
    until = time.monotonic() + WRITTEN_WITHIN_S
    while time.monotonic() < until and not Call.objects.filter(id=call_id, status=Call.Status.ENDED).exists():
        time.sleep(0.1)
    document = call_document(call_id=call_id)
    call = Call.objects.select_related("lead").get(id=call_id)
    document["lead_row"] = lead_row(call.lead) if call.lead else None
    document["messages"] = [
        {
            "channel": row.channel,
            "to": row.to,
            "subject": row.subject,
            "body_text": row.body_text,
            "status": row.status,
            "template": row.template,
            "attachments": [one.get("filename", "") for one in row.attachments],
            "simulated": row.simulated,
        }
        for row in (Message.objects.filter(call_id=call_id) | _codes_of(values)).order_by("created_at", "id")
    ]
    callbacks = [
        {"due": row.due_at, "phone": row.phone, "status": row.status, "reason": row.reason}
        for row in Callback.objects.filter(
            Q(lead_id=call.lead_id) if call.lead_id else Q(call_id=call_id), status=Callback.Status.SCHEDULED
        ).order_by("-updated_at")
    ]
    document["callback"] = callbacks[0] if callbacks else None
    document["callback_count"] = len(callbacks)
    document["ticket_count"] = Ticket.objects.filter(call_id=call_id).count()
    return document


def lead_row(lead: Lead) -> dict[str, Any]:
    return {**model_to_dict(lead), "id": lead.id}


def people_rows(values: Values) -> dict[str, dict[str, Any] | None]:
    """Everybody's row as it is now, by key."""
    found = {one.id: one for one in Lead.objects.filter(id__in=[p.lead_id for p in values.people.values()])}
    return {
        key: lead_row(found[one.lead_id]) if one.lead_id in found else None
        for key, one in values.people.items()
    }


def _person_read(person: Person) -> Person:
    lead = Lead.objects.filter(id=person.lead_id).first()
    if lead is None:
        raise RowsError(f"there is no lead {person.lead_id}")
    zone = ZoneInfo(settings.TIME_ZONE)
    orders = tuple(
        Order(
            order_id=row.order_id,
            product=row.product,
            status=row.status,
            tracking_id=row.tracking_id,
            placed=row.placed_at.astimezone(zone),
            due=row.estimated_delivery.astimezone(zone) if row.estimated_delivery else None,
        )
        for row in OrderRow.objects.filter(lead_id=lead.id).order_by("order_id")
    )
    return replace(
        person, name=lead.name, company=lead.company, phone=lead.phone, email=lead.email, orders=orders
    )
