"""Complaints. Invariant: a complaint opens its ticket when it is understood as one, and counts as solved only when what the
rows say answers it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from calls.core.flows import asking
from calls.core.flows.hints import WAITING
from calls.core.flows.order_facts import (
    FINISHED,
    lookup_order,
    order_called,
    order_entities,
    order_news,
    order_state,
    product_named,
    resolution_of,
    status_words,
    tracking_link,
)
from calls.core.flows.orders import (
    ABOUT_DELIVERY,
    SLOT,
    ask_which,
    order_given,
    order_meant,
    order_prove,
    reassure,
)
from calls.core.flows.people import offer
from calls.core.flows.saying import Say, key_free, order, ordered, plan_say, prefixed, settled
from calls.core.known import OrderFact
from calls.core.slots import issue_read
from calls.core.state import Issue, Plan, Wish

#: Complaints for which it helps to know the order.
ABOUT_ORDER: Final = frozenset({"damaged", "wrong_item", "refund"})


def complaint_wish(say: Say) -> Wish:
    kind = issue_read(say.words)
    standing = say.dialogue.issue
    if standing is not None and kind in {"other", "service"}:
        kind = standing.kind
    if kind == "other" and WAITING.search(say.words) and _awaits(say):
        kind = "delivery_delay"
    urgent = say.proposal.sentiment <= -0.5 or say.proposal.entities.get("urgency") == "high"
    priority = "high" if urgent or kind in ABOUT_DELIVERY else "normal"
    details = {**product_named(say), "priority": priority, "words": say.text}
    return Wish(kind="create_ticket", intent="complaint", about=kind, details=MappingProxyType(details))


def _awaits(say: Say) -> bool:
    """Has this caller an order that is still to come? Nobody knows of one who isn't proven."""
    if not say.verified:
        return True
    return any(order_state(one) not in FINISHED for one in say.known.orders)


# --- a complaint ------------------------------------------------------------------------------------------------------


def complain(say: Say, wish: Wish) -> Plan:
    """Open its ticket at once; then what is needed to help."""
    standing = say.dialogue.issue
    if standing is not None and standing.kind == wish.about:
        return _go_on(say, wish)
    key = key_free(say.dialogue, f"create_ticket|{wish.about}", say.turn)
    priority = str(wish.details.get("priority") or "normal")
    product = str(wish.details.get("product") or "")
    issue = Issue(kind=wish.about, key=key, priority=priority, product=product)
    opened = replace(say, dialogue=replace(say.dialogue, issue=issue))
    facts = say.dialogue.facts
    ticket = order(
        key,
        "create_ticket",
        say.phrase("label_ticket"),
        to=(facts.phone or facts.email) if facts.verified else "",
        issue_type=wish.about,
        priority=priority,
        product=product,
        words=str(wish.details.get("words") or say.text),
    )
    plan = _first_words(opened, wish)
    if "create_ticket" not in say.playbook.allowed:
        return plan
    assert plan.decision is not None
    plan = replace(
        plan,
        decision=replace(
            plan.decision, actions=tuple(dict.fromkeys(("create_ticket", *plan.decision.actions)))
        ),
    )
    return replace(plan, orders=(ticket, *plan.orders))


def _first_words(say: Say, wish: Wish) -> Plan:
    sorry = say.phrase("sorry_delivery" if wish.about in ABOUT_DELIVERY else "sorry")
    entities = {
        "issue_type": wish.about,
        "urgency": "high" if wish.details.get("priority") == "high" else "medium",
    }
    if wish.details.get("product"):
        entities["product"] = wish.details["product"]
    given = order_given(say)
    if wish.about in ABOUT_DELIVERY or wish.about in ABOUT_ORDER:
        if given and say.verified:
            plan = _go_on(say, wish)
            return prefixed(plan, sorry)
        if given and wish.about in ABOUT_ORDER:
            return prefixed(_claimed(say, wish), sorry)
        if given:
            return prefixed(order_prove(say, replace(wish, order_id=given.value)), sorry)
        phrase = "ask_order_id" if wish.about in ABOUT_DELIVERY else "ask_order_for"
        return asking.ask(say, wish, SLOT, again=False, phrase=phrase, prefix=sorry, entities=entities)
    return _for_a_person(say, wish, prefix=sorry, entities=entities)


