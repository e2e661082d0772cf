"""The engine against a server that streams, stalls, lies, refuses and breaks: every turn gets an answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from calls.core.decision import Line, Proposal
from calls.engines.llm.base import LlmSetupError, Patience
from calls.engines.llm.breaker import Breaker
from calls.engines.llm.client import ServerWriter
from calls.engines.llm.engine import LlmEngine
from tests.llm.bases import QUESTION, TALK, UNANSWERED, Offline, asking
from tests.llm.served import Script, Served, decision, serving

CALM = Patience(connect=10, first=20, between=20, whole=30)
HURRY = Patience(connect=2, first=1.0, between=1.0, whole=2.0)
GUARANTEE = "We offer a 30-day money-back guarantee."
REFUND = "The refund will be processed in 5-7 business days."
GOOD = decision(f"{GUARANTEE} {REFUND}")


def engine_of(
    served: Served, *, breaker: Breaker | None = None, patience: Patience = CALM, key: str = ""
) -> LlmEngine:
    writer = ServerWriter(base_url=served.url, model="the-model", api_key=key, patience=patience)
    served.writers.append(writer)
    return LlmEngine(offline=Offline(), writer=writer, company="Acme", breaker=breaker, whole=patience.whole)


async def drafted(
    engine: LlmEngine, base: Proposal = QUESTION, **fields: object
) -> tuple[Proposal, list[str]]:
    sentences: list[str] = []
    proposal = await engine.draft(asking(**fields), base, sentences.append)  # type: ignore[arg-type]
    return proposal, sentences


async def test_a_good_answer_is_the_models_own_and_comes_sentence_by_sentence() -> None:
    async with serving(Script(text=GOOD)) as served:
        proposal, sentences = await drafted(engine_of(served))
    assert sentences == [GUARANTEE, REFUND]
    assert (proposal.engine, proposal.intent, proposal.answer) == ("llm", "policy_query", (GUARANTEE, REFUND))
    assert proposal.written and proposal.note == "" and proposal.timings["llm_ms"] > 0


async def test_the_first_sentence_is_there_while_the_json_is_still_open() -> None:
    async with serving(Script(text=GOOD, between_s=0.02)) as served:
        engine = engine_of(served, patience=CALM)
        seen: list[int] = []
        await engine.draft(asking(), QUESTION, lambda _sentence: seen.append(served.bits_sent))
        assert seen[0] < served.bits_sent / 2


async def test_the_rules_are_the_same_bytes_in_every_request_and_the_turn_comes_last() -> None:
    async with serving(Script(text=GOOD)) as served:
        engine = engine_of(served, key="secret")
        await drafted(engine)
        said = (Line(role="customer", text="Hi"), Line(role="agent", text="Hello!"))
        await drafted(engine, text="And if it's opened?", history=said, asked="anything_else")
        first, second = served.asked
        assert first["messages"][0] == second["messages"][0] and first["messages"][0]["role"] == "system"
        turn = json.loads(second["messages"][-1]["content"])
        assert list(turn)[-1] == "caller" and turn["caller"] == "And if it's opened?"
        assert turn["said_before"] == ["customer: Hi", "agent: Hello!"] and "30-day" in turn["passages"][0]
        assert first["response_format"]["json_schema"]["schema"]["properties"]["intent"]["enum"]
        assert served.keys == ["Bearer secret"] * 2


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            f"Sure, here is the JSON you asked for:\n{GOOD}\nHope that helps!", id="prose around it"
        ),
        pytest.param(f"```json\n{GOOD}\n```", id="a code fence"),
        pytest.param(GOOD[:-1] + ",}", id="a trailing comma"),
        pytest.param(GOOD[: GOOD.index('"entities"')], id="cut off"),
        pytest.param(GOOD.replace('"', "'"), id="single quotes"),
        pytest.param(GOOD.replace("policy_query", "Policy-Query"), id="an enum written otherwise"),
        pytest.param(GOOD.replace('"entities": {}', '"entities": null'), id="null for an object"),
    ],
)
async def test_near_json_is_mended(text: str) -> None:
    async with serving(Script(text=text)) as served:
        proposal, _ = await drafted(engine_of(served))
    assert (proposal.engine, proposal.intent, proposal.answer) == ("llm", "policy_query", (GUARANTEE, REFUND))


@pytest.mark.parametrize(
    ("script", "note"),
    [
        pytest.param(Script(text=GOOD, first_s=5), "llm timed out", id="no first token"),
        pytest.param(Script(text=GOOD, between_s=5), "llm timed out while writing", id="stalls"),
        pytest.param(Script(text=GOOD, size=1, between_s=0.03), "llm timed out", id="too slow as a whole"),
        pytest.param(Script(status=500), "llm 500 server error", id="500"),
        pytest.param(Script(status=429), "llm 429 too many requests", id="429"),
        pytest.param(Script(status=401), "llm 401 refused", id="401"),
        pytest.param(Script(text=GOOD, drops_after=6), "llm connection lost while writing", id="dropped"),
        pytest.param(
            Script(text="I'd be happy to help you with that!"), "llm wrote no decision", id="prose alone"
        ),
        pytest.param(Script(text="[1, 2, 3]"), "llm wrote no decision", id="other JSON"),
        pytest.param(Script(text=""), "llm wrote no decision", id="nothing"),
        pytest.param(Script(garbage=True), "llm connection lost", id="not a stream"),
    ],
)
async def test_anything_else_is_answered_by_the_offline_engine_and_the_record_says_why(
    script: Script, note: str
) -> None:
    async with serving(script) as served:
        proposal, _ = await drafted(engine_of(served, patience=HURRY))
    assert (proposal.engine, proposal.answer) == ("offline", QUESTION.answer)
    assert proposal.note.startswith(note)


async def test_no_server_at_all_costs_a_turn_nothing_but_its_wording() -> None:
    writer = ServerWriter(base_url="http://127.0.0.1:9/v1", model="m", patience=HURRY)
    engine = LlmEngine(offline=Offline(), writer=writer, company="Acme")
    proposal, _ = await drafted(engine)
    await writer.close()
    assert (proposal.engine, proposal.note) == ("offline", "llm no connection")


async def test_a_server_that_stumbles_once_is_asked_once_more() -> None:
    async with serving(Script(status=500), Script(text=GOOD)) as served:
        proposal, _ = await drafted(engine_of(served))
        assert proposal.engine == "llm" and len(served.asked) == 2


async def test_what_was_written_is_never_asked_for_twice() -> None:
    async with serving(Script(text=GOOD, drops_after=12), Script(text=GOOD)) as served:
        proposal, sentences = await drafted(engine_of(served))
        assert len(served.asked) == 1 and sentences == [GUARANTEE] and proposal.engine == "offline"


async def test_a_server_that_asks_for_time_is_given_it() -> None:
    now = [0.0]
    breaker = Breaker(clock=lambda: now[0])
    async with serving(Script(status=429, headers={"retry-after": "30"}), Script(text=GOOD)) as served:
        engine = engine_of(served, breaker=breaker)
        assert (await drafted(engine))[0].note == "llm 429 too many requests"
        now[0] = 29.0
        assert (await drafted(engine))[0].note == "llm is down, left alone for now"
        assert len(served.asked) == 1
        now[0] = 31.0
        assert (await drafted(engine))[0].engine == "llm"


async def test_a_server_that_keeps_failing_is_left_alone_then_tried_once() -> None:
    now = [0.0]
    breaker = Breaker(failures=3, seconds=20, clock=lambda: now[0])
    scripts = [*[Script(status=500)] * 6, Script(text=GOOD, first_s=0.2)]
    async with serving(*scripts) as served:
        engine = engine_of(served, breaker=breaker)
        for _ in range(3):
            await drafted(engine)
        asked = len(served.asked)
        assert (await drafted(engine))[0].note == "llm is down, left alone for now"
        assert len(served.asked) == asked
        now[0] = 20.5
        results = await asyncio.gather(drafted(engine), drafted(engine))
        assert sorted(proposal.engine for proposal, _ in results) == ["llm", "offline"]
        assert not breaker.is_open


@pytest.mark.parametrize(
    ("refused", "left"), [(("json_schema",), "json_object"), (("json_schema", "json_object"), None)]
)
async def test_a_server_without_schemas_is_asked_without_from_then_on(
    refused: tuple[str, ...], left: str | None
) -> None:
    async with serving(Script(text=GOOD, refuses=refused)) as served:
        engine = engine_of(served)
        assert (await drafted(engine))[0].engine == "llm"
        before = len(served.asked)
        assert (await drafted(engine))[0].engine == "llm"
        assert len(served.asked) == before + 1
        assert served.asked[-1].get("response_format", {}).get("type") == left


async def test_a_template_without_a_system_role_gets_the_rules_before_the_turn() -> None:
    async with serving(Script(text=GOOD, refuses=("system",))) as served:
        proposal, _ = await drafted(engine_of(served))
        assert proposal.engine == "llm"
        (message,) = served.asked[-1]["messages"]
        assert message["content"].startswith("You answer callers of Acme")
        assert served.asked[-1]["response_format"]["type"] == "json_schema"


async def test_a_withdrawn_question_closes_the_stream_and_counts_for_nothing() -> None:
    breaker = Breaker(failures=1)
    async with serving(Script(text=GOOD * 50, between_s=0.05)) as served:
        engine = engine_of(served, breaker=breaker, patience=CALM)
        task = asyncio.create_task(drafted(engine))
        while not served.bits_sent:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        for _ in range(100):
            if served.closed_early:
                break
            await asyncio.sleep(0.05)
        assert served.closed_early == 1 and not breaker.is_open


async def test_a_wish_that_is_plain_is_answered_without_waiting_for_a_model() -> None:
    async with serving(Script(text=GOOD)) as served:
        proposal, _ = await drafted(
            engine_of(served), replace(TALK, intent="goodbye", confidence=0.95), text="Bye!"
        )
        assert (proposal.engine, proposal.note, served.asked) == ("offline", "llm not needed", [])


async def test_words_in_another_language_and_repeats_are_not_the_models_business() -> None:
    async with serving(Script(text=GOOD)) as served:
        engine = engine_of(served)
        for base in (replace(TALK, repeat=True), replace(TALK, language="de")):
            proposal, sentences = await drafted(engine, base)
            assert (proposal.engine, sentences) == ("offline", [])
        assert served.asked == []


async def test_the_only_model_of_a_server_needs_no_name() -> None:
    async with serving(Script(text=GOOD)) as served:
        writer = ServerWriter(base_url=served.url, model="", patience=CALM)
        served.writers.append(writer)
        engine = LlmEngine(offline=Offline(), writer=writer, company="Acme")
        await asyncio.to_thread(engine.warm_up)
        assert (await drafted(engine))[0].engine == "llm"
        assert served.asked[-1]["model"] == "the-model"


async def test_a_server_that_can_not_be_asked_for_its_models_stops_the_start_with_one_line() -> None:
    engine = LlmEngine(
        offline=Offline(), writer=ServerWriter(base_url="http://127.0.0.1:9/v1", model=""), company="Acme"
    )
    with pytest.raises(LlmSetupError, match="LLM_MODEL is missing") as refused:
        await asyncio.to_thread(engine.warm_up)
    assert "\n" not in str(refused.value)


async def test_a_server_that_is_not_up_yet_does_not_stop_the_start() -> None:
    offline = Offline()
    engine = LlmEngine(
        offline=offline, writer=ServerWriter(base_url="http://127.0.0.1:9/v1", model="m"), company="Acme"
    )
    await asyncio.to_thread(engine.warm_up)
    assert offline.warm


async def test_without_passages_a_model_answers_nothing() -> None:
    async with serving(
        Script(text=decision("We do support Salesforce. It costs 30 days.", "product_query"))
    ) as served:
        proposal, _ = await drafted(engine_of(served), UNANSWERED, text="Do you support Salesforce?")
    assert proposal.answer == () and proposal.intent == "product_query"
