"""The whole suite runs against services of its own in a temporary directory, so that runs never meet and no data is theirs.

Without arguments: the quick part first (linters, types, import rules, Django's checks), then every test. With arguments:
pytest alone, with them. pytest's summary is the last thing printed either way.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from contactcenter.bootstrap.command import python, with_test_services
from contactcenter.bootstrap.place import PYTHON
from contactcenter.bootstrap.services import note
from contactcenter.bootstrap.supervisor import StartError
from contactcenter.env import ROOT

BIN = PYTHON.parent
# Needs neither database nor Redis.
STATIC_CHECKS: dict[str, tuple[str, ...]] = {
    "ruff check": (str(BIN / "ruff"), "check", "."),
    "ruff format": (str(BIN / "ruff"), "format", "--check", "."),
    "import rules": (str(BIN / "lint-imports"), "--no-logo"),
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def browser_runs(path: str) -> bool:
    """Whether the program starts at all: a downloaded one may lack libraries of the system."""
    try:
        done = subprocess.run(
            [path, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "about:blank"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def browser_on_path() -> str:
    return next((found for name in BROWSERS if (found := shutil.which(name))), "")


def browser_of_playwright() -> str:
    """Where Playwright keeps (or would keep) its own Chromium."""
    code = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    done = subprocess.run(python("-c", code), capture_output=True, text=True, check=False)
    path = done.stdout.strip()
    return path if done.returncode == 0 and Path(path).exists() else ""


def browser_find(*, install: bool) -> str:
    """A Chromium that starts: given, on the PATH, Playwright's own, or (as root) the system's package.

    Args:
        install: whether one may be downloaded.

    Returns:
        Its path, or "" if none can be had.
    """
    given = os.environ.get("BROWSER_PATH", "")
    for found in (given, browser_on_path(), browser_of_playwright()):
        if found and browser_runs(found):
            return found
    if not install:
        return ""
    note("no browser on the PATH; trying Playwright's download")
    with contextlib.suppress(subprocess.TimeoutExpired):  # a network that neither answers nor refuses
        subprocess.run(
            python("-m", "playwright", "install", "chromium"), stdout=sys.stderr, check=False, timeout=300
        )
    found = browser_of_playwright()
    if found and browser_runs(found):
        return found
    if os.getuid() == 0 and shutil.which("apt-get"):
        note("trying apt-get install chromium")
        for arguments in (("update", "-q"), ("install", "-q", "-y", "--no-install-recommends", "chromium")):
            subprocess.run(
                ["apt-get", *arguments],
                stdout=subprocess.DEVNULL,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                check=False,
            )
        found = browser_on_path()
        if found and browser_runs(found):
            return found
    return ""


def browser_environment() -> dict[str, str]:
    """``BROWSER_PATH`` for the tests, "" without one: then they skip, loudly.

    Raises:
        StartError: there is none and ``CI=true`` says that this must not pass unnoticed.
    """
    found = browser_find(install=True)
    if not found:
        line = "no Chromium could be found or installed: the tests marked 'browser' can't run"
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            raise StartError(line)
        note(f"WARNING: {line} and are SKIPPED")
    return {"BROWSER_PATH": found}


def test(arguments: list[str]) -> int:
    """Run the suite; returns the exit code of the first part that failed, or pytest's."""
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    if arguments:
        return with_test_services(python("-m", "pytest", *arguments))
    for name, argv in STATIC_CHECKS.items():
        note(f"{name} …")
        code = subprocess.run(argv, cwd=ROOT, check=False).returncode
        if code != 0:
            note(f"{name} failed")
            return code
    extra = browser_environment()
    return with_test_services(python("-P", "-m", "contactcenter.bootstrap.testing"), extra)


def with_services() -> int:
    """The part that needs Django's settings, and so the services."""
    parts: dict[str, tuple[str, ...]] = {
        "types": ("-m", "mypy"),
        "Django's checks": ("manage.py", "check", "--fail-level", "WARNING"),
        "migrations": ("manage.py", "makemigrations", "--check", "--dry-run"),
    }
    for name, arguments in parts.items():
        note(f"{name} …")
        code = subprocess.run(python(*arguments), cwd=ROOT, check=False).returncode
        if code != 0:
            note(f"{name} failed")
            return code
    note("tests …")
    return subprocess.run(python("-m", "pytest"), cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(with_services())
