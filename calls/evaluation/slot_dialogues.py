"""Times that people asked for in the Schema-Guided Dialogue data. Invariant: only turns that name one day and one time at
most are scored, so that the right answer is a single moment."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from calls.core.hours import Hours
from calls.core.slots import When, when_read
from calls.evaluation.slot_sets import Score

# The data's own present: every "today" in it is this Friday.
NOW: Final = dt.datetime(2019, 3, 1, 6, 0, tzinfo=dt.UTC)
_DAYTIME: Final = Hours(
    zone="UTC", week=MappingProxyType(dict.fromkeys(range(7), ((dt.time(7), dt.time(19, 30)),)))
)
_SLOTS: Final = frozenset(
    {
        "date",
        "time",
        "appointment_date",
        "appointment_time",
        "visit_date",
        "show_time",
        "show_date",
        "event_date",
        "event_time",
    }
)


def datetime_dialogues(folder: Path, *, hours: Hours = _DAYTIME) -> Score:
    """``dialogues_*.json`` of one split. Outside ``hours``, closed is right; false is a moment nobody named."""
    score = Score(name=f"date-time, Schema-Guided Dialogue {folder.name}")
    for text, date, time in _turns(folder):
        heard = when_read(text, now=NOW, hours=hours, asked=True)
        expected = f"{date or 'any day'} {time or 'no time'}"
        verdict = _judged(heard, date, time, hours)
        got = f"{heard.status} {heard.value or heard.day or ''} {heard.part}".strip()
        score.count(
            verdict,
            text=text,
            expected=expected,
            got=got,
            false=heard.status == "fixed" and verdict == "wrong",
        )
    return score


def _turns(folder: Path) -> Iterator[tuple[str, dt.date | None, dt.time | None]]:
    seen: set[str] = set()
    for path in sorted(folder.glob("dialogues_*.json")):
        for dialogue in json.loads(path.read_text()):
            for turn in dialogue["turns"]:
                named = _named(turn) if turn["speaker"] == "USER" else {}
                dates = [value for slot, value in named.items() if slot.endswith("date")]
                times = [value for slot, value in named.items() if slot.endswith("time")]
                if named and len(dates) <= 1 and len(times) <= 1 and turn["utterance"] not in seen:
                    seen.add(turn["utterance"])
                    yield (
                        turn["utterance"],
                        dt.date.fromisoformat(dates[0]) if dates else None,
                        dt.time.fromisoformat(times[0]) if times else None,
                    )


def _named(turn: Mapping[str, Any]) -> dict[str, str]:
    """The slots of time that the turn gives, with what they mean; none when it gives others of that kind too."""
    found: dict[str, str] = {}
    for frame in turn["frames"]:
        for action in frame["actions"]:
            slot, values = action["slot"], action.get("canonical_values") or [""]
            if action["act"] != "INFORM" or not re.search(r"date|time|day", slot):
                continue
            whole = re.fullmatch(r"\d{4}-\d\d-\d\d|\d\d:\d\d", values[0])
            if slot not in _SLOTS or whole is None:
                return {}
            found[slot] = values[0]
    return found


def _judged(heard: When, date: dt.date | None, time: dt.time | None, hours: Hours) -> str:
    if not heard:
        return "missed"
    if time is None:
        if heard.status == "day":
            return "right" if heard.day == date else "wrong"
        return "wrong" if heard.status == "fixed" else "asked"
    if heard.status == "fixed" and heard.value is not None:
        return "right" if heard.value.time() == time and date in (None, heard.value.date()) else "wrong"
    moment = dt.datetime.combine(date or NOW.date(), time, tzinfo=hours.tz)
    if heard.status == "closed":
        return "right" if not hours.is_open(moment) else "wrong"
    return "asked"
