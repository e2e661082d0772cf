"""Loading what calls need, in a thread beside the web server.

Invariant: what can't be loaded stops the process with one line that says what and why; the supervisor prints it.
"""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import structlog
from django.conf import settings
from django.db import OperationalError

from calls.database import connection_returned
from calls.engines.base import Engine
from calls.engines.llm.base import LlmSetupError, Patience, Writer
from calls.examples import Examples
from calls.playbooks import fixed_sentences
from calls.rules.versions import rules_ensure
from calls.runtime import RUNTIME, Runtime, voice_once
from calls.services import calls_abandon
from calls.speech.executor import ModelExecutor
from calls.speech.models import Models, models_load
from calls.vocabulary import vocabulary_read
from contactcenter.registry import ENGINES, WRITERS, resolve
from contactcenter.weights import WeightError
from knowledge import embedder
from knowledge.selectors import DocumentRef, document_for, passages_search

log = structlog.get_logger(__name__)

GREETING_SENTENCES = (
    2  # voiced before calls are taken; the rest follows while the first calls may run already
)
# sysexits.h: starting again would not help; starting again might.
EX_CONFIG, EX_TEMPFAIL = 78, 75


def runtime_start() -> None:
    """Begin to load, in a thread of its own. Called once, by the web process."""
    threading.Thread(target=_load_or_stop, name="runtime-load", daemon=True).start()


def _load_or_stop() -> None:
    try:
        connection_returned(runtime_load, RUNTIME)
    except (
        OperationalError
    ) as error:  # the database may be restarting: the supervisor starts this process again
        _stop(f"the database can't be reached: {type(error).__name__}", EX_TEMPFAIL)
    except (WeightError, LlmSetupError) as error:
        _stop(str(error), EX_CONFIG)
    except Exception as error:
        log.error("runtime_load_failed", error=type(error).__name__, exc_info=True)
        _stop(
            f"calls can't be taken, loading failed: {type(error).__name__}: {' '.join(str(error).split())[:200]}",
            EX_CONFIG,
        )


def _stop(line: str, code: int) -> NoReturn:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
    os._exit(code)


def runtime_load(runtime: Runtime) -> None:
    """Load models, engine and playbook into ``runtime`` (seconds). Raises :class:`WeightError` and whatever else goes wrong."""
    rules_ensure()
    playbook = runtime.playbook_now()
    calls_abandon()
    with ThreadPoolExecutor(1) as beside:
        loading = beside.submit(_models)
        engine = _engine()
        models = loading.result()
    runtime.vocabulary = vocabulary_read()
    runtime.models, runtime.engine = models, engine
    runtime.executor = ModelExecutor(workers=settings.MODEL_WORKERS, depth=settings.MODEL_QUEUE)
    phrases = fixed_sentences(playbook)
    _voice_all(models, phrases[:GREETING_SENTENCES])
    runtime.problem = ""
    log.info("calls_can_be_taken", worker=runtime.worker)
    _voice_all(models, phrases[GREETING_SENTENCES:])


def _models() -> Models:
    return models_load(
        stt_model=settings.STT_MODEL,
        tts_engine=settings.TTS_ENGINE,
        weights_dir=settings.WEIGHTS_DIR,
        cache_dir=settings.DATA_DIR / "models",
    )


def _engine() -> Engine:
    engine: Engine = resolve(ENGINES["offline"])(
        examples=Examples(),
        embed=embedder.embed,
        search=passages_search,
        document_for=_document_meant,
        vectors_path=settings.DATA_DIR / "models" / "intents.npz",
    )
    if (
        settings.AI_ENGINE == "llm"
    ):  # what the offline engine finds is what a language model is told, and stands in for it
        engine = resolve(ENGINES["llm"])(
            offline=engine, writer=_writer(), company=settings.COMPANY_NAME, whole=settings.LLM_TIMEOUT_S
        )
    engine.warm_up()
    passages_search(query=settings.COMPANY_NAME)
    return engine


def _document_meant(*, query: str) -> DocumentRef | None:
    """By the document's own names, and by what the admins say that callers call its kind."""
    return document_for(query=query, kinds=RUNTIME.playbooks.document_types())


def _writer() -> Writer:
    """The language model, wherever it runs."""
    patience = Patience(first=settings.LLM_FIRST_TOKEN_S, whole=settings.LLM_TIMEOUT_S)
    if settings.LLM_LOCAL_MODEL:
        local: Writer = resolve(WRITERS["local"])(model=settings.LLM_LOCAL_MODEL, patience=patience)
        return local
    server: Writer = resolve(WRITERS["server"])(
        base_url=settings.LLM_BASE_URL,
        model=settings.LLM_MODEL,
        api_key=settings.LLM_API_KEY,
        patience=patience,
    )
    return server


def _voice_all(models: Models, sentences: list[str]) -> None:
    """Synthesise into the voice's own cache, so that nobody waits for these in a call."""
    for sentence in sentences:
        voice_once(models, sentence)
