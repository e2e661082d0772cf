"""What is old and over goes, all of it or nothing; what is under way and what the law wants kept stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from calls.models import Action, Call, CallEvent, Turn
from calls.retention import ANONYMISE, DELETE
from calls.services import EraseRefusedError, lead_erase, retention_ask, retention_run
from escalations.models import Escalation, Ticket
from leads.models import (
    Callback,
    Consent,
    Conversation,
    DataRemoval,
    Delivery,
    JobRun,
    Lead,
    Message,
    OptOut,
    Order,
    Tally,
    VerificationCode,
)
from leads.services import consent_note, stop_note
from tests.rows.conftest import Talking, order, text

pytestmark = pytest.mark.django_db
Begin = Callable[..., Talking]
SECRETS = ("jane", "9876543210", "user@example.com", "my secret plan", "acme")


@pytest.fixture
def old_call(begin: Begin, jane: Lead, laptop: Order) -> Talking:
    """Everything a call can leave behind, two hundred days ago."""
    talk = begin(jane)
    talk.exchange(
        "Here is my secret plan",
        text("sms", "callback", jane.phone, when="tomorrow"),
        order("create_ticket", "tk", issue_type="billing", about="my secret plan"),
        order("update_ticket", "up", ticket="tk", status="resolved"),
        order("escalate_to_human", "es", reason="my secret plan", skill="technical"),
        order("send_code", "co", order_id=laptop.order_id),
        answer="Jane, that is my secret plan",
    )
    talk.finish()
    CallEvent.objects.create(call=talk.row, seq=1, at_ms=1, kind="typed", data={"text": "my secret plan"})
    message = Message.objects.get()
    Delivery.objects.create(
        message=message, event_id="1", status="failed", detail="9876543210", raw={"to": "9876543210"}
    )
    Callback.objects.create(
        lead=jane, phone=jane.phone, reason="my secret plan", status="done", key="jane", due_at=timezone.now()
    )
    age(days=200)
    Message.objects.update(status="failed")
    return talk


def age(*, days: int) -> None:
    then = timezone.now() - timedelta(days=days)
    Call.objects.update(started_at=then, ended_at=then)
    Conversation.objects.update(timestamp=then)
    Message.objects.update(created_at=then)
    Callback.objects.update(due_at=then)
    Ticket.objects.update(updated_at=then)
    Escalation.objects.update(created_at=then, ended_at=then)
    VerificationCode.objects.update(created_at=then)
    Lead.objects.update(created_at=then)


def everything_said() -> str:
    """All columns of all rows of the product's own tables but those of the lead itself, as one text."""
    words = []
    for app in ("leads", "calls", "escalations"):
        for model in apps.get_app_config(app).get_models():
            kept = {Lead, Order, OptOut, Consent}
            name = model.__name__
            if model in kept or name in {
                "Agent",
                "Phrase",
                "PlaybookVersion",
                "ExampleUtterance",
                "Undelivered",
            }:
                continue
            words += [str(row) for row in model._default_manager.values()]
    return " ".join(words).lower()


def test_what_is_old_and_over_is_deleted_with_all_that_hangs_on_it(old_call: Talking, jane: Lead) -> None:
    counts = retention_run(days=180)
    assert {kind: counts[kind] for kind in ("calls", "messages", "callbacks", "tickets", "codes", "escalations")} == {
        "calls": 1, "messages": 1, "callbacks": 1, "tickets": 1, "codes": 1, "escalations": 1,
    }  # fmt: skip
    for model in (
        Call,
        Turn,
        CallEvent,
        Action,
        Message,
        Delivery,
        Conversation,
        Callback,
        Ticket,
        Escalation,
    ):
        assert not model.objects.exists(), model
    assert Lead.objects.get() == jane
    removal = DataRemoval.objects.get()
    assert removal.counts["calls"] == 1
    assert not any(secret in json.dumps(removal.counts).lower() for secret in SECRETS)


