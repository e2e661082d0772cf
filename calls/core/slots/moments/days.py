"""Days in plain words. Invariant: a day that two people would take for two days comes out as both."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Final

from calls.core.slots.moments.facts import Day, Fact, Part, Scan, spaced
from calls.core.slots.moments.words import MONTHS, WEEKDAYS

_DAYNAME: Final = "|".join(WEEKDAYS)
_MONTHNAME: Final = "|".join(MONTHS)
_YEAR: Final = (
    r"(?:(?:,? ?(?:of )?(?P<year>20\d\d|19\d\d))"
    r"|(?:(?: ,)? 20 (?P<tail>[1-4]\d)(?! (?:am|pm|oclock)))|(?: (?:,? ?' ?|- )(?P<short>\d\d)))?"
)
_NTH: Final = r"(?P<day>[12]\dth|3[01]th|[1-9]th|0\dth)"

_ISO: Final = spaced(r"(?P<year>\d{4})[\-/.](?P<month>\d{1,2})[\-/.](?P<day>\d{1,2})")
_NUMERIC: Final = spaced(
    r"(?P<first>\d{1,2})(?P<sign>[/\-.])(?P<second>\d{1,2})(?P=sign)(?P<year>\d{4}|\d{2})"
)
_SLASHED: Final = spaced(r"(?P<first>\d{1,2})/(?P<second>\d{1,2})")
_MONTH_DAY: Final = spaced(
    rf"(?P<month>{_MONTHNAME})(?: [.\-/])? (?:the )?(?P<day>\d{{1,2}})(?:th)?(?!\S)(?! (?:am|pm"
    rf"|oclock)(?!\S))"
    rf"(?: ,)?{_YEAR}"
)
_DAY_MONTH: Final = spaced(
    rf"(?:the )?(?P<day>\d{{1,2}})(?:th)?(?: [.\-/])?(?: day)?(?: of)? (?P<month>{_MONTHNAME})(?: [.\-/])?(?: ,)?{_YEAR}"
)
_NTH_OF: Final = spaced(
    rf"(?:the )?{_NTH}(?: day)?(?: of)? (?P<which>this|next|the|the next|the coming) month"
)
_THE_NTH: Final = spaced(
    rf"(?:on )?(?:the )?{_NTH}(?! (?:time|floor|of|one|order|call|call|attempt|person|thing|option|week))"
)
_THE_N: Final = spaced(r"on (?:the )?(?P<day>1[3-9]|2\d|3[01])(?= (?:at|in|,)|$| [.?!,]| ¦)")
_WEEKDAY_N: Final = re.compile(
    r"(?<=¦)(?: ,)? (?:the (?P<the>\d{1,2})|(?P<day>2[5-9]|3[01]))(?=$| [.?!,;]| (?:at|around|in|from"
    r"|after|¦))"
)
_RELATIVE: Final = spaced(
    r"(?P<after>(?:the )?day after (?P<base>tomorrow|today))|(?P<before>(?:the )?day before yesterday)"
    r"|tomorrow|today|yesterday|overmorrow"
)
_TO_DAY: Final = {"today": 0, "tomorrow": 1, "yesterday": -1, "overmorrow": 2}
_TODAYS: Final = spaced(
    r"(?:later )?(?P<word>this|tonight)(?: (?P<part>morning|afternoon|evening|night))?|later today"
)
_LASTS: Final = spaced(
    rf"(?:last|past|previous) (?P<what>night|evening|morning|afternoon|{_DAYNAME}|week|month|year)"
    rf"|earlier today"
)
_WEEKDAY: Final = spaced(
    rf"(?:(?P<span>a|1|2) weeks? (?:from|after) )?(?:on )?(?P<lead>this coming|this|coming|the coming"
    rf"|next|the next|the following|following|upcoming)?"
    rf" ?(?P<week>(?:next|this|coming) week(?: 's|'s)?(?: ,)?(?: on)? )?(?P<name>{_DAYNAME})"
    rf"(?: (?P<trail>next week|this week|of next week|of this week|after next|next|week|coming"
    rf"|the week after|after that|(?:of |from )?last week))?"
)
_AHEAD: Final = spaced(
    r"(?:in|after|within) (?P<count>\d{1,3}|a) (?P<unit>days|day|weeks|week|months|month"
    r"|fortnight)(?: time)?(?! (?:or|to|-|and) )"
    r"|(?P<count2>\d{1,3}|a|1) (?P<unit2>days|day|weeks|week|months|month|fortnight) (?:from"
    r"|after) (?P<base>now|today|tomorrow)"
    r"|(?P<count3>\d{1,3}|a) (?P<unit3>days|day|weeks|week|months|month|fortnight) (?:later|hence)"
    r"|(?P<week_from>week|fortnight) (?:from) (?P<base2>now|today|tomorrow)"
    r"|(?:(?P<count4>a|1|2) (?P<unit4>weeks?|fortnight) )(?P<base3>today|tomorrow)|(?P<base4>today|tomorrow) week"
)


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def month_later(day: dt.date, months: int) -> dt.date:
    """``day`` so many months on; the month's last day where it has no such day."""
    at = day.month - 1 + months
    year, month = day.year + at // 12, at % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _yearly(month: int, day: int, today: dt.date) -> tuple[dt.date, ...]:
    for year in range(today.year, today.year + 9):
        found = _date(year, month, day)
        if found is not None and found >= today:
            return (found,)
    return ()


