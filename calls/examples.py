"""How callers say things: read from the table that admins edit (:mod:`calls.rules.filling` fills it)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from django.db.models import Count, Max, Q

from calls.models import ExampleUtterance
from calls.rules.versions import latest_number

LOOK_EVERY_S = 1.0


class Examples:
    """The active examples by intent, with a version that changes with every edit.

    A newer version of the rules is noticed at once; what was changed in the database past them, within a second.
    """

    def __init__(self) -> None:
        self._looked = float("-inf")
        self._rules = -1
        self._version = ""
        self._examples: Mapping[str, Sequence[str]] = {}

    def __call__(self) -> tuple[str, Mapping[str, Sequence[str]]]:
        now, rules = time.monotonic(), latest_number()
        if rules != self._rules or now - self._looked >= LOOK_EVERY_S:
            self._looked, self._rules = now, rules
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