def test_made_anonymous_the_figures_stay_and_nobody_is_in_them(old_call: Talking, jane: Lead) -> None:
    assert any(secret in everything_said() for secret in SECRETS)
    retention_run(days=180, mode=ANONYMISE)
    assert Call.objects.count() == Message.objects.count() == Ticket.objects.count() == 1
    assert not Call.objects.filter(lead=jane).exists()
    Tally.objects.all().delete()  # counters of today, which go after two days
    left = everything_said()
    assert [secret for secret in SECRETS if secret in left] == []
    assert Message.objects.get().status == "failed"
    again = retention_run(days=180, mode=ANONYMISE)
    assert not any(again.values())


@pytest.mark.parametrize("mode", [DELETE, ANONYMISE])
def test_a_dry_run_counts_the_same_and_changes_nothing(old_call: Talking, mode: str) -> None:
    before = everything_said()
    told = retention_run(days=180, mode=mode, dry_run=True)
    assert everything_said() == before
    done = retention_run(days=180, mode=mode)
    assert {kind: n for kind, n in told.items() if n} == {kind: n for kind, n in done.items() if n}


def test_what_is_younger_stays(old_call: Talking) -> None:
    assert not any(retention_run(days=201).values())


def test_what_is_under_way_stays_whatever_its_age(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    Message.objects.create(key="q", channel="sms", to=jane.phone, lead=jane, status="queued")
    Callback.objects.create(lead=jane, phone=jane.phone, status="scheduled")
    Ticket.objects.create(lead=jane, status="open")
    then = timezone.now() - timedelta(days=400)
    Call.objects.update(started_at=then)
    Message.objects.update(created_at=then)
    Callback.objects.update(due_at=then)
    Ticket.objects.update(updated_at=then)
    retention_run(days=30)
    assert Call.objects.get().id == talk.id
    assert Message.objects.count() == Callback.objects.count() == Ticket.objects.count() == 1


def test_a_stop_is_kept_for_ever(old_call: Talking, jane: Lead) -> None:
    stop_note(channel="sms", address=jane.phone, how="written", source="STOP", lead_id=jane.id)
    OptOut.objects.update(at=timezone.now() - timedelta(days=4000))
    retention_run(days=1)
    lead_erase(lead_id=jane.id)
    assert OptOut.objects.get().address == jane.phone
    assert not Consent.objects.get().given


def test_a_guest_goes_with_the_last_of_their_rows(begin: Begin) -> None:
    guest = Lead.objects.create(id="lead_x", name="A Guest", verified=False)
    call = Call.objects.create(lead=guest, status="ended")
    Call.objects.create(lead=None, status="ended", claims={"name": "Nobody"}, resume_hash="x")
    age(days=100)
    retention_run(days=30)
    assert not Lead.objects.filter(id="lead_x").exists()
    assert not Call.objects.filter(id=call.id).exists()
    assert not Call.objects.exists()


def test_what_fails_in_the_middle_of_a_lead_leaves_that_lead_whole(
    old_call: Talking, jane: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: Any) -> None:
        raise RuntimeError("the database went away")

    before = everything_said()
    monkeypatch.setattr("django.db.models.query.QuerySet.delete", _second_time_breaks(broken))
    with pytest.raises(RuntimeError):
        retention_run(days=180)
    monkeypatch.undo()
    assert everything_said() == before


def _second_time_breaks(broken: Callable[..., Any]) -> Callable[..., Any]:
    from django.db.models.query import QuerySet

    real, calls = QuerySet.delete, []

    def delete(self: Any) -> Any:
        calls.append(1)
        return broken(self) if len(calls) > 1 else real(self)

    delete.queryset_only = True  # type: ignore[attr-defined]
    return delete


# ---- one lead's data, on request


def test_on_request_everything_of_a_lead_goes_whatever_its_age(
    begin: Begin, jane: Lead, laptop: Order
) -> None:
    talk = begin(jane)
    talk.exchange("Here is my secret plan", text("sms", "callback", jane.phone, when="tomorrow"))
    talk.finish()
    Callback.objects.create(lead=jane, phone=jane.phone, status="scheduled", reason="my secret plan")
    Conversation.objects.create(message="my secret plan", channel="sms", address=jane.phone)
    consent_note(channel="sms", address=jane.phone, lead_id=jane.id)
    counts = lead_erase(lead_id=jane.id, by="7")
    assert counts["calls"] == counts["callbacks"] == 1
    assert not Lead.objects.exists()
    assert not Consent.objects.exists()
    left = everything_said()
    assert [secret for secret in SECRETS if secret in left] == []
    assert Order.objects.get().lead is None
    removal = DataRemoval.objects.get()
    assert (removal.lead_ref, removal.by, removal.why) == (jane.id, "7", "request")


def test_what_another_lead_shares_stays_with_them(begin: Begin, jane: Lead) -> None:
    spouse = Lead.objects.create(id="spouse", phone=jane.phone)
    Conversation.objects.create(message="from one of the two", channel="sms", address=jane.phone)
    Conversation.objects.create(message="mine", lead=spouse)
    lead_erase(lead_id=jane.id)
    assert Conversation.objects.count() == 2


def test_nothing_is_erased_under_a_call_or_a_message_that_is_going_out(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    Call.objects.update(heartbeat_at=timezone.now())
    with pytest.raises(EraseRefusedError, match="in a call"):
        lead_erase(lead_id=jane.id)
    talk.finish()
    Message.objects.create(key="s", channel="sms", to=jane.phone, lead=jane, status="sending")
    with pytest.raises(EraseRefusedError, match="being sent"):
        lead_erase(lead_id=jane.id)
    assert Lead.objects.exists()


def test_the_button_shows_what_goes_and_asks_twice(client: Client, old_call: Talking, jane: Lead) -> None:
    client.force_login(User.objects.create_superuser("ada"))
    page = f"/admin/leads/lead/{jane.id}/erase/"
    assert page in client.get(f"/admin/leads/lead/{jane.id}/change/").content.decode()
    shown = client.get(page).content.decode()
    assert "1 calls" in shown
    assert "can&#x27;t be undone" in shown or "can't be undone" in shown
    client.post(page, {})
    assert Lead.objects.exists()
    answer = client.post(page, {"sure": "yes"}, follow=True)
    assert "are gone" in answer.content.decode()
    assert not Lead.objects.exists()


def test_only_who_may_delete_leads_gets_the_button(client: Client, jane: Lead) -> None:
    user = User.objects.create_user("bob", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="change_lead"))
    client.force_login(user)
    assert client.post(f"/admin/leads/lead/{jane.id}/erase/", {"sure": "yes"}).status_code == 403
    assert Lead.objects.exists()


# ---- when and how


def test_the_commands_say_what_they_did(old_call: Talking, jane: Lead) -> None:
    out = StringIO()
    call_command("retention_run", "--days", "180", "--dry-run", stdout=out)
    assert "would be deleted: 1 calls" in out.getvalue()
    with pytest.raises(CommandError, match="RETENTION_DAYS"):
        call_command("retention_run")
    out = StringIO()
    call_command("lead_erase", jane.id, "--json", stdout=out)
    assert json.loads(out.getvalue())["rows"]["leads"] == 1
    with pytest.raises(CommandError, match="no such lead"):
        call_command("lead_erase", jane.id)


def test_once_a_day_and_only_if_wished(settings: Any) -> None:
    settings.RETENTION_DAYS = 0
    assert not retention_ask()
    settings.RETENTION_DAYS = 30
    now = datetime(2026, 11, 23, 12, tzinfo=timezone.get_current_timezone())
    assert [retention_ask(now=now), retention_ask(now=now + timedelta(hours=1))] == [True, False]
    assert retention_ask(now=now + timedelta(days=1))
    assert JobRun.objects.count() == 2
