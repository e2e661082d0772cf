"""What the rows know of a call, for the person who takes it over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from calls.analytics import mood_name
from calls.models import Action, Call, Turn
from escalations.handoff import Person, Promise, Talk, Tried, Wanted, handoff_build

#: A code is nobody's business but the caller's; asking for a person is what this is about.
_UNTOLD = {"send_code", "check_code", "escalate_to_human", "fetch_product_catalog"}
#: Of what was understood, this says who the caller claims to be or what it is about.
_CLAIMS = ("name", "company", "phone", "whatsapp_number", "email", "order_id", "product")


def handoff_of(*, call: Call, reason: str, query: str, topic: str, skill: str, agent: str) -> dict[str, Any]:
    """The handoff package of a call as it stands, for an agent of this name."""
    turns = list(Turn.objects.filter(call=call))
    actions = list(
        Action.objects.filter(call=call)
        .exclude(kind__in=_UNTOLD)
        .select_related("message")
        .prefetch_related("message__deliveries")
    )
    customer = [turn for turn in turns if turn.role == "customer"]
    return handoff_build(
        person=_person(call),
        talk=Talk(
            lines=[(turn.role, turn.heard) for turn in turns if turn.heard],
            intents=[str(turn.decision.get("intent") or "") for turn in customer],
            moods=[mood_name(turn.sentiment) for turn in customer],
            passages=[
                Tried(
                    document=str(passage.get("document", "")),
                    heading=str(passage.get("heading", "")),
                    similarity=float(passage.get("similarity", 0.0)),
                    clears=bool(passage.get("clears")),
                )
                for turn in customer
                for passage in turn.passages
            ],
            promises=[_promise(action) for action in actions],
            facts=_facts(call),
            claims=_claims(call, customer),
            language=call.language,
        ),
        wanted=Wanted(reason=reason, query=query, topic=topic, skill=skill),
        company=settings.COMPANY_NAME,
        agent=agent,
    )


def _person(call: Call) -> Person:
    lead = call.lead
    if lead is None:
        claims = call.claims
        return Person(name=str(claims.get("name", "")), phone=str(claims.get("phone", "")))
    return Person(
        customer=lead.id,
        verified=call.verified,
        name=lead.name,
        company=lead.company,
        phone=lead.phone,
        email=lead.email,
    )


def _facts(call: Call) -> dict[str, Any]:
    lead = call.lead
    if lead is None or not call.verified:
        return {}
    return {
        "id": lead.id,
        "name": lead.name,
        "company": lead.company,
        "phone": lead.phone,
        "email": lead.email,
        "orders": [
            {"order_id": order.order_id, "product": order.product, "status": order.status}
            for order in lead.orders.all()[:5]
        ],
    }


def _claims(call: Call, customer: Sequence[Turn]) -> dict[str, Any]:
    """What was only said: at the start, and in the words since; the latest counts."""
    said: dict[str, Any] = dict(call.claims)
    for turn in customer:
        entities = turn.decision.get("entities") or {}
        said |= {name: entities[name] for name in _CLAIMS if entities.get(name)}
    return said


def _promise(action: Action) -> Promise:
    message = action.message
    return Promise(
        kind=action.kind,
        label=action.label,
        to=action.to,
        status=str(message.status) if message is not None else action.status,
        receipts=tuple(
            {"status": one.status, "at": one.at.isoformat(), "simulated": one.simulated}
            for one in message.deliveries.all()
        )
        if message is not None
        else (),
    )