def _go_on(say: Say, wish: Wish) -> Plan:
    """The complaint is known; now the order."""
    issue = say.dialogue.issue
    assert issue is not None
    if wish.about not in ABOUT_DELIVERY | ABOUT_ORDER and not order_given(say):
        return _for_a_person(say, wish, prefix=say.phrase("noted_more"), noted=False)
    if not say.verified and wish.about not in ABOUT_DELIVERY:
        return _claimed(say, wish) if order_given(say) else asking.ask(say, wish, SLOT, again=True)
    if not say.verified:
        return order_prove(say, wish)
    found = order_meant(say, wish)
    if isinstance(found, OrderFact):
        return _answer(say, wish, found) if wish.about in ABOUT_DELIVERY else _attach(say, wish, found)
    return ask_which(say, wish, found)


def _answer(say: Say, wish: Wish, fact: OrderFact) -> Plan:
    """A late delivery: what the record says, news by SMS and mail, and the ticket's end if that answers it."""
    issue = say.dialogue.issue
    assert issue is not None
    state, now = order_state(fact), say.known.now
    coming = fact.due is not None and fact.due > now
    solved = state == "out_for_delivery" or (state == "shipped" and coming)
    if issue.solved and say.dialogue.order is not None and say.dialogue.order.order_id == fact.order_id:
        return reassure(say, fact)
    checked = say.phrase("checked_order", order=fact.order_id)
    if solved:
        status = status_words(say, fact)
        words = f"{checked} {say.phrase('good_news', status=status[:1].lower() + status[1:])}"
    else:
        words = f"{checked} {status_words(say, fact)} {say.phrase('followed_up')}"
    news = order_news(say, fact, apology=True) if state not in {"cancelled", "returned", "delivered"} else []
    channels = {one.channel for one in news}
    if "sms" in channels:
        words = f"{words} {say.phrase('tracking_sms' if tracking_link(say, fact) else 'news_sms')}"
    elif "email" in channels:
        words = f"{words} {say.phrase('news_email')}"
    status = "resolved" if solved else "open"
    resolution = resolution_of(say, fact) if solved else ""
    actions: tuple[str, ...] = ("lookup_order", *(one.kind for one in news))
    orders = [lookup_order(fact), *news]
    if "update_ticket" in say.playbook.allowed:
        actions = ("lookup_order", *(one.kind for one in news), "update_ticket")
        orders.append(
            order(
                f"update_ticket|{fact.order_id}|{status}",
                "update_ticket",
                say.phrase("label_ticket"),
                ticket=issue.key,
                status=status,
                resolution=resolution,
                order_id=fact.order_id,
                last_issue=f"{wish.about}_resolved" if solved else wish.about,
            )
        )
    dialogue = replace(
        settled(say),
        order=fact,
        issue=replace(issue, solved=solved),
        sent=say.dialogue.sent + len(news),
        followup=f"update_ticket|{fact.order_id}|{status}",
    )
    entities = {**order_entities(fact, say), "resolution_status": status, "issue_type": wish.about}
    plan = plan_say(say, words, intent="complaint", dialogue=dialogue, entities=entities, actions=actions)
    plan = ordered(plan, *orders)
    return plan if solved or state in {"processing"} else _or_a_person(say, plan)


