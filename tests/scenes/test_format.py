"""Scenario files: what they may say, what is told to whoever gets one wrong, and how an expectation is compared."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from calls.scenarios.document import ScenarioError
from calls.scenarios.expecting import (
    actions_check,
    fits,
    mapping_check,
    messages_check,
    occurs,
    turn_check,
)
from calls.scenarios.format import scenario_read
from calls.scenarios.moments import moment_resolve
from calls.scenarios.speech import for_a_voice
from calls.scenarios.values import values_make
from calls.scenarios.wording import FORMS, e164

KOLKATA = ZoneInfo("Asia/Kolkata")
#: A Wednesday.
NOW = dt.datetime(2026, 3, 18, 21, 30, tzinfo=KOLKATA)

GOOD = """\
name: A callback
people:
  asha: {name: Asha Rao, phone: "+9198450#####", email: "asha##@example.com",
         orders: [{order_id: "ORD4####", product: laptop, status: Shipped, due: "next 18:00"}]}
values: {other: "98451#####"}
caller: {person: asha}
turns:
  - any_of: [Call me back, "Ring me on {other|spoken}", "about {asha.order}"]
    expect: {intent: callback_request, asked: [callback_time]}
  - says: Tomorrow at ten
finally:
  callback: {due: "tomorrow 10:00"}
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "one.yaml"
    file.write_text(text)
    return file


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        scenario_read(written(tmp_path, text))
    return [one.removeprefix(f"{tmp_path}/") for one in error.value.problems]


def test_a_scenario_runs_once_for_each_phrasing(tmp_path: Path) -> None:
    scenario = scenario_read(written(tmp_path, GOOD))
    assert scenario.runs == 3
    assert scenario.calls[0].turns[0].phrasings[0] == "Call me back"
    assert scenario.leads == ()


def test_several_calls_and_people_of_ones_own_rows(tmp_path: Path) -> None:
    text = """\
name: Two calls
caller: {lead: user_123}
calls:
  - turns: [{says: Call me tomorrow at ten}]
  - caller: anonymous
    turns: [{silence: 3}, {keypad: "12#"}]
"""
    scenario = scenario_read(written(tmp_path, text))
    assert [dict(one.caller) for one in scenario.calls] == [{"person": "caller"}, {}]
    assert scenario.leads == ("user_123",)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("name: A callback", "title: A callback"), "one.yaml:1: title: means nothing here"),
        (("name: A callback\n", ""), "one.yaml:1: name: expected a name"),
        (("says: Tomorrow at ten", "say: Tomorrow at ten"), "one.yaml:10: turns 2, say: means nothing here"),
        (
            ("says: Tomorrow at ten", "silence: long"),
            "one.yaml:10: turns 2, silence: expected seconds, got 'long'",
        ),
        (("callback_request", "callback"), "one.yaml:9: turns 1, expect, intent: 'callback' is no intent"),
        (
            ("{person: asha}", "{person: vikram}"),
            "one.yaml:6: caller: there is nobody called 'vikram' under people",
        ),
        (("{other|spoken}", "{mobile}"), "one.yaml:8: turns 1, any_of 2: {mobile} means nothing here"),
        (
            ("{other|spoken}", "{other|sung}"),
            "one.yaml:8: turns 1, any_of 2: |sung is no way to write a value",
        ),
        (("next 18:00", "six-ish"), "one.yaml:4: people, asha, orders 1, due: expected a moment"),
        (("callback: {due", "call_back: {due"), "one.yaml:12: finally, call_back: means nothing here"),
        (("Call me back,", "Call me back]"), "one.yaml:8: "),
        (("Tomorrow at ten", "/ten"), None),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, change: tuple[str, str], expected: str | None
) -> None:
    text = GOOD.replace(*change)
    assert text != GOOD
    if expected is None:
        scenario_read(written(tmp_path, text))
        return
    assert any(one.startswith(expected) for one in problems(tmp_path, text)), problems(tmp_path, text)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("callback_request", "x").replace("{person: asha}", "{person: y}")
    assert len(problems(tmp_path, text)) == 2