def _monthly(day: int, today: dt.date) -> tuple[dt.date, ...]:
    """The next year's days with this number."""
    months = (month_later(today.replace(day=1), ahead) for ahead in range(13))
    dates = (_date(first.year, first.month, day) for first in months)
    return tuple(date for date in dates if date is not None and date >= today)


def _nth(hit: re.Match[str], today: dt.date) -> Day:
    said = hit["day"] or hit["the"]
    dates = _monthly(int(said.removesuffix("th")), today)
    return Day(start=hit.start(), end=hit.end(), dates=dates[:1], later=dates[1:])


def _century(year: int, today: dt.date) -> int:
    """A year of two figures is of this century unless that is far ahead."""
    if year > 99:
        return year
    return year + (2000 if 2000 + year <= today.year + 10 else 1900)


def _year_of(hit: re.Match[str], today: dt.date) -> int | None:
    named = hit.groupdict()
    if named.get("year"):
        return int(named["year"] or 0)
    if named.get("tail"):
        return 2000 + int(named["tail"] or 0)
    return _century(int(named["short"] or 0), today) if named.get("short") else None


def days_find(scan: Scan, today: dt.date) -> None:
    """Adds the days in ``scan``, as seen from ``today``."""

    def day(hit: re.Match[str], dates: tuple[dt.date, ...]) -> Day:
        return Day(start=hit.start(), end=hit.end(), dates=dates)

    def written(hit: re.Match[str]) -> Fact | None:
        found = _date(int(hit["year"]), int(hit["month"]), int(hit["day"]))
        return day(hit, (found,) if found else ())

    def numeric(hit: re.Match[str]) -> Fact | None:
        named = hit.groupdict()
        first, second = int(hit["first"]), int(hit["second"])
        year = named.get("year")
        dates: list[dt.date] = []
        for one, month in ((first, second), (second, first)):
            if year:
                found = _date(_century(int(year), today), month, one)
                dates.extend([found] if found and found not in dates else [])
            elif 1 <= month <= 12 and 1 <= one <= 31:
                dates.extend(one for one in _yearly(month, one, today) if one not in dates)
        plausible = first and second and (first <= 12 or second <= 12) and max(first, second) <= 31
        return day(hit, tuple(dates)) if plausible else None

    def named_month(hit: re.Match[str]) -> Fact | None:
        month, date = MONTHS.index(hit["month"]) + 1, int(hit["day"])
        if not 1 <= date <= 31:
            return None
        year = _year_of(hit, today)
        if year is None:
            return day(hit, _yearly(month, date, today))
        found = _date(year, month, date)
        return day(hit, (found,) if found else ())

    def nth_of(hit: re.Match[str]) -> Fact | None:
        month = (
            today.replace(day=1) if hit["which"] in ("this", "the") else month_later(today.replace(day=1), 1)
        )
        found = _date(month.year, month.month, int(hit["day"].removesuffix("th")))
        return day(hit, (found,) if found else ())

    def nth(hit: re.Match[str]) -> Fact | None:
        return _nth(hit, today)

    def relative(hit: re.Match[str]) -> Fact | None:
        if hit["after"]:
            return day(hit, (today + dt.timedelta(days=2 if hit["base"] == "tomorrow" else 1),))
        away = -2 if hit["before"] else _TO_DAY[hit.group()]
        return day(hit, (today + dt.timedelta(days=away),))

    def todays(hit: re.Match[str]) -> Fact | None:
        named = hit["part"] or ("night" if hit["word"] == "tonight" else "")
        if not named and "later today" not in hit.group():
            return None
        if named:
            scan.facts.append(Part(start=hit.start(), end=hit.end(), name=named))
        else:
            scan.facts.append(Part(start=hit.start(), end=hit.end(), name="later"))
        return day(hit, (today,))

    def lasts(hit: re.Match[str]) -> Fact | None:
        what = hit["what"] or ""
        if what in WEEKDAYS:
            return day(
                hit, (today - dt.timedelta(days=(today.weekday() - WEEKDAYS.index(what) - 1) % 7 + 1),)
            )
        if what in ("week", "month", "year"):
            return Part(start=hit.start(), end=hit.end(), name=f"last {what}", wide=True)
        return day(hit, (today - dt.timedelta(days=1),))

    def weekday(hit: re.Match[str]) -> Fact | None:
        return Day(
            start=hit.start(),
            end=hit.end(),
            dates=_weekdays(hit, today),
            weekday=WEEKDAYS.index(hit["name"]),
        )

    def weekday_n(hit: re.Match[str]) -> Fact | None:
        return _nth(hit, today) if 1 <= int(hit["the"] or hit["day"]) <= 31 else None

    def ahead(hit: re.Match[str]) -> Fact | None:
        return day(hit, (_ahead(hit, today),))

    for pattern, make in (
        (_ISO, written),
        (_NUMERIC, numeric),
        (_MONTH_DAY, named_month),
        (_DAY_MONTH, named_month),
        (_SLASHED, numeric),
        (_NTH_OF, nth_of),
        (_LASTS, lasts),
        (_WEEKDAY, weekday),
        (_WEEKDAY_N, weekday_n),
        (_AHEAD, ahead),
        (_RELATIVE, relative),
        (_TODAYS, todays),
        (_THE_NTH, nth),
    ):
        scan.take(pattern, make)


