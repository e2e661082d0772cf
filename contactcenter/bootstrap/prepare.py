"""The database has the schema of this code and, in a demo, the demo company, before anything answers.

One Django process does both, since starting Django takes longer than either does when there is nothing to do. Whether there
is anything to do is found out without Django: by what the code is made of and what the database says was applied.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from contactcenter.env import ROOT


def code_fingerprint(demo_company: Path) -> str:
    """Changes when a migration, Django itself, the demo's loader or the demo company's data do."""
    digest = hashlib.sha256()
    files = [
        ROOT / "requirements" / "base.txt",
        *ROOT.glob("*/migrations/*.py"),
        *ROOT.glob("contactcenter/demo/**/*.py"),
        *demo_company.rglob("*"),
    ]
    for path in sorted(files):
        if path.is_file():
            state = path.stat()
            digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\0".encode())
    return digest.hexdigest()


def database_fingerprint(database_url: str) -> str:
    """What the database says was applied to it, or "" if that can't be read (it is new)."""
    import psycopg

    try:
        with psycopg.connect(database_url, connect_timeout=10) as connection:
            rows = connection.execute(
                "SELECT app, name, applied FROM django_migrations ORDER BY id"
            ).fetchall()
    except psycopg.Error:
        return ""
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def prepare(*, demo: bool) -> None:
    """Migrate and, in a demo, load the company. Runs in a process of its own."""
    import django
    from django.core.management import call_command, get_commands

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    # A demo that became a real installation loses the logins of its trial.
    command = "demo_load" if demo else "demo_close"
    if command in get_commands():
        call_command(command)


if __name__ == "__main__":
    prepare(demo="--demo" in sys.argv)
