"""What an utterance is about, in the caller's own words. Invariant: pure; a topic, a product or a day is made of words that
were said, or is empty: in doubt it is empty.
"""

from __future__ import annotations

import re
from typing import Final

from calls.core.wordlist import word_set
from calls.engines import wording

_I: Final = re.IGNORECASE
_NUMBER: Final = (
    r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty"
    r"|forty(?:[- ]five)?"
    r"|half|quarter)"
)
_WEEKDAY: Final = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_MONTH: Final = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|apr"
    r"|aug|sept?|oct|nov|dec)"
)
_DAY: Final = (
    rf"(?:the )?day after tomorrow|tomorrow|today|tonight|yesterday|(?:(?:this|next|coming|on) )?{_WEEKDAY}"
    rf"|(?:this|next|the coming) (?:week(?:end)?|month)|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?"
    r"|the \d{1,2}(?:st|nd|rd|th)"
)
_PART: Final = (
    r"(?:(?:in the |this |early |late |sometime |any ?time )*(?:morning|afternoon|evening|noon|midday"
    r"|lunch(?:time)?|night)|after (?:lunch|work|office))"
)
_CLOCK: Final = (
    rf"\d{{1,2}}[:.]\d{{2}}(?:\s*[ap]\.?\s?m\b\.?)?|{_NUMBER}\s*(?:[ap]\.?\s?m\b\.?|o'?\s?clock|hundred"
    rf" hours)"
    rf"|(?:half|quarter)(?: an? hour)? (?:past|to|after) {_NUMBER}|half {_NUMBER}"
    rf"|(?:at|around|about|by|after|before|past|between|from) (?:about |around )?{_NUMBER}(?:["
    rf" -](?:fifteen|thirty|forty[- ]five))?(?! (?:of|or more|items?|pieces?))"
    rf"|(?:in|after|within) (?:about |around )?(?:an?|half an?|{_NUMBER}(?: and a half)?|a few|a couple"
    rf" of) (?:minutes?|mins?|hours?|hrs?|days?|weeks?)"
    rf"|{_NUMBER} (?:minutes?|mins?|hours?) from now"
)
_SOON: Final = r"whenever(?: you (?:can|like|want))?|right (?:now|away)|as soon as (?:possible|you can)"
r"|asap|immediately|straight ?away|\bnow\b|any ?time|later(?: today| on)?"
_TIME: Final = re.compile(rf"\b(?:{_DAY}|{_PART}|{_CLOCK}|{_SOON})(?!\w)", _I)
_DAYS: Final = re.compile(rf"\b(?:{_DAY})\b", _I)
_ALONE: Final = re.compile(
    rf"^(?:at |around |about |maybe |say |let'?s say |make it |how about |what about |by )*{_NUMBER}"
    r"(?:[ :.-](?:\d{2}|fifteen|thirty|forty[- ]five))?"
    r"(?: (?:is|works|would be|will be|sounds|would|suits)\b.{0,20}| please| then)?[\s.!?]*$",
    _I,
)


def time_words(text: str, *, asked: bool = False) -> str:
    """The words of ``text`` that speak of a time, in their order; with ``asked`` a bare "ten" is one. Which moment they mean is
    the policy's to say."""
    plain = text.replace("’", "'")
    found = [hit.group().strip(" .,") for hit in _TIME.finditer(plain)]
    if not found and asked:
        bare = wording.bare(plain)
        return bare.strip(" .,!?") if _ALONE.match(bare) else ""
    return " ".join(found)


_A_NUMBER: Final = re.compile(rf"\b{_NUMBER}\b(?! (?:more|thing|other|second|moment|question|of)\b)", _I)


def has_number(text: str) -> bool:
    """A number that could be an hour, in digits or words."""
    return bool(_A_NUMBER.search(text))


def without_times(text: str) -> str:
    return " ".join(_TIME.sub(" ", text.replace("’", "'")).split())


def day_of(text: str) -> str:
    """The day as the caller names it ("tomorrow", "next Monday"); the last one said counts."""
    found = _DAYS.findall(text)
    return re.sub(r"^(?:on|the coming) ", "", found[-1].lower()) if found else ""


# --- what was bought ---------------------------------------------------------------------------------------------------

_GOODS: Final = (
    r"(?:phone|case|charger|cable|bag|watch|table|chair|stand|mouse|pad|keyboard|screen|cover|adapter"
    r"|battery)"
)
_PRODUCT: Final = re.compile(
    r"\b(?:ordered|bought|purchased|got|received|buy|sell|sent me|delivered|waiting for|where is|where's"
    r"|status of|when is|when will"
    r"|about|return|have|like|of)\s+(?:a |an |the |my |some |this |these |your |two |three |that )?"
    rf"((?:new |wireless |gaming |used |smart |coffee |washing |office |external |hard"
    rf" )?[a-z][a-z\-]{{2,}}(?: {_GOODS})?)\b",
    _I,
)
_MINE: Final = re.compile(
    rf"\b(?:my|the|this|that|our)\s+((?:new |wireless |gaming |smart |coffee |washing |office |external"
    rf" )?[a-z][a-z\-]{{2,}}(?: {_GOODS})?)"
    r"\s+(?:i (?:ordered|bought|got|received)|that i|which i|you sent|is (?:broken|damaged|late|cracked"
    r"|defective|faulty|missing|not)"
    r"|isn'?t|has(?:n'?t| not)?|have(?:n'?t| not)|arrived|came|stopped|won'?t|doesn'?t|keeps|got|was"
    r"|overheats|broke|crashes)\b",
    _I,
)
_NOT_PRODUCT: Final = word_set(
    "something anything everything it that them this those these nothing wrong money refund here there"
    " order orders item items",
    "product products yet from one what things thing stuff last parcel parcels package packages shipment"
    " delivery purchase the",
    "and but not two three five ten been your my you him her someone somebody anyone answer answers reply"
    " email emails message",
    "call called charged twice already still now today yesterday back any more all different damaged"
    " broken late empty box",
    "account number invoice payment card app website site agent agents staff service support courier"
    " driver guy company people",
    "person screen world hell heck status update updates tracking new half part parts time times days"
    " weeks months ages long",
    "policy warranty how who why when where which because first second third problem issue trouble"
    " complaint question cancel",
    "to be is are in on at with for as so do shit fuck crap hell damn",
)


