"""What a call on the socket leaves in rows, also when its caller is lost, comes back, or its process dies."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.utils import timezone

from calls.database import database_run
from calls.models import Call, Site
from calls.services import call_open, calls_abandon
from calls.tokens import caller_token_mint
from leads.models import Conversation, Lead
from tests.live.client import Client, ended

pytestmark = pytest.mark.django_db(transaction=True)


class PolicyEngine:
    """The scripted engine, about a document that exists."""

    name = "scripted"

    def __init__(self, document_id: int) -> None:
        self._id = str(document_id)

    def propose(self, request: Any) -> Any:
        from dataclasses import replace

        from tests.core.talk import UNDERSTOOD, proposal

        meant = UNDERSTOOD.get(request.text.lower(), proposal("small_talk"))
        document = replace(meant.document, document_id=self._id) if meant.document else request.document
        return replace(meant, document=document)


@pytest.fixture
def a_policy(transactional_db: None) -> int:
    from knowledge.services import document_create

    text = b"# Refund Policy\n\nYou have thirty days. Just write to us.\n"
    document = document_create(
        title="Refund Policy", slug="refund-policy", kind="policy", file_name="refund_policy.md", content=text
    )
    return int(document.id)


async def test_a_typed_call_leaves_turns_conversation_lead_mail_and_analytics(
    runtime: Any, site: Site, lead: Lead, a_policy: int
) -> None:
    runtime.engine = PolicyEngine(a_policy)
    client = Client()
    ready = await client.started(token=caller_token_mint(site=site, lead_id="user_1"))
    for text in ("What is your refund policy?", "send it by email", "No, that's all, thank you"):
        await client.send(type="text", text=text)
        await client.until("audio", state="start")
        turn = client.messages[-1]["turn"]
        await client.until("audio", state="end")
        await client.send(type="played", turn=turn, ms=60_000)
    assert (await client.until("ended"))["reason"] == "goodbye"
    assert (await client.until("close"))["code"] == 1000
    record = await ended(ready["call"])
    roles = [(turn["role"], turn["turn"]) for turn in record["turns"]]
    assert roles == [
        ("customer", 1),
        ("agent", 2),
        ("customer", 3),
        ("agent", 4),
        ("customer", 5),
        ("agent", 6),
    ]
    assert record["turns"][0]["decision"]["intent"] == "policy_query"
    assert record["turns"][0]["passages"][0]["similarity"] == 0.9
    assert record["turns"][1]["heard"] == record["turns"][1]["text"]
    (mail,) = [action for action in record["actions"] if action["kind"] == "send_email"]
    assert mail["to"] == "ann@example.com"
    assert record["analytics"]["intents"] == ["policy_query", "send_details_email", "goodbye"]
    lead_now = await database_run(Lead.objects.get, id="user_1")
    assert lead_now.lead_status == "contacted" and lead_now.last_contacted_at is not None
    rows = await database_run(lambda: list(Conversation.objects.filter(lead_id="user_1", role="customer")))
    assert [row.intent for row in rows] == ["policy_query", "send_details_email", "goodbye"]


async def test_a_workers_receipt_reaches_the_live_call(runtime: Any, site: Site, lead: Lead) -> None:
    client = Client()
    ready = await client.started(token=caller_token_mint(site=site, lead_id="user_1"))
    layer = get_channel_layer()
    assert layer is not None
    key = f"{ready['call']}:send_email|7|ann@example.com"
    event = {
        "type": "call.receipt",
        "action_key": key,
        "kind": "send_email",
        "status": "delivered",
        "label": "x",
    }
    await layer.group_send(f"call.{ready['call']}", event)
    told = await client.until("action")
    assert (told["key"], told["status"]) == ("send_email|7|ann@example.com", "delivered")
    await client.hang_up()


async def test_a_lost_caller_goes_on_with_the_same_call(runtime: Any) -> None:
    first = Client()
    ready = await first.started()
    await first.send(type="text", text="What is your refund policy?")
    await first.until("audio", state="end")
    await first.socket.disconnect(code=1006)
    second = Client()
    again = await second.started(call=ready["call"], resume=ready["resume"])
    assert again["call"] == ready["call"]
    await second.send(type="text", text="pardon?")
    await second.until("transcript", role="agent")
    await second.hang_up()
    turns = (await ended(ready["call"]))["turns"]
    assert [turn["text"] for turn in turns if turn["role"] == "customer"] == [
        "What is your refund policy?",
        "pardon?",
    ]


async def test_a_connection_that_was_replaced_has_no_say_in_the_call_any_more(runtime: Any) -> None:
    first = Client()
    ready = await first.started()
    second = Client()
    await second.started(call=ready["call"], resume=ready["resume"])
    assert (await first.until("close"))["code"] == 1000
    await second.send(type="text", text="pardon?")
    await second.until("audio", state="start")
    await second.hang_up()


@pytest.mark.parametrize("resume", ["", "wrong"])
async def test_nobody_goes_on_with_a_call_whose_secret_they_do_not_know(runtime: Any, resume: str) -> None:
    first = Client()
    ready = await first.started()
    thief = Client()
    assert await thief.connect()
    await thief.send(type="start", call=ready["call"], resume=resume)
    assert (await thief.until("error"))["code"] == "bad_token"
    await first.hang_up()


async def test_a_client_that_closes_the_socket_has_hung_up(runtime: Any) -> None:
    client = Client()
    ready = await client.started()
    await client.socket.disconnect(code=1000)
    assert (await ended(ready["call"]))["call"]["end_reason"] == "hangup"


async def test_a_call_whose_process_died_does_not_stay_active(transactional_db: None) -> None:
    import uuid

    def abandoned() -> tuple[int, str]:
        call = call_open(
            call_id=uuid.uuid4(),
            site_key=None,
            lead_id=None,
            verified=False,
            claims={},
            language="en",
            worker="gone:1",
            resume="x",
        )
        Call.objects.filter(id=call.id).update(heartbeat_at=timezone.now() - dt.timedelta(seconds=13))
        count = calls_abandon()
        call.refresh_from_db()
        return count, f"{call.status} {call.end_reason}"

    assert await database_run(abandoned) == (1, "ended error")
