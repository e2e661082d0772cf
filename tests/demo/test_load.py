"""Loading and resetting the demo company, on a real database."""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
import uuid
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from calls.models import Call, Site
from contactcenter.demo.company import Company, company_load
from contactcenter.demo.documents import documents_load, documents_restore
from contactcenter.demo.logins import logins_close, logins_path
from contactcenter.demo.models import DemoLoad
from contactcenter.demo.resetting import demo_reset
from contactcenter.demo.services import orders_redate, rows_load
from contactcenter.demo.tasks import demo_orders_redate
from escalations.models import Agent, Escalation, Ticket
from knowledge.models import Document
from knowledge.services import document_delete, document_text_update
from leads.models import (
    Callback,
    Consent,
    Conversation,
    Lead,
    Message,
    OptOut,
    Order,
    Tally,
    VerificationCode,
)
from tests.demo.conftest import FERNLEIGH

KOLKATA = ZoneInfo("Asia/Kolkata")
MORNING = dt.datetime(2026, 3, 10, 9, 0, tzinfo=KOLKATA)


def quiet(_line: str) -> None:
    """Nobody reads the progress."""


def state() -> dict[str, list[tuple[object, ...]]]:
    """Every row that a load writes, as it stands."""
    return {
        model.__name__: sorted(model.objects.values_list(), key=str)
        for model in (Lead, Order, Agent, Site, User, DemoLoad)
    }


@pytest.mark.django_db
def test_the_people_and_orders_of_the_company_are_there_after_a_load(company: Company) -> None:
    rows_load(company=company, now=MORNING)
    for lead in company.leads:
        row = Lead.objects.get(external_id=lead.id)
        assert (row.name, row.company, row.phone, row.email) == (
            lead.name,
            lead.company,
            lead.phone,
            lead.email,
        )
        assert row.is_demo and row.verified
    assert Order.objects.count() == len(company.orders)
    assert set(Agent.objects.values_list("id", flat=True)) == {agent.id for agent in company.agents}
    assert Site.objects.get(key=company.site.key).secret


@pytest.mark.django_db
def test_the_late_laptop_of_jane_doe_is_as_the_story_tells_it(techcorp: Company) -> None:
    rows_load(company=techcorp, now=MORNING)
    jane = Lead.objects.get(id="user_123")
    assert (jane.name, jane.company, jane.phone, jane.email) == (
        "Jane Doe",
        "Acme Corp",
        "+919876543210",
        "user@example.com",
    )
    order = Order.objects.get(order_id="ORD98765")
    assert (order.lead_id, order.product, order.status, order.tracking_id) == (
        "user_123",
        "laptop",
        "Out for Delivery",
        "TRK123456",
    )
    assert order.estimated_delivery == MORNING.replace(hour=18)
    assert (MORNING.date() - order.placed_at.astimezone(KOLKATA).date()).days == 5
    john = Agent.objects.get(status="available", expertise__contains="technical")
    assert (john.id, john.name) == ("agent_45", "John")


@pytest.mark.django_db(transaction=True)
def test_loading_twice_changes_nothing(company: Company) -> None:
    rows_load(company=company, now=MORNING)
    before = state()
    assert rows_load(company=company, now=MORNING + dt.timedelta(minutes=5)) == 0
    assert state() == before


@pytest.mark.django_db
def test_what_people_have_edited_or_deleted_stays_so_when_it_is_loaded_again(techcorp: Company) -> None:
    rows_load(company=techcorp, now=MORNING)
    Lead.objects.filter(id="user_123").update(name="Jane Roe", email="jane@example.org")
    Order.objects.filter(order_id="ORD98765").update(status="Delivered")
    Order.objects.filter(order_id="ORD98803").update(estimated_delivery=MORNING + dt.timedelta(days=40))
    Agent.objects.filter(id="agent_46").delete()
    Lead.objects.filter(id="mike_789").delete()
    Site.objects.filter(key=techcorp.site.key).update(secret="x" * 40, origins=[])
    User.objects.filter(username="supervisor").delete()
    rows_load(company=techcorp, now=MORNING + dt.timedelta(days=2))
    assert Lead.objects.get(id="user_123").email == "jane@example.org"
    assert Order.objects.get(order_id="ORD98765").estimated_delivery == MORNING.replace(hour=18)
    assert Order.objects.get(order_id="ORD98803").estimated_delivery == MORNING + dt.timedelta(days=40)
    assert not Agent.objects.filter(id="agent_46").exists()
    assert not Lead.objects.filter(id="mike_789").exists()
    assert Site.objects.get(key=techcorp.site.key).secret == "x" * 40
    assert not User.objects.filter(username="supervisor").exists()


