"""Which of the times in the words were meant. Invariant: leaving a time out costs a question, taking one that was not meant
books a call nobody wants; so every doubt leaves it out.
"""

from __future__ import annotations

import re
from typing import Final

from calls.core.slots.moments.facts import Clock, Day, Fact, Offset, Part, Scan, Soon, spaced
from calls.core.slots.moments.words import MONTHS, WEEKDAYS

_CLAUSE: Final = re.compile(
    r"(?<!\S)(?:[,.;!?]|and|but|so|because|then|although|however|while|instead(?! of)|though)(?!\S)"
)
_PAST: Final = re.compile(
    r"(?<!\S)(?:ordered|bought|purchased|received|arrived|came|got|called|rang|spoke|talked|met|saw|drank"
    r"|ate|took|made|found|knew|heard|lost|kept|began|ran|felt|forgot|held|built|sold|flew|bought"
    r"|(?!(?:need|indeed|speed|scheduled|interested|preferred|confused|worried|excited|bored|tired"
    r"|concerned|red|bed|feed|proceed|required|frustrated)(?!\S))[a-z]{2,}ed|said|says"
    r"|told|promised|paid|was|were|had|did|didn't|been|since"
    r"|waited|waiting|delivered|shipped|placed|happened|broke|stopped|started|tried|asked|emailed|missed"
    r"|went|left|sent|gave|returned|wrote|cancelled|expected"
    r"|supposed|scheduled for|due|arriving|arrives|reach|reaches|expire[sd]?|ends?|closes?|opens?|open"
    r"|close|closed|delivery|shift|work|works"
    r"|last|ago|hoped)(?!\S)"
)
_NOT_PAST: Final = re.compile(
    r"(?<!\S)(?:(?:i |we )?(?:was|were) (?:just )?(?:hoping|thinking|wondering|looking|going)|(?:have|has"
    r"|i've|'ve) got|got (?:time|it|a)|(?:is|are|would be|i'm|we're|you're) (?:open|closed?)"
    r"|(?:said|told) (?:tomorrow|today)|reach (?:me|us)|(?:at |after |from |before )?(?:my )?work(?! (?:at|from|until"
    r"|till))|works (?:for|best|better|well|fine|great)|shift (?:it|that|this|the call|my call|me)"
    r"|(?:be|get|getting|being) (?:called|rung|phoned|telephoned|contacted|reached)"
    r"|(?:that|it|what|which|this|time|both|either|one|1) works|if (?:that|it) works|(?:would|will|could"
    r"|can|to) (?:\S+ )?work)(?!\S)"
)
_WISHES: Final = re.compile(
    r"(?<!\S)(?:call|ring|phone|callback|call back|contact|reach me|schedule|book|reschedule|want|need"
    r"|would like|i'd like|please|free|available|prefer|move|shift it|postpone|change|make it)(?!\S)"
)
_AGAINST: Final = re.compile(
    r"(?<!\S)(?:not|isn't|aren't|can't|cannot|don't|doesn't|didn't|won't|wouldn't|couldn't|instead of"
    r"|rather than"
    r"|except|other than|unless|busy|unavailable|occupied|avoid|never|forget|nothing|neither|nor"
    r"|anything but|cancel"
    r"|sleeping|asleep|travelling|traveling|driving|my (?:meeting|class|flight|shift|exam|interview|train)"
    r"|(?:have|has|i've|got|in|at|into|attending|catching|catch|take) (?:a|another|my|the|some"
    r"|back to back|two|2) (?:\S+ )?"
    r"(?:meetings?|appointment|class|classes|flight|exam|interview|conference|train|surgery|lecture"
    r"|shift|hearing|dentist|doctor|lesson|rehearsal|funeral|wedding)"
    r")(?!\S)"
)
# Where the caller is then, or what there is then: the call belongs elsewhere, unless it is wished after it.
_ELSEWHERE: Final = re.compile(
    r"(?<!\S)(?:(?:my|the|our|his|her|a|an|school|kids') (?:\S+ )?(?:hearing|dentist|doctor|surgery|lecture|lesson|rehearsal"
    r"|school run|pick up|pickup|funeral|wedding|bus|match|scan|check up|checkup|session|exam)"
    r"|(?:i'm|i am|i'll be|i will be|we're|we are)"
    r" (?:in (?:a|an|my|the|court|class|surgery)|at (?:a|an|my|the|work|school|church|court)|with (?:a|an|my|the|our|clients?"
    r"|customers?|patients?|family)|on (?:a|an|the))(?! (?:\S+ )?(?:phone|line|number|office|desk|house|home|shop|mobile"
    r"|hurry|rush))"
    r")(?!\S)"
)
_CALLS: Final = re.compile(r"(?<!\S)(?:call|ring|phone|callback|try|contact|reach)(?!\S)")
_NOT_AGAINST: Final = re.compile(
    r"(?<!\S)(?:(?:don't|do not|won't|wouldn't) (?:you )?mind|why (?:don't|not)|can't wait|if not"
    r"|not sure|not certain|not (?:before|after|earlier|later|until|till)|(?:can't|couldn't|won't"
    r"|don't) you"
    r"|don't forget|not a problem|isn't it|(?:don't|didn't|do not) (?:know|care|remember)|not only"
    r"|why not)(?!\S)"
)
_REFUSED: Final = re.compile(
    r"^(?:(?! (?:[,.;!?]|and|but|so) ).){0,25}?(?<!\S)(?:(?:doesn't|won't|isn't|wouldn't|does not"
    r"|will not|is not|would not|can't|cannot|don't) (?:\S+ ){0,2}?(?:work|suit|good|possible|be"
    r"|convenient|do|ok|okay|great|ideal)"
    r"|no good|(?:i'm|i am|i'll be) (?:busy|unavailable|not|in a|travelling|driving|asleep|working"
    r"|(?:with|seeing|meeting|at) (?:my"
    r"|the|a|an|our|clients?|customers?)(?! (?:\S+ )?(?:phone|line|number|office|desk|house|home|shop|mobile)))"
    r"|(?:i've got|i have|we have|i got) (?:a|an|my|the|another) (?:\S+ )?(?:meeting|appointment|class|flight|exam|interview"
    r"|hearing|dentist|doctor|lesson|call|train|lecture|conference)"
    r"|is bad|not possible|too (?:early|late)|doesn't|won't)(?!\S)"
)
_CORRECTION: Final = re.compile(
    r"(?<!\S)(?:no(?! (?:problem|later|earlier|worries|need|way|doubt|idea|one|more|longer|matter|issue"
    r"|hurry|rush))"
    r"|nope|wait|sorry|actually|i mean|i meant"
    r"|scratch that|correction|you know what|come to think of it"
    r"|on reflection|better yet|make (?:it|that)|rather(?! than)|hold on|on 2th thought|let's say"
    r"|change (?:it|that)"
    r"|keep (?:it|that)|have it|put it|set it"
    r"|strike that|oops|my mistake|better(?= (?:at|on|make|tomorrow|today|monday|tuesday|wednesday"
    r"|thursday|friday|saturday|sunday))|even better)(?!\S)"
)
_JOIN: Final = re.compile(r"^(?: (?:,|at|on|the|in|of|for|-|around|about|by|a|\.))* ?$")
_HOLIDAYS: Final = (
    "christmas|xmas|easter|diwali|deepavali|holi|eid|ramadan|onam|pongal|thanksgiving|halloween|hanukkah"
    "|new year|new years|new year's|valentine's|good friday"
    "|independence|republic|labor|labour|memorial|mother's|father's|birthday|holiday|holidays"
    "|vacation|navratri|dussehra|ugadi|lohri|navaratri|anniversary"
)
_LEFT_DAY: Final = spaced(
    rf"{_HOLIDAYS}|(?:{'|'.join(WEEKDAYS)})s?|{'|'.join(name for name in MONTHS if name not in ('may', 'march'))}"
    rf"|days|day|weeks|week|month|months|year|years"
    r"|weekdays|weekend|every|each|daily|weekly|monthly|fortnight|quarter|decade|century|\d+th|20\d\d"
    r"|tomorrow's|today's|everyday|hundred|thousand|mornings|evenings|afternoons|nights|alternate|night"
    r"|ago|kal|parso|parson"
)
_LEFT: Final = spaced(
    r"hours|minutes|seconds|(?<!i )am|pm|oclock|noon|midnight|before|after|until|till|except|unless"
    r"|earlier|later|past|half|hourly|ish|or so|previous|dawn|dusk|sunrise|sunset"
    r"|gmt|utc|wet|west|eet|eest|jst|aest|aedt|acst|awst|akst|hst|sgt|hkt|pkt|msk|brt|nzst|nzdt|sast|wat"
    r"|\S+ time zone"
    r"|(?:us|uk|indian?|american|british|london|dubai|singapore|new york|your|their|my|local|standard"
    r"|eastern|pacific|central) time"
)
_FIGURE: Final = spaced(r"(?:[12]?\d|3[01])(?:[:.]\d\d)?")


