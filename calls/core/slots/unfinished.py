"""Is a dictation still going on? Invariant: a whole value is never called unfinished, silence inside half
of one is."""

from __future__ import annotations

import re
from typing import Final

from calls.core.slots.code import code_read
from calls.core.slots.digits import digits_read
from calls.core.slots.email import email_read
from calls.core.slots.phone import phone_read

_DANGLING: Final = re.compile(
    r"(?:\b(?:and|or|but|so|because|at|the|a|an|my|your|to|of|for|with|from|in|on|dot|dash|underscore"
    r"|hyphen|plus|double|triple"
    r"|um|uh|er|erm|is|it's|its|if|that's|i|i'm|the rate|number is|name is|like|as in|then|about|also)"
    r"|[,\-@…])[\s.,…]*$",
    re.IGNORECASE,
)
_INTRO: Final = re.compile(
    r"\b(?:(?:my|the|it|here)(?:'s)?|whatsapp|mobile|phone|e-?mail|order)\b.{0,30}\b(?:number|id|e-?mail"
    r"|mail|address|name|it)(?:'s| is)?[\s.,:…]*$",
    re.IGNORECASE,
)
# "Send it to my email" names where, and is whole; "my email" alone announces an address.
_DESTINATION: Final = re.compile(
    r"\b(?:send|sent|mail|e-?mail|text|message|copy|forward|share|get|want|have|put|receive|need|like)\b.*"
    r"\b(?:to|in|on|by|via|at|into|through|over)\s+(?:(?:my|the|our)\s+)?"
    r"(?:e-?mail|mail|inbox|phone|mobile|whatsapp|number|sms|e-?mail address|mailbox)[.!]*$",
    re.IGNORECASE,
)
_MOMENT_STOPS: Final = re.compile(
    r"(?:\b(?:half|quarter|past|after|before|between|around|about|approximately|by|until|till|next|this"
    r"|maybe|say|o|oh|or"
    r"|\d{1,2}(?:st|nd|rd|th) of|(?:january|february|april|june|july|august|september|october|november"
    r"|december) the"
    r"|minutes (?:to|past)|not|(?<=[\w,] )no|but|in (?:about |around )?(?:a|an|one|two|three|four|five"
    r"|six|ten|\d{1,2})|let'?s|make it|how about|what about|i think|call me|day after)"
    r"|\b[ap]\.?)[\s.,…\-]*$",
    re.IGNORECASE,
)
_PHONES: Final = frozenset({"phone", "whatsapp_number", "sms_number", "whatsapp"})


def incomplete(asked: str, text: str, *, region: str = "IN") -> bool:
    """True when the words stop in the middle of what was asked for: half a number, an address without its
    end.

    ``asked`` as in a request (``phone``, ``email``, ``order_id``, ``name``, …, or empty). An answer of
    another kind (a question, a refusal) isn't unfinished just because it has no number in it.
    """
    words = text.strip()
    if not words:
        return False
    if asked == "contact":
        # Either way to be reached will do: the words say which one is being dictated.
        asked = "phone" if phone_read(words, region=region, asked=True).missing != "all" else "email"
    if asked in _PHONES:
        reading = phone_read(words, region=region, asked=True)
        if reading:
            return False
        return reading.missing in ("digits", "too_short") or _stops(words)
    if asked == "email":
        reading = email_read(words, asked=True)
        if reading:
            return bool(re.search(r"\b(?:dot|and|dash|underscore)[\s.,…]*$", words, re.IGNORECASE))
        if reading.missing in ("domain", "ending"):
            return True
        spelling = _spelling(words) or bool(
            re.search(
                r"\b(?:dot|underscore"
                r"|double)\b",
                words,
                re.I,
            )
        )
        return (reading.missing == "at" and spelling) or _stops(words)
    if asked == "order_id":
        digits = digits_read(words)
        letters = _spelling(words)
        return (0 < len(digits) < 4 and len(words.split()) <= 8) or (letters and not digits) or _stops(words)
    if asked == "code":
        reading = code_read(words)
        return not reading and (reading.missing == "digits" or _stops(words))
    if asked == "callback_time":
        return (not words.endswith("?") and bool(_MOMENT_STOPS.search(words))) or _stops(words)
    return _stops(words)


def _spelling(text: str) -> bool:
    """Are letters said one by one ("O R D"; not the "I" and "t" of "I don't")?"""
    letters = re.findall(r"(?<!['’])\b[A-Za-z]\b(?!['’])", text)
    return len([letter for letter in letters if letter not in "Ia"]) >= 2


def _stops(text: str) -> bool:
    """Do the words break off: a conjunction, an article, a carrier phrase without its value?"""
    if text.rstrip().endswith("?"):
        return False
    if re.search(
        r"\b(?:yes it is|no it's|that's it|it is|i think so too|what it is)[.!]*$", text, re.IGNORECASE
    ):
        return False
    if _DESTINATION.search(text):
        return False
    return bool(_DANGLING.search(text) or _INTRO.search(text))
