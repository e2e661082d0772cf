"""Who may call, held against the real server: tokens, websites, and programs on this machine."""

from __future__ import annotations

import datetime as dt
import json
import random
import socket
from typing import Any

import jwt
import pytest
from websockets.exceptions import InvalidStatus

from .calling import Wire, refused
from .whole import Company, Whole

LISTED = "https://shop.listed.example"


@pytest.fixture(scope="module")
def site(product: Whole, company: Company) -> dict[str, Any]:
    """The demo company's site, with one website of its own listed."""
    product.rows(
        "UPDATE calls_site SET origins = %s::jsonb WHERE key = %s RETURNING key",
        json.dumps([LISTED]),
        company.data["site"]["key"],
    )
    return product.row("SELECT * FROM calls_site WHERE key = %s", company.data["site"]["key"])


def signed(site: dict[str, Any], **claims: Any) -> str:
    now = dt.datetime.now(dt.UTC)
    good = {
        "iss": site["key"],
        "sub": "user_123",
        "aud": "contactcenter",
        "iat": now,
        "exp": now + dt.timedelta(minutes=3),
        "jti": f"{random.getrandbits(64):x}",
    }
    secret = claims.pop("secret", site["secret"])
    return jwt.encode({**good, **claims}, secret, "HS256")


async def test_a_token_is_good_for_one_call_and_says_who_calls(product: Whole) -> None:
    token = product.token("user_123")
    async with Wire(product.url) as wire:
        ready = await wire.started(token=token)
        assert 8_000 <= ready["sample_rate"] <= 48_000
        await wire.hangs_up()
    call = product.call_over(ready["call"])
    assert (call["lead_id"], call["verified"], call["end_reason"]) == ("user_123", True, "hangup")
    async with Wire(product.url) as wire:
        assert await refused(wire, token=token) == "bad_token"


@pytest.mark.parametrize(
    "claims",
    [
        {"secret": "not the site's secret, though it is long enough"},
        {"iat": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "exp": dt.datetime(2026, 1, 1, 0, 5, tzinfo=dt.UTC)},
        {"exp": dt.datetime(2090, 1, 1, tzinfo=dt.UTC)},
        {"aud": "another product"},
        {"sub": "nobody_at_all"},
        {"iss": "no\0site"},
    ],
    ids=["forged", "expired", "lives too long", "for others", "of nobody", "strange issuer"],
)
async def test_a_wrong_token_is_refused_with_a_word(
    product: Whole, site: dict[str, Any], claims: dict[str, Any]
) -> None:
    async with Wire(product.url) as wire:
        assert await refused(wire, token=signed(site, **claims)) == "bad_token"


async def test_a_foreign_website_gets_no_handshake(product: Whole, site: dict[str, Any]) -> None:
    for origin in ("https://evil.example", "null", LISTED + ".evil.example", "http" + LISTED[5:]):
        with pytest.raises(InvalidStatus) as error:
            async with Wire(product.url, origin=origin):
                pass
        assert error.value.response.status_code == 403, origin


def test_a_page_that_names_itself_as_the_host_is_foreign_all_the_same(product: Whole) -> None:
    """DNS rebinding: the browser is told that the page's own name is our address."""
    assert handshake(product, host="evil.example", origin="http://evil.example") == 403
    own = f"127.0.0.1:{product.port}"
    assert handshake(product, host=own, origin=f"http://{own}") == 101


def handshake(product: Whole, *, host: str, origin: str) -> int:
    with socket.create_connection(("127.0.0.1", product.port), timeout=20) as line:
        line.sendall(
            f"GET /ws/call/ HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        return int(line.recv(64).split()[1])


async def test_a_listed_website_calls_with_its_key_and_not_without(
    product: Whole, site: dict[str, Any]
) -> None:
    async with Wire(product.url, origin=LISTED) as wire:
        ready = await wire.started(site=site["key"], lead={"name": "Ann", "email": "ann@example.com"})
        await wire.hangs_up()
    call = product.call_over(ready["call"])
    assert (call["site_id"], call["verified"]) == (site["key"], False)
    assert call["claims"] == {"name": "Ann", "email": "ann@example.com"}
    async with Wire(product.url, origin=LISTED) as wire:
        assert await refused(wire)


async def test_a_program_on_this_machine_calls_without_a_token_in_the_demo(product: Whole) -> None:
    async with Wire(product.url) as wire:
        ready = await wire.started()
        await wire.hangs_up()
    call = product.call_over(ready["call"])
    assert (call["lead_id"], call["verified"]) == (None, False)
