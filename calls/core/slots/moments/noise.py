"""What looks like a time and is none. Invariant: it is hidden before any reader of days and hours looks."""

from __future__ import annotations

import re
from typing import Final

from calls.core.slots.moments.facts import NOISE, Scan, spaced

_UNIT: Final = (
    r"(?:days|day|weeks|week|months|month|years|year|hours|minutes|seconds|times|business days|working days)"
)
_NOISE: Final = tuple(
    spaced(pattern)
    for pattern in (
        r"(?:very )?good (?:morning|afternoon|evening|night|day)",
        r"(?:have|had|enjoy|wish you) (?:a |your )?(?:very )?(?:nice|good|great|lovely|wonderful|pleasant"
        r"|rest of)?(?: of your)? ?(?:day|evening|night|weekend|morning|afternoon|week)",
        r"(?:happy|merry) \S+(?: day)?",
        r"24 ?[/x] ?7|24 7|9 to 5 job",
        rf"(?:for|since|over|last|past|waited|waiting|took|takes|more than) (?:the )?(?:last |past "
        rf"|about |over |almost |more than )*(?:\d+|a"
        rf"|few|several|many|half a)(?: - \d+| to \d+| or \d+)? (?:business |working |full |whole "
        rf"|more )?{_UNIT}(?! from)",
        rf"(?:\d+|a|few|several|many|couple of|half a)(?: - \d+| to \d+| or \d+)? (?:business "
        rf"|working )?{_UNIT} (?:ago|back|old|late|earlier|before|already|warranty|guarantee|policy"
        rf"|return|trial|delivery|validity|period|refund|replacement|money)",
        r"\d+ - (?:day|days|month|months|year|years|week|weeks|hours|minutes)",
        r"(?:order|ticket|invoice|version|api|option|room|flat|house|door|gate|extension|ext|step|page"
        r"|level|class|grade|windows|iphone|galaxy|pin|otp|case|reference|tracking|model|chapter|plan"
        r"|policy|code|item|product|id|number|no|v|sku|serial|part|bus|train|flight|line|street|road"
        r"|sector|block|phase|unit|apartment|apt|suite|floor|pixel|playstation|ps|xbox)(?: (?:id|number"
        r"|no|code|is|#|: ))* #? ?\d+(?:\.\d+)*",
        r"(?:rs|inr|usd|eur|gbp|rupees|dollars|\$|€|£|₹)(?: \.)? ?\d[\d.,]*(?: (?:hundred|thousand|lakh"
        r"|lakhs|crore))?",
        r"\d[\d.,]* ?(?:%|percent|rupees|rs|dollars|bucks|usd|inr|euros|pounds|lakh|lakhs|crore|hundred"
        r"|thousand|million|billion|kg|kgs|kilos|gb|mb|tb|gram|grams|km|kilometers|miles"
        r"|inch|inches|cm|mm|things?|questions?|requests?|reasons?|points?|matters?|issues?|problems?|queries|favours?|topics?|wishes"
        r"|complaints?|messages?|emails?|documents?|copies|policies|products?|tablets?|chargers?|cables?|monitors?|bags?"
        r"|colleagues|friends|children|kids|guests|customers|laptops|phones|items|pieces|units|people|persons|stars|users|seats|licenses"
        r"|orders|times|boxes|pairs|seconds|percentage|bits?|watts?|volts?|x|k)",
        r"(?:make|book|get|schedule|need|want|have|see|take|arrange) 1(?= (?:for|at|on|in|by|please))",
        r"(?:table|party|reservation|booking|seats?|room|group|dinner|lunch) (?:for|of) (?:a (?:party"
        r"|group) of )?\d+(?! ?(?:am|pm|oclock|:|in the))",
        r"(?:on )?(?:that|the same|same|this very) day",
        r"(?:no|any|some|every|which|this|that|the|only|another|other|last|wrong|right|same|new|old|blue"
        r"|black|white|red|my|own|usual|normal|regular|registered|current|present|private|personal|office|home|work"
        r"|business|mobile|[a-z]+'s) 1(?: of)?(?! (?:am|pm|oclock))",
        r"1 (?:of|more|thing|question|last|second|person|moment|other|that|day soon|by|and only)",
        r"(?:the )?(?:other|whole|entire|all) (?:day|time|night)|(?:these|those|all|most"
        r"|some) days|to this day|day (?:by|to|after) day|all day(?: long)?",
        r"(?:i've|i have|we've|we have|got)(?: (?:only|just|got|about|maybe|barely|like))* (?:\d+|a few|few|a couple of|half a)"
        r" (?:minutes|hours)(?: (?:left|to spare|to go|to talk))?(?! (?:from now|later|free))",
        # "That's my bowls morning" says why not.
        r"(?:that's|that is|it's|it is|got|have) (?:my|our) (?!early |late |preferred |best )\S+ (?:morning|afternoon|evening"
        r"|night|day)",
        r"on time|in time|(?:the |this |last |next |1th |2th |3th |first |that )+time|full time|time to time",
        r"(?:instead of|rather than|other than|not) (?:at )?(?:1[0-2]|[1-9])(?:[:.]\d\d)?(?: am"
        r"| pm)?(?: oclock)?(?! (?:minutes|hours|days|but not))",
        r"(?:\d+ )?(?:business|working) days(?! (?:from|after|later))",
        r"within (?:the )?(?:next )?(?:[89]|\d\d+) (?:days|weeks|months)",
        r"(?:the )?\d+th (?:1|product|item|order|page|number|letter|digit|customer|person|attempt|message"
        r"|email)",
    )
)
_ORDER: Final = re.compile(
    r"(?<!\S)(?!(?:of|in|at|on|by|to|for|is|it|call|from|till|until|year|after|before|around|about|or|and"
    r"|say|the|me"
    r"|january|march|april|may|june|july|august)(?!\S))[a-z]{2,6}(?:(?: -)? \d{5,}|\d{3,})(?!\S)"
    r"|(?<!\S)(?:[a-z] ){2,6}(?:\d+ ?){2,}(?!\S)"
)
_DIGITS: Final = re.compile(
    r"(?<!\S)(?:\+ ?)?(?:\(? ?\+?\d[\d.,/\-]*|double|triple|treble|oh"
    r"|zero)(?:(?: [,.\-()])* (?:\d[\d.,/\-]*|double|triple|treble|oh|zero))*(?!\S)"
)
_BEFORE_CLOCK: Final = re.compile(
    r"(?:¦|(?<!\S)(?:at|around|about|by|tomorrow|today|tonight|day|morning|afternoon|evening|noon))(?: ,)?$"
)
_UNSUITED: Final = spaced(  # "11 doesn't suit, make it 4"
    r"(?:at )?(?:2[0-3]|1?\d)(?:[:. ][0-5]\d)?(?: oclock| am| pm)? (?:doesn't|does not|won't|will not|isn't|is not|wouldn't"
    r"|would not|can't|cannot) (?:really |quite )?(?:suit|work|do|good|possible|be|convenient|ok|okay|great|ideal|fit)"
    r"(?: (?:good|possible|convenient|ok|okay|great|ideal|for|me|us|work|suit|any|more))*"
)


