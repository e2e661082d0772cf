"""A callback that was just arranged, changed in whatever words: "no wait, eleven", "an hour later", "the other number".

Invariant: a change is read only while nothing else is open, and what it doesn't mention (the day, the number) stays.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Final

from calls.core.flows import asking
from calls.core.flows.callbacks import (
    ABOUT_CALL,
    ask_moment,
    ask_time,
    book,
    cancel,
    clock_say,
    is_off,
    moment_of,
    other_than,
)
from calls.core.flows.hints import DROPS, OTHER_TIMES
from calls.core.flows.saying import NOTHING_OPEN, Say
from calls.core.slots import When, when_read
from calls.core.slots.instead import kept_of
from calls.core.state import Plan, Wish

_SOUNDS: Final = 0.4
_PASSING: Final = frozenset({"small_talk", "callback_request", "out_of_scope"})
_DEEDS: Final = frozenset(
    {
        "send_details_email",
        "send_details_sms",
        "send_details_whatsapp",
        "complaint",
        "human_request",
        "goodbye",
    }
)
_COUNT: Final = {
    "an": 1.0,
    "one": 1.0,
    "a": 1.0,
    "1": 1.0,
    "two": 2.0,
    "2": 2.0,
    "three": 3.0,
    "3": 3.0,
    "couple of": 2.0,
}
_LATER: Final = re.compile(
    r"\b(half an|an|a|one|two|three|couple of|\d{1,2}) (hours?|min(?:ute)?s?)"
    r" (later|earlier|before|sooner|after)\b",
    re.IGNORECASE,
)
_SHIFTED: Final = re.compile(
    r"\b(?:shift|move|push|change|put|bring|swap|switch|set|make|do)\b.*?\b(?:to|for|at|it)\s+(.+)$",
    re.IGNORECASE,
)
_SAME: Final = re.compile(r"\b(?:same|that) (?:time|hour)\b", re.IGNORECASE)
_NUMBER_WRONG: Final = re.compile(r"\b(?:number|phone|mobile)\b", re.IGNORECASE)


def correct(say: Say) -> Plan | None:
    """ "No wait, eleven": another time or number for the callback that was just arranged."""
    booked = say.dialogue.booked
    if booked is None or say.dialogue.asked not in NOTHING_OPEN:
        return None
    proposal = say.proposal
    moves = proposal.sounds("callback_move") >= _SOUNDS
    passing = moves or proposal.intent in _PASSING or not (proposal.answer or proposal.intent in _DEEDS)
    if proposal.entities.get("change") == "cancel" or not passing:
        return None
    wish = Wish(
        kind="schedule_callback",
        intent="callback_request",
        about="callback",
        phone=booked.phone,
        change="move",
    )
    kept = kept_of(say.words)
    when = when_read(kept, now=say.known.now, hours=say.playbook.hours, asked=True, day=booked.due.date())
    shifted = _SHIFTED.search(kept) if not when.status else None
    if shifted:
        moment = shifted.group(1)
        when = when_read(
            moment, now=say.known.now, hours=say.playbook.hours, asked=True, day=booked.due.date()
        )
    when = other_than(when, booked.due)
    number = say.phone(asked=bool(_NUMBER_WRONG.search(say.words)))
    another = when.status == "fixed" and when.value is not None and when.value != booked.due
    denies = moves or proposal.correction or (proposal.reply == "no" and proposal.intent != "goodbye")
    if proposal.cancel and not another:
        return None
    # Words about a time, with nothing open but this callback, are about it; but for a question of opening hours or parcels.
    brief = moves or (not (proposal.is_question and proposal.answer) and not OTHER_TIMES.search(say.words))
    later = _LATER.search(say.words)
    if later and brief:
        return _book_moved(say, wish, booked.due, later)
    if not another and is_off(say):
        return cancel(say, replace(wish, kind="cancel_callback", change="cancel"))
    if not another and DROPS.search(say.words):
        return None
    if number and (denies or brief):
        return book(say, replace(wish, phone=number.value, due=when.value if another else booked.due))
    if another and (denies or brief or proposal.intent == "callback_request"):
        return book(say, replace(wish, due=when.value))
    if not denies and not (brief and _SAME.search(say.words)):
        return None
    if when.status == "day":
        when = _same_hour(say, booked.due)
        if when.status == "fixed" and when.value is not None:
            return book(say, replace(wish, due=when.value))
    if when.status and when.status != "fixed":
        return ask_time(say, replace(wish, day=booked.due.date()), when)
    if proposal.correction or ABOUT_CALL.search(say.words):
        if _NUMBER_WRONG.search(say.words):
            return asking.ask(say, replace(wish, phone="", due=booked.due), "phone", again=True)
        return ask_moment(say, replace(wish, day=None), again=True)
    return None


def _book_moved(say: Say, wish: Wish, before: dt.datetime, later: re.Match[str]) -> Plan:
    """ "An hour later": from what was booked; a moment that can't be is asked about like any other."""
    amount = later.group(1).lower().strip()
    hours = 0.5 if amount.startswith("half") else _COUNT.get(amount, 1.0)
    if later.group(2).lower().startswith("min"):
        hours = float(amount) / 60 if amount.isdigit() else 0.5
    sign = -1 if later.group(3).lower() in {"earlier", "before", "sooner"} else 1
    due = before + dt.timedelta(hours=sign * hours)
    if due <= say.known.now or not say.playbook.hours.is_open(due):
        return ask_time(say, wish, When(status="closed" if due > say.known.now else "past", day=due.date()))
    return book(say, replace(wish, due=due))


def other_day(say: Say, wish: Wish) -> Wish | None:
    """ "No, Tuesday", to a moment that was proposed: the same hour of another day; None if that isn't what was said."""
    if wish.due is None or moment_of(say, replace(wish, day=None, part="")).status != "day":
        return None
    when = _same_hour(say, wish.due)
    return replace(wish, due=when.value) if when.status == "fixed" else None


def _same_hour(say: Say, before: dt.datetime) -> When:
    words = f"{say.words.rstrip(' .!')} at {clock_say(before.astimezone(say.playbook.hours.tz).time())}"
    return when_read(words, now=say.known.now, hours=say.playbook.hours, asked=True)