def _clause(words: str, start: int, end: int) -> tuple[str, str]:
    """The words of the same clause before and after a place."""
    before = words[:start]
    cuts = [hit.end() for hit in _CLAUSE.finditer(before)]
    head = cuts[-1] if cuts else 0
    after = _CLAUSE.search(words, end)
    return words[head:start], words[end : after.start() if after else len(words)]


def _grouped(facts: list[Fact], words: str) -> list[list[Fact]]:
    """Facts with nothing but small words between them: one time, said in pieces."""
    groups: list[list[Fact]] = []
    for fact in facts:
        if groups and _JOIN.match(words[max(one.end for one in groups[-1]) : fact.start] or " "):
            groups[-1].append(fact)
        else:
            groups.append([fact])
    return groups


_REPORTED: Final = re.compile(
    r"(?<!\S)(?:promised|told|said|says|supposed|agreed|assured|mentioned)(?! (?:tomorrow|today|at"
    r"|on)(?!\S))(?!\S)"
)


# "It will reach me": what does isn't the caller's callback.
_REACHES: Final = re.compile(
    r"(?<!\S)(?:it|orders?|parcels?|packages?|delivery|deliveries|shipments?|couriers?|laptops?|goods|products?|items?"
    r"|refunds?|money|stuff|box)(?: \S+){0,3} (?=reach(?!\S))"
)
# "I finish at three": where the caller is till then. The day is the call's too.
_ROUTINE: Final = re.compile(
    r"(?<!\S)(?:i|we|i'll|we'll|i'm|we're|who)(?: (?:usually|only|always|normally|will|do|don't|am|are|get to|have to|shall))*"
    r" (?:finish(?:es|ing)?|(?:knock|clock) off|clock out|get (?:home|back|in|up|off|out|done|through)"
    r"|come (?:home|back|in|off)|done|leave|start|wake up|land|eat|have (?:lunch|dinner|tea))"
    r"(?: (?:work|the office|school|college|my \S+|from work|from school|home))? (?:at|around|about|by|till|until)(?: about)?$"
)
_BOOKED: Final = re.compile(
    r"(?<!\S)(?:(?:i|we|you|they|he|she|who)(?:'ve|'d|'s)?|have|had|has|has been|have been|was|were)(?: (?:have|had|has|already"
    r"|just|been|kindly))*"
    r" (?:booked|arranged|scheduled|fixed(?: up)?|set(?: up)?|made|got|(?:(?:me|us|put) )?down for)"
    r" (?:(?:a|my|the|your|1|this) )?(?:\S+ )?(?:call(?:back)?|call back|appointment|slot|time)(?!\S)"
    r"|(?<!\S)(?:have|has|got|had|there's|there is) (?:a|my|the|1) (?:phone )?(?:call(?:back)?|call back)"
    r" (?:booked|arranged|scheduled|fixed|set|planned|coming)(?!\S)"
)
# Somebody else's opinion of a time for the call: "my wife says eleven is better".
_OPINION: Final = re.compile(
    r"(?<!\S)(?!your |website|site|email|e-mail|mail|message|text|order|page|tracking|courier)\S+"
    r" (?:says|say|thinks|reckons|prefers)(?: that)?(?: (?:at|about|around))?$"
)
_BETTER: Final = re.compile(
    r"^ (?:is|are|would be|might be|will be|'s|'d be|works?|suits?|would (?:work|suit|do)|will (?:work|suit|do))"
    r"(?: (?:a bit|much|far|also|even|probably|the))*(?: (?:better|best|easier|good|fine|ok|okay|perfect|for|us|me|her|him"
    r"|nicer|more))*(?=$| [,.;!?]| (?:for|then|thanks|please)(?!\S))"
)


