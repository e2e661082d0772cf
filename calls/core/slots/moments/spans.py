"""Parts of days, stretches of time and "as soon as possible" in plain words. Invariant: "a few", "later" and
the like never become a moment."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from calls.core.slots.moments.facts import Fact, Offset, Part, Scan, Soon, spaced

_PARTS: Final = spaced(
    r"(?:(?:early|late|first thing|later)(?: in the| this)? )?(?:in the |in |during the |at |the |by |on )?"
    r"(?P<part>(?:mid -? ?|mid)?(?:morning|afternoon)|forenoon|evening|night|night time|lunch ?(?:time"
    r"|hour|break)?|dinner(?: time)?|breakfast(?: time)?"
    r"|(?<=in the )day|(?<=during the )day|day ?time|tea time"
    r"|end of (?:the )?(?:business )?day|close of (?:business|play)|office hours|business hours"
    r"|working hours|work hours)"
)
_ENDS: Final = re.compile(r"$| [,.;!?]| (?:please|would|will|is|ok|okay|works|on|at|¦|then|thanks)")
_AROUND_MEALS: Final = spaced(
    r"(?P<way>after|before|post|around|about|right after|just after) (?:my |the )?(?P<meal>lunch|dinner"
    r"|breakfast|work|office|school|noon|supper)(?: time| hours)?"
)
_SOME: Final = spaced(r"some time|some when")
_FIRST_THING: Final = spaced(
    r"first thing(?: in the morning)?|1th thing(?: in the morning)?|(?:the )?end of (?:the )?day|end of"
)
_WIDE: Final = spaced(
    r"(?:some time |any time |later |early |late |towards the end of |the end of |end of |beginning of "
    r"|start of |the beginning of |the start of |middle of )*"
    r"(?:(?:in )?(?:the )?(?:next|this|coming|following) (?:week|month|year|weekend|quarter|few days"
    r"|few weeks|few months|2 days|couple of days|\d+ days)"
    r"|(?:on |at |over |during )?the weekend|weekend"
    r"|in (?:a few|few|a couple(?: of)?|several|some|2 or 3|2 - 3|2 to 3|a|1|2|\d{1,2})(?: (?:or|to"
    r"|-) (?:so|2|3|4|\d{1,2}))? (?:days|weeks|months|day|week)(?: time| later| from now)?"
    r"|in (?:a (?:bit|while|moment|minutes|little while|few minutes|few hours|some time)|some time"
    r"|few minutes|few hours|several hours|some minutes)"
    r"|(?:a (?:bit|little|while) )?later(?: on)?(?! than)|some other (?:time|day)"
    r"|(?:the )?week after(?: next)?"
    r"|(?:the )?month end|end of (?:the )?(?:week|month|year))"
)
# Only an answer to "when?".
_WIDE_ANSWER: Final = spaced(
    r"(?:a few|few|a couple(?: of)?|several|some|2 or 3|2 - 3|2 to 3|a|1|2|\d{1,2})(?: (?:or|to|-) (?:so"
    r"|2|3|4|\d{1,2}))? (?:days|weeks|months|day|week|minutes|hours)(?: time| later| from now)?"
    r"|soon|shortly|another (?:time|day)|weekdays?|same (?:time|hours)|this time|a different time|(?:any|some"
    r"|a) (?:other )?day|working days?|business days?"
)
_HOURS_AHEAD: Final = (
    r"(?P<amount>half a(?: of)? hours|half hours|(?:a )?quarter of a hours|3 quarters of a hours"
    r"|a hours and (?:a )?(?P<more>half|quarter)"
    r"|(?P<count>\d{1,3}) and (?:a )?(?P<most>half|quarter) hours|(?P<whole>a|\d{1,3}(?:\.\d)?|couple of"
    r"|a couple of) (?P<unit>hours|h|minutes)"
    r"(?:(?: and| ,)? (?P<minutes>\d{1,2}) minutes)?(?P<half_more> and a half)?"
    r"|(?P<low>a|\d{1,3}) (?:or|to|-) (?P<high>\d{1,3}) (?P<pair_unit>hours|minutes))(?P<so> or so"
    r"| or less| tops)?"
)
_IN_HOURS: Final = spaced(
    rf"(?:(?P<way>in|after|within|in about|in around|in less than|in under|in approximately|in maybe"
    rf"|in like|in just|in another) (?:the next |the |next |about |around |another )?"
    rf"{_HOURS_AHEAD}(?: time)?(?: from now)?)"
)
_HOURS_FROM: Final = spaced(rf"{_HOURS_AHEAD} (?P<way>from now|later|hence|after now|from right now|time)")
_HOURS_BARE: Final = spaced(
    rf"(?:give me |maybe |about |another |say )?(?P<way>(?<!\S)){_HOURS_AHEAD}".replace(
        r"(?P<way>(?<!\S))", r"(?P<way>)"
    )
)
_SOON: Final = spaced(
    r"right now|now|immediately|right away|at once|as soon as (?:possible|you can|you are able"
    r"|anyone is free|some ?one is free|you're free)"
    r"|straight away|(?:the )?(?:earliest|soonest|first|next) (?:available|possible|free"
    r"|convenient)(?: (?:time|slot|moment|opportunity))?|at the earliest"
    r"|(?:the )?(?:earliest|soonest)(?: you can| possible)?|this (?:very )?(?:minute|instant|moment"
    r"|minutes)|as (?:quickly|early) as (?:possible|you can)"
)
_ANY: Final = spaced(
    r"(?:at )?any time(?: (?:is|works|will do|suits me|suits|would be|at all))*|whenever(?: (?:you|it|is"
    r"|suits|can|like|want|are|free|possible|convenient|works|for|me))*"
)


def spans_find(scan: Scan) -> None:
    """Adds the stretches of time from now in ``scan``."""
    for pattern in (_IN_HOURS, _HOURS_FROM):
        scan.take(pattern, _offset)


def spans_answer(scan: Scan) -> None:
    """Adds "an hour", said in answer to "when?"."""
    if scan.asked:
        scan.take(_HOURS_BARE, _offset)


def spans_after(scan: Scan) -> None:
    """Adds what is only clear once the clock has been read: parts of days, "now", "next week"."""
    scan.take(_AROUND_MEALS, _meal)
    scan.take(_FIRST_THING, _first_thing)
    scan.take(_PARTS, _part)
    scan.take(_ANY, lambda hit: Soon(start=hit.start(), end=hit.end(), any=True))
    scan.take(_SOON, lambda hit: Soon(start=hit.start(), end=hit.end()))
    scan.take(_WIDE, _wide)
    scan.take(_SOME, lambda hit: Part(start=hit.start(), end=hit.end(), name="some time"))
    if scan.asked:
        scan.take(_WIDE_ANSWER, _wide)


_LEADING: Final = re.compile(r"^(?:(?:on|at|over|during|in|some time|any time) )+")


def _wide(hit: re.Match[str]) -> Fact:
    name = _LEADING.sub("", hit.group().strip())
    return Part(start=hit.start(), end=hit.end(), name=name, wide=True)


def _first_thing(hit: re.Match[str]) -> Fact | None:
    words = hit.group()
    if words == "end of":
        return Part(start=hit.start(), end=hit.end(), name="end of day")
    return Part(start=hit.start(), end=hit.end(), name="end of day" if "end" in words else "morning")


def _part(hit: re.Match[str]) -> Fact | None:
    words = hit["part"]
    bare = hit.start() == hit.start("part") and hit.string[: hit.start()].rstrip()[-1:].isdigit()
    if bare and ("night" in words or not _ENDS.match(hit.string[hit.end() :])):
        return None  # "2 morning sessions", "1 night"
    if words in ("day", "daytime", "day time"):
        return Part(start=hit.start(), end=hit.end(), name="daytime")
    for name in ("morning", "afternoon", "evening", "night", "lunch"):
        if name in words:
            return Part(start=hit.start(), end=hit.end(), name=name)
    if words.startswith(("end", "close")):
        return Part(start=hit.start(), end=hit.end(), name="end of day")
    return Part(start=hit.start(), end=hit.end(), name=words)


def _meal(hit: re.Match[str]) -> Fact:
    way = "before" if hit["way"] == "before" else "around" if hit["way"] in ("around", "about") else "after"
    return Part(start=hit.start(), end=hit.end(), name=f"{way} {hit['meal']}")


def _offset(hit: re.Match[str]) -> Fact | None:
    named = hit.groupdict()
    deltas = tuple(delta for delta in _deltas(named) if dt.timedelta() < delta <= dt.timedelta(days=3))
    if not deltas:
        return None
    way = named["way"] or ""
    sure = (
        bool(way)
        and not way.startswith("within")
        and "less" not in way
        and "under" not in way
        and way not in ("about", "time")
    )
    return Offset(start=hit.start(), end=hit.end(), deltas=deltas, sure=sure)


def _deltas(named: dict[str, str | None]) -> tuple[dt.timedelta, ...]:
    amount = named["amount"] or ""
    hour = dt.timedelta(hours=1)
    if amount.startswith("half"):
        return (hour / 2,)
    if "quarters" in amount:
        return (hour * 3 / 4,)
    if "quarter of" in amount:
        return (hour / 4,)
    share = {"half": hour / 2, "quarter": hour / 4}
    if named["more"]:
        return (hour + share[named["more"]],)
    if named["count"]:
        return (hour * int(named["count"]) + share[named["most"] or "half"],)
    if named["low"]:
        unit = hour if named["pair_unit"] == "hours" else hour / 60
        low = 1 if named["low"] == "a" else int(named["low"])
        high = int(named["high"] or 0)
        return (low * unit, high * unit) if low < high else ()
    whole = named["whole"] or ""
    number = 1.0 if whole == "a" else 2.0 if "couple" in whole else float(whole or 0)
    if (named["unit"] or "").startswith("m"):
        return (dt.timedelta(minutes=number),) if not named["half_more"] and not named["minutes"] else ()
    total = hour * number + dt.timedelta(minutes=int(named["minutes"] or 0))
    return (total + hour / 2 if named["half_more"] else total,)
