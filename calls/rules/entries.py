"""All rules as plain data, and back: section -> key -> value. What is compared, stored and restored.

Invariant: ``entries_write(entries_read())`` changes nothing, and two states of the tables that mean the same read the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from calls.models import ExampleUtterance
from calls.models_rules import (
    ActionRule,
    BusinessHours,
    CompanyRules,
    DocumentType,
    EscalationRule,
    Holiday,
    Phrase,
)

Entries = dict[str, dict[str, Any]]
_ALWAYS_THERE: Final = ("hours", "action", "company")
COMPANY_FIELDS: Final = ("order_prefix", "order_pattern", "tracking_url", "compensation", "angry_turns")


def entries_read() -> Entries:
    """The tables as they are, in this transaction."""
    return {
        "phrase": {
            f"{row.language}/{row.name}": {"text": row.text, "edited": row.edited}
            for row in Phrase.objects.all()
        },
        "hours": {str(row.weekday): row.spans for row in BusinessHours.objects.all()},
        "holiday": {row.date.isoformat(): row.name for row in Holiday.objects.all()},
        "action": {row.action: row.allowed for row in ActionRule.objects.all()},
        "document_type": {
            f"{row.language}/{row.kind}": list(row.names) for row in DocumentType.objects.all()
        },
        "escalation": {row.topic: row.skill for row in EscalationRule.objects.all()},
        "company": {
            name: getattr(row, name) for row in CompanyRules.objects.all() for name in COMPANY_FIELDS
        },
        "example": {
            f"{row.language}/{row.intent}/{row.text}": row.active for row in ExampleUtterance.objects.all()
        },
    }


def entries_restored(snapshot: Mapping[str, Mapping[str, Any]]) -> Entries:
    """What the tables would say with ``snapshot`` put back.

    A phrase that was not edited then follows the product as it is now; what there was nothing of then, and is always there
    (an action, a phrase that came since), stays.
    """
    now = entries_read()
    shipped = {f"{row.language}/{row.name}": row.shipped for row in Phrase.objects.all() if row.shipped}
    wanted: Entries = {section: dict(snapshot.get(section, now[section])) for section in now}
    for section in _ALWAYS_THERE:
        wanted[section] = {key: wanted[section].get(key, value) for key, value in now[section].items()}
    phrases = {key: value for key, value in wanted["phrase"].items() if value["edited"] or key in shipped}
    for key, text in shipped.items():
        if not phrases.get(key, {"edited": False})["edited"]:
            phrases[key] = {"text": text}
    wanted["phrase"] = {
        key: {"text": value["text"], "edited": value["text"] != shipped.get(key, "")}
        for key, value in phrases.items()
    }
    return wanted


def entries_write(wanted: Mapping[str, Mapping[str, Any]]) -> None:
    """Make the tables say what ``wanted`` says; sections that it doesn't have are left as they are."""
    now = entries_read()
    for section, write in _WRITERS.items():
        if section not in wanted:
            continue
        for key in {*now[section], *wanted[section]}:
            before, after = now[section].get(key), wanted[section].get(key)
            if before != after:
                write(key, after)


def _phrase(key: str, value: Any) -> None:
    language, _, name = key.partition("/")
    if value is None:
        Phrase.objects.filter(language=language, name=name).delete()
    else:
        Phrase.objects.update_or_create(language=language, name=name, defaults={"text": value["text"]})


def _hours(key: str, value: Any) -> None:
    BusinessHours.objects.update_or_create(weekday=int(key), defaults={"spans": value or []})


def _holiday(key: str, value: Any) -> None:
    if value is None:
        Holiday.objects.filter(date=dt.date.fromisoformat(key)).delete()
    else:
        Holiday.objects.update_or_create(date=dt.date.fromisoformat(key), defaults={"name": value})


def _action(key: str, value: Any) -> None:
    if value is not None:
        ActionRule.objects.update_or_create(action=key, defaults={"allowed": value})


def _document_type(key: str, value: Any) -> None:
    language, _, kind = key.partition("/")
    if value is None:
        DocumentType.objects.filter(language=language, kind=kind).delete()
    else:
        DocumentType.objects.update_or_create(language=language, kind=kind, defaults={"names": value})


def _escalation(key: str, value: Any) -> None:
    if value is None:
        EscalationRule.objects.filter(topic=key).delete()
    else:
        EscalationRule.objects.update_or_create(topic=key, defaults={"skill": value})


def _company(key: str, value: Any) -> None:
    if value is not None and key in COMPANY_FIELDS:
        CompanyRules.objects.update_or_create(id=1, defaults={key: value})


def _example(key: str, value: Any) -> None:
    language, intent, text = key.split("/", 2)
    if value is None:
        ExampleUtterance.objects.filter(language=language, intent=intent, text=text).delete()
    else:
        ExampleUtterance.objects.update_or_create(
            language=language, intent=intent, text=text, defaults={"active": value}
        )


_WRITERS: Final[Mapping[str, Callable[[str, Any], None]]] = {
    "phrase": _phrase,
    "hours": _hours,
    "holiday": _holiday,
    "action": _action,
    "document_type": _document_type,
    "escalation": _escalation,
    "company": _company,
    "example": _example,
}