def _told(clause: str, after: str = "") -> bool:
    """Does the clause tell of something that has happened, or that isn't a call?"""
    if _OPINION.search(clause.rstrip()) and _BETTER.search(after):
        return False
    if _REACHES.search(clause):
        return True
    clear = _NOT_PAST.sub(" ", clause)
    if _REPORTED.search(clear):
        return True
    hits = list(_PAST.finditer(clear))
    return bool(hits) and not _WISHES.search(clear, hits[-1].end())


_UP_TO: Final = re.compile(r"(?<!\S)(?:and|till|until|to|from|since|between|before|up to|than)$")


def meant(scan: Scan) -> list[Fact]:
    """The facts that were meant: not told of the past, not refused, not taken back."""
    words = scan.words
    kept: list[Fact] = []
    arranged: list[list[Fact]] = [[], []]
    for group in _grouped(sorted(scan.facts, key=lambda fact: (fact.start, fact.end)), words):
        before, after = _clause(words, group[0].start, group[-1].end)
        if _BOOKED.search(before):
            arranged[_told(before, after)].extend(group)
        elif _told(before, after):
            scan.dropped.extend(group)
        else:
            kept.extend(
                fact
                for fact in group
                if not (isinstance(fact, Soon) and _UP_TO.search(words[: fact.start].rstrip()))
            )
    kept = _instead_of(scan, arranged[0], arranged[1], kept)
    standing: list[Fact] = []
    routine: list[Fact] = []
    for fact in kept:
        before, after = _clause(words, fact.start, fact.end)
        if _AGAINST.search(_NOT_AGAINST.sub(" ", before)) or _elsewhere(before) or _REFUSED.search(after):
            scan.dropped.append(fact)
        else:
            standing.append(fact)
            routine.extend([fact] if isinstance(fact, Clock) and _ROUTINE.search(before.rstrip()) else [])
    if any(isinstance(fact, Clock) and fact not in routine for fact in standing):
        standing = [fact for fact in standing if fact not in routine]
    return _corrected(standing, words)


