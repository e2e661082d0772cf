"""How well times, numbers, addresses and answers are read out of words. Invariant: the data sets are only read, from
paths; none is part of the product.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from calls.core.hours import Hours
from calls.core.slots import When, email_read, phone_read, when_read, yesno_read
from calls.core.slots.digits import digits_read
from calls.evaluation.slot_sets import Score, pairs_unique, spec_read

ALWAYS: Final = Hours(
    zone="UTC", week=MappingProxyType(dict.fromkeys(range(7), ((dt.time.min, dt.time.max),)))
)
_NOW: Final = dt.datetime(2016, 11, 7, tzinfo=dt.UTC)
_MINUTE: Final = dt.timedelta(minutes=1)
_MOMENTS: Final = frozenset({"date", "time", "datetime"})


# -- times -------------------------------------------------------------------------------------------------------------------


def datetime_specs(path: Path, *, part: str = "", hours: Hours = ALWAYS) -> Score:
    """``DateTimeModel.json``: cases with one day, time or moment score; in all others a time that is fixed is false."""
    score = Score(name=f"date-time, Recognizers-Text {path.stem}")
    for case in spec_read(path, part):
        reference = (case.get("Context") or {}).get("ReferenceDateTime")
        now = dt.datetime.fromisoformat(reference[:19]).replace(tzinfo=dt.UTC) if reference else _NOW
        heard = when_read(case["Input"], now=now, hours=hours, asked=True)
        kinds, values = _expected(case["Results"])
        if len(kinds) == 1 and kinds[0] in _MOMENTS and values:
            verdict = _judged(kinds[0], values, heard, now)
            false = verdict == "wrong" and heard.status == "fixed"
            score.count(verdict, text=case["Input"], expected=values, got=_brief(heard), false=false)
        elif heard.status == "fixed" and not _within(values, heard.value):
            score.count(
                "wrong", text=case["Input"], expected=[*kinds, *values], got=_brief(heard), false=True
            )
    return score


def _expected(results: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    kinds, values = [], []
    for result in results:
        kinds.append(str(result.get("TypeName") or result.get("Type")).rpartition(".")[2])
        for value in (result.get("Resolution") or {}).get("values") or []:
            if (
                value.get("value")
                and value["value"] != "not resolved"
                and value.get("Mod", "approx") == "approx"
            ):
                values.append(value["value"])
            elif value.get("Mod", "approx") != "approx":
                kinds.append("bounded")
    return kinds, values


def _judged(kind: str, values: Sequence[str], heard: When, now: dt.datetime) -> str:
    if not heard:
        return "missed"
    local = now.replace(tzinfo=None)
    if kind == "date":
        days = [dt.date.fromisoformat(value) for value in values]
        if heard.status == "day":
            return "right" if heard.day in days else "wrong"
        if heard.status == "past":
            return "right" if min(days) < local.date() else "wrong"
        return "wrong" if heard.status == "fixed" else "asked"
    if kind == "datetime":
        moments = [_whole(dt.datetime.fromisoformat(value)) for value in values]
        if heard.status == "fixed" and heard.value is not None:
            near = (heard.value.replace(tzinfo=None), heard.value.replace(tzinfo=None) - _MINUTE)
            return "right" if any(moment in moments for moment in near) else "wrong"
        if heard.status == "past":
            return "right" if min(moments) <= local else "wrong"
        return "right" if _offered(heard, moments) else "asked"
    times = [value[:5] for value in values]
    if heard.status == "fixed" and heard.value is not None:
        return "right" if heard.value.strftime("%H:%M") in times else "wrong"
    offered = {choice.strftime("%H:%M") for choice in heard.choices}
    return "right" if len(times) > 1 and offered and offered <= set(times) else "asked"


def _whole(moment: dt.datetime) -> dt.datetime:
    """Without seconds, which no callback has."""
    return moment.replace(second=0)


def _offered(heard: When, moments: Sequence[dt.datetime]) -> bool:
    """Are the choices just what the words leave open?"""
    choices = {choice.replace(tzinfo=None) for choice in heard.choices}
    return len(choices) > 1 and choices <= set(moments)


def _within(values: Sequence[str], moment: dt.datetime | None) -> bool:
    return moment is not None and any(
        value in (moment.strftime("%Y-%m-%d %H:%M:%S"), moment.strftime("%H:%M:%S")) for value in values
    )


def _brief(heard: When) -> str:
    choices = ", ".join(choice.strftime("%d %b %H:%M") for choice in heard.choices)
    return " ".join(
        part
        for part in (heard.status or "-", str(heard.value or heard.day or ""), choices, heard.part)
        if part
    )


def time_pairs(paths: Iterable[Path], *, part: str = "") -> Score:
    """NeMo ``time`` pairs: the time of day, whichever day it falls on."""
    score = Score(name="time, NeMo pairs")
    for spoken, written in pairs_unique(paths, part):
        hit = re.search(r"(\d{1,2})(?:[:.](\d\d))?(?::\d\d)?\s*([ap])?", written)
        if hit is None or "-" in written:
            continue
        hour, minute = int(hit[1]), int(hit[2] or 0)
        halves = (
            [hour % 12 + (12 if hit[3] == "p" else 0)]
            if hit[3]
            else [hour % 24]
            if hour > 12
            else [hour % 12, hour % 12 + 12]
        )
        expected = {f"{each:02}:{minute:02}" for each in halves}
        heard = when_read(spoken, now=_NOW, hours=ALWAYS, asked=True)
        got = {
            moment.strftime("%H:%M") for moment in (*heard.choices, *([heard.value] if heard.value else []))
        }
        if re.search(r"\b(?:gmt|utc|e\W?s\W?t|p\W?s\W?t)\b", written, re.IGNORECASE):
            verdict = "wrong" if heard.status == "fixed" else "asked"
        else:
            verdict = (
                "missed"
                if not heard
                else "right"
                if got and got <= expected
                else "asked"
                if heard.status != "fixed"
                else "wrong"
            )
        score.count(
            verdict,
            text=spoken,
            expected=expected,
            got=_brief(heard),
            false=heard.status == "fixed" and verdict == "wrong",
        )
    return score


# -- numbers and addresses ---------------------------------------------------------------------------------------------------


def _number(score: Score, text: str, expected: str, *, region: str) -> None:
    """``expected`` is the digits as written. Right: the number with them; asked: just these, but no number of the region."""
    heard = phone_read(text, region=region, asked=True)
    got = digits_read(heard.value or heard.display)
    tail = expected.lstrip("0")
    if heard:
        right = (
            got == expected
            or got.endswith(tail)
            or (tail.endswith(got) and len(got) >= 7)
            or _trunk(expected, got)
        )
        verdict = "right" if right else "wrong"
    elif not got:
        verdict = "missed"
    else:
        verdict = "asked" if got == expected else "wrong"
    score.count(
        verdict,
        text=text,
        expected=expected,
        got=heard.value or f"{heard.display} ({heard.missing})",
        false=verdict == "wrong" and bool(heard),
    )


def _trunk(expected: str, got: str) -> bool:
    """+44 (0)161 …: the zero is written and never dialled from abroad."""
    return any(
        got.endswith(expected[:at].lstrip("0") + expected[at + 1 :])
        for at in range(1, min(5, len(expected)))
        if expected[at] == "0"
    ) or any(got == expected[len(prefix) :] for prefix in ("00", "011") if expected.startswith(prefix))


def phone_specs(path: Path, *, part: str = "", region: str = "IN") -> Score:
    """``PhoneNumberModel.json``. Where it has no number, a number that is read unasked is false."""
    score = Score(name=f"phone, Recognizers-Text, region {region}")
    for case in spec_read(path, part):
        results = case["Results"]
        if len(results) == 1:
            written = re.split(r"\s*(?:x|ext)\s*(?=\d+$)", results[0]["Resolution"]["value"])[0]
            _number(score, case["Input"], re.sub(r"\D", "", written), region=region)
        elif not results:
            heard = phone_read(case["Input"], region=region)
            score.count(
                "wrong" if heard else "right",
                text=case["Input"],
                expected="",
                got=heard.value,
                false=bool(heard),
            )
    return score


def phone_pairs(paths: Iterable[Path], *, part: str = "", region: str = "US") -> Score:
    """NeMo ``telephone`` pairs that are numbers (not "ab9", addresses of the Internet, or model names)."""
    score = Score(name=f"phone, NeMo pairs, region {region}")
    for spoken, written in pairs_unique(paths, part):
        number = re.search(r"\+?[\d(][\d\s()\-]*\d", written)
        if (
            number
            and len(re.sub(r"\D", "", number[0])) >= 9
            and not re.search(r"\d\.\d+\.\d+\.|\d[A-Za-z]|ssn", written, re.IGNORECASE)
        ):
            _number(score, spoken, re.sub(r"\D", "", number[0]), region=region)
    return score


def _address(score: Score, text: str, expected: str) -> None:
    heard = email_read(text, asked=bool(expected))
    verdict = (
        "right"
        if heard.value == expected
        else "wrong"
        if heard
        else "asked"
        if heard.missing != "all"
        else "missed"
    )
    score.count(
        verdict, text=text, expected=expected, got=heard.value or heard.display, false=verdict == "wrong"
    )


def email_specs(path: Path, *, part: str = "") -> Score:
    """``EmailModel.json``: written addresses, and words that are none."""
    score = Score(name="e-mail, Recognizers-Text")
    for case in spec_read(path, part):
        results = case["Results"]
        _address(score, case["Input"], str(results[0]["Resolution"]["value"]).lower() if results else "")
    return score


def email_pairs(paths: Iterable[Path], *, part: str = "") -> Score:
    """NeMo ``electronic`` pairs that are addresses."""
    score = Score(name="e-mail, NeMo pairs")
    for spoken, written in pairs_unique(paths, part):
        found = re.fullmatch(
            r"(?:\w+ is )?([A-Za-z0-9][\w.+\-]*@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,})", written
        )
        if found:
            _address(score, spoken, found[1].lower())
    return score


# -- yes and no --------------------------------------------------------------------------------------------------------------


def _answer(score: Score, text: str, expected: str) -> None:
    """``false`` is a refusal taken for a yes."""
    heard = yesno_read(text)
    sure = heard.value if heard.confidence >= 0.6 else ""
    if expected == "maybe":
        verdict = "right" if sure not in ("yes", "no") else "wrong"
    else:
        verdict = (
            "right"
            if sure == expected
            else "wrong"
            if sure in ("yes", "no")
            else "asked"
            if heard.value
            else "missed"
        )
    score.count(
        verdict,
        text=text,
        expected=expected,
        got=f"{heard.value} {heard.confidence}",
        false=expected == "no" and sure == "yes",
    )


def yesno_specs(path: Path, *, part: str = "") -> Score:
    """``BooleanModel.json``."""
    score = Score(name="yes/no, Recognizers-Text")
    for case in spec_read(path, part):
        if len(case["Results"]) == 1:
            _answer(score, case["Input"], "yes" if case["Results"][0]["Resolution"]["value"] else "no")
    return score


def yesno_intents(path: Path, *, split: str = "test") -> Score:
    """CLINC150's ``yes``, ``no`` and ``maybe``."""
    score = Score(name=f"yes/no/maybe, CLINC150 {split}")
    for text, label in json.loads(path.read_text())[split]:
        if label in ("yes", "no", "maybe"):
            _answer(score, text, label)
    return score


