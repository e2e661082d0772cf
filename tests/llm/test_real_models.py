"""A real small model, behind llama.cpp's OpenAI-compatible server and inside the process by transformers.

It understands nothing, which is part of what is tested: whatever it writes is a decision of the right shape, and nothing that
it makes up is said.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path

import pytest

from calls.core.decision import INTENTS
from calls.core.grounding import said
from calls.engines.llm import local
from calls.engines.llm.base import LlmError, LlmSetupError, Patience, Prompt, Writer
from calls.engines.llm.client import ServerWriter
from calls.engines.llm.contract import SCHEMA
from calls.engines.llm.engine import LlmEngine
from calls.engines.llm.local import LocalWriter
from tests.llm.bases import QUESTION, Offline, asking
from tests.llm.conftest import need

SLOW = Patience(connect=30, first=300, between=300, whole=600)
BRIEF = Prompt(
    rules="You answer callers of a shop with one JSON object: immediate_response, intent, entities and so on.",
    turn='{"passages": ["We offer a 30-day money-back guarantee."], "caller": "How long can I return things?"}',
)


async def written(writer: Writer, *, most: int = 1_000) -> list[str]:
    bits: list[str] = []
    async with contextlib.aclosing(writer.write(BRIEF)) as stream:
        async for bit in stream:
            bits.append(bit)
            if len(bits) == most:
                break
    return bits


def assert_decision(text: str) -> None:
    found = json.loads(text)
    assert list(found)[:2] == ["immediate_response", "intent"], (
        "the response comes first, so that it can be spoken first"
    )
    assert set(found) == set(SCHEMA["required"]) and found["intent"] in INTENTS


async def test_a_real_server_streams_a_decision_that_keeps_to_the_schema(llama_url: str) -> None:
    writer = ServerWriter(base_url=llama_url, model="", patience=SLOW)
    line = await asyncio.to_thread(writer.warm_up, BRIEF)
    assert "json_schema" in line
    bits = await written(writer)
    await writer.close()
    assert len(bits) > 10
    assert_decision("".join(bits))


async def test_a_turn_with_a_real_server_says_only_what_the_passages_bear_out(llama_url: str) -> None:
    writer = ServerWriter(base_url=llama_url, model="any", patience=SLOW)
    engine = LlmEngine(offline=Offline(), writer=writer, company="Acme", whole=600)
    drafted: list[str] = []
    proposal = await engine.draft(asking(), QUESTION, drafted.append)
    await writer.close()
    assert proposal.engine == "llm" and drafted
    assert set(proposal.answer) <= {*said(drafted, proposal=QUESTION, words=asking().text), *QUESTION.answer}


@pytest.fixture(scope="module")
def local_writer(smollm: Path) -> LocalWriter:
    need("xgrammar")
    writer = LocalWriter(model=str(smollm), patience=SLOW)
    line = writer.warm_up(BRIEF)
    assert "135M parameters" in line and "tokens a second" in line
    return writer


async def test_a_local_model_streams_a_decision_that_keeps_to_the_schema(local_writer: LocalWriter) -> None:
    bits = await written(local_writer)
    assert len(bits) > 10
    assert_decision("".join(bits))


async def test_rules_that_were_read_once_are_not_read_again_and_change_nothing(
    local_writer: LocalWriter,
) -> None:
    remembered = local_writer._cached
    assert remembered is not None and len(remembered[0]) >= 20
    with_memory = await written(local_writer, most=15)
    local_writer._cached = None
    without = await written(local_writer, most=15)
    local_writer._cached = remembered
    assert "".join(with_memory) == "".join(without)
    assert remembered[1].get_seq_length() == len(remembered[0]), (
        "a turn leaves no trace in what is remembered"
    )


async def test_a_withdrawn_question_stops_the_model(local_writer: LocalWriter) -> None:
    stream = local_writer.write(BRIEF)
    await anext(stream)
    await stream.aclose()
    # The model has one thread: had it gone on, nothing else could be done in it for long.
    assert (
        await asyncio.wait_for(asyncio.to_thread(lambda: local_writer._thread.submit(int).result()), 60) == 0
    )


async def test_a_local_model_that_dawdles_times_out(local_writer: LocalWriter) -> None:
    local_writer._patience = Patience(first=0.001, between=0.001, whole=0.01)
    try:
        with pytest.raises(LlmError, match="timed out"):
            await written(local_writer)
    finally:
        local_writer._patience = SLOW


# --- what is refused at the start, with one line ---------------------------------------------------------------------------


def refusal(writer: LocalWriter) -> str:
    with pytest.raises(LlmSetupError) as refused:
        writer.warm_up(BRIEF)
    line = str(refused.value)
    assert "\n" not in line and line.startswith("LLM_LOCAL_MODEL")
    return line


@pytest.fixture
def on_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "place_choose", lambda _torch: local.Place(device="cpu", dtype="float32"))


def test_a_7b_model_on_a_cpu_is_refused_by_its_size_before_anything_big_is_read(
    tmp_path: Path, on_a_cpu: None
) -> None:
    need("torch", "transformers")
    from transformers import MistralConfig

    MistralConfig().save_pretrained(tmp_path)  # the defaults are Mistral-7B's; there are no weights at all
    assert (
        "7.2 billion parameters" in (line := refusal(LocalWriter(model=str(tmp_path))))
        and "LLM_BASE_URL" in line
    )


def test_a_model_that_needs_more_memory_than_there_is_is_refused() -> None:
    with pytest.raises(LlmSetupError, match=r"needs 7 GB of memory, of which there are 4"):
        local.refuse_if_too_big(
            1_500_000_000, place=local.Place(device="cpu", dtype="float32"), memory=4 * 10**9
        )
    local.refuse_if_too_big(
        7_000_000_000, place=local.Place(device="cuda", dtype="bfloat16"), memory=4 * 10**9
    )


def test_a_model_that_writes_too_slowly_is_refused_by_what_was_measured(
    smollm: Path, on_a_cpu: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "ALWAYS_TRIED", 0)
    monkeypatch.setattr(local, "LEAST_TOKENS_A_SECOND", 1e6)
    assert "tokens a second" in refusal(LocalWriter(model=str(smollm)))


def test_a_directory_without_a_model_is_refused(tmp_path: Path) -> None:
    need("torch", "transformers")
    assert "can't be loaded" in refusal(LocalWriter(model=str(tmp_path)))


def test_without_pytorch_the_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "script/server --local-llm" in refusal(LocalWriter(model="mistralai/Mistral-7B-Instruct-v0.3"))
