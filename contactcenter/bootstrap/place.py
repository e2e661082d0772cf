"""Whatever is written lies under one data directory; secrets in it can be read by its owner only."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contactcenter.env import ROOT, SettingError

PYTHON = ROOT / ".venv" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Place:
    """The layout of a data directory."""

    data: Path

    @property
    def run(self) -> Path:
        """State of the running copy: lock, services, marks of child processes."""
        return self.data / "run"

    @property
    def log(self) -> Path:
        return self.data / "log"

    @property
    def secrets(self) -> Path:
        return self.data / "secrets"

    @property
    def postgres(self) -> Path:
        return self.data / "postgres"

    @property
    def valkey(self) -> Path:
        return self.data / "valkey"

    @property
    def services_file(self) -> Path:
        return self.run / "services.json"

    def make(self) -> None:
        """Create the directories.

        Raises:
            SettingError: the place can't be written.
        """
        try:
            if not self.data.exists():
                self.data.mkdir(parents=True)
                # Others may pass through (PostgreSQL may have to run as another user) and read nothing.
                self.data.chmod(0o711)
            for path in (self.run, self.log, self.secrets, self.data / "media"):
                path.mkdir(mode=0o700, exist_ok=True)
            probe = self.run / f"probe.{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise SettingError(
                f"DATA_DIR {str(self.data)!r} can't be written ({error.strerror}); "
                "it should be a directory of the user who starts the server"
            ) from error

    def secret(self, name: str) -> str:
        """A random value that is made once and kept; safe when two processes ask at the same time."""
        path = self.secrets / name
        if not path.exists():
            fresh = self.secrets / f".{name}.{os.getpid()}"
            write_private(fresh, secrets.token_urlsafe(48))
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass  # the other process was first; its value is read below
            finally:
                fresh.unlink()
        return path.read_text().strip()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    partial = path.with_name(f".{path.name}.partial.{os.getpid()}")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    partial.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file, or an empty one when there is none or it was cut off."""
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
