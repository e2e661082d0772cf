"""Invariant: what is said to be gone is gone everywhere, or nothing of it is: one lead, one transaction.

Only what is over goes: a call that is going on, a callback to come, a message on its way and an open ticket stay, whatever
their age. Opt-outs stay for ever, since forgetting one would break it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from calls.models import Action, Call, CallEvent, Turn
from escalations.models import Escalation, Ticket
from leads.models import Allowance, Callback, Conversation, Delivery, Message, VerificationCode
from leads.status import Status

DELETE: Final = "delete"
ANONYMISE: Final = "anonymise"
MODES: Final = (DELETE, ANONYMISE)
#: Nothing more happens to these by themselves.
_SETTLED: Final = (Status.DELIVERED, Status.SENT, Status.FAILED, Status.CANCELLED, Status.UNKNOWN)


def over(*, whose: Q, before: datetime | None) -> Mapping[str, QuerySet[Any]]:
    """The rows of somebody that are over, by kind; with ``before``, since then. What is anonymised already isn't counted."""
    age = before or datetime.max
    if before is None:
        calls, said, sent = Q(), Q(), Q()
        callbacks, tickets, escalations, codes = Q(), Q(), Q(), Q()
    else:
        calls = Q(status=Call.Status.ENDED) & Q(started_at__lt=age)
        said = Q(timestamp__lt=age)
        sent = Q(created_at__lt=age, status__in=_SETTLED)
        callbacks = Q(due_at__lt=age) & ~Q(status__in=("scheduled", "calling", "no_answer"))
        tickets = Q(updated_at__lt=age, status__in=(Ticket.Status.RESOLVED, Ticket.Status.CLOSED))
        escalations = Q(created_at__lt=age, ended_at__lt=age)
        codes = Q(created_at__lt=age)
    return {
        "calls": Call.objects.filter(whose, calls),
        "conversations": Conversation.objects.filter(whose, said),
        "messages": Message.objects.filter(whose, sent),
        "callbacks": Callback.objects.filter(whose, callbacks),
        "tickets": Ticket.objects.filter(whose, tickets),
        "escalations": Escalation.objects.filter(whose, escalations),
        "codes": VerificationCode.objects.filter(whose, codes),
    }


def rows_count(rows: Mapping[str, QuerySet[Any]], *, mode: str) -> Counter[str]:
    """How many there are to be removed."""
    return Counter({kind: left(kind, found, mode).count() for kind, found in rows.items()})


def rows_remove(rows: Mapping[str, QuerySet[Any]], *, mode: str) -> Counter[str]:
    """Remove them, within the caller's transaction; what hangs on them (turns, receipts, actions) goes along. How many."""
    counts: Counter[str] = Counter()
    for kind, found in rows.items():
        ids = list(left(kind, found, mode).values_list("pk", flat=True))
        counts[kind] = len(ids)
        if not ids:
            continue
        theirs = found.model._default_manager.filter(pk__in=ids)
        if mode == DELETE or kind == "codes":
            theirs.delete()
        else:
            _BLANK[kind](theirs)
    return counts


def left(kind: str, found: QuerySet[Any], mode: str) -> QuerySet[Any]:
    """Those of them that are not blank already."""
    if mode == DELETE or kind == "codes":
        return found
    return found.exclude(_GONE[kind])


def _calls(calls: QuerySet[Call]) -> None:
    ids = list(calls.values_list("id", flat=True))
    CallEvent.objects.filter(call_id__in=ids).delete()
    Turn.objects.filter(call_id__in=ids).update(text="", heard="", decision={}, passages=[])
    Action.objects.filter(call_id__in=ids).update(key=_key("id"), to="", label="")
    calls.update(claims={}, resume_hash="", lead=None)


def _messages(messages: QuerySet[Message]) -> None:
    Delivery.objects.filter(message__in=messages).update(raw={}, detail="")
    Allowance.objects.filter(message__in=messages).update(counted=[])
    messages.update(
        key=_key("id"), to="", subject="", body_text="", body_html="", content={}, error="", lead=None
    )


def _key(column: str) -> Concat:
    """A key that says nothing: the old one may hold an address."""
    return Concat(Value("gone:"), Cast(F(column), TextField()))


#: How a row of each kind is blanked: figures, times and states stay.
_BLANK: Final[Mapping[str, Any]] = {
    "calls": _calls,
    "conversations": lambda rows: rows.update(message="", address="", source_id=None, lead=None),
    "messages": _messages,
    "callbacks": lambda rows: rows.update(key=None, phone="", reason="", error="", provider_id="", lead=None),
    "tickets": lambda rows: rows.update(
        key=None, description="", contact="", resolution="", order_id="", lead=None
    ),
    "escalations": lambda rows: rows.update(key=None, reason="", query="", handoff={}, lead=None),
}
#: What a blanked row looks like.
_GONE: Final[Mapping[str, Q]] = {
    "calls": Q(lead=None, claims={}, resume_hash=""),
    "conversations": Q(lead=None, message="", address=""),
    "messages": Q(key__startswith="gone:"),
    "callbacks": Q(lead=None, phone="", reason=""),
    "tickets": Q(lead=None, description="", contact="", resolution=""),
    "escalations": Q(lead=None, reason="", query="", handoff={}),
}