@pytest.mark.django_db
def test_an_account_of_somebodys_own_is_neither_taken_over_nor_given_a_password(techcorp: Company) -> None:
    own = User.objects.create_user("john", password="my very own words")
    rows_load(company=techcorp, now=MORNING)
    own.refresh_from_db()
    assert own.check_password("my very own words") and not own.groups.exists()
    assert Agent.objects.get(id="agent_45").user is None


@pytest.mark.django_db
def test_orders_that_only_grew_old_arrive_today_again(techcorp: Company) -> None:
    rows_load(company=techcorp, now=MORNING)
    evening = MORNING.replace(hour=18, minute=1)
    assert orders_redate(company=techcorp, now=MORNING.replace(hour=17)) == 0
    assert orders_redate(company=techcorp, now=evening) == 1
    assert Order.objects.get(order_id="ORD98765").estimated_delivery == MORNING.replace(day=11, hour=18)
    rows_load(company=techcorp, now=MORNING + dt.timedelta(days=30))
    later = Order.objects.get(order_id="ORD98765")
    assert later.estimated_delivery == MORNING.replace(hour=18) + dt.timedelta(days=30)
    assert later.placed_at.astimezone(KOLKATA).date() == (MORNING + dt.timedelta(days=25)).date()


@pytest.mark.django_db
def test_the_scheduled_redating_leaves_a_public_installation_alone(
    techcorp: Company, settings: Settings
) -> None:
    rows_load(company=techcorp, now=MORNING)  # years before the clock of this machine
    settings.PUBLIC_BASE_URL = "https://voice.example.com"
    assert demo_orders_redate() == 0
    settings.PUBLIC_BASE_URL = ""
    assert demo_orders_redate() > 0
    assert Order.objects.get(order_id="ORD98765").estimated_delivery > timezone.now()


@pytest.mark.django_db
def test_a_second_company_is_refused_where_the_first_ones_documents_would_answer_for_it(
    techcorp: Company, settings: Settings
) -> None:
    rows_load(company=techcorp)
    settings.DEMO_COMPANY = FERNLEIGH
    with pytest.raises(CommandError, match="holds the demo company 'techcorp'"):
        call_command("demo_load")
    assert not Lead.objects.filter(id="cust_7").exists()


# ---- logins


@pytest.mark.django_db(transaction=True)
def test_each_role_gets_a_login_with_a_random_password_in_a_private_file(company: Company) -> None:
    rows_load(company=company)
    assert stat.S_IMODE(os.stat(logins_path()).st_mode) == 0o600
    logins = json.loads(logins_path().read_text())
    assert set(logins) == {login.role for login in company.logins}
    assert len({entry["password"] for entry in logins.values()}) == len(logins)
    for role, entry in logins.items():
        user = authenticate(username=entry["username"], password=entry["password"])
        assert isinstance(user, User)
        assert [group.name for group in user.groups.all()] == [role]
        assert user.is_superuser == user.is_staff == (role == "admin")
    linked = {agent.id: agent.login for agent in company.agents if agent.login}
    for agent_id, username in linked.items():
        assert Agent.objects.get(id=agent_id).user == User.objects.get(username=username)


@pytest.mark.django_db(transaction=True)
def test_there_are_no_demo_logins_in_public_and_those_of_a_trial_are_closed(
    techcorp: Company, settings: Settings
) -> None:
    rows_load(company=techcorp)
    entry = json.loads(logins_path().read_text())["admin"]
    mine = User.objects.get(username="supervisor")
    mine.set_password("what only I know")
    mine.save()
    settings.PUBLIC_BASE_URL = "https://voice.example.com"
    rows_load(company=techcorp)
    assert not logins_path().exists()
    assert authenticate(username=entry["username"], password=entry["password"]) is None
    assert authenticate(username="supervisor", password="what only I know") == mine