def product_of(text: str) -> str:
    """What was bought, as one word or two: "I ordered a laptop 5 days ago" gives "laptop"."""
    for pattern in (_PRODUCT, _MINE):
        for hit in pattern.finditer(text.replace("’", "'")):
            word = hit.group(1).lower()
            if word.split()[0] not in _NOT_PRODUCT and word.split()[-1] not in _NOT_PRODUCT:
                return word
    return ""


# --- what a question is about -------------------------------------------------------------------------------------------

_DET: Final = r"(?:any |your |some |this |our |that )?"
_NP: Final = r"(?P<np>(?:an? |the )?[^,;?!]{2,80}?)"
_END: Final = r"(?:[,;?!]|\.(?=\s|$)|$)"
_THING: Final = (
    r"(?:do|does|did|are|is|will|would|can|could) (?:you(?: guys| people)?|your (?:company|team|store"
    r"|shop)|techs?|the company|they)"
)
# In order; the first that fits. ``post`` is what was said before the object and belongs behind it.
_HEADS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern + _END, _I), tail)
    for pattern, tail in (
        (
            rf"^(?:{_THING}|is there|are there) (?:\w+ )?{_DET}(?P<tail>integrations?|compatibility"
            rf"|partnerships?|connectors?|plug-?ins?)"
            rf" (?:with|for|to|into) {_DET}(?:an? |the )?(?P<np>[^,;?!]{{2,80}}?)",
            "tail",
        ),
        (
            rf"^{_THING} (?:also |currently |still )?(?:have|offer|sell|provide|carry|stock|do|make|accept"
            rf"|take|support|rent|lease|supply|give"
            rf"|ship|repair|fix|deliver|service) {_DET}{_NP}",
            "",
        ),
        (
            rf"^{_THING} (?:also )?(?:integrate|connect|sync|work|partner) (?:with|to) {_DET}{_NP}",
            "",
        ),
        (rf"^(?:is|are) there {_DET}{_NP}", ""),
        (
            rf"^(?:what(?:'s| is| are| about)|how about|tell me (?:more )?about|explain|describe|who(?:'s|"
            rf" is| are))"
            rf" {_DET}{_NP}",
            "",
        ),
        (rf"^how (?:much|many|long|big|heavy|fast|far|often) (?:is|are|does|do|did|will) {_DET}{_NP}"
         r"(?: (?:cost|weigh|take|last|come|need|charge|support)s?\b.{0,30})?", ""),
        (rf"^(?:i'?m|i am|we'?re|we are) (?:looking for|interested in|after|asking about) {_DET}{_NP}", ""),
        (rf"^i (?:need|want|have a question about) {_DET}{_NP}", ""),
    )
)  # fmt: skip
_NOT_TOPIC: Final = word_set(
    "it that this those these them they one ones there here he she we you i us me him her something"
    " anything everything what",
    "which who how why when where if to be is are am was were do does did have has can could will would"
    " going doing mean",
    "matter time problem wrong up happening",
)
_CUT: Final = re.compile(
    r"\s+(?:that|which|who|so|because|and (?:can|could|do|does|is|are|how|what|when|where|if)|if|when"
    r"|please|at the moment|right now|now"
    r"|at all|today|for me|then|you (?:have|sell|offer|got)|i (?:bought|ordered|can|could|saw)|we (?:can"
    r"|could))\b.*$",
    _I,
)


_ABOUT: Final = re.compile(
    rf"\b(?:tell me|know|questions?|information|info|details|asking|inquir(?:e|ing)|learn|hear|explain)"
    rf" (?:more |something |anything )?"
    rf"(?:about|on|regarding) {_DET}{_NP}{_END}",
    _I,
)


def topic_of(text: str) -> str:
    """A short noun phrase for what is asked: "Do you have integration with Salesforce API v2.0?" gives "Salesforce API v2.0
    integration". Empty when the words give none."""
    plain = text.replace("’", "'")
    asked_about = _ABOUT.search(plain)
    core = f"what about {asked_about.group('np')}" if asked_about else wording.bare(plain).strip()
    for pattern, tail in _HEADS:
        hit = pattern.search(core)
        if hit is None:
            continue
        phrase = _CUT.sub("", hit.group("np")).strip(" .,")
        if tail:
            phrase = f"{phrase} {hit.group(tail).lower().removesuffix('s')}"
        words = phrase.split()
        if 1 <= len(words) <= 7 and words[0].lower() not in _NOT_TOPIC and _tells(words):
            return phrase
        return ""
    return ""


def _tells(words: list[str]) -> bool:
    words = [word for word in words if word.lower() not in ("a", "an", "the")] or ["it"]
    return (
        words[0].lower() not in _NOT_TOPIC
        and words[-1].lower() not in _NOT_TOPIC
        and any(len(word) > 2 or word.isupper() for word in words)
    )


def feature_of(topic: str) -> str:
    """A topic as a key for reports: "Salesforce API v2.0 integration" gives "salesforce_api_integration"."""
    words = (
        re.sub(r"\W", "", word.lower()) for word in topic.split() if not re.search(r"\d|^(?:an?|the)$", word)
    )
    return "_".join(word for word in words if word)
