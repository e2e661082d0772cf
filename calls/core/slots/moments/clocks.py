"""Times of day in plain words. Invariant: a bare figure is a time only where the words around it say so.

"At 5" is one, "5 laptops" is none, "5" alone is one only when a time was asked for. Which half of the day a bare hour is in is
left open here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from calls.core.slots.moments.facts import GONE, Clock, Day, Fact, Scan, spaced

_HOUR: Final = r"(?:2[0-4]|[01]?\d)"
_MINUTE: Final = r"[0-5]\d"
_JOINED: Final = r"(?:1[0-2]|0\d|[1-9])(?:[1-5][05]|05)"  # "1030": a round "500" is sooner a price
_DASH: Final = r"(?: -(?= (?:15|30|45)(?!\S)))?"  # "ten-thirty" is a time, "ten-eleven" a stretch
_HALF: Final = r"(?: (?P<half>am|pm))?"
_AT: Final = (
    r"(?:at|around|about|by|@|approximately|roughly|near|say|sharp|exactly|till|until|before|after|past"
    r"|maybe|like)"
)
_APPROX: Final = (
    r"(?:around |about |approximately |roughly |nearly |maybe |say |like |exactly |sharp |the |just |~ )*"
)
_PARTWORD: Final = r"(?:morning|afternoon|evening|tonight)"
# What may follow "at 5" when it is a time, beside the end of the words.
_NEXT: Final = (
    r"(?=$| [,.;!?\-¦#]| (?:on|in|before|after|tomorrow|today|tonight|this|next|please|if|is|would|will"
    r"|works?|ok|okay"
    r"|and|or|to|for|my|i|it|then|thanks"
    r"|thank|sharp|works|should|sounds|the|day|because|when|as|but|so|onwards?|exactly|instead|could|can"
    r"|with|about|regarding|call|not|no|rather"
    r"|actually|perhaps|maybe|sir|madam|yes|possible|possibly|suits|fine|good|great|perfect|through|by"
    r"|via|you|we|he|she|they|from|until|till"
    r"|every|later|that|there|be|at|local|hours|ist|sorry|wait|make|has|oh|uh|um|hm|also|preferably"
    r"|ideally|latest|earliest|too|only)(?!\S))"
)

_TIMED: Final = spaced(
    rf"(?P<hour>{_HOUR}) ?[:hH] ?(?P<minute>{_MINUTE})(?:[: ]\d\d(?!\S)|:\d\d)?{_HALF}(?: oclock| hours)?"
)
_DOTTED: Final = spaced(rf"(?P<hour>{_HOUR})(?:[.,]|-(?=15|30|45))(?P<minute>{_MINUTE}) (?P<half>am|pm)")
_SHORT: Final = spaced(rf"(?P<hour>{_HOUR})(?P<minute>{_MINUTE}) (?P<half>am|pm|hours)")
_PAIR: Final = spaced(
    rf"(?P<hour>{_HOUR}){_DASH} (?:oh? )?(?P<minute>{_MINUTE}|(?<=oh )\d|(?<=o )\d) (?P<half>am|pm)"
)
_WHOLE: Final = spaced(rf"(?P<hour>{_HOUR})(?: oclock)? (?P<half>am|pm)(?: oclock)?")
_OCLOCK: Final = spaced(rf"(?P<hour>{_HOUR})(?: (?P<minute>00))? oclock(?: sharp)?{_HALF}")
_ISH: Final = spaced(rf"(?P<hour>{_HOUR})(?:[:.](?P<minute>{_MINUTE}))?(?: -)? (?:ish|sharp|or so|onwards)")
_PAST: Final = spaced(
    r"(?:(?P<most>3 quarters)|a? ?(?P<quarter>quarter)|(?P<half_hour>half)"
    r"|(?P<count>5 and 20|\d{1,2})(?P<unit> minutes)?)"
    rf" (?P<way>past|after|to|of|before|till|until|from)"
    rf" (?P<hour>{_HOUR}|noon|midnight)(?: oclock)?{_HALF}"
)
_BRITISH: Final = spaced(rf"half (?P<hour>1[0-2]|[1-9])(?: oclock)?{_HALF}")
_NOON: Final = spaced(
    r"(?:12 )?(?:oclock )?(?P<name>noon|midnight|mid - night|mid night|mid - day|mid day)(?:(?: -)? ish)?"
)
_AT_CLOCK: Final = spaced(
    rf"{_AT} (?:{_AT} )?{_APPROX}(?:(?P<pair>{_HOUR}{_DASH} (?:oh? \d|{_MINUTE}))"
    rf"|(?P<dotted>{_HOUR}[.\-]{_MINUTE})|(?P<joined>{_JOINED})"
    rf"|(?P<hour>{_HOUR}))" + _NEXT
)
_BARE: Final = (
    rf"(?:(?P<pair>{_HOUR}{_DASH} (?:oh? \d|{_MINUTE}))|(?P<dotted>{_HOUR}[.\-]{_MINUTE})"
    rf"|(?P<joined>{_JOINED})|(?P<hour>{_HOUR}))"
)
_BUT: Final = re.compile(r"(?<=#)(?: ,)? but (?:at )?" + _BARE + r"(?!\S)" + _NEXT)  # "not ten but four"
_CALL_FOR: Final = re.compile(
    r"(?<!\S)(?:callback|call back|call|it|me|appointment|meeting|time) for (?<!\S)"
    + _BARE
    + r"(?!\S)"
    + _NEXT
)
_BESIDE: Final = re.compile(rf"(?<=¦)(?: [,\-]| on| at| the| a| for)? (?<!\S){_APPROX}{_BARE}(?!\S)" + _NEXT)
_AHEAD: Final = re.compile(
    rf"(?<!\S){_BARE}(?= (?:[,\-] )?(?:in the |on |in |of )?"
    rf"(?:¦|{_PARTWORD}(?=$| [,.;!?]| (?:please|would|is|ok|okay|works)(?!\S)))| in the (?:morning|afternoon|evening)(?!\S))"
)
_ALTERNATIVE: Final = re.compile(
    rf"(?<=¦)(?P<link> (?:, )?(?:or|and|to|-|till|until|/)(?: (?:maybe|at|around"
    rf"|even))?) (?<!\S){_BARE}(?!\S)" + _NEXT
)
_CORRECTED: Final = re.compile(
    rf"(?<!\S)(?:no|wait|sorry|actually|i mean|i meant|make it|make that|rather|correction|scratch that"
    rf"|instead|let's say|keep it|keep that|have it|set it|put it|take)(?: [,.!])*"
    rf"(?: (?:no|wait|sorry|actually|at|make it|to|it's|about|around|let's say|i meant|i mean|rather"
    rf"|better|um|uh)(?: [,.!])*)* (?<!\S){_BARE}(?!\S)" + _NEXT
)
_SUITS: Final = re.compile(
    rf"(?<!\S){_BARE}(?= (?:(?:would|will|should|could|can|might) (?:do|suit|work|be)|suits|works"
    r"|is (?:fine|good|better|great|perfect|ok|okay|best|ideal|convenient))"
    r"(?: (?:me|for|us|fine|good|better|easier|great|perfect|ok|okay|nicely"
    r"|too|also|well|best|please|then|instead|much|sir|madam))*"
    r"(?=$| [,.;!?¦]))"
)
_LATE: Final = re.compile(rf"(?<!\S){_AT} (?P<hour>1[3-9]|2[0-3])(?P<minute>[0-5][05])" + _NEXT)
_ALTERNATIVE_AHEAD: Final = re.compile(
    rf"(?<!\S){_BARE}(?=(?: ,)? (?:or|and|to|-|till|until|/) (?:maybe |at |around )?¦)"
)
_BETWEEN: Final = spaced(
    rf"(?:between|from|any time between"
    rf"|any time from) (?P<first>{_HOUR})(?:[:.](?P<first_minute>{_MINUTE}))?(?: (?P<first_half>am|pm))?"
    rf" (?:and|to|-|till|until) (?P<last>{_HOUR})(?:[:.](?P<last_minute>{_MINUTE}))?(?: (?P<last_half>am"
    rf"|pm))?(?: oclock)?"
)
_FILLER: Final = re.compile(
    r"(?:[,.;!?\-'\"]|schedule|book|set|put|fix|arrange|uh+|um+|er+|erm|hm+|mm+|yes|yeah|yep|ok|okay|sure"
    r"|please|let's|let|us|say|make|it"
    r"|at|about|around|i|think|guess|would"
    r"|like|to|be|is|good|fine|great|perfect|best|well|so|maybe|perhaps|will|works?|for|me|the|my|time"
    r"|call|back|a|callback|on|by|no|wait|sorry|mean"
    r"|actually|rather|instead|should|do|can|you|we|sharp|ish|or|exactly|suit|suits|thanks|thank|sir"
    r"|madam|then|how|what|that|that's|it's|i'd|i'll"
    r"|i'm|free|available|if|possible|go|with|just|right|oh|alright|all|prefer|preferably|want|when|could"
    r"|any|after|before|but|not|of|in|hours|hello"
    r"|hi|hey|and|between|from|oclock|am|pm|ist|correct|correction|scratch|meant|yup|does|work|better"
    r"|convenient|¦+)"
)
_ZONE: Final = re.compile(
    r"^ (?:\( )?(?P<zone>ist|gmt|utc|est|edt|et|cst|cdt|ct|pst|pdt|pt|mst|mdt|bst|cet|cest|eastern|pacific"
    r"|central)(?!\S)"
)


def _halved(hour: int, half: str) -> str:
    if half == "hours" or hour >= 13 or hour == 0:
        return "24"
    return half


def _clock(
    start: int, end: int, hour: int, minute: int = 0, half: str = "", *, sure: bool = True
) -> Clock | None:
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    return Clock(start=start, end=end, hour=hour % 24, minute=minute, half=_halved(hour, half), sure=sure)


def _plain(hit: re.Match[str]) -> Fact | None:
    named = hit.groupdict()
    hour = hit["hour"]
    half = named.get("half") or ""
    if len(hour) == 2 and hour[0] == "0" and not half and int(hour):
        half = "am"  # "09:30" is how a timetable writes it
    return _clock(hit.start(), hit.end(), int(hour), int(named.get("minute") or 0), half)


def _bare(hit: re.Match[str]) -> Fact | None:
    start = next(hit.start(name) for name in ("pair", "dotted", "joined", "hour") if hit[name])
    if hit["pair"]:
        hour, minute = re.findall(r"\d+", hit["pair"])
        return _clock(start, hit.end(), int(hour), int(minute))
    if hit["dotted"]:
        hour, minute = re.split(r"[.\-]", hit["dotted"])
        if hit.string[: hit.start("dotted")].endswith(("on ", "in ")) or (
            "-" in hit["dotted"] and minute not in ("15", "30", "45")
        ):
            return None
        return _clock(start, hit.end(), int(hour), int(minute))
    if hit["joined"]:
        return _clock(start, hit.end(), int(hit["joined"][:-2]), int(hit["joined"][-2:]))
    hour = int(hit["hour"])
    # "For 3" may be a table for three; "at 17" is rare in speech.
    sure = hour <= 12 and " for " not in f" {hit.group()}"
    return _clock(start, hit.end(), hour, sure=sure) if hour else None


def _late(hit: re.Match[str]) -> Fact | None:
    """ "At 1500" may be a price."""
    return _clock(hit.start("hour"), hit.end(), int(hit["hour"]), int(hit["minute"]), sure=False)


def _suits(hit: re.Match[str]) -> Fact | None:
    """ "Three would do"; "one would do" may be any of them."""
    clock = _bare(hit)
    return replace(clock, sure=clock.sure and clock.hour != 1) if isinstance(clock, Clock) else clock


_IN_PART: Final = re.compile(r" in the (?:morning|afternoon|evening)(?!\S)")


def _led(hit: re.Match[str]) -> Fact | None:
    """A figure before a day or a part of it. After a noun ("building 4 this afternoon") it may count something else."""
    clock = _bare(hit)
    before = hit.string[: hit.start()].rstrip().rsplit(" ", 1)[-1]
    plain = not before or not before.isalpha() or (before != "for" and _FILLER.fullmatch(before) is not None)
    timed = _IN_PART.match(hit.string[hit.end() :]) is not None  # "for seven in the evening"
    return replace(clock, sure=clock.sure and (plain or timed)) if isinstance(clock, Clock) else clock


def _past(hit: re.Match[str]) -> Fact | None:
    name = hit["hour"]
    hour = {"noon": 12, "midnight": 0}.get(name) if not name.isdigit() else int(name)
    if hour is None or hour > 24:
        return None
    count = sum(int(figure) for figure in (hit["count"] or "0").split(" and "))
    minutes = 45 if hit["most"] else 15 if hit["quarter"] else 30 if hit["half_hour"] else count
    later = hit["way"] in ("past", "after")
    if not 0 < minutes < 60 or (hit["half_hour"] and not later):
        return None
    if hit["count"] and not hit["unit"] and minutes not in (5, 10, 15, 20, 25):
        return None
    if hit["way"] == "from" and not hit["quarter"]:
        return None
    # "Ten to five" may be a stretch of time; "at ten to five", "ten minutes to five" can't.
    before = hit.string[: hit.start()].rstrip().rsplit(" ", 1)[-1]
    sure = (
        later
        or bool(hit["unit"] or hit["quarter"])
        or (minutes in (20, 25) and hour <= 12)
        or before in ("at", "around", "about")
    )
    if before in ("between", "from") or not sure:
        return None
    half = hit["half"] or ("" if name.isdigit() else "24")
    total = hour * 60 + (minutes if later else -minutes)
    if not later and half == "pm" and hour == 12:
        half = "am"  # a quarter to twelve at noon is still before it
    if not later and hour == 1 and half != "24":
        total += 12 * 60
    if not name.isdigit():
        half = "24"
    return _clock(hit.start(), hit.end(), total // 60 % 24, total % 60, half, sure=sure)


def _noon(hit: re.Match[str]) -> Fact:
    noon = hit["name"] in ("noon", "mid day", "mid - day")
    return Clock(start=hit.start(), end=hit.end(), hour=12 if noon else 0, half="24")


def _between(hit: re.Match[str], scan: Scan) -> None:
    half = hit["last_half"] or ""
    first = _clock(
        hit.start("first"),
        hit.end("first"),
        int(hit["first"]),
        int(hit["first_minute"] or 0),
        hit["first_half"] or half,
    )
    last = _clock(hit.start("last"), hit.end(), int(hit["last"]), int(hit["last_minute"] or 0), half)
    if first is None or last is None:
        return
    for one in (first, last):
        scan.facts.append(replace(one, bound="within"))
    scan.hide(*hit.span())


def clocks_find(scan: Scan) -> None:
    """Adds the times of day in ``scan`` that stand on their own (with a half of the day, a colon, "o'clock", after "at")."""
    for hit in list(_BETWEEN.finditer(scan.text)):
        _between(hit, scan)
    scan.take(_PAST, _past)
    for pattern in (_TIMED, _DOTTED, _PAIR, _SHORT, _OCLOCK, _WHOLE, _ISH):
        scan.take(pattern, _plain)
    scan.take(_NOON, _noon)
    scan.take(_BRITISH, _british)
    scan.take(_AT_CLOCK, _bare)
    scan.take(_CALL_FOR, _bare)
    scan.take(_BUT, _bare)


def _british(hit: re.Match[str]) -> Fact | None:
    return _clock(hit.start(), hit.end(), int(hit["hour"]), 30, hit["half"] or "")


def clocks_beside(scan: Scan) -> None:
    """Adds bare figures that stand beside a day or another time, and, when a time was asked for, one that stands alone."""
    if scan.facts:
        scan.take(_BESIDE, _bare)
        scan.take(_AHEAD, _led)
    if scan.asked or scan.of(Clock):
        scan.take(_SUITS, _suits)
    if scan.asked or scan.of(Day):
        scan.take(_LATE, _late)
    if scan.of(Clock):
        scan.take(_CORRECTED, _bare)
        for pattern in (_ALTERNATIVE, _ALTERNATIVE_AHEAD):
            for _ in range(2):
                scan.take(pattern, _bare)
    if scan.asked and not scan.of(Clock):
        bare = re.compile(rf"(?<!\S){_BARE}(?!\S)")
        found = list(bare.finditer(scan.text))
        rest = bare.sub(" ", scan.text)
        if 0 < len(found) <= 2 and all(_FILLER.fullmatch(word) for word in rest.split()):
            scan.take(bare, _bare)
    _finish(scan)


def _finish(scan: Scan) -> None:
    """Bounds ("after 5"), zones and a half of the day that two times share."""
    clocks = [fact for fact in scan.of(Clock) if isinstance(fact, Clock)]
    words = scan.words
    for day in scan.of(Day):
        # "After Monday at five": the day doesn't come between a bound and its time.
        words = words[: day.start] + re.sub(r"\S", GONE, words[day.start : day.end]) + words[day.end :]
    others = [fact for fact in scan.facts if not isinstance(fact, Clock)]
    done: list[Clock] = []
    for clock in clocks:
        bound = clock.bound or _bound_before(words, clock)
        zone = _ZONE.match(scan.text[clock.end :])
        done.append(replace(clock, bound=bound, zone=zone["zone"] if zone else ""))
        if zone:
            scan.hide(clock.end, clock.end + zone.end())
    halves = {clock.half for clock in done if clock.half in ("am", "pm")}
    if len(done) == 2 and len(halves) == 1 and done[1].half in ("am", "pm") and not done[0].half:
        first = done[0]
        if first.hour <= done[1].hour or first.hour == 12:
            done[0] = replace(first, half=done[1].half)
    scan.facts = [*others, *done]


_BOUNDS: Final = re.compile(
    r"(?<!\S)(?P<word>after|past|from|before|until|till|later than|earlier than|not before"
    r"|no later than|no earlier than|since|latest by|prior to"
    r"|in advance of|ahead of|through|thru|up to|upto|as late as|as early as"
    r"|(?:at )?the latest|(?:at )?the earliest|now (?:and|till|until|to)|between|starting|beginning)"
    r"(?: (?:at|around|about|the|on|¦+))*$"
)


_BOUND_AFTER: Final = re.compile(
    r" (?:(?:or|at|and) )?(?:the )?(?P<way>later|latest|before|earlier|earliest|onwards|onward|after)(?=$"
    r"| [,.!?]| (?:please|then|only)(?!\S))"
)
_FROM_ON: Final = frozenset(
    {
        *("after", "past", "from", "later than", "not before", "no earlier than", "since", "as early as"),
        *("between", "starting", "beginning", "earliest", "the earliest", "at the earliest", "at earliest"),
    }
)


def _bound_before(words: str, clock: Clock) -> str:
    hit = _BOUNDS.search(words[: clock.start].rstrip())
    if hit is None:
        late = _BOUND_AFTER.match(words[clock.end :])
        if late is None:
            return ""
        return "after" if late["way"] in ("later", "earliest", "onwards", "onward", "after") else "before"
    word = hit["word"]
    return "after" if word in _FROM_ON else "before"
