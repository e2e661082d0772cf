"""An order as the agent speaks and writes of it. Invariant: every word comes from the company's row."""

from __future__ import annotations

import datetime as dt
import re
from types import MappingProxyType
from typing import Any, Final

from calls.core.flows.saying import Say, order
from calls.core.flows.sending import UNDER_WAY
from calls.core.known import OrderFact
from calls.core.slots import by_say, day_say, when_say

_STATES: Final = (
    ("out_for_delivery", re.compile(r"out for delivery|with (?:the )?courier|arriving", re.I)),
    ("cancelled", re.compile(r"cancel", re.I)),
    ("returned", re.compile(r"return|refunded", re.I)),
    ("delayed", re.compile(r"delay|on hold|exception|held|lost|stuck", re.I)),
    ("delivered", re.compile(r"delivered|completed|picked up|collected", re.I)),
    ("shipped", re.compile(r"shipp|dispatch|transit|on (?:its|the) way", re.I)),
    ("processing", re.compile(r"process|prepar|pack|placed|confirm|pending|new|accepted|ready", re.I)),
)
_NEWS: Final = re.compile(
    r"\btrack(?:ing)?\b|\border (?:details?|status|updates?|information|info)\b"
    r"|\b(?:details?|status) of my (?:order|delivery|parcel)\b",
    re.I,
)
_PAPER: Final = re.compile(
    r"\b(?:polic(?:y|ies)|terms|conditions|document|guide|catalogu?e|warranty)\b", re.I
)
_LINK: Final = re.compile(r"\b(?:link|track(?:ing)?|details?|status|update|that|it|this)\b", re.I)
_ABOUT: Final = re.compile(
    r"\b(?:order|parcel|package|delivery|shipment|courier|track\w*|deliver\w*|arriv\w*|reach\w*|receiv\w*|notif\w*"
    r"|today|tomorrow|get it|come|coming|link|sms|late|when|sure)\b",
    re.I,
)
FINISHED: Final = frozenset({"delivered", "cancelled", "returned"})


_A_FEW: Final = 14  # words
_CERTAIN: Final = re.compile(
    r"\b(?:(?:are |r )?(?:you|u|ye)(?: really| quite| absolutely)? (?:sure|certain|positive)"
    r"|(?:is|so) (?:that|it|this) (?:a promise|certain|sure|for sure|definite|guaranteed|a guarantee|really)"
    r"|that'?s (?:definite|certain|a promise)|(?:do )?you promise|(?:can|do) (?:you|i) (?:guarantee|count on|rely on)"
    r"|will it (?:really|definitely|surely|actually)|for (?:certain|definite)"
    r"|(?:is|will) it (?:really |actually )?(?:coming|come|arrive|be here|get here)"
    r"|i'?ll (?:really |definitely )?(?:have|get) it|gonna (?:show|come|arrive|turn)|(?:say|heard) that before)\b",
    re.IGNORECASE,
)


def order_state(fact: OrderFact) -> str:
    """The company's words for a status as one of ours; ``other`` for what we have no words for."""
    return next((name for name, pattern in _STATES if pattern.search(fact.status)), "other")


def wants_order_news(say: Say) -> bool:
    """Does a wish to have something sent mean the order's news? Once an order was talked about, "the link" is its link."""
    if say.dialogue.order is not None and _LINK.search(say.words):
        return True
    return bool(_NEWS.search(say.words)) and not _PAPER.search(say.words)


def wants_certainty(say: Say) -> bool:
    """ "You sure it's going to show up?", "is that a promise?": said of the order that was just spoken of."""
    return len(say.words.split()) <= _A_FEW and bool(_CERTAIN.search(say.words))


def asks_about_order(say: Say) -> bool:
    """After an order was looked up: does this still ask about it?"""
    return bool(_ABOUT.search(say.words))


def status_words(say: Say, fact: OrderFact) -> str:
    state, now = order_state(fact), say.known.now
    late = fact.due is not None and fact.due <= now and state not in FINISHED
    day = day_say(fact.due.date(), today=now.date()) if fact.due is not None else ""
    variables = {
        "product": order_called(say, fact),
        "by": due_by(say, fact),
        "day": day,
        "status": fact.status.lower(),
    }
    if late:
        return say.phrase("status_overdue", **variables)
    with_date = (
        ""
        if fact.due is not None or state not in {"out_for_delivery", "shipped", "processing", "delayed"}
        else "_undated"
    )
    return say.phrase(f"status_{state}{with_date}", **variables)


