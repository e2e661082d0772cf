"""The call's socket: who may call, what a bad frame does, how a call ends and goes on. Real rows, real channel layer."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from typing import Any

import jwt
import pytest
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.utils import timezone

from calls.database import database_run
from calls.models import Call, Site
from calls.routing import websocket_urlpatterns
from calls.selectors import call_document
from calls.services import call_open, calls_abandon
from calls.tokens import AUDIENCE, caller_token_mint
from leads.models import Conversation, Lead

HOST = (b"host", b"contact.example")
pytestmark = pytest.mark.django_db(transaction=True)


class Client:
    """One socket, read as a browser reads it; audio is kept apart from messages."""

    def __init__(self, *, origin: str | None = None, address: str = "127.0.0.1") -> None:
        headers = [HOST, *([(b"origin", origin.encode())] if origin else [])]
        self.socket = WebsocketCommunicator(URLRouter(websocket_urlpatterns), "/ws/call/", headers=headers)
        self.socket.scope["client"] = (address, 5555)
        self.audio = 0
        self.messages: list[dict[str, Any]] = []

    async def connect(self) -> bool:
        connected, _code = await self.socket.connect(timeout=10)
        return bool(connected)

    async def send(self, **message: Any) -> None:
        await self.socket.send_to(text_data=json.dumps(message))

    async def until(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next message of ``kind`` with these fields; what comes before it is kept."""
        async with asyncio.timeout(15):
            while True:
                frame = await self.socket.receive_output(timeout=15)
                if frame["type"] == "websocket.close":
                    return {"type": "close", "code": frame.get("code")}
                if frame.get("bytes"):
                    self.audio += len(frame["bytes"])
                    continue
                message = json.loads(frame["text"])
                self.messages.append(message)
                if message["type"] == kind and all(
                    message.get(name) == value for name, value in fields.items()
                ):
                    return message

    async def started(self, **start: Any) -> dict[str, Any]:
        assert await self.connect()
        await self.send(type="start", **start)
        return await self.until("ready")

    async def hang_up(self) -> None:
        await self.send(type="hangup")
        await self.until("ended")
        await self.until("close")


async def ended(call_id: str) -> dict[str, Any]:
    """The call's record, once its end is written."""
    async with asyncio.timeout(10):
        while (await database_run(lambda: Call.objects.get(id=call_id).status)) != Call.Status.ENDED:
            await asyncio.sleep(0.02)
    return await database_run(call_document, call_id=call_id)


# --- who may call --------------------------------------------------------------------------------------------------------


async def test_a_caller_with_a_token_is_known_and_the_token_is_used_up(
    runtime: Any, site: Site, lead: Lead
) -> None:
    token = caller_token_mint(site=site, lead_id="user_1")
    client = Client()
    ready = await client.started(token=token)
    await client.hang_up()
    record = await ended(ready["call"])
    assert record["call"]["verified"] and record["lead"]["id"] == "user_1"
    again = Client()
    assert await again.connect()
    await again.send(type="start", token=token)
    error = await again.until("error")
    assert (error["code"], error["message"]) == ("bad_token", "This caller token was used before.")
    assert (await again.until("close"))["code"] == 4008


def forged(site: Site, **claims: Any) -> str:
    now = timezone.now()
    good = {
        "iss": site.key,
        "sub": "user_1",
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + dt.timedelta(minutes=2),
        "jti": "0123456789",
    }
    secret = claims.pop("secret", site.secret)
    algorithm = claims.pop("algorithm", "HS256")
    return jwt.encode(
        {name: value for name, value in (good | claims).items() if value is not None}, secret, algorithm
    )


