"""Invariant: what an unproven caller says about themselves makes a new lead and changes no existing one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from leads.models import Callback, Conversation, Lead, LeadStatus, Message
from leads.recipients import RecipientError, email_normalise, header_clean, phone_normalise


def conversation_log(
    *,
    message: str,
    role: str,
    lead_id: str | None = None,
    channel: str = "voice",
    intent: str = "",
    call_id: UUID | str | None = None,
    turn: int | None = None,
    source_id: str | None = None,
    at: datetime | None = None,
) -> Conversation:
    """Keep one thing that was said or sent. `role` is customer, agent, human or system; `at` is now if not
    given."""
    return Conversation.objects.create(
        lead_id=lead_id,
        message=message.replace("\x00", ""),
        role=Conversation.Role(role),
        channel=channel,
        intent=intent,
        call_id=call_id,
        turn=turn,
        source_id=source_id,
        timestamp=at or timezone.now(),
    )


def lead_touch(
    *,
    lead_id: str,
    lead_status: str | None = LeadStatus.CONTACTED,
    at: datetime | None = None,
    next_action_time: datetime | None = None,
    pending_action: str | None = None,
    preferred_channel: str | None = None,
    last_issue: str | None = None,
) -> bool:
    """Note that we were in contact with a lead, and whatever else is given. None leaves a column as it is.

    False when there is no such lead (deleted during the call).
    """
    changes: dict[str, object] = {"last_contacted_at": at or timezone.now()}
    given = {
        "lead_status": lead_status,
        "next_action_time": next_action_time,
        "pending_action": pending_action,
        "preferred_channel": preferred_channel,
        "last_issue": last_issue,
    }
    changes.update({column: value for column, value in given.items() if value is not None})
    return Lead.objects.filter(id=lead_id).update(**changes) == 1


def lead_create_claimed(*, name: str = "", phone: str = "", email: str = "", company: str = "") -> Lead:
    """A new, unverified lead from what a caller says of themselves. Nobody else's row is read or changed,
    also when the claimed number is on file: only a proof (a token, a code) makes somebody that lead. A
    number or an address that cannot exist is left out."""
    try:
        phone = phone_normalise(phone, region=settings.DEFAULT_PHONE_REGION) if phone else ""
    except RecipientError:
        phone = ""
    try:
        email = email_normalise(email) if email else ""
    except RecipientError:
        email = ""
    return Lead.objects.create(
        name=header_clean(name), company=header_clean(company), phone=phone, email=email, verified=False
    )


def lead_contact_learn(*, lead_id: str, contact: str) -> bool:
    """Note a number or an address for a lead who has none. False when there is one already: it is never replaced, and when
    it cannot exist."""
    try:
        if "@" in contact:
            return Lead.objects.filter(id=lead_id, email="").update(email=email_normalise(contact)) == 1
        number = phone_normalise(contact, region=settings.DEFAULT_PHONE_REGION)
    except RecipientError:
        return False
    return Lead.objects.filter(id=lead_id, phone="").update(phone=number) == 1


def lead_absorb(*, claimed_id: str, into_id: str, call_id: UUID) -> None:
    """The caller has proven to be ``into_id``: what this call wrote for the lead it had made up is theirs."""
    if claimed_id == into_id or not Lead.objects.filter(id=claimed_id, verified=False).exists():
        return
    Conversation.objects.filter(lead_id=claimed_id, call_id=call_id).update(lead_id=into_id)
    Message.objects.filter(lead_id=claimed_id, call_id=call_id).update(lead_id=into_id)
    Callback.objects.filter(lead_id=claimed_id, call_id=call_id).update(lead_id=into_id)


def lead_forget(*, lead_id: str) -> bool:
    """Remove a made-up lead of whom nothing is left. A verified one, or one with a history, stays."""
    lead = Lead.objects.filter(id=lead_id, verified=False)
    for model in (Conversation, Message, Callback):
        if model._default_manager.filter(lead_id=lead_id).exists():
            return False
    return lead.delete()[0] > 0


def conversation_claim(*, call_id: UUID, lead_id: str) -> None:
    """What was said and sent in this call before it had a lead was said by this one, and sent to them."""
    Conversation.objects.filter(call_id=call_id, lead=None).update(lead_id=lead_id)
    Message.objects.filter(call_id=call_id, lead=None).update(lead_id=lead_id)