def _instead_of(scan: Scan, arranged: list[Fact], told: list[Fact], kept: list[Fact]) -> list[Fact]:
    """What is arranged already gives way to another time; its day is the other's too, unless that names its own."""
    if not any(isinstance(fact, Clock | Part | Day | Offset) for fact in kept):
        scan.dropped.extend(told)
        return sorted([*arranged, *kept], key=lambda fact: (fact.start, fact.end))
    arranged = [*arranged, *told]
    timed = any(isinstance(fact, Clock | Part) for fact in kept)
    dated = any(isinstance(fact, Day | Offset) for fact in kept)
    days = [fact for fact in arranged if isinstance(fact, Day) and timed and not dated]
    scan.dropped.extend(fact for fact in arranged if fact not in days)
    return [*days, *kept]


def _elsewhere(before: str) -> bool:
    hit = _ELSEWHERE.search(before)
    return hit is not None and not _CALLS.search(before, hit.end())


def _corrected(facts: list[Fact], words: str) -> list[Fact]:
    """What was said after "no, wait" stands in place of what was said before it."""
    for mark in _CORRECTION.finditer(words):
        early = [fact for fact in facts if fact.end <= mark.start()]
        late = [fact for fact in facts if fact.start >= mark.end()]
        if not early or not late:
            continue
        kinds = {type(fact) for fact in late}
        if kinds & {Offset, Soon}:
            early = []
        if Day in kinds:
            early = [fact for fact in early if not isinstance(fact, Day | Offset | Soon)]
        if Clock in kinds:
            early = [fact for fact in early if not isinstance(fact, Clock | Offset | Soon | Part)]
        if Part in kinds:
            early = [fact for fact in early if not isinstance(fact, Clock | Offset | Soon | Part)]
        facts = [*early, *late]
    return facts


