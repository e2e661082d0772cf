"""Changing a rule from code: one function a kind, each one version. The admin's forms ask the same checks.

Invariant: nothing is stored that :mod:`calls.rules.checks` has an objection to. Each function raises ``ValidationError`` with
that objection, and returns the new version's number, or None when nothing was different.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from django.core.exceptions import ValidationError

from calls.core.decision import ACTIONS, INTENTS
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
from calls.rules import checks
from calls.rules.shipped import DEFAULT_LANGUAGE, phrases_shipped
from calls.rules.versions import rules_changing


def phrase_set(*, name: str, text: str, by: str, language: str = DEFAULT_LANGUAGE) -> int | None:
    """Let the agent say ``text`` for the phrase ``name``."""
    text = " ".join(text.split())
    if name not in phrases_shipped():
        raise ValidationError(f"There is no phrase {name}.")
    _object_to(checks.language_problem(language), checks.phrase_problem(name, text))
    with rules_changing(by=by) as changing:
        Phrase.objects.update_or_create(name=name, language=language, defaults={"text": text})
    return changing.number


def phrase_reset(*, name: str, by: str, language: str = DEFAULT_LANGUAGE) -> int | None:
    """Back to the text that is shipped; in a language that nothing is shipped in, back to English."""
    with rules_changing(by=by) as changing:
        for row in Phrase.objects.filter(name=name, language=language):
            if row.shipped:
                row.text = row.shipped
                row.save()
            else:
                row.delete()
    return changing.number


def hours_set(*, weekday: int, spans: Iterable[checks.Span], by: str) -> int | None:
    """Open ``spans`` of local time on ``weekday`` (0 is Monday); none is closed."""
    spans = tuple(spans)
    _object_to("" if 0 <= weekday <= 6 else "A weekday is 0 to 6.", checks.spans_problem(spans))
    with rules_changing(by=by) as changing:
        BusinessHours.objects.filter(weekday=weekday).update(spans=checks.spans_stored(spans))
    return changing.number


def holiday_put(*, date: dt.date, by: str, name: str = "") -> int | None:
    with rules_changing(by=by) as changing:
        Holiday.objects.update_or_create(date=date, defaults={"name": name.strip()})
    return changing.number


def holiday_remove(*, date: dt.date, by: str) -> int | None:
    with rules_changing(by=by) as changing:
        Holiday.objects.filter(date=date).delete()
    return changing.number


def action_allow(*, action: str, allowed: bool, by: str) -> int | None:
    _object_to("" if action in ACTIONS else f"There is no action {action}.")
    with rules_changing(by=by) as changing:
        ActionRule.objects.filter(action=action).update(allowed=allowed)
    return changing.number


def document_type_set(
    *, kind: str, names: Iterable[str], by: str, language: str = DEFAULT_LANGUAGE
) -> int | None:
    """What callers call a kind of document; no names removes it."""
    names = list(dict.fromkeys(" ".join(name.split()) for name in names))
    _object_to(checks.kind_problem(kind), checks.language_problem(language))
    _object_to(checks.names_problem(names) if names else "")
    with rules_changing(by=by) as changing:
        if names:
            DocumentType.objects.update_or_create(kind=kind, language=language, defaults={"names": names})
        else:
            DocumentType.objects.filter(kind=kind, language=language).delete()
    return changing.number


def escalation_set(*, topic: str, skill: str, by: str) -> int | None:
    """Which skill a person needs for ``topic``; "" removes the rule."""
    _object_to(checks.topic_problem(topic), checks.skill_problem(skill) if skill else "")
    with rules_changing(by=by) as changing:
        if skill:
            EscalationRule.objects.update_or_create(topic=topic, defaults={"skill": skill})
        else:
            EscalationRule.objects.filter(topic=topic).delete()
    return changing.number


def company_set(*, by: str, what: str = "", **fields: str | int) -> int | None:
    """Some of ``order_prefix``, ``order_pattern``, ``tracking_url``, ``compensation``, ``angry_turns``."""
    for name, value in fields.items():
        _object_to(COMPANY_CHECKS[name](value))
    with rules_changing(by=by, what=what) as changing:
        CompanyRules.objects.update_or_create(id=1, defaults=fields)
    return changing.number


def example_put(
    *, intent: str, text: str, by: str, active: bool = True, language: str = DEFAULT_LANGUAGE
) -> int | None:
    text = " ".join(text.split())
    _object_to("" if intent in INTENTS else f"There is no intent {intent}.", checks.example_problem(text))
    with rules_changing(by=by) as changing:
        ExampleUtterance.objects.update_or_create(
            intent=intent, text=text, language=language, defaults={"active": active}
        )
    return changing.number


COMPANY_CHECKS: dict[str, Callable[..., str]] = {
    "order_prefix": checks.order_prefix_problem,
    "order_pattern": checks.order_pattern_problem,
    "tracking_url": checks.tracking_url_problem,
    "compensation": checks.compensation_problem,
    "angry_turns": checks.angry_turns_problem,
}


def _object_to(*problems: str) -> None:
    found = [problem for problem in problems if problem]
    if found:
        raise ValidationError(found)
