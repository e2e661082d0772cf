"""The whole product with a language model behind a server, and then without it."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.llm.served import Script, Served, decision, serving
from tests.stack.conftest import running
from tests.stack.whole import Whole

pytestmark = [pytest.mark.stack, pytest.mark.models]
LIES = "I've already refunded you, and eve@example.com has your data."


@contextmanager
def beside(*scripts: Script) -> Iterator[Served]:
    """The scripted server in a thread of its own, until the block ends."""
    ready, over = threading.Event(), threading.Event()
    found: list[Served] = []

    async def serve() -> None:
        async with serving(*scripts) as served:
            found.append(served)
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(20)
    try:
        yield found[0]
    finally:
        over.set()
        thread.join(20)


@pytest.fixture
def directory() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="contactcenter-llm-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def test_a_call_is_answered_by_the_model_and_goes_on_when_the_model_has_gone(directory: Path) -> None:
    text = decision(f"We offer a 30-day money-back guarantee. {LIES}", actions=["send_email"])
    with beside(Script(text=text, between_s=0.01)) as served:
        settings = {"AI_ENGINE": "llm", "LLM_BASE_URL": served.url, "LLM_MODEL": "the-model"}
        product = Whole(directory / "product", demo=True, **settings)
        with running(product):
            first = _call(product)
            assert served.asked and json.loads(served.asked[-1]["messages"][-1]["content"])["passages"]
            served.scripts = [Script(status=500)]
            second = _call(product)
    answer = first["turns"][1]
    assert first["turns"][0]["decision"]["engine"] == "llm"
    assert answer["text"].startswith("We offer a 30-day money-back guarantee.")
    assert "refunded" not in answer["text"] and "eve" not in answer["text"] and first["actions"] == []
    assert first["turns"][0]["timings"]["llm_ms"] > 0
    told = second["turns"][0]["decision"]
    assert (told["engine"], told["engine_note"]) == ("offline", "llm 500 server error")
    assert "30-day" in second["turns"][1]["text"], "the documents' own words stand in"


def _call(product: Whole) -> dict:
    return dict(
        json.loads(
            product.manage(
                "call_say", "--text", "What is your refund policy?", "--lead", "user_123", "--json"
            )
        )
    )