def _repeat(clock: Clock) -> re.Pattern[str]:
    """The same time said again, in bare figures: "so nine thirty" after "half past nine"."""
    hours = "|".join(sorted({str(clock.hour), str(clock.hour % 12 or 12)}))
    minutes = rf"[:. ]{clock.minute:02}" if clock.minute else r"(?:[:.]00)?(?! [0-5]\d(?!\S))"
    return re.compile(rf"(?<!\S)(?:{hours}){minutes}(?!\S)")


def paired(facts: list[Fact], words: str) -> dict[Clock, Day]:
    """The day that each time stands beside; empty unless several days and several times stand in pairs."""
    clocks = [fact for fact in facts if isinstance(fact, Clock)]
    days = [fact for fact in facts if isinstance(fact, Day)]
    if len(clocks) < 2 or len(days) < 2:
        return {}
    pairs: dict[Clock, Day] = {}
    for clock in clocks:
        near = [
            ("," in between, len(between), at)
            for at, day in enumerate(days)
            if _JOIN.match((between := words[min(day.end, clock.end) : max(day.start, clock.start)]) or " ")
        ]
        if not near:
            return {}
        pairs[clock] = days[min(near)[2]]
    return pairs


def unexplained(scan: Scan, facts: list[Fact]) -> str:
    """``day`` when words of the calendar are left that nothing was made of, ``time`` when such of the clock are, else empty."""
    left = scan.text
    if _LEFT_DAY.search(left):
        return "day"
    clocks = [fact for fact in facts if isinstance(fact, Clock)]
    taken_back = [
        mark.start()
        for mark in _CORRECTION.finditer(scan.words)
        if any(clock.start >= mark.end() for clock in clocks)
    ]
    for clock in clocks:
        left = _repeat(clock).sub(lambda hit: " " * len(hit.group()), left)
    # "Ten, I mean eleven": the ten is accounted for.
    if any(hit.start() > max(taken_back, default=-1) for hit in _FIGURE.finditer(left)):
        return "time"
    if any(isinstance(fact, Day) for fact in scan.dropped) and not any(
        isinstance(fact, Day) for fact in facts
    ):
        return "time"  # "not tomorrow, at ten", "the one I ordered on Monday, at ten": on which day then?
    for fact in facts:
        before, after = _clause(scan.words, fact.start, fact.end)
        near = left[fact.start - len(before) : fact.start] + left[fact.end : fact.end + len(after)]
        if _LEFT.search(near):
            return "time"
    return ""


def calendar_in(scan: Scan) -> bool:
    """Is there a word of the calendar that nothing was made of ("on Diwali"), and not in a tale of the past?"""
    hit = _LEFT_DAY.search(scan.text)
    return hit is not None and not _told(scan.words)


def said_of(facts: list[Fact]) -> tuple[int, int]:
    """From the first to the last of them."""
    return (min(fact.start for fact in facts), max(fact.end for fact in facts)) if facts else (0, 0)
