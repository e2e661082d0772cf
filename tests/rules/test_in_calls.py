"""A call that is going on follows an edit from its next turn. Real rows and sockets; the models are scripted."""

from __future__ import annotations

import asyncio
import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from calls.database import database_run
from calls.models import PlaybookVersion, Site
from calls.rules import services
from calls.rules.shipped import action_notes, phrases_shipped
from calls.rules.versions import rules_ensure, version_restore
from calls.tokens import caller_token_mint
from leads.models import Lead
from tests.live.client import Client
from tests.live.conftest import lead, runtime, site  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def filled(transactional_db: None) -> None:
    rules_ensure()


async def edit(what: Any, **arguments: Any) -> None:
    await database_run(what, by="ann", **arguments)


async def answer(client: Client, words: str) -> str:
    """All that the agent says to ``words``."""
    before = len(client.messages)
    await client.send(type="text", text=words)
    await client.until("audio", state="start")
    await client.until("audio", state="end")
    said = [m for m in client.messages[before:] if m["type"] == "transcript" and m["role"] == "agent"]
    turn = said[0]["turn"]
    await client.send(type="played", turn=turn, ms=60_000)
    return " ".join(m["text"] for m in said)


async def test_an_edit_is_said_on_the_next_turn_and_a_restored_version_on_the_one_after(runtime: Any) -> None:  # noqa: F811
    client = Client()
    await client.started()
    assert await answer(client, "what should i say?") == phrases_shipped()["hello"]
    await edit(services.phrase_set, name="hello", text="Ahoy, this is {company}!")
    await edit(services.phrase_set, name="still_here", text="Ahoy again!")
    assert "Ahoy" in await answer(client, "what should i say?")
    await database_run(version_restore, number=1, by="ann")
    assert "Ahoy" not in await answer(client, "what should i say?")
    await client.hang_up()


async def test_a_new_call_is_greeted_with_the_newest_words(runtime: Any) -> None:  # noqa: F811
    await edit(services.phrase_set, name="greeting", text="Ahoy from {company}!")
    client = Client()
    await client.started()
    said = await client.until("transcript", role="agent")
    assert said["text"].startswith("Ahoy from")
    await client.hang_up()


async def test_a_call_in_another_language_has_its_phrases(runtime: Any) -> None:  # noqa: F811
    await edit(services.phrase_set, name="hello", language="de", text="Guten Tag!")
    client = Client()
    await client.started(language="de-AT")
    assert await answer(client, "what should i say?") == "Guten Tag!"
    await client.hang_up()


async def test_what_was_forbidden_in_the_middle_of_a_call_is_not_done_and_a_person_is_offered(
    runtime: Any,  # noqa: F811
    site: Site,  # noqa: F811
    lead: Lead,  # noqa: F811
) -> None:
    token = await database_run(caller_token_mint, site=site, lead_id="user_1")
    client = Client()
    await client.started(token=token)
    await answer(client, "what is your refund policy?")
    await edit(services.action_allow, action="send_email", allowed=False)
    said = await answer(client, "send it by email")
    for name in action_notes()["send_email"].instead:
        assert phrases_shipped()[name].partition("{")[0].strip() in said
    assert not [m for m in client.messages if m["type"] == "action" and m["kind"] == "send_email"]
    await client.hang_up()


async def test_a_turn_without_an_edit_reads_one_number_and_no_rules(
    runtime: Any,  # noqa: F811
    django_assert_num_queries: Any,
) -> None:
    await database_run(runtime.playbook_now)
    await asyncio.to_thread(_one_query, runtime, django_assert_num_queries)


def _one_query(runtime: Any, counted: Any) -> None:  # noqa: F811
    with counted(1) as queries:
        runtime.playbook_now()
    assert "snapshot" not in queries.captured_queries[0]["sql"]


def test_new_sentences_are_voiced_beside_the_calls(runtime: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    said: list[str] = []

    class Voice:
        sample_rate = 22_050

        def synthesise(self, text: str) -> Any:
            said.append(text)
            return iter(())

    monkeypatch.setattr(runtime, "models", SimpleNamespace(voice=Voice()))
    runtime.playbook_now()
    services.phrase_set(name="goodbye", text="Bye for now. Take care!", by="ann")
    services.phrase_set(name="sending_to", text="It goes to {recipient}.", by="ann")
    runtime.playbook_now()
    runtime.executor.submit(lambda: None, priority=99).result(30)
    assert said == ["Bye for now.", "Take care!"]


def test_a_database_that_was_put_back_counts_the_same_numbers_and_is_noticed(runtime: Any) -> None:  # noqa: F811
    services.phrase_set(name="goodbye", text="Bye one!", by="ann")
    assert runtime.playbook_now().phrases["goodbye"] == "Bye one!"
    newest = PlaybookVersion.objects.get(number=2)
    newest.snapshot["phrase"]["en/goodbye"]["text"] = "Bye two!"
    newest.at += dt.timedelta(seconds=1)
    newest.save()
    assert runtime.playbook_now().phrases["goodbye"] == "Bye two!"