def order_called(say: Say, fact: OrderFact) -> str:
    """What the caller calls it: "laptop" when they said so, else as the record has it."""
    issue = say.dialogue.issue
    if issue is not None and issue.product and issue.product in fact.product.lower():
        return issue.product
    if not fact.product:
        return say.phrase("the_order")
    # "Your headphones is …" is no English; "your order for the headphones is …" is, whatever was bought.
    return say.phrase("order_for", product=fact.product) if fact.product.endswith("s") else fact.product


def due_by(say: Say, fact: OrderFact) -> str:
    return by_say(fact.due, now=say.known.now) if fact.due is not None else ""


def tracking_link(say: Say, fact: OrderFact) -> str:
    if not fact.tracking_id or not say.playbook.tracking_url:
        return ""
    return say.playbook.tracking_url.replace("{tracking_id}", fact.tracking_id)


def order_context(say: Say, fact: OrderFact) -> MappingProxyType[str, str]:
    context = {
        "order_id": fact.order_id,
        "product": fact.product,
        "status": fact.status.lower(),
        "url": tracking_link(say, fact),
        "eta": eta_say(fact.due, now=say.known.now) if fact.due is not None else "",
    }
    return MappingProxyType(context)


def order_news(say: Say, fact: OrderFact, *, apology: bool) -> list[Any]:
    """SMS and mail to the verified caller's own addresses; each at most once a call."""
    facts, allowed = say.dialogue.facts, say.playbook.allowed
    context = dict(order_context(say, fact))
    mail = context | ({"apology": "yes"} if apology else {})
    if apology and say.playbook.compensation:
        mail["compensation"] = say.playbook.compensation
    found = []
    if facts.phone and "send_sms" in allowed and not say.stopped("sms"):
        found.append(("send_sms", "sms", facts.phone, "tracking", context, "label_tracking"))
    if facts.email and "send_email" in allowed and not say.stopped("email"):
        found.append(("send_email", "email", facts.email, "order_update", mail, "label_order_mail"))
    return [
        order(
            f"{kind}|{template}:{fact.order_id}|{to}",
            kind,
            say.phrase(label, order=fact.order_id),
            to=to,
            channel=channel,
            recipient=to,
            template=template,
            context=MappingProxyType(values),
        )
        for kind, channel, to, template, values, label in found
    ]


def order_told(say: Say, fact: OrderFact) -> str:
    """What was sent about the order, true to its receipts so far."""
    parts = []
    for channel, kind, template in (("sms", "send_sms", "tracking"), ("email", "send_email", "order_update")):
        to = say.dialogue.facts.phone if channel == "sms" else say.dialogue.facts.email
        status = say.dialogue.receipts.get(f"{kind}|{template}:{fact.order_id}|{to}", "")
        if status in {"sent", "delivered"}:
            parts.append(say.phrase(f"told_{channel}_sent"))
        elif status in UNDER_WAY:
            parts.append(say.phrase(f"told_{channel}_coming"))
    return " ".join(parts)


def resolution_of(say: Say, fact: OrderFact) -> str:
    eta = eta_say(fact.due, now=say.known.now) if fact.due is not None else ""
    status = fact.status[:1].upper() + fact.status[1:].lower()
    return f"Order {status.lower()}, ETA {eta[:1].lower()}{eta[1:]}" if eta else f"Order {status.lower()}"


def eta_say(due: dt.datetime, *, now: dt.datetime) -> str:
    """ "Today 6 PM", as one writes it in a message: :func:`when_say` without its "at"."""
    words = when_say(due, now=now).replace(" at ", " ").removeprefix("on ")
    return words[:1].upper() + words[1:]


def order_entities(fact: OrderFact, say: Say) -> dict[str, Any]:
    facts: dict[str, Any] = {"order_id": fact.order_id}
    if say.dialogue.facts.phone:
        facts["phone"] = say.dialogue.facts.phone
    return facts


def lookup_order(fact: OrderFact) -> Any:
    return order(f"lookup_order|{fact.order_id}", "lookup_order", fact.order_id, order_id=fact.order_id)


def product_named(say: Say) -> MappingProxyType[str, Any]:
    named = say.proposal.entities.get("product")
    words = str(named) if named and str(named).lower() in say.text.lower() else ""
    return MappingProxyType({"product": words.lower()} if words else {})
