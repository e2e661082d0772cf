"""A person instead of the machine: who is asked, what they are told, and that it is undone in time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.test import Client

from calls.core.decision import Passage
from calls.engines.base import Request
from calls.knowing import known_read
from escalations.models import Agent, Escalation
from escalations.wire import SUPERVISORS, EscalationNews, desk_group
from leads.models import Lead, Order
from tests.rows.conftest import Talking, order, text, tomorrow

Begin = Callable[..., Talking]
QUERY = "Salesforce API v2.0 integration"
REASON = "Technical query outside knowledge base"


def person(key: str = "escalate_to_human|1", skill: str = "technical") -> Any:
    return order("escalate_to_human", key, label="A person", reason=REASON, query=QUERY, skill=skill)


def outside(talk: Talking) -> None:
    talk.exchange(
        "Do you have integration with Salesforce API v2.0?",
        intent="product_query",
        answer="I don't have that. Would a specialist do?",
        escalate_to_human=True,
        passages=(
            Passage(
                document_id="1", document="FAQ", heading="Ports", text="…", similarity=0.45, clears=False
            ),
            Passage(document_id="1", document="FAQ", heading="Bags", text="…", similarity=0.21, clears=False),
        ),
    )


def connect(talk: Talking, *orders: Any) -> list[tuple[str, str, str, str]]:
    return talk.exchange(
        "Yes, please connect me", *(orders or (person(),)), intent="product_query", escalate_to_human=True
    )


@pytest.mark.django_db
def test_a_yes_makes_an_escalation_that_is_offered_to_who_knows_about_it(
    begin: Begin, jane: Lead, laptop: Order, agents: dict[str, Agent]
) -> None:
    talk = begin(jane)
    outside(talk)
    assert not Escalation.objects.exists()
    assert [receipt[2:] for receipt in connect(talk)] == [("offered", "John")]
    shown = talk.document()["escalation"]
    assert (shown["status"], shown["agent"], shown["agent_id"], shown["reason"], shown["query"]) == (
        "offered",
        "John",
        "agent_45",
        REASON,
        QUERY,
    )
    package = shown["handoff"]
    assert package["customer"] == "user_123"
    assert package["customer_data"] == {"name": "Jane Doe", "company": "Acme Corp", "phone": "+919876543210"}
    assert (package["query"], package["ai_attempted"], package["reason"]) == (QUERY, True, REASON)
    assert package["conversation_history"] == [
        {"role": "customer", "text": "Do you have integration with Salesforce API v2.0?"},
        {"role": "agent", "text": "I don't have that. Would a specialist do?"},
        {"role": "customer", "text": "Yes, please connect me"},
    ]
    assert [(one["heading"], one["similarity"]) for one in package["passages_tried"]] == [
        ("Ports", 0.45),
        ("Bags", 0.21),
    ]
    assert package["verified_facts"]["orders"][0]["order_id"] == "ORD98765"
    assert package["suggested_first_sentence"] == (
        f"Hi Jane, this is John from the TechCorp technical team. I understand you have questions about {QUERY}."
    )
    assert package["headline"] == f"New escalation from AI: Technical query about {QUERY}"
    assert talk.document()["ticket"] is None


@pytest.mark.django_db
def test_words_that_were_not_heard_are_not_handed_over(
    begin: Begin, jane: Lead, agents: dict[str, Agent]
) -> None:
    talk = begin(jane)
    talk.exchange("Hello", answer="We have a long list of offers today.", heard=False)
    connect(talk)
    lines = Escalation.objects.get().handoff["conversation_history"]
    assert [line["text"] for line in lines] == ["Hello", "Yes, please connect me"]


@pytest.mark.django_db
def test_a_promise_is_handed_over_with_its_receipts_and_a_claim_as_a_claim(
    begin: Begin, jane: Lead, agents: dict[str, Agent]
) -> None:
    talk = begin(None, name="Jane Doe", phone="+919876543210")
    talk.exchange(
        "Where is ORD98765?",
        text("sms", "callback", "+919845067781", when="tomorrow at 10 AM"),
        order("send_code", "code", order_id="ORD98765"),
        entities={"order_id": "ORD98765"},
    )
    connect(talk)
    package = Escalation.objects.get().handoff
    assert package["verified_facts"] == {}
    assert not package["verified"]
    assert package["unverified_claims"] == {
        "name": "Jane Doe",
        "phone": "+919876543210",
        "order_id": "ORD98765",
    }
    assert [(one["kind"], one["status"], one["to"]) for one in package["promises"]] == [
        ("send_sms", "queued", "+919845067781")
    ]
    assert "identity not proven" in package["summary"]
    assert "Acme" not in str(package)


@pytest.mark.django_db
def test_two_callers_are_not_offered_to_the_same_person(
    begin: Begin, jane: Lead, agents: dict[str, Agent]
) -> None:
    talks = [begin(jane) for _ in range(3)]
    labels = [connect(talk)[0][2:] for talk in talks]
    assert labels == [("offered", "John"), ("offered", "Priya"), ("waiting", "A person")]
    assert not known_read(call_id=talks[0].id, request=Request(text="")).person_free
    waiting = talks[2].document()["escalation"]
    assert (waiting["status"], waiting["agent"]) == ("waiting", None)
    assert waiting["handoff"]["suggested_first_sentence"].startswith("Hi Jane, thank you for waiting.")


@pytest.mark.django_db
def test_when_the_call_is_over_who_was_asked_is_free_again(
    begin: Begin, jane: Lead, agents: dict[str, Agent]
) -> None:
    talk = begin(jane)
    connect(talk)
    shown = talk.finish()["escalation"]
    assert shown["status"] == "offered"
    assert shown["ended_at"] is not None
    assert connect(begin(jane))[0][3] == "John"


@pytest.mark.django_db
def test_a_caller_waits_once_however_often_it_is_asked_for(
    begin: Begin, jane: Lead, agents: dict[str, Agent]
) -> None:
    talk = begin(jane)
    connect(talk, person("a"))
    talk.again()
    connect(talk, person("b", skill="billing"))
    assert Escalation.objects.count() == 1


@pytest.mark.django_db
def test_an_escalation_is_taken_back_unless_somebody_has_taken_it(
    begin: Begin, jane: Lead, agents: dict[str, Agent]
) -> None:
    talk, other = begin(jane), begin(jane)
    connect(talk, person("a"))
    talk.revoke("a")
    assert Escalation.objects.get().status == "cancelled"
    assert talk.finish()["analytics"]["resolution"] != "escalated"
    assert connect(other, person("a"))[0][3] == "John"
    Escalation.objects.filter(call_id=other.id).update(status="accepted")
    other.revoke("a")
    assert Escalation.objects.get(call_id=other.id).status == "accepted"


@pytest.mark.django_db
def test_with_nobody_there_the_caller_waits_and_it_is_known_beforehand(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    assert not known_read(call_id=talk.id, request=Request(text="")).person_free
    assert connect(talk)[0][2] == "waiting"


@pytest.mark.django_db(transaction=True)
def test_the_agents_desk_and_the_supervisors_are_told_once_the_row_is_in(
    begin: Begin, jane: Lead, agents: dict[str, Agent]
) -> None:
    layer: Any = get_channel_layer()
    channels = [async_to_sync(layer.new_channel)() for _ in range(2)]
    for group, channel in zip((desk_group("agent_45"), SUPERVISORS), channels, strict=True):
        async_to_sync(layer.group_add)(group, channel)
    talk = begin(jane)
    connect(talk)
    row = Escalation.objects.get()
    for channel in channels:
        news = EscalationNews.from_event(async_to_sync(layer.receive)(channel))
        assert (news.escalation_id, news.call_id, news.status, news.agent_id) == (
            row.id,
            str(talk.id),
            "offered",
            "agent_45",
        )
        assert news.headline == f"New escalation from AI: Technical query about {QUERY}"


@pytest.mark.django_db
def test_administrators_read_an_escalation_with_its_package_and_the_callbacks(
    begin: Begin, jane: Lead, agents: dict[str, Agent], admin_client: Client
) -> None:
    talk = begin(jane)
    connect(talk, person(), order("schedule_callback", to=jane.phone, due=tomorrow().isoformat()))
    row = Escalation.objects.get()
    page = admin_client.get(f"/admin/escalations/escalation/{row.id}/change/").content.decode()
    assert "suggested_first_sentence" in page
    assert "Acme Corp" in page
    for listed in ("escalations/escalation", "escalations/ticket", "escalations/agent", "leads/callback"):
        assert admin_client.get(f"/admin/{listed}/?q=a").status_code == 200
    callback = jane.callbacks.get()
    assert admin_client.get(f"/admin/leads/callback/{callback.id}/change/").status_code == 200
