"""What the tables begin with, and what an upgrade changes in them.

Invariant: an admin's edit is never touched. A phrase that nobody edited follows the product, a new one appears, one that the
product no longer has goes (an edited one stays, unused). Examples: what is new in the product is added, what it dropped goes,
what an admin removed stays removed.
"""

from __future__ import annotations

from typing import Final

from calls.core.decision import ACTIONS
from calls.core.hours import Hours
from calls.core.playbook import Escalation, Playbook
from calls.models import ExampleUtterance
from calls.models_rules import (
    ActionRule,
    BusinessHours,
    CompanyRules,
    DocumentType,
    EscalationRule,
    Phrase,
    Shipped,
)
from calls.rules.checks import spans_stored
from calls.rules.shipped import (
    DEFAULT_LANGUAGE,
    document_types_shipped,
    examples_shipped,
    phrases_shipped,
)

EXAMPLES: Final = "examples"
LISTS: Final = "lists"


def rules_fill() -> None:
    """Bring the tables up to what is shipped. Call it under the lock of :mod:`calls.rules.versions`."""
    _phrases()
    _examples()
    _singles()
    _lists()


def _phrases() -> None:
    shipped = phrases_shipped()
    rows = {row.name: row for row in Phrase.objects.filter(language=DEFAULT_LANGUAGE)}
    Phrase.objects.bulk_create(
        Phrase(name=name, language=DEFAULT_LANGUAGE, text=text, shipped=text)
        for name, text in shipped.items()
        if name not in rows
    )
    for name, row in rows.items():
        text = shipped.get(name, "")
        if row.shipped == text:
            continue
        if not row.edited and not text:
            row.delete()
            continue
        row.text = row.text if row.edited else text
        row.shipped = text
        row.save()


def _examples() -> None:
    """Three lists decide: what was shipped last, what is shipped now, and what the table has."""
    now = examples_shipped()
    remembered = Shipped.objects.filter(name=EXAMPLES).first()
    before = {(intent, text) for intent, text in remembered.content} if remembered else set()
    if set(now) == before:
        return
    mine = ExampleUtterance.objects.filter(language=DEFAULT_LANGUAGE)
    have = set(mine.values_list("intent", "text"))
    ExampleUtterance.objects.bulk_create(
        ExampleUtterance(intent=intent, text=text, language=DEFAULT_LANGUAGE)
        for intent, text in now
        if (intent, text) not in before and (intent, text) not in have
    )
    for intent, text in before - set(now):
        mine.filter(intent=intent, text=text).delete()
    Shipped.objects.update_or_create(name=EXAMPLES, defaults={"content": [list(one) for one in now]})


def _singles() -> None:
    """Rows of which there is always exactly one for each weekday, action and company."""
    days = set(BusinessHours.objects.values_list("weekday", flat=True))
    BusinessHours.objects.bulk_create(
        BusinessHours(weekday=day, spans=spans_stored(spans))
        for day, spans in Hours().week.items()
        if day not in days
    )
    known = set(ActionRule.objects.values_list("action", flat=True))
    ActionRule.objects.exclude(action__in=ACTIONS).delete()
    ActionRule.objects.bulk_create(ActionRule(action=action) for action in ACTIONS if action not in known)
    usual = Playbook(company="")
    CompanyRules.objects.get_or_create(
        id=1,
        defaults={"order_pattern": usual.order_pattern, "angry_turns": usual.escalation.angry_turns},
    )


def _lists() -> None:
    """Lists that are given once: what an admin removes from them stays removed."""
    if Shipped.objects.filter(name=LISTS).exists():
        return
    Shipped.objects.create(name=LISTS, content=True)
    kinds = set(DocumentType.objects.filter(language=DEFAULT_LANGUAGE).values_list("kind", flat=True))
    DocumentType.objects.bulk_create(
        DocumentType(kind=kind, language=DEFAULT_LANGUAGE, names=list(names))
        for kind, names in document_types_shipped().items()
        if kind not in kinds
    )
    topics = set(EscalationRule.objects.values_list("topic", flat=True))
    EscalationRule.objects.bulk_create(
        EscalationRule(topic=topic, skill=skill)
        for topic, skill in Escalation().skills.items()
        if topic not in topics
    )
