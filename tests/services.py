"""pytest without services starts itself again with some of its own: `.venv/bin/pytest tests/knowledge` just works.

Loaded by ``-p tests.services``, which is before output is captured and before pytest-django reads the settings, which need
the services' addresses. Where `script/test` has given the addresses there is nothing to do.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
    arguments = sys.argv[1:] or ["tests"]
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
    os.execv(sys.executable, [sys.executable, "-P", "-m", "contactcenter.bootstrap", "test", *arguments])
