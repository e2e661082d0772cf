"""What a drill says of each promise is what happened to it, and in doubt it is against the product."""

from __future__ import annotations

from collections import Counter

import phonenumbers
import pytest

from contactcenter.drill.judging import Row, judge
from contactcenter.drill.plan import MIX, Promise, plan_make, promises_of


def promise(kind: str = "sms") -> Promise:
    return Promise(key=f"call:{kind}", order=f"drill|{kind}", kind=kind, to="+919812345678")


@pytest.mark.parametrize(
    ("kind", "status", "times", "line"),
    [
        ("sms", "delivered", 1, "sent=1 lost=0 duplicated=0 unknown=0"),
        ("email", "sent", 1, "sent=1 lost=0 duplicated=0 unknown=0"),
        ("ticket", "open", 1, "sent=1 lost=0 duplicated=0 unknown=0"),
        ("sms", "delivered", 2, "sent=0 lost=0 duplicated=1 unknown=0"),
        ("sms", "unknown", 2, "sent=0 lost=0 duplicated=1 unknown=0"),
        ("sms", "delivered", 0, "sent=0 lost=1 duplicated=0 unknown=0"),
        ("sms", "failed", 0, "sent=0 lost=1 duplicated=0 unknown=0"),
        ("sms", "queued", 0, "sent=0 lost=1 duplicated=0 unknown=0"),
        ("email", "unknown", 0, "sent=0 lost=0 duplicated=0 unknown=1"),
        ("email", "unknown", 1, "sent=0 lost=0 duplicated=0 unknown=1"),
        ("sms", "failed", 1, "sent=0 lost=0 duplicated=0 unknown=1"),
        ("callback", "scheduled", 0, "sent=0 lost=1 duplicated=0 unknown=0"),
    ],
)
def test_a_promise_is_judged_by_its_effects_and_its_row(
    kind: str, status: str, times: int, line: str
) -> None:
    one = promise(kind)
    verdict = judge(promises=[one], rows={one.key: Row(id="7", status=status)}, effects={one.key: times})
    assert verdict.line == line
    kept = line.startswith("sent=1")
    assert bool(verdict.named) is not kept, "whatever is not kept once is named, and nothing else"
    assert all(" 7 " in named for named in verdict.named)


def test_a_promise_without_a_row_is_lost_and_an_effect_without_a_promise_is_a_duplicate() -> None:
    verdict = judge(promises=[promise()], rows={}, effects={}, strangers=["message SM1"])
    assert verdict.line == "sent=0 lost=1 duplicated=1 unknown=0"
    assert verdict.named[-1] == "duplicated: message SM1 was asked for by nobody"


@pytest.mark.parametrize(("unknown", "passes"), [(0, True), (1, True), (2, False)])
def test_one_in_a_hundred_may_be_unknown_and_no_more(unknown: int, passes: bool) -> None:
    promises = [Promise(key=str(n), order="o", kind="email", to="a@b.example") for n in range(100)]
    rows = {
        one.key: Row(id=one.key, status="unknown" if int(one.key) < unknown else "sent") for one in promises
    }
    verdict = judge(promises=promises, rows=rows, effects=dict.fromkeys(rows, 1))
    assert verdict.passes(asked=100) is passes


@pytest.mark.parametrize(("lost", "duplicated"), [(1, 0), (0, 1)])
def test_none_may_be_lost_or_doubled(lost: int, duplicated: int) -> None:
    promises = [Promise(key=str(n), order="o", kind="sms", to="+919812345678") for n in range(200)]
    effects = {one.key: 1 for one in promises} | {"0": 0 if lost else 2}
    rows = {one.key: Row(id=one.key, status="sent") for one in promises}
    assert not judge(promises=promises, rows=rows, effects=effects).passes(asked=200)


@pytest.mark.parametrize("actions", [1, 60, 1000])
def test_a_plan_promises_as_many_things_as_were_asked_for_each_under_a_key_of_its_own(actions: int) -> None:
    promises = promises_of(plan_make(actions=actions, seed=3))
    assert len(promises) == len({one.key for one in promises}) == actions
    if actions >= 60:
        assert set(MIX) == {one.kind for one in promises}


def test_a_plan_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    assert plan_make(actions=80, seed=5) == plan_make(actions=80, seed=5)
    assert plan_make(actions=80, seed=5) != plan_make(actions=80, seed=6)


def test_everybody_in_a_plan_can_be_reached_and_only_twins_share_a_number() -> None:
    promises = promises_of(plan_make(actions=1000, seed=9))
    numbers = Counter(one.to for one in promises if one.kind == "callback")
    assert set(numbers.values()) == {1}, "a call is known by the number that is called"
    for one in promises:
        assert "@" in one.to or phonenumbers.is_valid_number(phonenumbers.parse(one.to))
    texts = Counter((one.to, one.words) for one in promises if one.words)
    assert 2 in texts.values(), "some are alike to the last letter"
    assert max(texts.values()) == 2


def test_turns_of_a_call_are_committed_in_their_order() -> None:
    turns: dict[str, list[int]] = {}
    for exchange in plan_make(actions=400, seed=2):
        turns.setdefault(exchange.call, []).append(exchange.turn)
    assert any(len(found) > 1 for found in turns.values())
    assert all(found == sorted(found) for found in turns.values())
