"""The moment a caller means. Invariant: ``fixed`` is one moment, ahead, inside the opening hours, and the only one that
the words allow; whatever is less certain asks.

A wrong time books a call nobody waits for, one question more costs two seconds. So hours without "a.m." or "p.m." count only
where the opening hours leave one of the two, "next Friday" asks which, and a word about time that was not understood turns
a time into a question.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from calls.core.hours import Hours
from calls.core.slots.moments.clocks import clocks_beside, clocks_find
from calls.core.slots.moments.context import (
    calendar_in,
    meant,
    paired,
    said_of,
    unexplained,
)
from calls.core.slots.moments.days import days_after, days_find
from calls.core.slots.moments.facts import Clock, Day, Fact, Offset, Part, Scan, Soon
from calls.core.slots.moments.noise import noise_hide
from calls.core.slots.moments.settle import PARTS, ZONES, common, hours_of, minute_up, moment_of, stretched
from calls.core.slots.moments.spans import spans_after, spans_answer, spans_find
from calls.core.slots.moments.words import plain_of
from calls.core.slots.when_say import by_say, day_say, when_say

__all__ = ["When", "by_say", "day_say", "when_read", "when_say"]

# Words that say nothing once a day or an hour is named.
_LOOSE: Final = frozenset(
    {"later", "soon", "shortly", "this time", "same time", "same hours", "another time", "another day"}
)
_SAME: Final = frozenset({"same time", "same hours", "this time"})  # as what was said before
_DAYTIME: Final = "daytime"  # says less than any other part of a day
_SHORT: Final = 12  # words of an answer in which "now" may be the time
_MOST: Final = 4  # more choices than this nobody keeps in mind
_LONGEST: Final = 600  # characters of an utterance that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """What the words say of a time. False when that is nothing.

    ``status``: empty (no time in the words), ``fixed`` (``value`` is it), ``choice`` (several moments fit, or one that
    deserves a question), ``day`` (only the day is clear), ``part`` (``part`` of a day or of a longer stretch,
    or empty when the words are about time and no more is clear), ``past``, ``closed`` (``choices``: the next open moment).
    ``said`` is the caller's own words for it.
    """

    status: str = ""
    value: dt.datetime | None = None
    choices: tuple[dt.datetime, ...] = ()
    day: dt.date | None = None
    part: str = ""
    said: str = ""

    def __bool__(self) -> bool:
        return bool(self.status)


def when_read(
    text: str,
    *,
    now: dt.datetime,
    hours: Hours,
    asked: bool = False,
    day: dt.date | None = None,
    part: str = "",
) -> When:
    """The moment that ``text`` asks for, seen from ``now`` (aware).

    ``asked``: the agent has asked for a time, so "eleven" is one. ``day`` and ``part`` are what earlier words said
    ("tomorrow evening"); they count unless ``text`` has its own.
    """
    local = now.astimezone(hours.tz)
    asked = asked or day is not None
    plain = plain_of(text[:_LONGEST])
    scan = Scan(words=plain.text, asked=asked)
    noise_hide(scan)
    days_find(scan, local.date())
    spans_find(scan)
    clocks_find(scan)
    spans_answer(scan)
    clocks_beside(scan)
    days_after(scan, local.date())
    spans_after(scan)
    if not scan.of(Clock):
        clocks_beside(scan)
    facts = _relevant(meant(scan), plain.text, asked=asked)
    if not facts:
        return When(status="part") if asked and not scan.facts and calendar_in(scan) else When()
    said = plain.said(*said_of(facts))
    found = _Found(
        facts=facts,
        now=local,
        hours=hours,
        day=day,
        part=part,
        said=said,
        either=" or " in plain.text,
        pairs=paired(facts, plain.text),
    )
    return found.answer(unexplained(scan, facts))


def _relevant(facts: list[Fact], words: str, *, asked: bool) -> list[Fact]:
    """Without "now" where it only hurries ("I want to cancel now"): that is a time only of a call."""
    others: list[Fact] = [fact for fact in facts if not isinstance(fact, Soon)]
    if others:
        loose: list[Fact] = [fact for fact in facts if isinstance(fact, Soon) and fact.any]
        clocked = any(isinstance(fact, Clock | Offset) for fact in others)
        return others if clocked else [*others, *loose]
    calls = any(
        word in words.split()
        for word in ("call", "callback", "ring", "phone", "callbacks", "calling", "schedule")
    )
    return facts if calls or (asked and len(words.split()) <= _SHORT) else []


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The facts that were meant, and what they are judged by."""

    facts: list[Fact]
    now: dt.datetime
    hours: Hours
    day: dt.date | None
    part: str
    said: str
    either: bool
    pairs: Mapping[Clock, Day]

    @property
    def instant(self) -> dt.datetime:
        """Now in UTC: two times of one zone compare by their clocks, which are turned back once a year."""
        return self.now.astimezone(dt.UTC)

    @property
    def clocks(self) -> list[Clock]:
        return [fact for fact in self.facts if isinstance(fact, Clock)]

    @property
    def parts(self) -> list[Part]:
        return [fact for fact in self.facts if isinstance(fact, Part)]

    def answer(self, left: str) -> When:
        offsets = [fact for fact in self.facts if isinstance(fact, Offset)]
        days = [fact for fact in self.facts if isinstance(fact, Day)]
        wide = next((part for part in self.parts if part.wide), None)
        if any(not one.dates for one in days):
            return self._vague()
        dates = common(days, either=self.either)
        if offsets:
            if self.clocks or days or len(offsets) > 1 or wide is not None or left == "day":
                return self._vague()
            return self._from_now(offsets[0], left)
        if wide is not None and wide.name in _LOOSE and (self.clocks or days):
            wide = None
        soon = [fact for fact in self.facts if isinstance(fact, Soon)]
        if soon and all(one.any for one in soon) and self.part_name() not in ("", self.part):
            soon = []  # "any time in the morning": no hour is the only one
        if soon and not self.clocks and not left:
            return self._soonest(dates, wide)
        if wide is not None and wide.name.startswith("last ") and len(self.facts) == 1:
            return self._when("past", part=wide.name)
        if soon and not self.clocks:
            return self._vague()
        if left == "day" or (wide is not None and (self.clocks or days)):
            past = bool(dates) and all(date < self.now.date() for date in dates)
            return self._vague() if not past else self._when("past", day=dates[0])
        if self.clocks:
            return self._timed(dates, sure=not left)
        if wide is not None:
            return self._vague()
        return self._untimed(dates)

    def _when(
        self,
        status: str,
        *,
        value: dt.datetime | None = None,
        choices: tuple[dt.datetime, ...] = (),
        day: dt.date | None = None,
        part: str = "",
    ) -> When:
        return When(status=status, said=self.said, value=value, choices=choices, day=day, part=part)

    def _vague(self) -> When:
        wide = next((part.name for part in self.parts if part.wide), "")
        return self._when("part", part=wide)

    # -- from now ------------------------------------------------------------------------------------------------------------

    def _from_now(self, offset: Offset, left: str) -> When:
        moments = [minute_up(self.instant + delta, self.hours.tz) for delta in offset.deltas]
        return self._judged(moments, sure=offset.sure and not left and len(moments) == 1)

    def _judged(self, moments: list[dt.datetime], *, sure: bool) -> When:
        good = [moment for moment in moments if self.hours.is_open(moment)]
        if not good:
            return self._closed(moments[0].date())
        if sure:
            return self._when("fixed", value=good[0], day=good[0].date())
        return self._when("choice", choices=tuple(good[:_MOST]), day=good[0].date())

    def _closed(self, day: dt.date) -> When:
        start = dt.datetime.combine(day, dt.time.min, tzinfo=self.hours.tz)
        opening = self.hours.next_open(max(start, self.now))
        return self._when("closed", choices=(opening,) if opening else (), day=day)

    def _soonest(self, dates: tuple[dt.date, ...], wide: Part | None) -> When:
        if wide is not None or len(dates) > 1:
            return self._vague()
        part = self.part_name()
        if not dates and not part and self.day is None:
            opening = self.hours.next_open(self.now)
            return self._at(opening)
        day = dates[0] if dates else self.day or self.now.date()
        if day < self.now.date():
            return self._when("past", day=day)
        begin = PARTS.get(part, (0, 24))[0] if part else 0
        start = max(dt.datetime.combine(day, dt.time(begin % 24), tzinfo=self.hours.tz), self.now)
        opening = self.hours.next_open(start)
        return self._at(opening) if opening and opening.date() == day else self._closed(day)

    def _at(self, opening: dt.datetime | None) -> When:
        if opening is None:
            return self._when("closed")
        moment = minute_up(opening, self.hours.tz)
        if not self.hours.is_open(moment):
            return self._closed(moment.date())
        return self._when("fixed", value=moment, day=moment.date())

    # -- a day, a part of it -------------------------------------------------------------------------------------------------

    def part_name(self) -> str:
        names = [part.name for part in self.parts if not part.wide]
        return min(names, key=_DAYTIME.__eq__) if names else self.part

    def _untimed(self, dates: tuple[dt.date, ...]) -> When:
        names = {part.name for part in self.parts} - {"some time"}
        if len(names) > 1:
            names -= {_DAYTIME}
        if dates or self.day is not None:
            names -= _SAME
        if not dates and self.day is not None:
            dates = (self.day,)
        today = self.now.date()
        if len(names) > 1:
            return self._when("part", part=self.said, day=dates[0] if len(dates) == 1 else None)
        name = next(iter(names), "")
        if not dates:
            end = PARTS.get(name, (0, 24))[1]
            dates = (today if self.now.hour < end - 1 else today + dt.timedelta(days=1),)
        if all(day < today for day in dates):
            return self._when("past", day=dates[0])
        dates = tuple(day for day in dates if day >= today)
        if len(dates) > 1:
            return self._when("part", part=self.said)
        day = dates[0]
        if not self._still_open(day):
            return self._closed(day)
        if name:
            if day == today and self.now.hour >= PARTS.get(name, (0, 24))[1]:
                return self._when("past", day=day, part=name)
            return self._when("part", day=day, part=name)
        return self._when("day", day=day)

    def _still_open(self, day: dt.date) -> bool:
        start = max(dt.datetime.combine(day, dt.time.min, tzinfo=self.hours.tz), self.now)
        opening = self.hours.next_open(start)
        return opening is not None and opening.date() == day

    # -- a time of day -------------------------------------------------------------------------------------------------------

    def _timed(self, dates: tuple[dt.date, ...], *, sure: bool) -> When:
        clocks = self.clocks
        if any(clock.bound for clock in clocks):
            clocks, sure = stretched(clocks), False
        if len({part.name for part in self.parts} - {_DAYTIME}) > 1 or (
            self.part_name() == "morning" and any(one.hour == 12 for one in clocks)
        ):
            sure = False
        given = dates or ((self.day,) if self.day is not None else ())
        beside = {clock: day.dates for clock, day in self.pairs.items()}
        results = [self._one(clock, day) for clock in clocks for day in beside.get(clock) or given or (None,)]
        moments = sorted({moment for good, _ in results for moment in good})
        # Said twice ("at half past nine. So nine thirty."), one moment is no choice.
        certain = sure and all(not why for _, why in results) and all(clock.sure for clock in clocks)
        if not moments:
            reasons = [why for _, why in results]
            day = given[0] if given else None
            if "closed" in reasons:
                return self._closed(day or self._next_day(clocks[0]))
            return self._when("past", day=day or self.now.date())
        if certain and len(moments) == 1:
            return self._when("fixed", value=moments[0], day=moments[0].date())
        return self._when("choice", choices=tuple(moments[:_MOST]), day=moments[0].date())

    def _next_day(self, clock: Clock) -> dt.date:
        hour = clock.hour % 12 + 12 if clock.half == "pm" else clock.hour
        today = self.now.date()
        return (
            today if (hour, clock.minute) > (self.now.hour, self.now.minute) else today + dt.timedelta(days=1)
        )

    def _one(self, clock: Clock, day: dt.date | None) -> tuple[list[dt.datetime], str]:
        """The open moments ahead that ``clock`` may mean, and why there are none or why to ask."""
        if clock.zone and ZONES[clock.zone] != self.hours.zone:
            return self._elsewhere(clock, day)
        if day is not None:
            options = self._options(clock, day)
            good = [moment for moment in options if moment > self.instant and self.hours.is_open(moment)]
            if good or not options:
                return good, "" if options else "closed"
            if day < self.now.date() or all(moment <= self.instant for moment in options):
                return [], "past"
            over = any(moment <= self.instant and self.hours.is_open(moment) for moment in options)
            return [], "past" if over else "closed"
        today = self.now.date()
        options = self._options(clock, today)
        ahead = [moment for moment in options if moment > self.instant]
        good = [moment for moment in ahead if self.hours.is_open(moment)]
        tomorrow = self._options(clock, today + dt.timedelta(days=1))
        if good:
            # "At eleven", said at ten in the evening to a house that never closes, may be tomorrow morning's.
            gone = {(moment.hour, moment.minute) for moment in options if moment <= self.instant}
            others = [
                moment for moment in tomorrow if (moment.hour, moment.minute) in gone and not clock.half
            ]
            return good + [moment for moment in others if self.hours.is_open(moment)], ""
        if ahead and (clock.half or len(ahead) == len(options)):
            return [], "closed"
        good = [moment for moment in tomorrow if self.hours.is_open(moment)]
        # At 7 in the evening "at nine" may be tonight, when nobody is there: ask.
        return good, ("ask" if ahead else "") if good else "closed"

    def _elsewhere(self, clock: Clock, day: dt.date | None) -> tuple[list[dt.datetime], str]:
        there = ZoneInfo(ZONES[clock.zone])
        first = self.now.astimezone(there).date()
        found = [
            minute_up(moment, self.hours.tz)
            for date in ((day,) if day else (first, first + dt.timedelta(days=1)))
            for hour in hours_of(clock, "")
            if (moment := moment_of(date, hour, clock.minute, there)) is not None
        ]
        good = [moment for moment in found if moment > self.instant and self.hours.is_open(moment)]
        return good, "ask" if good else "closed"

    def _options(self, clock: Clock, day: dt.date) -> list[dt.datetime]:
        name = self.part_name()
        moments = [moment_of(day, hour, clock.minute, self.hours.tz) for hour in hours_of(clock, name)]
        return [moment for moment in moments if moment is not None]