_SAID: Final[Mapping[str, str]] = MappingProxyType(
    {"AFFIRM": "yes", "AFFIRM_INTENT": "yes", "NEGATE": "no", "NEGATE_INTENT": "no"}
)


def yesno_dialogues(folder: Path) -> Score:
    """Schema-Guided Dialogue (``dialogues_*.json`` of one split): turns whose only acts accept or refuse what was offered."""
    score = Score(name=f"yes/no, Schema-Guided Dialogue {folder.name}")
    for path in sorted(folder.glob("dialogues_*.json")):
        for dialogue in json.loads(path.read_text()):
            for turn in dialogue["turns"]:
                acts = {action["act"] for frame in turn["frames"] for action in frame["actions"]}
                answers = {_SAID[act] for act in acts if act in _SAID}
                others = acts - set(_SAID) - {"THANK_YOU", "GOODBYE"}
                if turn["speaker"] == "USER" and len(answers) == 1 and not others:
                    _answer(score, turn["utterance"], answers.pop())
    return score


def slots_scores(*, specs: Path | None = None, pairs: Path | None = None, part: str = "") -> list[Score]:
    """Every reader on what lies under ``specs`` (a checkout of Recognizers-Text) and ``pairs`` (of NeMo text processing)."""
    scores: list[Score] = []
    readers: tuple[tuple[str, Callable[..., Score]], ...] = (
        ("DateTime/English/DateTimeModel.json", datetime_specs),
        ("Sequence/English/PhoneNumberModel.json", phone_specs),
        ("Sequence/English/EmailModel.json", email_specs),
        ("Choice/English/BooleanModel.json", yesno_specs),
    )
    for name, reader in readers if specs else ():
        scores.extend(reader(path, part=part) for path in sorted((specs or Path()).rglob(name))[:1])
    kinds: tuple[tuple[str, Callable[..., Score]], ...] = (
        ("time", time_pairs),
        ("telephone", phone_pairs),
        ("electronic", email_pairs),
    )
    for kind, reader in kinds if pairs else ():
        found = [
            path
            for path in (pairs or Path()).rglob(f"test_cases_{kind}*.txt")
            if path.parent.parent.name == "en"
        ]
        if found:
            scores.append(reader(found, part=part))
    return scores
