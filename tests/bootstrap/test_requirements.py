"""What customers run needs nothing that only developers have installed."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

CODE = """
import sys

class OnlyForDevelopers:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"{name} is installed for developers only")
        return None

sys.meta_path.insert(0, OnlyForDevelopers())
import django
django.setup()
import calls.consumers, calls.loading, calls.caller, contactcenter.urls, contactcenter.celery
import calls.engines.llm.engine, calls.engines.llm.client
import leads.tasks, knowledge.tasks, calls.tasks, contactcenter.demo.documents
from knowledge.readers import read_blocks
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
for name, mime in {
    "privacy_policy.html": "text/html",
    "payment_methods.docx": DOCX,
    "product_faq.md": "text/markdown",
    "refund_policy.pdf": "application/pdf",
    "store_hours_and_contact.txt": "text/plain",
}.items():
    with open(f"contactcenter/demo/companies/techcorp/documents/{name}", "rb") as file:
        assert read_blocks(content=file.read(), mime=mime), name
print("read")
"""


def named(file: str) -> set[str]:
    """Distributions that a pinned file names, in their normal form."""
    lines = (ROOT / "requirements" / file).read_text().splitlines()
    return {
        re.sub(r"[-_.]+", "-", line.split("==")[0]).lower()
        for line in lines
        if re.match(r"[A-Za-z0-9]", line)
    }


def test_the_product_starts_and_reads_every_format_without_the_developers_packages() -> None:
    only = named("dev.txt") - named("base.txt") - named("weights.txt")
    blocked = {
        module
        for module, owners in metadata.packages_distributions().items()
        if all(re.sub(r"[-_.]+", "-", owner).lower() in only for owner in owners)
    }
    assert {"pytest", "docx", "reportlab"} <= blocked
    code = f"BLOCKED = {sorted(blocked)!r}\n{CODE}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip().endswith("read"), done.stderr[-2000:]