def _claimed(say: Say, wish: Wish) -> Plan:
    """An unproven caller's order goes on the ticket as they said it, and nothing is told about it."""
    issue, given = say.dialogue.issue, order_given(say)
    plan = _for_a_person(
        say, replace(wish, order_id=given.value), prefix="", entities={"order_id": given.value}
    )
    if issue is None or "update_ticket" not in say.playbook.allowed:
        return plan
    note = order(
        f"update_ticket|{given.value}|claimed",
        "update_ticket",
        say.phrase("label_ticket"),
        ticket=issue.key,
        status="open",
        order_id=given.value,
    )
    return ordered(plan, note)


def without_order(say: Say, wish: Wish) -> Plan:
    """The caller can't or won't say which order: the complaint stands all the same."""
    entities = {"issue_type": wish.about}
    return _for_a_person(say, wish, prefix=say.phrase("no_problem"), entities=entities)


def reachable(say: Say, wish: Wish) -> Plan | None:
    """How an unproven caller can be reached goes on the ticket; None if these words don't say."""
    value = say.email(asked=True) or say.phone(asked=True)
    issue = say.dialogue.issue
    if not value or issue is None:
        return None
    known = replace(wish, details=MappingProxyType({**wish.details, "contact": value.value}))
    plan = _for_a_person(say, known, prefix=say.phrase("thanks"), entities={"issue_type": wish.about})
    if "update_ticket" not in say.playbook.allowed:
        return plan
    note = order(
        f"update_ticket|contact|{value.value}",
        "update_ticket",
        say.phrase("label_ticket"),
        ticket=issue.key,
        status="open",
        contact=value.value,
    )
    return ordered(plan, note)


def _attach(say: Say, wish: Wish, fact: OrderFact) -> Plan:
    """Damaged, wrong, or money not back: the order goes on the ticket, a person does the rest."""
    say = replace(say, dialogue=replace(say.dialogue, order=fact))
    plan = _for_a_person(
        say, wish, prefix=say.phrase("noted_order", order=fact.order_id, product=order_called(say, fact))
    )
    return replace(plan, orders=(lookup_order(fact), *plan.orders))


def _for_a_person(
    say: Say, wish: Wish, *, prefix: str, entities: dict[str, Any] | None = None, noted: bool = True
) -> Plan:
    """What no record can settle is noted, and somebody is offered right away."""
    issue = say.dialogue.issue
    if not say.verified and not wish.details.get("contact"):
        opening = f"{prefix} {say.phrase('complaint_open')}".strip()
        return asking.ask(say, wish, "contact", again=False, prefix=opening, entities=entities or {})
    plan = offer(
        say,
        prefix=f"{prefix} {say.phrase('complaint_noted') if noted else ''}".strip(),
        phrase="offer_now",
        reason=f"Complaint: {wish.about.replace('_', ' ')}",
        about=wish.about,
        intent="complaint",
        escalate=False,
        entities={"issue_type": wish.about, **(entities or {})},
    )
    fact = say.dialogue.order
    if issue is None or "update_ticket" not in say.playbook.allowed or fact is None:
        return plan
    note = order(
        f"update_ticket|{fact.order_id}|open",
        "update_ticket",
        say.phrase("label_ticket"),
        ticket=issue.key,
        status="open",
        order_id=fact.order_id,
        last_issue=wish.about,
    )
    return ordered(plan, note)


def _or_a_person(say: Say, plan: Plan) -> Plan:
    """The record is no comfort: somebody is offered at once."""
    extra = offer(
        replace(say, dialogue=plan.dialogue),
        phrase="offer_now",
        reason="Complaint that the order's record doesn't answer",
        about=say.dialogue.issue.kind if say.dialogue.issue else "",
        intent="complaint",
        escalate=False,
        entities={},
    )
    assert plan.decision is not None and extra.decision is not None
    words = f"{plan.decision.immediate_response} {extra.decision.immediate_response}"
    return replace(
        plan,
        dialogue=replace(extra.dialogue, followup=""),
        sentences=plan.sentences + extra.sentences,
        decision=replace(plan.decision, immediate_response=words),
    )
