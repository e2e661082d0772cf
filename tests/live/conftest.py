"""Sockets against the real database and channel layer, with scripted models in place of the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from calls.core.decision import Proposal
from calls.engines.base import Request
from calls.models import Site
from calls.runtime import RUNTIME
from calls.speech.executor import ModelExecutor
from leads.models import Lead
from tests.core.talk import UNDERSTOOD, proposal


class ScriptedEngine:
    name = "scripted"

    def propose(self, request: Request) -> Proposal:
        return UNDERSTOOD.get(request.text.lower(), proposal("small_talk"))

    def warm_up(self) -> None: ...


class BeepVoice:
    sample_rate = 22_050

    def synthesise(self, text: str) -> Iterator[bytes]:
        yield b"\1\0" * (self.sample_rate // 5)


class SilentActivity:
    def push(self, frame: Any) -> float:
        return 0.0

    def reset(self) -> None: ...


@pytest.fixture
def runtime(transactional_db: None, settings: Any) -> Iterator[Any]:
    """The process's runtime, ready, with models that answer at once."""
    settings.ALLOWED_HOSTS = ["contact.example"]
    before = {
        name: getattr(RUNTIME, name) for name in ("problem", "models", "executor", "engine", "most_calls")
    }
    executor = ModelExecutor(workers=1, depth=16)
    RUNTIME.problem = ""
    RUNTIME.models = SimpleNamespace(vad=SilentActivity, voice=BeepVoice(), recogniser=None, end_of_turn=None)  # type: ignore[assignment]
    RUNTIME.executor, RUNTIME.engine = executor, ScriptedEngine()
    yield RUNTIME
    executor.close()
    for name, value in before.items():
        setattr(RUNTIME, name, value)
    RUNTIME._tasks.clear()


@pytest.fixture
def site(transactional_db: None) -> Site:
    return Site.objects.create(key="shop", name="A shop", origins=["https://shop.example"])


@pytest.fixture
def lead(transactional_db: None) -> Lead:
    return Lead.objects.create(
        id="user_1", name="Ann", email="ann@example.com", phone="+919876543210", is_demo=True
    )
