"""Reads of leads and messages. Nothing here writes; what leaves the app leaves as frozen values or model
rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, Q, QuerySet

from leads.allowed.caps import day_of, hour_of
from leads.codes import TRIES, code_matches
from leads.models import Callback, Conversation, Lead, Message, OptOut, Order, VerificationCode
from leads.models_allowed import Consent, ReachedBy, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptView:
    """One piece of news about a message."""

    status: str
    at: datetime
    simulated: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """A message as a call's record shows it. `kind` is the action that asked for it, such as `send_email`."""

    id: str
    key: str
    kind: str
    channel: str
    to: str
    subject: str
    status: str
    simulated: bool
    provider: str
    error: str
    created_at: datetime
    receipts: tuple[ReceiptView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePeek:
    """What digits are worth: ``right`` (then ``lead`` is whose they are), ``wrong``, or ``spent`` (no time or tries
    left)."""

    state: str
    lead: Lead | None


def lead_get(*, external_id: str) -> Lead | None:
    """The lead that the company's own systems call `external_id`."""
    return Lead.objects.filter(id=external_id).first()


def leads_by_phone(*, phone: str) -> Sequence[Lead]:
    """Verified leads with this number (E.164). More than one may share a telephone."""
    return list(Lead.objects.filter(phone=phone, verified=True)) if phone else []


def order_get(*, order_id: str, lead_id: str | None) -> Order | None:
    """An order, told only to whom it belongs: None for anybody else's and for a caller nobody knows. The id
    is compared without regard to case, as spoken ids have none."""
    if not lead_id:
        return None
    return Order.objects.filter(order_id__iexact=order_id, lead_id=lead_id).first()


def orders_of(*, lead_id: str, limit: int = 5) -> Sequence[Order]:
    """A lead's newest orders."""
    return list(Order.objects.filter(lead_id=lead_id)[:limit])


def callbacks_of(*, lead_id: str | None, call_id: UUID | None = None) -> Sequence[Callback]:
    """Callbacks that are still to come or ringing, of a lead or made in a call, the next one first."""
    own = Q()
    if lead_id is not None:
        own |= Q(lead_id=lead_id)
    if call_id is not None:
        own |= Q(call_id=call_id)
    if not own:
        return []
    status = Callback.Status
    ahead = (status.SCHEDULED, status.NO_ANSWER, status.CALLING)
    return list(Callback.objects.filter(own, status__in=ahead).order_by("due_at", "id"))


def callback_of_key(*, key: str) -> Callback | None:
    """The callback with this key, whatever became of it."""
    return Callback.objects.filter(key=key).first() if key else None


def code_newest(*, call_id: UUID, lock: bool = False) -> VerificationCode | None:
    """The code that counts in a call: the last one it asked for."""
    rows = VerificationCode.objects.filter(call_id=call_id).select_related("lead")
    if lock:
        rows = rows.select_for_update(of=("self",))
    return rows.order_by("-created_at", "-id").first()


def code_message_key(row: VerificationCode) -> str:
    """The key of the message that carries a code."""
    return f"code:{row.id}"


def code_message_of(*, call_id: UUID) -> Message | None:
    """The text with the newest code that a call asked for; None as long as, or if, none was sent."""
    row = code_newest(call_id=call_id)
    return Message.objects.filter(key=code_message_key(row)).first() if row else None


def code_state(row: VerificationCode, *, now: datetime) -> str:
    """``open`` as long as digits may still be tried on it, else ``spent``."""
    usable = row.used_at is None and row.tries < TRIES and now < row.expires_at
    return "open" if usable else "spent"


def code_peek(*, call_id: UUID, digits: str, now: datetime) -> CodePeek:
    """What `code_check` would say, without counting a try."""
    row = code_newest(call_id=call_id)
    if row is None:
        return CodePeek(state="wrong", lead=None)
    if code_state(row, now=now) == "spent":
        return CodePeek(state="spent", lead=None)
    fits = code_matches(digits, digest=row.digest, salt=row.salt, call_id=call_id)
    if not fits or row.lead is None:
        return CodePeek(state="wrong", lead=None)
    return CodePeek(state="right", lead=row.lead)


def conversation_of(*, call_id: UUID | str) -> Sequence[Conversation]:
    """What was said and sent in a call, in order."""
    return list(Conversation.objects.filter(call_id=call_id))


def messages_of(*, call_id: UUID | str) -> Sequence[MessageView]:
    """The messages a call asked for, oldest first, each with its receipts."""
    rows = Message.objects.filter(call_id=call_id).order_by("created_at", "id").prefetch_related("deliveries")
    return [
        MessageView(
            id=str(row.id),
            key=row.key,
            kind=f"send_{row.channel}",
            channel=row.channel,
            to=row.to,
            subject=row.subject,
            status=row.status,
            simulated=row.simulated,
            provider=row.provider,
            error=row.error,
            created_at=row.created_at,
            receipts=tuple(
                ReceiptView(status=news.status, at=news.at, simulated=news.simulated, detail=news.detail)
                for news in row.deliveries.all()
            ),
        )
        for row in rows
    ]


def opted_out(*, channel: str, address: str) -> bool:
    """Whether whoever holds this address asked for no more messages on this channel."""
    return OptOut.objects.filter(channel=channel, address__iexact=address).exists()


def stops_of(*, phone: Any, email: Any) -> QuerySet[OptOut]:
    """What whoever has this number (E.164) and this address asked for no more of; either may be an expression."""
    by_telephone = Q(channel__in=(ReachedBy.SMS, ReachedBy.WHATSAPP), address=phone)
    return OptOut.objects.filter(by_telephone | Q(channel=ReachedBy.EMAIL, address__iexact=email))


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedToday:
    """How much of the limits is used: messages by real providers and what they cost, and what stayed in the outbox."""

    messages: int
    money: Decimal
    hour: int
    kept: int


def used_today(*, now: datetime, time_zone: str) -> UsedToday:
    """What was counted since the company's midnight, and in this hour."""
    day, hour = day_of(now, zone=ZoneInfo(time_zone)), hour_of(now)
    rows = Tally.objects.filter(Q(begins=day, scope__in=["day", "spend"]) | Q(begins=hour, scope="hour"))
    used = {(row.scope, row.subject): row.used for row in rows}
    return UsedToday(
        messages=int(used.get(("day", ""), 0)),
        money=used.get(("spend", ""), Decimal(0)),
        hour=int(used.get(("hour", ""), 0)),
        kept=int(used.get(("day", "outbox:"), 0)),
    )


def stopped_calls(*, phone: str) -> bool:
    """Whether whoever holds this number (E.164) wants no calls.

    STOP said to a text is said to calls, too; "stop texting me", said in a call, is about texts. It holds until the lead
    whose number it is, and who has proven to be that, asks to be called.
    """
    telephone = (ReachedBy.CALL, ReachedBy.SMS, ReachedBy.WHATSAPP)
    stops = OptOut.objects.filter(channel__in=telephone, address=phone)
    stops = stops.exclude(~Q(channel=ReachedBy.CALL), source__startswith="said in call ")
    stopped = stops.aggregate(at=Max("at"))["at"]
    if stopped is None:
        return False
    asked = Consent.objects.filter(channel=ReachedBy.CALL, address=phone, given=True, at__gt=stopped)
    return not asked.filter(lead__verified=True, lead__phone=F("address")).exists()


def outbox_messages(*, channel: str = "") -> QuerySet[Message]:
    """What is kept here instead of being sent, and what still waits to be; never what a real provider
    carried."""
    kept = Message.objects.filter(Q(simulated=True) | Q(provider="")).prefetch_related("deliveries")
    kept = kept.select_related("lead").order_by("-created_at", "-id")
    return kept.filter(channel=channel) if channel else kept


def outbox_version(*, channel: str = "") -> str:
    """Changes whenever the outbox does, so that a page that polls is sent nothing it has."""
    seen = outbox_messages(channel=channel).order_by().aggregate(count=Count("id"), newest=Max("updated_at"))
    newest = seen["newest"].timestamp() if seen["newest"] else 0
    return f"{seen['count']}-{newest:.6f}"