@pytest.mark.parametrize(
    "claims",
    [
        {"secret": "another secret that is long enough for HS256"},
        {"exp": dt.datetime(2020, 1, 1, tzinfo=dt.UTC), "iat": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
        {"exp": dt.datetime(2099, 1, 1, tzinfo=dt.UTC)},
        {"aud": "somebody else"},
        {"iss": "no such site"},
        {"iss": None},
        {"jti": None},
        {"jti": "x"},
        {"exp": None},
        {"sub": "nobody"},
        {"iss": "a\0b"},
        {"sub": "a\0b"},
        {"algorithm": "none", "secret": ""},
    ],
)
async def test_a_token_that_is_not_quite_right_is_refused_with_a_word(
    runtime: Any, site: Site, lead: Lead, claims: dict[str, Any]
) -> None:
    client = Client()
    assert await client.connect()
    await client.send(type="start", token=forged(site, **claims))
    error = await client.until("error")
    assert error["code"] == "bad_token"
    assert "Traceback" not in error["message"]


async def test_garbage_for_a_token_is_refused(runtime: Any, site: Site) -> None:
    client = Client()
    assert await client.connect()
    await client.send(type="start", token="garbage")
    assert (await client.until("error"))["code"] == "bad_token"


async def test_a_foreign_website_is_refused_before_the_call(runtime: Any, site: Site) -> None:
    assert not await Client(origin="https://evil.example").connect()


async def test_a_listed_website_calls_with_its_site_key_and_not_without(runtime: Any, site: Site) -> None:
    client = Client(origin="https://shop.example")
    ready = await client.started(site="shop")
    await client.hang_up()
    assert (await ended(ready["call"]))["call"]["site"] == "shop"
    other = Client(origin="https://shop.example")
    assert await other.connect()
    await other.send(type="start")
    assert (await other.until("error"))["code"] == "bad_origin"


async def test_a_website_that_points_its_own_name_at_us_is_foreign_all_the_same(
    runtime: Any, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["voice.example"]
    assert not await Client(origin="http://contact.example").connect()


async def test_our_own_page_needs_no_key(runtime: Any) -> None:
    client = Client(origin="http://contact.example", address="203.0.113.9")
    await client.started()
    await client.hang_up()


async def test_a_program_from_elsewhere_needs_a_token(runtime: Any) -> None:
    client = Client(address="203.0.113.9")
    assert await client.connect()
    await client.send(type="start")
    assert (await client.until("error"))["code"] == "bad_token"


async def test_a_claim_makes_a_new_lead_and_changes_no_existing_one(runtime: Any, lead: Lead) -> None:
    client = Client()
    ready = await client.started(lead={"name": "Ann", "email": "ann@example.com", "phone": "+919876543210"})
    await client.hang_up()
    record = await ended(ready["call"])
    assert record["lead"]["id"] != "user_1" and not record["call"]["verified"]


async def test_a_full_house_says_that_lines_are_busy_and_harms_no_call(runtime: Any) -> None:
    runtime.most_calls = 1
    first = Client()
    await first.started()
    second = Client()
    assert await second.connect()
    await second.send(type="start")
    error = await second.until("error")
    assert (error["code"], "busy" in error["message"]) == ("busy", True)
    await first.send(type="text", text="What is your refund policy?")
    await first.until("audio", state="start")
    await first.hang_up()


async def test_nobody_is_put_through_before_the_models_are_there(runtime: Any) -> None:
    runtime.problem = "The speech models are being loaded."
    client = Client()
    assert await client.connect()
    await client.send(type="start")
    assert (await client.until("error"))["message"] == "The speech models are being loaded."


# --- frames ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        "[]",
        '"start"',
        "{}",
        '{"type": 5}',
        '{"type":"text"}',
        '{"type":"text","text":7}',
        '{"type":"played","turn":"x","ms":1}',
        '{"type":"played","turn":-1,"ms":1}',
        '{"type":"played","turn":1,"ms":1e99}',
        '{"type":"dtmf","digit":"12"}',
        '{"type":"start"}',
        '{"type":"text","text":"' + "x" * 20_000 + '"}',
        "[" * 5_000,
        b"\0",
        b"\0" * 100_001,
    ],
)
async def test_a_bad_frame_gets_an_answer_and_the_call_goes_on(runtime: Any, frame: str | bytes) -> None:
    client = Client()
    await client.started()
    if isinstance(frame, bytes):
        await client.socket.send_to(bytes_data=frame)
    else:
        await client.socket.send_to(text_data=frame)
    assert (await client.until("error"))["code"] == "bad_frame"
    await client.send(type="text", text="What is your refund policy?")
    await client.until("audio", state="start")
    await client.hang_up()


async def test_sound_and_words_before_the_start_are_refused(runtime: Any) -> None:
    client = Client()
    assert await client.connect()
    await client.socket.send_to(bytes_data=b"\0\0")
    assert (await client.until("error"))["code"] == "bad_frame"
    await client.send(type="text", text="hello")
    assert (await client.until("error"))["code"] == "bad_frame"
    await client.send(type="start")
    await client.until("ready")
    await client.hang_up()


@pytest.mark.parametrize(
    "start",
    [
        {"language": "e\0n"},
        {"resume": "é", "call": "x"},
        {"sample_rate": 7_999},
        {"sample_rate": "fast"},
        {"lead": [1]},
        {"lead": {"name": 5}},
        {"token": 7},
        {"site": {"key": 1}},
    ],
)
async def test_a_start_that_means_nothing_is_refused_and_may_be_tried_again(
    runtime: Any, start: dict[str, Any]
) -> None:
    client = Client()
    assert await client.connect()
    await client.send(type="start", **start)
    assert (await client.until("error"))["code"] == "bad_frame"
    await client.send(type="start")
    await client.until("ready")
    await client.hang_up()


async def test_unknown_types_are_ignored(runtime: Any) -> None:
    client = Client()
    await client.started()
    await client.send(type="telepathy", text="hm")
    await client.send(type="text", text="What is your refund policy?")
    await client.until("audio", state="start")
    assert not [message for message in client.messages if message["type"] == "error"]
    await client.hang_up()


# --- a call's rows -----------------------------------------------------------------------------------------------------------


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