@pytest.mark.parametrize(
    "text", ["", "- a list", "name: [", "name: x\nname: y\ncaller: anonymous\nturns: [{says: a}]"]
)
def test_what_is_no_scenario_at_all_is_refused(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"nowhere\.yaml: can't be read"):
        scenario_read(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("today 09:00", 18, "09:00"),
        ("tomorrow 10:00", 19, "10:00"),
        ("yesterday 10:00", 17, "10:00"),
        ("next 18:00", 19, "18:00"),
        ("next 22:00", 18, "22:00"),
        ("wednesday 10:00", 25, "10:00"),
        ("monday 15:30", 23, "15:30"),
        ("in 2 days 11:00", 20, "11:00"),
        ("3 days ago 11:00", 15, "11:00"),
        ("in 90 minutes", 18, "23:00"),
    ],
)
def test_moments_are_in_the_companys_zone(text: str, day: int, clock: str) -> None:
    moment = moment_resolve(text, NOW)
    assert (moment.day, f"{moment:%H:%M}", moment.tzinfo) == (day, clock, KOLKATA)


@pytest.mark.parametrize("text", ["tomorrow", "10:00", "tomorrow 25:00", "soonish 10:00", ""])
def test_what_is_no_moment_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="no moment"):
        moment_resolve(text, NOW)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("spoken", "nine eight four five zero zero zero one two two"),
        ("oh", "nine eight four five oh oh oh one two two"),
        ("double", "nine eight four five triple zero one double two"),
        ("fives", "98450 00122"),
        ("pairs", "98 45 00 01 22"),
        ("dashed", "984-500-012-2"),
        ("national", "9845000122"),
    ],
)
def test_a_number_is_said_in_many_ways(form: str, said: str) -> None:
    assert FORMS[form]("+919845000122") == said
    assert e164("98450 00122", "IN") == "+919845000122"


def test_an_address_is_said_and_spelled() -> None:
    assert FORMS["address"]("asha.r12@example.com") == "asha dot r one two at example dot com"
    assert FORMS["spelled"]("a-b1@example.com") == "A dash B one at example dot com"


def test_values_are_the_same_in_every_run_of_a_run(tmp_path: Path) -> None:
    scenario = scenario_read(written(tmp_path, GOOD))

    def filled(run: int) -> str:
        values = values_make(scenario=scenario, run=run, now=NOW, region="IN", company="Example", tag="t")
        return values.fill(
            "{other|e164} {asha.phone} {asha.order} {asha.order.due|day} {asha.order.due|clock} {company}"
        )

    assert filled(1) == filled(1) != filled(2)
    assert filled(1).endswith("tomorrow 6 PM Example")
    assert "#" not in filled(1)


@pytest.mark.parametrize(
    ("expected", "actual", "is_so"),
    [
        ("Open", "open", True),
        ("open", "opened", False),
        ("/^open/", "opened", True),
        (["open", "pending"], "pending", True),
        (None, "", True),
        (None, "x", False),
        ("anything", "x", True),
        ("anything", None, False),
        (True, True, True),
        (True, 1, False),
        (2, 2, True),
        ({"a": "x"}, {"a": "x", "b": "y"}, True),
        ({"a": "x"}, {"b": "x"}, False),
        ("tomorrow 10:00", dt.datetime(2026, 3, 19, 4, 30, tzinfo=dt.UTC), True),
        ("tomorrow 10:00", "2026-03-19T10:00:00+05:30", True),
        ("tomorrow 10:00", "2026-03-19T10:01:00+05:30", False),
        ("tomorrow 10:00", "tomorrow 10:00", False),
        ("in 2 hours", NOW + dt.timedelta(hours=2, minutes=1), True),
        ("in 2 hours", NOW + dt.timedelta(hours=2, minutes=9), False),
    ],
)
def test_an_expectation_fits_or_does_not(expected: object, actual: object, is_so: bool) -> None:
    assert fits(expected, actual, NOW) is is_so


def test_words_occur_whatever_their_case_quotes_and_spacing() -> None:
    assert occurs("I'd be  happy", "Well, I’d be happy to")
    assert occurs("/30.day/", "a 30-day guarantee")
    assert not occurs("refund", "return")


