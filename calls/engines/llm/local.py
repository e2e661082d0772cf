"""A language model in this process, by transformers and PyTorch.

Invariant: one answer is written at a time, by one thread of its own; a model that this machine can't run in a caller's time is
refused at the start, with one line. torch and transformers are imported here alone, when such a model is asked for.
"""

from __future__ import annotations

import asyncio
import copy
import functools
import threading
import time
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from calls.engines.llm.base import PATIENCE, LlmError, LlmSetupError, Patience, Prompt
from calls.engines.llm.contract import SCHEMA

log = structlog.get_logger(__name__)

MOST_TOKENS: Final = 400
# A spoken answer of two sentences with its JSON is about 100 tokens; slower than this it comes too late on a telephone.
LEAST_TOKENS_A_SECOND: Final = 15.0
# Above this a CPU isn't even tried: loading alone would take minutes and most of the memory.
MOST_PARAMETERS_ON_CPU: Final = 2_000_000_000
BYTES_A_PARAMETER: Final = {"float32": 4, "bfloat16": 2, "float16": 2}
# Below this a model is for trials: how fast it is, is said and not held against it.
ALWAYS_TRIED: Final = 500_000_000
ADVICE: Final = "use a GPU, a smaller model, or a server with LLM_BASE_URL"
INSTALL: Final = "script/server --local-llm installs it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a model runs and how its numbers are kept there."""

    device: str
    dtype: str