def _weekdays(hit: re.Match[str], today: dt.date) -> tuple[dt.date, ...]:
    """The dates a weekday may mean. "Next Friday", said on a Monday, is this week's to some and next week's to others."""
    away = (WEEKDAYS.index(hit["name"]) - today.weekday()) % 7
    coming = today + dt.timedelta(days=away)
    monday = today - dt.timedelta(days=today.weekday())
    lead, trail, week = hit["lead"] or "", hit["trail"] or "", hit["week"] or ""
    later = dt.timedelta(days=7)
    in_week = monday + dt.timedelta(days=WEEKDAYS.index(hit["name"]))
    if hit["span"]:
        return ((coming if away else coming + later) + later * (2 if hit["span"] == "2" else 1),)
    if "next week" in trail or week.startswith(("next", "coming")):
        return (in_week + later,)
    if "this week" in trail or week.startswith("this"):
        return (in_week,)
    if trail.endswith("last week"):
        return (in_week - later,)
    if trail == "week":
        return (coming + later,)
    if trail in ("after next", "the week after"):
        return ((coming if away else coming + later) + later,)
    if "next" in lead or trail == "next":
        if away == 0 or in_week < today:
            return (coming if away else coming + later,)
        return (coming, coming + later)
    if "following" in lead:
        return (coming, coming + later) if away else (coming + later,)
    if "coming" in lead or "upcoming" in lead or trail == "coming":
        return (coming if away else coming + later,)
    if away == 0 and lead != "this":
        return (today, today + later)
    return (coming,)


def _ahead(hit: re.Match[str], today: dt.date) -> dt.date:
    base = hit["base"] or hit["base2"] or hit["base3"] or hit["base4"] or ""
    if hit["week_from"] or hit["base4"]:
        count, unit = 1, hit["week_from"] or "week"
    else:
        said = hit["count"] or hit["count2"] or hit["count3"] or hit["count4"]
        count, unit = (
            1 if said == "a" else int(said),
            hit["unit"] or hit["unit2"] or hit["unit3"] or hit["unit4"],
        )
    start = today + dt.timedelta(days=1 if base == "tomorrow" else 0)
    if unit.startswith("month"):
        return month_later(start, min(count, 24))
    return start + dt.timedelta(days=count * {"d": 1, "w": 7, "f": 14}[unit[0]])


def days_after(scan: Scan, today: dt.date) -> None:
    """Adds what is a day only where the clock left it: "on the 25"."""
    scan.take(_THE_N, lambda hit: _nth(hit, today))
