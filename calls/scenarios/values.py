"""The values of one run: made-up people and numbers, and ``{name|form}`` in a text put in as its words. Pure but for chance,
which is seeded by the scenario's name and the run's number: a run can be repeated.
"""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from calls.scenarios.format import REFERENCE, Scenario
from calls.scenarios.moments import clock_word, day_word, moment_resolve
from calls.scenarios.wording import FORMS, e164, made_up, national


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    order_id: str
    product: str = ""
    status: str = ""
    tracking_id: str = ""
    placed: dt.datetime | None = None
    due: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of a scenario. ``made`` people exist for the run only."""

    key: str
    lead_id: str
    made: bool
    name: str = ""
    company: str = ""
    phone: str = ""
    email: str = ""
    orders: tuple[Order, ...] = ()


@dataclass(slots=True, kw_only=True)
class Values:
    """``fill`` writes a text out. ``late`` holds values that only a running call brings, such as ``code``."""

    now: dt.datetime
    region: str
    company: str = ""
    people: dict[str, Person] = field(default_factory=dict)
    plain: dict[str, str] = field(default_factory=dict)
    late: dict[str, str] = field(default_factory=dict)

    def fill(self, text: str) -> str:
        """Raises ``KeyError`` for a name that means nothing."""
        before = ""
        while before != text:  # an example's value may have values in it
            before, text = text, REFERENCE.sub(self._word, text)
        return text

    def mentions(self, text: str, names: Collection[str]) -> bool:
        """Is one of ``names`` in ``text``, or in a value that is?"""
        heads = {name.partition(".")[0] for name, _form in REFERENCE.findall(text)}
        inside = [self.plain[head] for head in heads if head in self.plain]
        return not heads.isdisjoint(names) or any(self.mentions(one, names) for one in inside)

    def filled(self, value: Any) -> Any:
        """``fill`` for every text in plain data."""
        if isinstance(value, str):
            return self.fill(value)
        if isinstance(value, dict):
            return {key: self.filled(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.filled(one) for one in value]
        return value

    def moment(self, text: str) -> dt.datetime:
        return moment_resolve(text, self.now)

    def _word(self, hit: re.Match[str]) -> str:
        name, form = hit[1], hit[2]
        value = self._value(name)
        if isinstance(value, str):
            value = self.fill(value)
        if form in ("day", "clock"):
            moment = value if isinstance(value, dt.datetime) else self.moment(str(value))
            return day_word(moment, self.now) if form == "day" else clock_word(moment)
        text = value.isoformat() if isinstance(value, dt.datetime) else str(value)
        if form == "e164":
            return e164(text, self.region)
        if form == "national":
            return national(text, self.region)
        return FORMS[form](text) if form else text

    def _value(self, name: str) -> str | dt.datetime:
        head, _, rest = name.partition(".")
        if head in self.late:
            return self.late[head]
        if head == "company":
            return self.company
        if head in self.plain:
            return self.plain[head]
        person = self.people[head]
        part, _, of = rest.partition(".")
        numbered = re.fullmatch(r"order(\d*)", part)
        order = next((one for one in person.orders if one.order_id == part), None)
        if numbered:
            order = person.orders[int(numbered[1] or 1) - 1]
        if order is not None:
            found = getattr(order, of or "order_id")
        else:
            found = getattr(person, {"id": "lead_id", "": "name"}.get(part, part))
        if found is None:
            raise KeyError(name)
        return found


def values_make(
    *, scenario: Scenario, run: int, now: dt.datetime, region: str, company: str, tag: str, attempt: int = 0
) -> Values:
    """The values of run ``run`` (from 0). People of the company's own rows have no details yet.

    Another ``attempt`` has other digits, for when the first ones are somebody's already.
    """
    chance = random.Random(f"{scenario.name}/{scenario.path.name}/{run}/{attempt}")
    values = Values(now=now, region=region, company=company)
    values.plain = {name: made_up(text, chance) for name, text in scenario.values.items()}
    if scenario.examples:
        example = scenario.examples[run % len(scenario.examples)]
        values.plain |= {name: made_up(text, chance) for name, text in example.items()}
    for key, data in scenario.people.items():
        if "lead" in data:
            values.people[key] = Person(key=key, lead_id=str(data["lead"]), made=False)
            continue
        lead_id = f"scenario_{tag}_{run}_{key}"
        values.people[key] = Person(
            key=key,
            lead_id=lead_id,
            made=True,
            orders=tuple(_order(one, chance, now) for one in data.get("orders", [])),
            **{
                name: values.fill(made_up(str(data.get(name) or ""), chance))
                for name in ("name", "company", "phone", "email")
            },
        )
    return values


def _order(data: Mapping[str, Any], chance: random.Random, now: dt.datetime) -> Order:
    moments = {name: moment_resolve(str(data[name]), now) for name in ("placed", "due") if data.get(name)}
    texts = {
        name: made_up(str(data.get(name) or ""), chance)
        for name in ("order_id", "product", "status", "tracking_id")
    }
    return Order(
        order_id=texts["order_id"],
        product=texts["product"],
        status=texts["status"],
        tracking_id=texts["tracking_id"],
        placed=moments.get("placed"),
        due=moments.get("due"),
    )
