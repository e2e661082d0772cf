"""The scores of the readers count what they say they count."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from calls.evaluation.slot_dialogues import datetime_dialogues
from calls.evaluation.slot_sets import in_part, pairs_unique
from calls.evaluation.slots import (
    datetime_specs,
    email_pairs,
    phone_pairs,
    phone_specs,
    slots_scores,
    time_pairs,
    yesno_dialogues,
    yesno_intents,
)


def spec(path: Path, cases: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\ufeff" + json.dumps(cases))  # as they are published: with a byte order mark
    return path


def moment(text: str, kind: str, *values: str) -> dict[str, Any]:
    resolution = {"values": [{"type": kind, "value": value} for value in values]}
    return {
        "Input": text,
        "Context": {"ReferenceDateTime": "2016-11-07T08:00:00"},
        "Results": [{"TypeName": f"datetimeV2.{kind}", "Resolution": resolution}],
    }


def test_a_time_scheduled_where_none_was_said_is_false(tmp_path: Path) -> None:
    path = spec(
        tmp_path / "DateTime/English/DateTimeModel.json",
        [
            moment("tomorrow at 10 am", "datetime", "2016-11-08 10:00:00"),
            moment("tomorrow at ten", "datetime", "2016-11-08 10:00:00", "2016-11-08 22:00:00"),
            moment("next Friday", "date", "2016-11-18"),
            moment("tomorrow at 11 am", "datetime", "2016-11-08 12:00:00"),
            moment("5 pm", "timerange"),
            moment("for three days", "duration", "259200"),
        ],
    )
    score = datetime_specs(path)
    assert (score.n, score.right, score.asked, score.wrong, score.false) == (5, 2, 1, 2, 2)
    assert slots_scores(specs=tmp_path)[0].false == 2


def test_a_number_that_is_heard_but_does_not_exist_is_asked_about(tmp_path: Path) -> None:
    written = [("My number is 98450 12345.", "98450 12345"), ("My number is 98450 1234.", "98450 1234")]
    cases: list[dict[str, Any]] = [
        {"Input": text, "Results": [{"Resolution": {"value": value}}]} for text, value in written
    ]
    path = spec(tmp_path / "PhoneNumberModel.json", [*cases, {"Input": "account 12", "Results": []}])
    score = phone_specs(path, region="IN")
    assert (score.n, score.right, score.asked, score.false) == (3, 2, 1, 0)


def test_pairs_are_read_in_both_directions_and_once(tmp_path: Path) -> None:
    there = tmp_path / "en" / "data_inverse_text_normalization"
    back = tmp_path / "en" / "data_text_normalization"
    for folder in (there, back):
        folder.mkdir(parents=True)
    (there / "test_cases_electronic.txt").write_text(
        "a at gmail dot com~a@gmail.com\nnvidia dot com~nvidia.com\n"
    )
    (back / "test_cases_electronic.txt").write_text(
        "a@gmail.com~A at gmail dot com\nbo@x.org~bo at x dot org\n"
    )
    (there / "test_cases_time.txt").write_text("two thirty~02:30\neight oclock g m t~08:00 gmt\n")
    (there / "test_cases_telephone.txt").write_text(
        "four one five five five five two six seven one~415-555-2671\na b nine~ab9\n"
    )
    assert len(list(pairs_unique(tmp_path.rglob("*electronic.txt"), ""))) == 3
    mail = email_pairs(tmp_path.rglob("*electronic.txt"))
    time = time_pairs(tmp_path.rglob("*time.txt"))
    phone = phone_pairs(tmp_path.rglob("*telephone.txt"))
    assert [(score.n, score.right) for score in (mail, time, phone)] == [(2, 2), (2, 1), (1, 1)]
    assert [score.n for score in slots_scores(pairs=tmp_path)] == [2, 1, 2]


def test_a_refusal_taken_for_a_yes_is_false(tmp_path: Path) -> None:
    intents = tmp_path / "data_full.json"
    intents.write_text(json.dumps({"test": [["yes please", "no"], ["nope", "no"], ["hello", "greeting"]]}))
    score = yesno_intents(intents)
    assert (score.n, score.right, score.false) == (2, 1, 1)


def turn(text: str, *actions: tuple[str, str, str]) -> dict[str, Any]:
    named = [{"act": act, "slot": slot, "canonical_values": [value]} for act, slot, value in actions]
    return {"speaker": "USER", "utterance": text, "frames": [{"actions": named}]}


def test_dialogues_score_single_days_hours_and_answers(tmp_path: Path) -> None:
    turns = [
        turn("at ten in the morning tomorrow", ("INFORM", "date", "2019-03-02"), ("INFORM", "time", "10:00")),
        turn("on the 5th", ("INFORM", "date", "2019-03-05")),
        turn("at ten", ("INFORM", "time", "11:00")),
        turn("from Monday to Friday", ("INFORM", "pickup_date", "2019-03-04")),
        turn("No, thanks.", ("NEGATE", "", "")),
        turn("Yes, please.", ("AFFIRM", "", "")),
    ]
    (tmp_path / "dialogues_001.json").write_text(json.dumps([{"turns": turns}]))
    times, answers = datetime_dialogues(tmp_path), yesno_dialogues(tmp_path)
    assert (times.n, times.right, times.false) == (3, 2, 1)
    assert (answers.n, answers.right, answers.false) == (2, 2, 0)


def test_the_parts_of_a_set_share_nothing_and_copies_stay_together() -> None:
    texts = [f"call me at {hour} on day {day}" for hour in range(12) for day in range(30)]
    held = [text for text in texts if in_part(text, "held-out")]
    assert all(in_part(text, "held-out") != in_part(text, "dev") for text in texts)
    assert 0.15 < len(held) / len(texts) < 0.35
    assert all(in_part(text.upper() + "!", "held-out") for text in held)
