"""Demo logins have random passwords that exist nowhere but in one private file, and only while nobody else gets in.

The file is ``DATA_DIR/demo_logins.json``, readable by its owner alone: ``{role: {"username": …, "password": …}}``.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction

from contactcenter.demo.company import DemoLogin

logger = structlog.get_logger()

GROUPS = ("agent", "supervisor", "admin")


def logins_path() -> Path:
    return Path(settings.DATA_DIR) / "demo_logins.json"


def logins_read() -> Mapping[str, Mapping[str, str]]:
    """What the file holds, by role; nothing if it is missing or damaged."""
    try:
        found: Any = json.loads(logins_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(logins: Mapping[str, Mapping[str, str]]) -> None:
    """Replace the file at once, so that a crash leaves the old or the new one."""
    path = logins_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(logins, file, indent=2)
    draft.replace(path)


def logins_put(*, logins: Sequence[DemoLogin], known: Sequence[str]) -> list[str]:
    """Make the demo logins that are missing; returns the user names of all of them.

    Args:
        logins: one for each role.
        known: user names that an earlier load made. One that is known and gone was deleted on purpose. One that is
            known and not in the file (another data directory, a lost file) gets a new password.
    """
    groups = {name: Group.objects.get_or_create(name=name)[0] for name in GROUPS}
    kept = dict(logins_read())
    made = list(known)
    changed = False
    for login in logins:
        user = User.objects.filter(username=login.username).first()
        if user is None and login.username in known:
            continue
        if user is not None and login.username not in known:
            continue  # somebody's own account of the same name is not ours to touch
        if user is not None and kept.get(login.role, {}).get("username") == login.username:
            continue
        password = secrets.token_urlsafe(12)
        if user is None:
            user = User(username=login.username, first_name=login.name)
            made.append(login.username)
        user.is_staff = user.is_superuser = login.role == "admin"
        user.is_active = True
        user.set_password(password)
        user.save()
        user.groups.add(groups[login.role])
        kept[login.role] = {"username": login.username, "password": password}
        changed = True
    if changed:
        transaction.on_commit(lambda: _write(kept))
    return made


def logins_close() -> list[str]:
    """Take the demo passwords out of use and remove the file; returns the user names that were closed.

    An account whose password was changed since belongs to somebody, and stays as it is.
    """
    closed = []
    for entry in logins_read().values():
        user = User.objects.filter(username=entry.get("username", "")).first()
        if user is not None and user.check_password(entry.get("password", "")):
            user.set_unusable_password()
            user.is_active = False
            user.save(update_fields=["password", "is_active"])
            closed.append(user.username)
    logins_path().unlink(missing_ok=True)
    if closed:
        logger.info("demo_logins_closed", count=len(closed))
    return closed
