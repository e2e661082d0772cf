"""Which order is meant, and how it stands. Invariant: an order is told only to whom it belongs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from calls.core.decision import CHANNEL_OF
from calls.core.flows import asking, sending
from calls.core.flows.order_facts import (
    FINISHED,
    due_by,
    lookup_order,
    order_called,
    order_context,
    order_entities,
    order_state,
    order_told,
    product_named,
    status_words,
    tracking_link,
)
from calls.core.flows.people import offer
from calls.core.flows.proof import prove
from calls.core.flows.saying import Say, ordered, plan_say, settled
from calls.core.known import OrderFact
from calls.core.slots import order_id_read
from calls.core.slots.reading import Reading
from calls.core.state import Plan, Wish

SLOT: Final = "order_id"
_TODAY: Final = re.compile(r"\btoday\b|\btonight\b", re.IGNORECASE)
SURE_ENOUGH: Final = 0.5
_NAMING: Final = 5  # words: "the laptop, please" names an order, a whole question about laptops doesn't
_FEWEST_DIGITS: Final = 4  # fewer are a count, a price or an "oh"
#: Complaints that an order's own record may answer; the others need a person.
ABOUT_DELIVERY: Final = frozenset({"delivery_delay"})


def order_wish(say: Say) -> Wish:
    return Wish(kind="lookup_order", intent="order_status", about="order", details=product_named(say))


# --- an order's status ----------------------------------------------------------------------------------------------


def news_wish(say: Say) -> Wish:
    """An order's news by a channel: the order first, then the message."""
    return replace(order_wish(say), channel=CHANNEL_OF[say.proposal.intent], intent=say.proposal.intent)


def look_up(say: Say, wish: Wish) -> Plan:
    """Tell how an order stands, or ask which one it is."""
    if not say.verified:
        return order_prove(say, wish)
    if not say.known.orders:
        return offer(say, prefix=say.phrase("no_orders"), reason="No order on file", about="order_status")
    found = order_meant(say, wish)
    if isinstance(found, OrderFact) and wish.channel:
        known = replace(say, dialogue=replace(settled(say), order=found))
        plan = sending.send(known, tracking_wish(say, found, wish.channel, intent=wish.intent))
        return ordered(plan, lookup_order(found))
    if isinstance(found, OrderFact):
        told = say.dialogue.order
        if told is not None and told.order_id == found.order_id and say.dialogue.asked != SLOT:
            return reassure(say, found)
        return _tell(say, wish, found)
    return ask_which(say, wish, found)


def _tell(say: Say, wish: Wish, fact: OrderFact) -> Plan:
    state = order_state(fact)
    words = f"{say.phrase('checked_order', order=fact.order_id)} {status_words(say, fact)}"
    dialogue = replace(settled(say), order=fact)
    plan = plan_say(
        say,
        words,
        intent="order_status",
        dialogue=dialogue,
        actions=("lookup_order",),
        entities=order_entities(fact, say),
    )
    link = tracking_link(say, fact)
    send = "send_sms" in say.playbook.allowed and bool(say.dialogue.facts.phone) and not say.stopped("sms")
    if state in {"out_for_delivery", "shipped", "delayed"} and link and send:
        offered = say.phrase("offer_tracking")
        next_wish = tracking_wish(say, fact, "sms", intent="order_status")
        plan = replace(
            plan,
            dialogue=replace(dialogue, asked="offer", asked_text=offered, wish=next_wish),
            sentences=(*plan.sentences, offered),
            decision=replace(plan.decision, immediate_response=f"{words} {offered}")
            if plan.decision
            else None,
        )
    return ordered(plan, lookup_order(fact))


def tracking_wish(say: Say, fact: OrderFact, channel: str, *, intent: str) -> Wish:
    """The wish to have an order's news sent."""
    template = "order_update" if channel == "email" else "tracking"
    return Wish(
        kind={"email": "send_email", "sms": "send_sms"}.get(channel, "send_whatsapp"),
        intent=intent,
        channel=channel,
        about="tracking",
        order_id=fact.order_id,
        details=MappingProxyType({"template": template, "context": order_context(say, fact)}),
    )


