"""Every change of a rule becomes a version; calls are run by the newest.

Invariant: versions are made one after the other, under one lock, in the transaction of the change they record; a version's
snapshot is what the tables said when it was committed. Reading needs no lock: a snapshot is one row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

import structlog
from django.db import connection, transaction

from calls.models_rules import PlaybookVersion
from calls.rules.entries import Entries, entries_read, entries_restored, entries_write
from calls.rules.filling import rules_fill
from calls.rules.wording import Change, changes_between, changes_say

log = structlog.get_logger(__name__)

RULES_LOCK: Final = 0x1E7E_5EEE
FIRST: Final = "As shipped"
OUTSIDE: Final = "changed in the database"
UPGRADE: Final = "upgrade"

_open: ContextVar[Changing | None] = ContextVar("rules_changing", default=None)


class RulesRefused(Exception):
    """A change would leave the agent unable to work; the message says why, in plain words. Nothing was changed."""


@dataclass(slots=True, kw_only=True)
class Changing:
    """A change in the making; ``number`` is its version once it is made, or None when nothing was different.

    ``what`` goes before the words that are made from the difference.
    """

    by: str
    what: str = ""
    number: int | None = None


def latest() -> PlaybookVersion | None:
    """The version in force, with everything."""
    return PlaybookVersion.objects.order_by("-number").first()


def latest_number() -> int:
    """The number in force; 0 before the first."""
    return PlaybookVersion.objects.order_by("-number").values_list("number", flat=True).first() or 0


@contextmanager
def rules_changing(*, by: str, what: str = "") -> Iterator[Changing]:
    """One transaction in which rules may be changed; what is different at its end becomes one version.

    Inside another one it joins that. Raises RulesRefused at the end if the agent could not work by what was made of it.
    """
    outer = _open.get()
    if outer is not None:
        yield outer
        return
    with transaction.atomic():
        before = _settled()
        changing = Changing(by=by, what=what)
        token = _open.set(changing)
        try:
            yield changing
        finally:
            _open.reset(token)
        after = entries_read()
        if after != before:
            _refuse_useless(before, after)
            changing.number = _note(before, after, by=by, what=changing.what)


def rules_ensure() -> None:
    """Fill what is missing and take over what an upgrade brought. Called at every start; twice does nothing."""
    with transaction.atomic():
        _settled()


def version_restore(*, number: int, by: str) -> int | None:
    """Make the rules say again what version ``number`` said; returns the new version's number, None if nothing differed.

    Phrases that were not edited then follow the product as it is now. Raises PlaybookVersion.DoesNotExist.
    """
    with rules_changing(by=by, what=f"Version {number} restored") as changing:
        entries_write(entries_restored(PlaybookVersion.objects.get(number=number).snapshot))
    return changing.number


def changed_since(*, number: int, section: str, key: str | None = None) -> PlaybookVersion | None:
    """The newest version after ``number`` that changed this entry (or any of the section)."""
    entry = {"section": section} if key is None else {"section": section, "key": key}
    return (
        PlaybookVersion.objects.filter(number__gt=number, diff__contains=[entry]).order_by("-number").first()
    )


def _settled() -> Entries:
    """Take the lock, and note whatever happened past us, so that nobody is named for it but who did it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [RULES_LOCK])
    newest = latest()
    before: Mapping[str, Mapping[str, Any]] = newest.snapshot if newest else {}
    found = entries_read()
    if newest is not None and found != before:
        _note(before, found, by="", what=OUTSIDE.capitalize())
    rules_fill()
    filled = entries_read()
    if newest is None:
        _keep(1, by="", what=FIRST, changes=(), snapshot=filled)
    elif filled != found:
        _note(found, filled, by="", what=UPGRADE.capitalize())
    return filled


def _note(before: Mapping[str, Mapping[str, Any]], after: Entries, *, by: str, what: str) -> int:
    changes = changes_between(before, after)
    words = changes_say(changes)
    return _keep(
        latest_number() + 1,
        by=by,
        what=f"{what}: {words}" if what and words else what or words,
        changes=changes,
        snapshot=after,
    )


def _keep(number: int, *, by: str, what: str, changes: tuple[Change, ...], snapshot: Entries) -> int:
    PlaybookVersion.objects.create(
        number=number, by=by, what=what, diff=[change.as_json() for change in changes], snapshot=snapshot
    )
    log.info("rules_changed", version=number, entries=len(changes))
    return number


def _refuse_useless(before: Mapping[str, Mapping[str, Any]], after: Entries) -> None:
    """An intent without an example can't be recognised any more."""
    lost = _intents(before) - _intents(after)
    if lost:
        intent = sorted(lost)[0]
        raise RulesRefused(
            f"That is the last example of {intent.replace('_', ' ')}: without one, the agent would not recognise it any more. "
            "Write another example first."
        )


def _intents(entries: Mapping[str, Mapping[str, Any]]) -> set[str]:
    return {key.split("/", 2)[1] for key, active in entries.get("example", {}).items() if active}
