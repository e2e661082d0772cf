"""How callers say things: read from the table that admins edit, filled from ``intents.yaml`` when it is empty."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from django.db import connection, transaction
from django.db.models import Count, Max, Q

from calls.models import ExampleUtterance
from calls.playbooks import INTENTS

_LOADING_LOCK = 0x1E7E_5EED
LOOK_EVERY_S = 1.0


@transaction.atomic
def examples_ensure() -> int:
    """Fill an empty table from the file; returns how many examples were added. What an admin removed stays removed."""
    with connection.cursor() as cursor:  # two processes that start together fill it once
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOADING_LOCK])
    if ExampleUtterance.objects.exists():
        return 0
    raw: Mapping[str, Any] = yaml.safe_load(INTENTS.read_text(encoding="utf-8"))
    rows = [
        ExampleUtterance(intent=intent, text=text)
        for intent, texts in raw.items()
        for text in dict.fromkeys(texts)
    ]
    return len(ExampleUtterance.objects.bulk_create(rows))


class Examples:
    """The active examples by intent, with a version that changes with every edit; looks at the table once a second."""

    def __init__(self) -> None:
        self._looked = float("-inf")
        self._version = ""
        self._examples: Mapping[str, Sequence[str]] = {}

    def __call__(self) -> tuple[str, Mapping[str, Sequence[str]]]:
        now = time.monotonic()
        if now - self._looked >= LOOK_EVERY_S:
            self._looked = now
            version = self._table_version()
            if version != self._version:
                self._examples, self._version = self._read(), version
        return self._version, self._examples

    def _table_version(self) -> str:
        found = ExampleUtterance.objects.aggregate(
            n=Count("id"), active=Count("id", filter=Q(active=True)), newest=Max("updated_at"), last=Max("id")
        )
        return f"{found['n']}.{found['active']}.{found['last']}.{found['newest']}"

    def _read(self) -> dict[str, list[str]]:
        examples: dict[str, list[str]] = {}
        for intent, text in ExampleUtterance.objects.filter(active=True).values_list("intent", "text"):
            examples.setdefault(intent, []).append(text)
        return examples