def test_a_turn_is_judged_by_decision_and_words() -> None:
    decision = {
        "intent": "callback_request",
        "entities": {"missing_info": ["callback_time"], "phone": "+919845000122"},
        "needs_clarification": True,
        "used_knowledge": False,
        "escalate_to_human": False,
        "actions": ["schedule_callback"],
    }

    def failed(**expected: object) -> list[str]:
        found = turn_check("turn 1", expected, decision=decision, heard="call me", said="What time?", now=NOW)
        return [one.where for one in found]

    assert not failed(intent="callback_request", asked=["callback_time"], clarifies=True, says="what time")
    assert not failed(actions=["schedule_callback"], not_actions=["send_sms"], entities={"phone": "/122$/"})
    assert failed(intent=["complaint"], asked=[], clarifies=False) == [
        "turn 1, intent",
        "turn 1, clarifies",
        "turn 1, asked",
    ]
    assert failed(actions=[]) == failed(actions=["send_sms"]) == ["turn 1, actions"]
    assert failed(says_any=["When", "/^where/"]) == failed(not_says="time") == ["turn 1, says"]
    assert failed(entities={"email": "anything"}) == ["turn 1, entities.email"]
    assert turn_check("turn 1", {"intent": "x"}, decision=None, heard="", said="", now=NOW)


def test_messages_are_looked_for_and_counted() -> None:
    sent = {
        "channel": "sms",
        "to": "+91",
        "subject": "",
        "body_text": "tomorrow at 10 AM",
        "status": "delivered",
    }
    gone = {**sent, "status": "cancelled", "body_text": "tomorrow at 9 AM"}

    def passes(**expected: object) -> bool:
        return not messages_check("finally", expected, [gone, sent], NOW)

    assert passes(
        message_count=1, messages=[{"channel": "sms", "contains": ["10 AM"], "not_contains": "9 AM"}]
    )
    assert not passes(messages=[{"contains": ["9 AM"]}]), "a cancelled one counts only when that is asked for"
    assert passes(messages=[{"contains": ["9 AM"], "status": "cancelled"}])
    assert passes(messages=[{"channel": "email", "count": 0}])
    assert not passes(message_count=2)


def test_deeds_are_judged_by_what_became_of_them() -> None:
    actions = [{"kind": "send_sms", "status": "delivered"}, {"kind": "send_email", "status": "cancelled"}]

    def passes(**expected: object) -> bool:
        return not actions_check("finally", expected, actions, NOW)

    assert passes(actions=["send_sms"], not_actions=["send_email"])
    assert passes(actions={"send_sms": ["sent", "delivered"], "send_email": "cancelled"})
    assert not passes(actions=[])
    assert not passes(actions=["send_email"])
    assert not passes(not_actions=["send_sms"])


def test_a_row_that_must_not_be_there_and_one_that_must() -> None:
    assert not mapping_check("ticket", None, None, NOW)
    assert mapping_check("ticket", None, {"id": 1}, NOW)[0].expected == "none"
    assert mapping_check("ticket", {"status": "open"}, None, NOW)[0].actual == "none"
    (failure,) = mapping_check("ticket", {"a": {"b": "x", "c": "y"}}, {"a": {"b": "x", "c": "z"}}, NOW)
    assert str(failure) == "ticket.a.c: expected y; was z"


@pytest.mark.parametrize(
    ("written_as", "read_out"),
    [
        ("It's ORD98765", "O R D nine eight seven six five"),
        ("my number is 9845000122", "nine eight four five zero, zero zero one two two"),
        ("on 98450 00122 please", "nine eight four five zero, zero zero one two two"),
    ],
)
def test_numbers_are_read_out_digit_by_digit(written_as: str, read_out: str) -> None:
    assert read_out in for_a_voice(written_as)


def test_every_scenario_of_ours_can_be_read() -> None:
    files = sorted((Path(__file__).parents[1] / "scenarios").rglob("*.yaml"))
    assert len(files) >= 60
    for file in files:
        scenario_read(file)