class LocalWriter:
    """Writes with ``model``: a directory, or a name that transformers can find."""

    def __init__(self, *, model: str, patience: Patience = PATIENCE) -> None:
        self._name = model
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="llm")
        self._model: Any = None
        self._tokenizer: Any = None
        self._grammar: Any = None
        self._rules = ""
        self._cached: Any = None  # (token ids, key/value cache) of the rules

    def warm_up(self, prompt: Prompt) -> str:
        return self._thread.submit(self._load, prompt).result()

    async def write(self, prompt: Prompt) -> AsyncGenerator[str]:
        loop = asyncio.get_running_loop()
        bits: asyncio.Queue[str | Exception | None] = asyncio.Queue()
        stop = threading.Event()

        def put(bit: str | Exception | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(bits.put_nowait, bit)

        ends = loop.time() + self._patience.whole
        wait = self._patience.first
        job = self._thread.submit(self._generate, prompt, put, stop)
        try:
            while True:
                try:
                    bit = await asyncio.wait_for(bits.get(), min(wait, ends - loop.time()))
                except TimeoutError:
                    raise LlmError("timed out") from None
                if bit is None:
                    return
                if isinstance(bit, Exception):
                    raise LlmError(f"failed: {type(bit).__name__}") from bit
                wait = self._patience.between
                yield bit
        finally:
            stop.set()
            job.cancel()

    # --- in the model's thread ----------------------------------------------------------------------------------------

    def _load(self, prompt: Prompt) -> str:
        try:
            import torch
            import transformers
        except ImportError as error:
            raise LlmSetupError(
                f"LLM_LOCAL_MODEL needs PyTorch and transformers ({error}); {INSTALL}"
            ) from error
        if self._name.startswith(("/", ".")) and not Path(self._name).is_dir():
            raise LlmSetupError(f"LLM_LOCAL_MODEL is {self._name!r}, and there is no such directory")
        transformers.utils.logging.disable_progress_bar()
        place = place_choose(torch)
        parameters = self._parameters(transformers)
        refuse_if_too_big(parameters, place=place, memory=memory_bytes())
        began = time.monotonic()
        try:
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(self._name)
            self._model = transformers.AutoModelForCausalLM.from_pretrained(
                self._name,
                dtype=getattr(torch, place.dtype),
                **({"device_map": "auto"} if place.device == "cuda" else {}),
            ).eval()
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise LlmSetupError(_cant_load(self._name, error)) from error
        if place.device == "mps":
            self._model = self._model.to(place.device)
        if not self._tokenizer.chat_template:
            raise LlmSetupError(
                f"LLM_LOCAL_MODEL {self._name!r} has no chat template; it should be an instruct model"
            )
        self._grammar = _grammar(self._tokenizer, self._model)
        loaded = time.monotonic() - began
        self._remember_rules(prompt.rules, torch)
        speed = self._speed(prompt)
        if speed < LEAST_TOKENS_A_SECOND and parameters > ALWAYS_TRIED:
            raise LlmSetupError(
                f"LLM_LOCAL_MODEL {self._name!r} writes {speed:.1f} tokens a second on this {place.device}, and a telephone"
                f" needs {LEAST_TOKENS_A_SECOND:.0f}; {ADVICE}"
            )
        return (
            f"{self._name} on {place.device} as {place.dtype}, {self._model.num_parameters() / 1e6:.0f}M parameters, loaded in"
            f" {loaded:.0f} s, {speed:.0f} tokens a second"
        )

    def _parameters(self, transformers: Any) -> int:
        """How many parameters the model has, from its configuration alone: nothing big is read."""
        try:
            import torch

            config = transformers.AutoConfig.from_pretrained(self._name)
            with torch.device("meta"):
                model = transformers.AutoModelForCausalLM.from_config(config)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise LlmSetupError(_cant_load(self._name, error)) from error
        return int(model.num_parameters())

    def _speed(self, prompt: Prompt) -> float:
        """Tokens a second, measured on a prompt like those of calls, once to warm up and once for the clock."""
        for _ in range(2):
            times: list[float] = []
            clock = functools.partial(_note_time, times)
            self._generate(prompt, clock, threading.Event(), most=24)
        written = len(times) - 1
        return written / (times[-1] - times[0]) if written > 0 and times[-1] > times[0] else 0.0

    def _ids(self, rules: str, turn: str) -> list[int]:
        """The prompt as tokens; a template without a system role gets the rules in front of the turn."""
        system = [{"role": "system", "content": rules}, {"role": "user", "content": turn}]
        plain = [{"role": "user", "content": f"{rules}\n\n{turn}"}]
        for messages in (system, plain):
            try:
                text = self._tokenizer.apply_chat_template(
                    messages, tokenize=False, add_generation_prompt=True
                )
            except Exception:  # noqa: BLE001 - a template raises what it likes about roles
                continue
            if rules in text:
                ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
                return ids
        raise LlmSetupError(
            f"LLM_LOCAL_MODEL {self._name!r} has a chat template that takes no rules; another instruct model will do"
        )

    def _remember_rules(self, rules: str, torch: Any) -> None:
        """Read the part that all prompts share once, and keep what the model made of it."""
        from transformers import DynamicCache

        first, second = self._ids(rules, '{"a"'), self._ids(rules, "zz")
        same = next((place for place, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), 0)
        if not same:
            return
        ids = torch.tensor([first[:same]], device=self._model.device)
        cache = DynamicCache(config=self._model.config)
        with torch.inference_mode():
            self._model(input_ids=ids, past_key_values=cache, use_cache=True)
        self._rules, self._cached = rules, (first[:same], cache)

    def _generate(self, prompt: Prompt, put: Any, stop: threading.Event, most: int = MOST_TOKENS) -> None:
        """Write until the end, ``stop`` or too much; each bit of text goes to ``put``, then None or what went wrong."""
        import torch

        if stop.is_set():
            return
        try:
            ids = self._ids(prompt.rules, prompt.turn)
            cache = None
            if (
                self._cached
                and prompt.rules == self._rules
                and ids[: len(self._cached[0])] == self._cached[0]
            ):
                cache = copy.deepcopy(self._cached[1])
            tensor = torch.tensor([ids], device=self._model.device)
            with torch.inference_mode():
                self._model.generate(
                    input_ids=tensor,
                    attention_mask=torch.ones_like(tensor),
                    past_key_values=cache,
                    max_new_tokens=most,
                    do_sample=False,
                    temperature=None,
                    top_p=None,
                    top_k=None,
                    pad_token_id=self._tokenizer.pad_token_id or self._tokenizer.eos_token_id,
                    logits_processor=self._constraint(),
                    streamer=_Streamer(self._tokenizer, put),
                    stopping_criteria=[lambda *_args, **_kwargs: stop.is_set()],
                )
            put(None)
        except Exception as error:
            log.warning("llm_local_failed", error=type(error).__name__, exc_info=True)
            put(error)

    def _constraint(self) -> list[Any]:
        if self._grammar is None:
            return []
        from xgrammar.contrib.hf import LogitsProcessor

        return [LogitsProcessor(self._grammar)]


def _note_time(times: list[float], bit: str | Exception | None) -> None:
    if isinstance(bit, Exception):
        raise LlmSetupError(
            f"LLM_LOCAL_MODEL can't write: {type(bit).__name__}: {' '.join(str(bit).split())[:160]}"
        ) from bit
    if bit:
        times.append(time.monotonic())


class _Streamer:
    """Token ids in, text out, no half characters."""

    def __init__(self, tokenizer: Any, put: Any) -> None:
        self._tokenizer = tokenizer
        self._put = put
        self._ids: list[int] = []
        self._given = ""
        self._is_prompt = True

    def put(self, value: Any) -> None:
        if self._is_prompt:
            self._is_prompt = False
            return
        self._ids += value.flatten().tolist()
        text = self._tokenizer.decode(self._ids, skip_special_tokens=True)
        if not text.endswith("\ufffd") and len(text) > len(self._given):
            self._put(text[len(self._given) :])
            self._given = text

    def end(self) -> None:
        pass


def place_choose(torch: Any) -> Place:
    """The fastest device there is. bfloat16 where the chip computes it, else float16 on a GPU and float32 on a CPU."""
    if torch.cuda.is_available():
        return Place(device="cuda", dtype="bfloat16" if torch.cuda.is_bf16_supported() else "float16")
    if torch.backends.mps.is_available():
        return Place(device="mps", dtype="float16")
    return Place(device="cpu", dtype="bfloat16" if _cpu_has_bfloat16() else "float32")


def refuse_if_too_big(parameters: int, *, place: Place, memory: int) -> None:
    """Raises :class:`LlmSetupError` for a model that this machine can't run in a caller's time."""
    size = f"{parameters / 1e9:.1f} billion parameters"
    if place.device == "cpu" and parameters > MOST_PARAMETERS_ON_CPU:
        raise LlmSetupError(
            f"LLM_LOCAL_MODEL has {size}, and without a GPU it can't keep up with a caller"
            f" (at most {MOST_PARAMETERS_ON_CPU / 1e9:.0f} billion); {ADVICE}"
        )
    needed = parameters * BYTES_A_PARAMETER[place.dtype] * 1.2
    if place.device == "cpu" and memory and needed > memory:
        raise LlmSetupError(
            f"LLM_LOCAL_MODEL has {size} and needs {needed / 1e9:.0f} GB of memory, of which there are"
            f" {memory / 1e9:.0f}; {ADVICE}"
        )


def memory_bytes() -> int:
    """Memory that is free now, or 0 where that can't be read."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            free = next(line for line in lines if line.startswith("MemAvailable"))
        return int(free.split()[1]) * 1024
    except (OSError, StopIteration, ValueError):
        return 0


def _cpu_has_bfloat16() -> bool:
    """Whether the CPU multiplies bfloat16 in hardware; emulated it is slower than float32."""
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as lines:
            flags = next((line for line in lines if line.startswith("flags")), "")
    except OSError:
        return False
    return "amx_bf16" in flags or "avx512_bf16" in flags


def _grammar(tokenizer: Any, model: Any) -> Any:
    """The schema as a grammar for this vocabulary; None without xgrammar, and what is written is then mended if need be."""
    try:
        import xgrammar
    except ImportError:
        log.warning("llm_unconstrained", detail="xgrammar is not installed")
        return None
    info = xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=model.config.vocab_size)
    return xgrammar.GrammarCompiler(info).compile_json_schema(SCHEMA, any_whitespace=False)


def _cant_load(name: str, error: Exception) -> str:
    reason = " ".join(str(error).split())[:160]
    return f"LLM_LOCAL_MODEL {name!r} can't be loaded: {reason}; it should be the directory or the name of a model"
