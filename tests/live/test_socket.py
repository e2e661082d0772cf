"""The call's socket: who may call, what a bad frame does, how a call ends and goes on. Real rows, real channel layer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import jwt
import pytest
from django.utils import timezone

from calls.models import Site
from calls.tokens import AUDIENCE, caller_token_mint
from leads.models import Lead
from tests.live.client import Client, ended

pytestmark = pytest.mark.django_db(transaction=True)


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
