"""The same product with another company's data: its words, its documents, its mails, and nothing of anybody else's.

Then what a running product must survive: a document that changes, a web process that is killed. The copy is this module's
own, so the tests go in order, from the mildest to the last.
"""

from __future__ import annotations

import json
import os
import signal
import uuid

import pytest
import requests

from tests.bootstrap.product import until

from .calling import Wire
from .whole import FERNLEIGH, TECHCORP, Company, Whole

RESTART_S = 120.0
CHANGE = """
from knowledge.models import Document
from knowledge.services import document_text_update
document = Document.objects.get(slug="garden-card")
text = document.text
assert text.count("8 percent") >= 1
document_text_update(document_id=document.id, text=text.replace("8 percent", "12 percent"))
"""
CARD = "What is the garden card?"


@pytest.fixture(scope="module")
def other() -> Company:
    return Company(FERNLEIGH)


async def answer_to(nursery: Whole, wire: Wire, call_id: str, text: str) -> str:
    """The whole answer, as it is written down when its first sound is there; nobody waits to hear it all."""
    await wire.send(type="text", text=text)
    turn = (await wire.until("audio", state="start"))["turn"]

    def written() -> list[str]:
        return [one["text"] for one in nursery.turns(call_id, "agent") if one["number"] == turn]

    until(lambda: written() != [], "the turn is committed")
    return written()[0]


async def test_its_scenario_in_its_own_words(nursery: Whole, other: Company) -> None:
    async with Wire(nursery.url) as wire:
        ready = await wire.started(token=nursery.token(other.caller["id"]))
        _, greeting = await wire.heard()
        assert other.name in greeting
        answer = await answer_to(nursery, wire, ready["call"], other.scenario["policy_question"])
        assert all(words in answer for words in other.scenario["policy_answer"])
        promise = await answer_to(nursery, wire, ready["call"], other.scenario["document_request"])
        assert other.document["title"].lower() in promise.lower()
        await wire.told("action", kind="send_email", status="delivered")
        goodbye = await wire.asks("No, that's all. Thank you!")
        assert other.name in goodbye
        assert (await wire.told("ended"))["reason"] == "goodbye"
        assert (await wire.told("close"))["code"] == 1000
    record = nursery.show(ready["call"])
    (action,) = record["actions"]
    assert (action["to"], action["status"]) == (other.caller["email"], "delivered")
    assert action["subject"] == f"{other.name} {other.document['title']}"
    message = nursery.row("SELECT attachments FROM messages WHERE call_id = %s", ready["call"])
    assert [one["filename"] for one in message["attachments"]] == [other.document["file_name"]]


def test_nothing_of_the_first_company_is_anywhere(nursery: Whole, other: Company) -> None:
    """Every text column of every table, and the pages."""
    first = Company(TECHCORP)
    foreign = {first.name.lower(), first.data["orders_format"]["prefix"].lower() + "9", first.caller["email"]}
    columns = nursery.rows(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND data_type IN ('text', 'character varying', 'jsonb')"
    )
    assert len(columns) > 60
    with nursery.database() as connection:
        for column in columns:
            table, name = column["table_name"], column["column_name"]
            for word in foreign:
                found = connection.execute(
                    f'SELECT "{name}"::text AS found FROM "{table}" WHERE lower("{name}"::text) LIKE %s LIMIT 1',  # type: ignore[arg-type]
                    (f"%{word}%",),
                ).fetchone()
                assert found is None, f"{table}.{name}: {found}"
    staff = nursery.signed_in("admin")
    pages = ("/", f"/?as={other.caller['id']}", "/outbox/", "/admin/", "/shop/theme.css")
    texts = {page: staff.get(f"{nursery.url}{page}", timeout=20).text for page in pages}
    texts["signed out"] = requests.get(f"{nursery.url}/accounts/login/", timeout=20).text
    for page, text in texts.items():
        assert first.name not in text, page
    assert other.name in texts["/"]


async def test_an_answer_changes_when_its_document_does_in_the_same_call(nursery: Whole) -> None:
    async with Wire(nursery.url) as wire:
        ready = await wire.started()
        assert "8 percent" in await answer_to(nursery, wire, ready["call"], CARD)
        nursery.manage("shell", "-v", "0", "-c", CHANGE)
        query = "SELECT status, generation, indexed_generation FROM knowledge_documents WHERE slug = 'garden-card'"

        def read_again() -> bool:
            row = nursery.row(query)
            return row["indexed_generation"] == row["generation"] > 1

        until(read_again, "the worker has read the document again", 60)
        answer = await answer_to(nursery, wire, ready["call"], CARD)
        assert "12 percent" in answer
        assert "8 percent" not in answer
        await wire.hangs_up()


async def test_a_call_whose_process_is_killed_ends_in_its_row_and_new_calls_are_taken(nursery: Whole) -> None:
    killed = nursery.pid("web")
    async with Wire(nursery.url) as wire:
        ready = await wire.started()
        await wire.send(type="text", text=CARD)
        await wire.until("pcm")
        until(lambda: nursery.turns(ready["call"]) != [], "the turn is committed")
        os.kill(killed, signal.SIGKILL)
        assert (await wire.told("close"))["code"] == 1006
    until(lambda: nursery.pid("web") != killed, "the web server is started again", 30)
    ended = nursery.call_over(ready["call"], seconds=60)
    assert ended["end_reason"] == "error"
    until(nursery.is_healthy, "calls can be taken", RESTART_S)
    async with Wire(nursery.url) as wire:
        again = await wire.started()
        assert "percent" in await answer_to(nursery, wire, again["call"], CARD)
        await wire.hangs_up()
    assert nursery.turns(ready["call"])[0]["text"] == CARD, "what was committed is still there"


async def test_a_stop_in_the_middle_of_a_call_is_said_before_it_happens(nursery: Whole) -> None:
    assert nursery.process is not None
    async with Wire(nursery.url) as wire:
        ready = await wire.started()
        await wire.send(type="text", text=CARD)
        await wire.until("pcm")
        nursery.process.send_signal(signal.SIGTERM)
        await wire.until("interrupt")
        goodbye = await wire.heard()
        assert "restart" in goodbye[1]
        assert (await wire.told("ended"))["reason"] == "error"
        assert (await wire.told("close"))["code"] == 1000
    assert nursery.ended() == 0
    assert not nursery.processes()
    record = json.loads(nursery.manage("call_show", str(uuid.UUID(ready["call"])), "--json"))
    assert record["state"] == {"status": "ended", "end_reason": "error"}
    assert not nursery.processes()