def noise_hide(scan: Scan) -> None:
    """Hides what looks like a time and is none: phone numbers, order ids, prices, "5 days ago", "good evening"."""
    for pattern in _NOISE:
        scan.mask(pattern)
    for hit in list(_UNSUITED.finditer(scan.text)):
        scan.hide(*hit.span())
    scan.mask(_ORDER)
    for hit in list(_DIGITS.finditer(scan.text)):
        _long_hide(scan, hit.start(), hit.end())


def _long_hide(scan: Scan, start: int, end: int) -> None:
    """Hides a run of six digits or more, but for an hour that stands before it ("at 10, 98450 12345") or a date in it."""
    words = scan.text[start:end]
    digits = sum(char.isdigit() for char in words) + len(re.findall(r"oh|zero|double|triple|treble", words))
    if digits < 6 or re.fullmatch(
        r"\d{1,4}([/\-.])\d{1,2}\1\d{1,4}(?: ,)?(?: \d{1,2}(?::\d\d){0,2}| \d{4})?|\d{1,2}:\d\d(?::\d\d)",
        words,
    ):
        return
    first = re.match(r"(?:[12]?\d|[12]?\d[:.][0-5]\d)(?= (?:, )?[\d+])", words)
    if first and _BEFORE_CLOCK.search(scan.words[:start].rstrip()):
        rest = digits - sum(char.isdigit() for char in first.group())
        if 10 <= rest <= 13:
            start += first.end()
    following = scan.text[end:].lstrip(" ,")[:2]
    last = re.search(r" (?:, )?(?P<hour>[12]?\d(?:[:.][0-5]\d)?)$", words)
    if last and (
        following in ("am", "pm", "oc") or scan.words[: start + last.start("hour")].rstrip().endswith("at")
    ):
        end = start + last.start("hour") if last.start("hour") + start < end else end
    if sum(char.isdigit() for char in scan.text[start:end]) >= 6:
        scan.hide(start, end, sign=NOISE)
