"""The playbook that calls are run by: the newest version of the rules, in the company's name and a call's language.

Invariant: one version is one row, so that a playbook is never a mixture of two; looking whether there is a newer one is one
indexed query. Before the first version there is what comes with the product.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from django.conf import settings

from calls.core.decision import ACTIONS
from calls.core.hours import Hours
from calls.core.playbook import Escalation, Playbook
from calls.core.sentences import split
from calls.models_rules import PlaybookVersion
from calls.rules.checks import spans_read
from calls.rules.shipped import (
    DEFAULT_LANGUAGE,
    INTENTS,
    PHRASES,
    document_types_shipped,
    note_of,
    phrases_shipped,
    variables_of,
)

__all__ = [
    "INTENTS",
    "PHRASES",
    "Playbooks",
    "fixed_sentences",
    "language_spoken",
    "playbook_load",
    "playbook_of",
]

Snapshot = Mapping[str, Mapping[str, Any]]


def playbook_load(language: str = DEFAULT_LANGUAGE) -> Playbook:
    """The playbook in force, read from the database."""
    newest = PlaybookVersion.objects.order_by("-number").values("number", "snapshot").first()
    if newest is None:
        return playbook_of(number=0, snapshot={}, language=language)
    return playbook_of(number=newest["number"], snapshot=newest["snapshot"], language=language)


def playbook_of(*, number: int, snapshot: Snapshot, language: str = DEFAULT_LANGUAGE) -> Playbook:
    """The playbook that ``snapshot`` (see :mod:`calls.rules.entries`) makes, in ``language`` or else in English.

    What the snapshot doesn't have is as shipped.
    """
    usual = Playbook(company=settings.COMPANY_NAME)
    language = language_spoken(language, snapshot)
    phrases = dict(phrases_shipped())
    for spoken in dict.fromkeys((DEFAULT_LANGUAGE, language)):
        for key, value in snapshot.get("phrase", {}).items():
            if key.startswith(f"{spoken}/"):
                phrases[key.partition("/")[2]] = value["text"]
    company = snapshot.get("company", {})
    skills = snapshot.get("escalation", usual.escalation.skills)
    allowed = snapshot.get("action", {})
    return Playbook(
        version=number,
        company=settings.COMPANY_NAME,
        phrases=MappingProxyType(phrases),
        region=settings.DEFAULT_PHONE_REGION,
        language=language,
        hours=_hours(snapshot),
        order_prefix=company.get("order_prefix", ""),
        order_pattern=company.get("order_pattern") or usual.order_pattern,
        tracking_url=company.get("tracking_url", ""),
        compensation=company.get("compensation", ""),
        document_types=_document_types(snapshot, language),
        escalation=Escalation(
            angry_turns=company.get("angry_turns", usual.escalation.angry_turns),
            skills=MappingProxyType(dict(skills)),
        ),
        allowed=frozenset(action for action in ACTIONS if allowed.get(action, True)),
    )


def language_spoken(wanted: str, snapshot: Snapshot) -> str:
    """The language of the phrases for a call in ``wanted`` ("de-AT"): its own if there are any phrases in it."""
    language = wanted.replace("_", "-").partition("-")[0].lower()
    has_some = any(key.startswith(f"{language}/") for key in snapshot.get("phrase", {}))
    return language if language and has_some else DEFAULT_LANGUAGE


def fixed_sentences(playbook: Playbook) -> list[str]:
    """What is said word for word in many calls, the greeting first."""
    phrases = sorted(playbook.phrases, key=lambda name: name != "greeting")
    fixed = [
        playbook.say(name)
        for name in phrases
        if not (note_of(name).screen or note_of(name).part)
        and not set(variables_of(playbook.phrases[name])) - {"company"}
    ]
    return list(dict.fromkeys(sentence for words in fixed for sentence in split(words)))


def _hours(snapshot: Snapshot) -> Hours:
    week = snapshot.get("hours")
    closed = frozenset(map(dt.date.fromisoformat, snapshot.get("holiday", {})))
    if week is None:
        return Hours(zone=settings.TIME_ZONE, closed=closed)
    spans = {int(day): spans_read(stored) for day, stored in week.items()}
    return Hours(zone=settings.TIME_ZONE, week=MappingProxyType(spans), closed=closed)


def _document_types(snapshot: Snapshot, language: str) -> Mapping[str, tuple[str, ...]]:
    """Kind by kind, the names of the call's language first: callers mix in English ones."""
    found: dict[str, tuple[str, ...]] = {}
    given = snapshot.get("document_type")
    if given is None:
        return document_types_shipped()
    for spoken in dict.fromkeys((language, DEFAULT_LANGUAGE)):
        for key, names in given.items():
            if key.startswith(f"{spoken}/"):
                kind = key.partition("/")[2]
                found[kind] = tuple(dict.fromkeys((*found.get(kind, ()), *names)))
    return MappingProxyType(found)


class Playbooks:
    """The playbooks of a process, read anew when there is a newer version. Safe from any thread."""

    def __init__(self) -> None:
        self._changed: Callable[[Playbook, Playbook], None] | None = None
        self._lock = threading.Lock()
        # The time beside the number, since a database that was put back counts the same numbers again.
        self._stamp: tuple[int, dt.datetime] | None = None
        self._snapshot: Snapshot = {}
        self._made: dict[str, Playbook] = {}

    def on_change(self, changed: Callable[[Playbook, Playbook], None]) -> None:
        """Call ``changed`` with the playbooks (before, after) of each language in use whenever a newer version replaced them,
        in the thread that noticed."""
        self._changed = changed

    def now(self, language: str = DEFAULT_LANGUAGE) -> Playbook:
        """The playbook in force, for a call in ``language``. One small query, unless something changed."""
        stamp = PlaybookVersion.objects.order_by("-number").values_list("number", "at").first()
        replaced: list[tuple[Playbook, Playbook]] = []
        with self._lock:
            if stamp != self._stamp:
                replaced = self._read_again()
            spoken = language_spoken(language, self._snapshot)
            playbook = self._made.get(spoken)
            if playbook is None:
                playbook = self._made[spoken] = self._make(spoken)
        for before, after in replaced:
            if self._changed is not None:
                self._changed(before, after)
        return playbook

    def document_types(self) -> Mapping[str, tuple[str, ...]]:
        """What callers call each kind of document, in any language."""
        self.now()
        with self._lock:
            given = self._snapshot.get("document_type")
        if given is None:
            return document_types_shipped()
        found: dict[str, tuple[str, ...]] = {}
        for key, names in given.items():
            kind = key.partition("/")[2]
            found[kind] = (*found.get(kind, ()), *names)
        return found

    def _read_again(self) -> list[tuple[Playbook, Playbook]]:
        newest = PlaybookVersion.objects.order_by("-number").first()
        before, self._made = self._made, {}
        self._stamp = (newest.number, newest.at) if newest else None
        self._snapshot = newest.snapshot if newest else {}
        replaced = []
        for language, old in before.items():
            new = self._make(language)
            if new.language == language:  # else the last phrase of that language went
                self._made[language] = new
                replaced.append((old, new))
        return replaced

    def _make(self, language: str) -> Playbook:
        number = self._stamp[0] if self._stamp else 0
        return playbook_of(number=number, snapshot=self._snapshot, language=language)