@pytest.mark.django_db
def test_a_public_installation_that_never_was_a_trial_gets_no_logins(
    techcorp: Company, settings: Settings
) -> None:
    settings.PUBLIC_BASE_URL = "https://voice.example.com"
    rows_load(company=techcorp)
    assert not User.objects.exists() and not logins_path().exists()


@pytest.mark.django_db(transaction=True)
def test_a_trial_that_was_public_for_a_while_gets_new_passwords(techcorp: Company) -> None:
    rows_load(company=techcorp)
    old = json.loads(logins_path().read_text())["admin"]["password"]
    assert logins_close() == ["admin", "supervisor", "john"]
    rows_load(company=techcorp)
    entry = json.loads(logins_path().read_text())["admin"]
    assert entry["password"] != old
    assert authenticate(username="admin", password=entry["password"]) is not None


# ---- reset


def call_make(*, lead_id: str | None, site_id: str | None, **more: object) -> Call:
    call = Call.objects.create(lead_id=lead_id, site_id=site_id, status=Call.Status.ENDED, **more)
    Message.objects.create(
        key=f"m{uuid.uuid4()}", lead_id=lead_id, call_id=call.id, channel="sms", to="+919000000000"
    )
    Conversation.objects.create(lead_id=lead_id, call_id=call.id, message="hello", role="customer")
    Ticket.objects.create(lead_id=lead_id, call_id=call.id, issue_type="other")
    Escalation.objects.create(lead_id=lead_id, call_id=call.id, reason="other")
    Callback.objects.create(lead_id=lead_id, call_id=call.id, phone="+919000000000")
    VerificationCode.objects.create(lead_id=lead_id, call_id=call.id)
    return call