def reassure(say: Say, fact: OrderFact) -> Plan:
    """ "Will I get it today for sure?": the same facts once more, and what was sent about them so far."""
    state = order_state(fact)
    words = status_words(say, fact)
    today = say.known.now.date()
    if (
        _TODAY.search(say.words)
        and fact.due is not None
        and fact.due.date() != today
        and state not in FINISHED
    ):
        words = say.phrase("sure_not_today", when=due_by(say, fact))
    elif state == "out_for_delivery" and fact.due is not None and fact.due > say.known.now:
        words = say.phrase("sure_out_for_delivery", when=due_by(say, fact))
    told = order_told(say, fact)
    if told:
        words = f"{words} {told}"
    words = f"{words} {say.phrase('anything_else')}"
    intent = "complaint" if say.dialogue.issue is not None else "order_status"
    dialogue = replace(settled(say, "anything_else"), order=fact)
    return plan_say(say, words, intent=intent, dialogue=dialogue, entities=order_entities(fact, say))


# --- which order ------------------------------------------------------------------------------------------------------


def order_meant(say: Say, wish: Wish) -> OrderFact | Reading:
    """The order that is meant, or what was read instead of one."""
    orders = say.known.orders
    if wish.order_id:
        known = next((one for one in orders if one.order_id.casefold() == wish.order_id.casefold()), None)
        if known is not None:
            return known
    given = order_id_read(
        say.words, candidates=[one.order_id for one in orders], asked=say.dialogue.asked == SLOT
    )
    foreign = order_given(say)
    if foreign and not given:
        return Reading(display=foreign.display, missing="unknown", confidence=0.2)
    if given and given.confidence >= SURE_ENOUGH:
        return next(one for one in orders if one.order_id == given.value)
    if given or (given.missing in {"unknown", "which"} and len(given.display) >= _FEWEST_DIGITS):
        return given
    named = _named(say, orders)
    asked = say.dialogue.asked == SLOT
    late = wish.intent == "complaint" and wish.about in ABOUT_DELIVERY
    if len(named) == 1 and (asked or not late):
        return named[0]
    told = say.dialogue.order
    if told is not None and not asked:
        return next((one for one in orders if one.order_id == told.order_id), told)
    pending = [one for one in orders if order_state(one) not in FINISHED]
    if len(pending) == 1 and (not late or (asked and asking.LACKS.search(say.text))):
        return pending[0]
    return Reading(missing="all")


def ask_which(say: Say, wish: Wish, found: Reading) -> Plan:
    asked = say.dialogue.asked == SLOT
    if found and found.confidence < SURE_ENOUGH:
        words = say.phrase("confirm_order", order=found.value)
        sure = replace(wish, order_id=found.value)
        dialogue = replace(say.dialogue, asked="confirm", asked_text=words, wish=sure)
        return plan_say(say, words, intent=wish.intent, clarify=words, missing=(SLOT,), dialogue=dialogue)
    if found.missing == "unknown":
        return asking.ask(say, wish, SLOT, again=True, phrase="order_unknown", order=found.display)
    if asked and (asking.LACKS.search(say.text) or found.missing == "which"):
        names = [order_called(say, one) for one in say.known.orders if order_state(one) not in FINISHED][:4]
        if names:
            return asking.ask(say, wish, SLOT, again=True, phrase="which_order", products=_listed(say, names))
    return asking.ask(say, wish, SLOT, again=asked)


def is_given(say: Say, wish: Wish) -> bool:
    """Do these words name an order: by digits, or by what was bought?"""
    if order_given(say) or order_given(say).missing == "digits":
        return True
    if say.proposal.is_question and say.proposal.answer and len(say.words.split()) > _NAMING:
        return False
    return say.verified and bool(_named(say, say.known.orders))


def order_given(say: Say) -> Reading:
    """An order id in the caller's words, whoever's it may be."""
    return order_id_read(
        say.words,
        pattern=say.playbook.order_pattern,
        prefix=say.playbook.order_prefix if say.dialogue.asked == SLOT else "",
        asked=say.dialogue.asked == SLOT,
    )


def _named(say: Say, orders: Sequence[OrderFact]) -> list[OrderFact]:
    """Orders whose product the caller names ("my laptop"); those still to come before those long done."""
    words = set(re.findall(r"[a-z0-9]+", say.words.lower()))
    fits = [
        one
        for one in orders
        if words & {w for w in re.findall(r"[a-z0-9]+", one.product.lower()) if len(w) > 2}
    ]
    pending = [one for one in fits if order_state(one) not in FINISHED]
    return pending or fits


def order_prove(say: Say, wish: Wish) -> Plan:
    if say.dialogue.asked == SLOT and not wish.order_id and not order_given(say):
        if asking.LACKS.search(say.text):
            return asking.ask(say, wish, "phone", again=False, phrase="ask_phone_on_file")
        return asking.ask(say, wish, SLOT, again=True)
    return prove(say, wish)


def _listed(say: Say, names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {say.phrase('or')} {names[-1]}"
