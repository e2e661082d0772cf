"""Whether words ask for no more messages of a kind, or for them again: pure, and by the words alone.

Invariant: what is said of this call's own errand ("don't text it, e-mail it", "cancel that SMS", "stop") is never taken for a
wish that lasts, and nobody speaks for anybody else ("stop texting my wife", "he won't stop calling").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

ALL: Final = ("sms", "whatsapp", "email")
_NO_MAIL: Final = ("sms", "whatsapp")
_WHATSAPP: Final = r"what'?s ?-?app"
_ME: Final = r"(?:me|us|this (?:number|phone|address)|my (?:phone|number|mobile|inbox|address|e[- ]?mail))"
_ING: Final = (
    rf"(?:text|sms|messag|e[- ]?mail|mail|{_WHATSAPP}|contact|writ|spam|pester|bother)(?:ing|'?ing)(?: to)?"
)
_DO: Final = rf"(?:text|sms|message|e[- ]?mail|mail|{_WHATSAPP}|contact|write(?: to)?|spam)"
_DOES: Final = rf"{_DO}(?:,? (?:and|or|nor) {_DO})*"
_VIA: Final = rf"(?: (?:on|by|via|over|through) (?:my )?(?:{_WHATSAPP}|sms|texts?|e[- ]?mail))?"
_DONE: Final = r"(?:texted|messaged|e[- ]?mailed|mailed|what'?s ?app(?:ed|'d)|contacted)"
_KINDS: Final = (
    rf"(?:text messages|texts|sms(?:es|'s)|(?:sms|{_WHATSAPP}|e[- ]?mail)"
    rf" (?:messages|texts)|{_WHATSAPP}s|messages|e[- ]?mails"
    r"|mails|newsletters?|notifications|marketing|promotions|spam)"
)
#: The same where "any", "more" or "your" says already that it isn't about one of them.
_KIND: Final = rf"(?:{_KINDS}|{_WHATSAPP}|sms|e[- ]?mail|mail|stuff|things|anything)"
_FOR_GOOD: Final = r"(?:any ?more|again|ever(?: again)?|any longer|in (?:the )?future|at all|from now on|going forward|no more)"
_MANY: Final = (
    r"(?:any(?: more)?|more|further|no more|your|these|those|all(?: the| these| those| your)?|so many|such)"
)
_ERRAND: Final = r"(?! (?:it|that one|this one|the|that|this|him|her|them|my (?!phone|number|mobile|inbox)|a|an|about|for)\b)"
_AND: Final = rf"(?:,? (?:and|or|nor)(?: no more| any)? (?:{_ING}|{_KINDS})\b(?: {_ME})?|,? (?:or|nor) {_DO}\b(?: {_ME})?)*"

_STOP: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:stop|quit|cease) (?:\w+ly |always |constantly )?{_ING}(?: {_ME}\b)?+{_AND}{_VIA}{_ERRAND}",
        rf"\b(?:stop|quit|cease) (?:(?:sending|getting|receiving|writing)(?: {_ME})?(?: of)? )?{_MANY} {_KIND}\b{_AND}",
        rf"\b(?:stop|quit|cease) (?:sending|getting|receiving)(?: {_ME})? (?:{_KINDS}|stuff|things|anything)\b{_AND}{_VIA}",
        rf"\b(?:stop|enough) (?:with )?(?:the|of (?:the|your|these)|your|these|those) {_KINDS}\b{_AND}",
        rf"\b(?:don'?t|do not|not to|never|no longer|mustn'?t|must not) (?:you )?(?:ever )?{_DOES}"
        rf" {_ME}\b{_AND}{_VIA} {_FOR_GOOD}\b{_VIA}",
        rf"(?<!you )\b(?:never|no longer) (?:ever )?{_DOES} {_ME}\b{_VIA}(?! (?:back|the|that|it)\b)",
        rf"\b(?:don'?t|do not|not to|never|no longer) (?:ever )?send {_ME} {_MANY} {_KIND}\b{_AND}",
        rf"\b(?:don'?t|do not|not to|never|no longer) (?:ever )?send {_ME} {_KINDS}{_AND} {_FOR_GOOD}\b",
        rf"(?<!have )(?<!there )(?<!got )(?<!are )(?<!get )(?<!received )\bno more (?:of )?(?:your |these |those )?"
        rf"(?:{_KINDS}|{_WHATSAPP}|sms)\b{_AND}(?! (?:are |is )?(?:needed|necessary|required|coming))",
        rf"\bi (?:really |just )?(?:don'?t|do not|no longer|won'?t) (?:want|wish|need|like|care)(?: to"
        rf" (?:get|receive|have|see))?"
        rf" {_MANY}(?: of)?(?: {_MANY})? {_KINDS}\b{_AND}",
        rf"\bi (?:really |just )?(?:don'?t|do not|no longer) (?:want|wish|like)(?: to"
        rf" (?:get|receive|have|see))? {_KINDS}\b{_AND}"
        rf" (?:{_FOR_GOOD}|from you)\b",
        rf"\bi (?:really |just )?(?:don'?t|do not|no longer) (?:want|wish|like) to be {_DONE}\b{_AND}",
        rf"\bi (?:don'?t|do not|no longer) want (?:you|anyone|anybody) (?:to )?(?:be )?(?:{_ING}|{_DO})"
        rf" {_ME}\b{_AND} {_FOR_GOOD}\b",
        r"\b(?:take|get|remove|delete|strike|cross|drop) (?:me|us|this number|my"
        r" (?:name|details|contact|(?:phone |mobile )?number"
        r"|phone|e[- ]?mail(?: address)?|address))(?: and my (?:number|e[- ]?mail(?: address)?|name))?"
        r" (?:off|from|out of|of)(?: of)?(?: (?!call)[\w-]+){0,4}? (?:(?:mailing|text|sms|e[- ]?mail) )?lists?\b",
        r"\b(?:taken|removed|struck|deleted) (?:off|from)(?: (?!call)[\w-]+){0,4}? lists?\b",
        r"\b(?:put|add) (?:me|us|my number) (?:on|to)(?: \w+){0,2} do[- ]?not[- ]?(?:contact|text|e[- ]?mail|disturb) list\b",
        rf"\bunsubscribe\b(?: {_ME})?(?! (?:button|link|page)\b)"
        rf"(?: from (?:(?:your|the|all|these|those|this) )*(?:\w+ )?(?:lists?|{_KIND}|everything)\b|(?! from\b))",
        rf"\bopt(?:ed)? (?:{_ME} )?out\b(?: of (?:(?:your|the|all|these|those|any|more|future) )*(?:\w+ )?"
        rf"(?:lists?|{_KIND}|everything)\b|(?! of\b))",
    )
)
_WEAK: Final = re.compile(
    rf"^(?:(?:please|and|also|oh|hey|just|by the way|so|ok(?:ay)?)[\s,]+)*(?:don'?t|do not) {_DOES} {_ME}\b{_AND}{_VIA}"
    r"(?:[\s,]+(?:please|thanks|thank you|ok(?:ay)?))*[\s.!]*$",
    re.IGNORECASE,
)
_AGAIN: Final = r"(?:again|once more|after all|as before|like before|any ?time)"
_START: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\byou(?:'re| are)? (?:may|can|could|might|should|(?:allowed|free|welcome|ok(?:ay)?) to)"
        rf" (?:now |please |start |go back to |resume )*(?:{_DO}|{_ING}|send) (?:{_ME}\b)?{_AND}(?:"
        rf" {_KINDS}{_AND})? {_AGAIN}\b",
        rf"\b(?:start|resume|begin) (?:{_ING}|sending) (?:{_ME}\b)?(?: {_KINDS})?{_AND}(?:"
        rf" {_AGAIN})?(?=\s*(?:[.,;!?]|please|$))",
        r"\b(?:put|add|get|have) (?:me|us|my number|my e[- ]?mail(?: address)?) back (?:on|on"
        r" to|onto|to|in)(?: \w+){0,3} lists?\b",
        r"\bre-?subscribe\b|\bsubscribe (?:me|us) again\b|\bsign (?:me|us) (?:back )?up again\b|\bopt"
        r" (?:me|us) (?:back )?in\b",
        rf"\b(?:i'?d like|i want|i would like|can i|could i|may i|let me)(?: to)? (?:get|receive|have)(?:"
        rf" {_MANY}| the)? {_KINDS}\b{_AND}"
        rf" {_AGAIN}\b",
        rf"\bi (?:want|'?d like|would like)(?: {_MANY}| the)? {_KINDS}\b{_AND} {_AGAIN}\b",
        rf"\b(?:ok(?:ay)?|fine|alright|all right|happy)(?: with me)? (?:if you|to|for you to) {_DO} {_ME}\b{_AND} {_AGAIN}\b",
    )
)
#: Where it was just said that messages of a kind were stopped, and what would lift it.
_LIFTS: Final = re.compile(
    rf"\b(?:lift (?:it|that|the \w+)|you (?:may|can|could) {_DO} {_ME}\b|(?:just |please |go ahead and"
    rf" )?{_DO} (?:it|me)(?: anyway| then)\b"
    r"|(?:send|do) it anyway|i take (?:that|it) back|allow (?:it|that|them))",
    re.IGNORECASE,
)
#: Before the words, in their clause: somebody else's doing, or none at all.
_ELSEWHERE: Final = re.compile(
    r"\b(?:why|when|what|whether|unless|until|if|did|didn'?t|does|doesn'?t|he|she|they|it|who|won'?t|wouldn'?t|can'?t|cannot"
    r"|couldn'?t|don'?t|do not|never|not|has|have)\b[^,.;!?]*$",
    re.IGNORECASE,
)
_NEGATED: Final = re.compile(
    r"\b(?:why|when|if|unless|did|never|not|no|\w+n'?t|don'?t|cannot)\b[^,.;!?]*$", re.IGNORECASE
)
_YET_ASKS: Final = re.compile(
    r"\b(?:if you (?:don'?t|do not|won'?t)|(?:can'?t|won'?t|couldn'?t|wouldn'?t|don'?t|didn'?t) (?:you|i (?:tell|ask) you)"
    r"|why (?:don'?t|won'?t|can'?t) you|(?:have|has) to|i (?:don'?t|do not|won'?t|no longer) want|why can'?t i)\b[^,.;!?]*$",
    re.IGNORECASE,
)
_HOW: Final = re.compile(
    r"\b(?:how (?:do|can|could|would|should|to)|where (?:do|can)|is there a way)\b[^,.;!?]*$", re.IGNORECASE
)
_OTHERS: Final = re.compile(
    r"\b(?:text|sms|messag|e[- ]?mail|contact|writ|spam)\w*(?: to)? (?:my"
    r" (?!phone|number|mobile|inbox|address|e[- ]?mail)\w+|him|her|them|people)\b",
    re.IGNORECASE,
)
_NAMED: Final = (
    ("whatsapp", re.compile(rf"\b{_WHATSAPP}", re.IGNORECASE)),
    ("sms", re.compile(r"\btext|\bsms", re.IGNORECASE)),
    ("email", re.compile(r"\be[- ]?mail|\bmail|newsletter|\binbox", re.IGNORECASE)),
)
_MESSAGES: Final = re.compile(
    r"\bmessag|\bmy (?:\w+ )?(?:number|phone)\b|this (?:number|phone)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactWish:
    """``stop`` and ``start`` are channels. ``asks``: how it is done was asked, not that it be done. ``weak``: only where
    nothing of this call can be meant."""

    stop: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    asks: bool = False
    weak: bool = False

    def __bool__(self) -> bool:
        return bool(self.stop or self.start)


def contact_read(text: str, *, lifting: str = "") -> ContactWish:
    """What the words ask for, for good. ``lifting`` is the channel of which it was just said that it is stopped."""
    plain = " ".join(text.replace("’", "'").split())
    stop: list[str] = []
    start: list[str] = []
    asks = False
    for pattern in _STOP:
        for hit in pattern.finditer(plain):
            before = plain[: hit.start()]
            how = bool(_HOW.search(before))
            elsewhere = _ELSEWHERE.search(before) and not _YET_ASKS.search(before)
            if (elsewhere and not how) or _OTHERS.search(plain[hit.start() : hit.end() + 20]):
                continue
            asks = asks or how
            stop += channels_named(hit.group())
    for pattern in _START:
        for hit in pattern.finditer(plain):
            if not _NEGATED.search(plain[: hit.start()]):
                start += channels_named(hit.group())
    if lifting and not start and not stop and _LIFTS.search(plain):
        start.append(lifting)
    weak = not stop and not start and bool(_WEAK.match(plain))
    if weak:
        stop += channels_named(plain)
    return ContactWish(
        stop=tuple(one for one in ALL if one in stop and one not in start),
        start=tuple(one for one in ALL if one in start),
        asks=asks,
        weak=weak,
    )


def channels_named(words: str) -> tuple[str, ...]:
    """The ways that the words name; all of them where they name none ("take me off your list")."""
    named = tuple(channel for channel, pattern in _NAMED if pattern.search(words))
    if named:
        return named
    return _NO_MAIL if _MESSAGES.search(words) else ALL