@pytest.fixture
def rows_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents are put back by another test below; reading all of them again for each of these would take minutes."""
    monkeypatch.setattr("contactcenter.demo.resetting.documents_restore", lambda **_: [])


@pytest.mark.django_db
@pytest.mark.usefixtures("rows_only")
def test_a_reset_takes_away_what_happened_in_the_demo_and_nothing_else(company: Company) -> None:
    rows_load(company=company, now=MORNING)
    known = company.leads[0].id
    customer = Lead.objects.create(id="real_1", name="A real customer")
    guest = Lead.objects.create(name="A guest", verified=False)
    other_site = Site.objects.create(key="our-own-site", name="Our own")
    kept = [
        call_make(lead_id=customer.id, site_id=other_site.key),
        call_make(lead_id=None, site_id=other_site.key),
    ]
    for lead_id in (known, guest.id, None):
        call_make(lead_id=lead_id, site_id=company.site.key)
    Ticket.objects.create(lead_id=known, issue_type="delivery_delay")
    Conversation.objects.create(lead_id=known, message="Email sent", channel="email")
    Lead.objects.filter(id=known).update(
        phone="+911111111111",
        lead_status="contacted",
        pending_action="execute_call",
        next_action_time=MORNING,
    )
    for address in (company.leads[0].phone, "+919812345678"):
        OptOut.objects.create(channel="sms", address=address)
    Consent.objects.create(channel="sms", address="+919811111111", lead_id=known)
    Consent.objects.create(channel="sms", address=company.leads[0].phone)
    for subject in ("outbox:", "outbox:+919811111111", "+919812345678"):
        Tally.objects.create(scope="number", subject=subject, begins=MORNING)
    Order.objects.filter(order_id=company.orders[0].order_id).update(status="Lost")
    Order.objects.filter(order_id=company.orders[1].order_id).delete()

    report = demo_reset(company=company, progress=quiet, now=MORNING)

    assert report.removed == {
        "messages": 3,
        "conversations": 4,
        "calls": 3,
        "tickets": 4,
        "escalations": 3,
        "callbacks": 3,
        "codes": 3,
        "consents": 2,
        "stops": 1,
        "leads": 1,
    }
    assert OptOut.objects.get().address == "+919812345678"
    assert list(Tally.objects.values_list("subject", flat=True)) == ["+919812345678"]
    assert set(Call.objects.all()) == set(kept)
    for model in (Message, Conversation, Ticket, Escalation, Callback, VerificationCode):
        assert model.objects.count() == 2
    assert set(Lead.objects.values_list("id", flat=True)) == {
        customer.id,
        *(lead.id for lead in company.leads),
    }
    lead = Lead.objects.get(id=known)
    assert (lead.phone, lead.lead_status, lead.pending_action, lead.next_action_time) == (
        company.leads[0].phone,
        "new",
        "",
        None,
    )
    assert {(row.order_id, row.status) for row in Order.objects.all()} == {
        (order.order_id, order.status) for order in company.orders
    }
    assert len(report.orders) == len(company.orders)


@pytest.mark.django_db
@pytest.mark.usefixtures("rows_only")
def test_a_call_that_is_going_on_is_not_cut_off_by_a_reset(techcorp: Company) -> None:
    rows_load(company=techcorp)
    live = call_make(lead_id="user_123", site_id=techcorp.site.key)
    Call.objects.filter(id=live.id).update(status=Call.Status.ACTIVE, heartbeat_at=timezone.now())
    dead = call_make(lead_id="user_123", site_id=techcorp.site.key)
    long_ago = timezone.now() - dt.timedelta(hours=1)
    Call.objects.filter(id=dead.id).update(status=Call.Status.ACTIVE, heartbeat_at=long_ago)
    Conversation.objects.create(lead_id="user_123", message="of no call")
    report = demo_reset(company=techcorp, progress=quiet)
    assert report.calls_going_on == [str(live.id)]
    assert [call.id for call in Call.objects.all()] == [live.id]
    assert [row.call_id for row in Conversation.objects.all()] == [live.id]


@pytest.mark.django_db
@pytest.mark.usefixtures("rows_only")
def test_in_public_a_reset_leaves_callers_whom_nobody_knows(techcorp: Company, settings: Settings) -> None:
    rows_load(company=techcorp)
    settings.PUBLIC_BASE_URL = "https://voice.example.com"
    stranger = call_make(lead_id=None, site_id=None)
    call_make(lead_id="user_123", site_id=None)
    demo_reset(company=techcorp, progress=quiet)
    assert list(Call.objects.all()) == [stranger]


# ---- documents, with the real reader and the real embedder


@pytest.mark.models
@pytest.mark.django_db(transaction=True)
def test_the_commands_make_documents_that_can_be_searched_and_put_changed_ones_back(
    trial: Settings, tmp_path: Path
) -> None:
    trial.DEMO_COMPANY = FERNLEIGH
    err = StringIO()
    call_command("demo_load", stderr=err)
    assert "reading documents: 6 of 6" in err.getvalue()
    documents = Document.objects.all()
    assert {document.status for document in documents} == {"ready"}
    policy = documents.get(slug="plant-guarantee")
    assert "refund policy" in policy.aliases
    assert any("guaranteed for 90 days" in chunk.text for chunk in policy.chunks.all())

    again = StringIO()
    call_command("demo_load", stderr=again)
    assert again.getvalue() == ""

    document_text_update(
        document_id=documents.get(slug="garden-card").pk, text="# Garden Card\n\nNo more stamps."
    )
    document_delete(document_id=policy.pk)
    call_command("demo_load", stderr=StringIO())
    assert not Document.objects.filter(slug="plant-guarantee").exists()
    assert "No more stamps" in Document.objects.get(slug="garden-card").text

    out = StringIO()
    call_command("demo_reset", "--json", stdout=out, stderr=StringIO())
    report = json.loads(out.getvalue())
    assert sorted(report["documents_restored"]) == ["garden-card", "plant-guarantee"]
    restored = Document.objects.get(slug="plant-guarantee")
    assert restored.indexed_generation == restored.generation
    assert Path(restored.file.name).name == "plant_guarantee.pdf"
    assert "Ten stamps" in Document.objects.get(slug="garden-card").text


@pytest.mark.models
@pytest.mark.django_db(transaction=True)
def test_a_load_that_was_cut_off_is_finished_by_the_next(trial: Settings) -> None:
    trial.DEMO_COMPANY = FERNLEIGH
    company = company_load(FERNLEIGH)
    documents_load(company=company, progress=quiet)
    Document.objects.filter(slug="plant-care").update(indexed_generation=0, status="queued")
    Document.objects.get(slug="plant-care").chunks.all().delete()
    assert documents_load(company=company, progress=quiet) == 1
    assert Document.objects.get(slug="plant-care").chunks.exists()
    assert documents_restore(company=company, progress=quiet) == []
