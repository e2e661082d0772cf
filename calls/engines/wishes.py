"""Wishes as wishes: taken back, changed, two at once. Invariant: pure, and every part is a piece of the caller's own text.

To take something back by mistake loses what somebody asked for, so a wish is taken back only by words that can mean
nothing else; questions about cancelling and orders to cancel goods are neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from calls.engines import wording

_I: Final = re.IGNORECASE
_LEAD: Final = (
    r"(?:(?:oh|no|nope|nah|okay|ok|wait|actually|sorry|hmm+|um+|uh+|well|you know what|please|just|on"
    r" second thoughts?|hang on|stop"
    r"|then|alright|yes|yeah|ah|and|but|so|thanks|thank you|hey|i think|let'?s|can you|could you|we can"
    r"|you can)\b[\s,.!\-]*)*"
)
_OBJECT: Final = (
    r"(?:the |my |that |this |your |any )?(?:whole thing|e-?mails?|mail|text(?: message)?s?|sms|whats"
    r" ?app(?: message)?|messages?"
    r"|request|document|pdf|brochure|catalog(?:ue)?|ticket|complaint|transfer|last (?:one|thing|request"
    r"|bit)|thing)"
)
_BACK: Final = (
    r"(?:please )?(?:cancel|scrap|drop|withdraw|skip|hold back) " + _OBJECT,
    r"(?:just )?(?:forget|scrap|drop|skip|scratch) (?:about )?(?:it|that|this|all that|the whole thing"
    r"|what i said)(?: then| please| now)?",
    r"forget (?:about )?" + _OBJECT,
    r"(?:please )?call (?:it|that|this|the whole thing|everything) off(?: please| then)?",
    r"never ?mind(?: (?:about )?(?:it|that|this|then|the .{2,30}))?",
    r"(?:just )?cancel(?: (?:it|that|this|everything|all that|what i said))?(?: then| please)?",
    r"(?:just )?leave it(?: (?:then|be|please|for now|at that|alone))?",
    r"(?:please )?(?:don'?t|do not|no need to|you (?:don'?t|do not) (?:have|need) to|(?:you )?needn'?t)"
    r" (?:bother|worry)"
    r"(?: (?:with|about|sending|calling) .{2,30}| about it)?",
    r"(?:please )?(?:don'?t|do not|no need to|you (?:don'?t|do not) (?:have|need) to|(?:you )?needn'?t"
    r"|stop) (?:send(?:ing)?|e-?mail(?:ing)?|mail(?:ing)?"
    r"|text(?:ing)?|message|call(?:ing)?|ring|phone|transfer(?:ring)?|connect(?:ing)?|open|raise)"
    r"(?: (?:me|it|that|this|anything|them|(?:the|my|any|an?) [\w\-]+|us|back|after all|any ?more|now|then"
    r"|to me|tomorrow|today"
    r"|(?:by|on|via|over|to) (?:my )?(?:e-?mail|mail|whats ?app|sms|text|phone)))*",
    r"(?:i )?(?:don'?t|do not) (?:want|need) (?:it|that|this|(?:the|an?|any|your) (?:call ?-?back|call"
    r"|e-?mail|text|message|document|transfer|sms"
    r"|whats ?app)(?: back)?)(?: (?:any ?more|any longer|after all|now|really|then))?",
    r"(?:i'?ve |i have |i )?changed my mind",
    r"no (?:call ?-?back|e-?mail|text|message|sms|transfer|whats ?app)(?: please| then| after all| needed|"
    r" necessary)?",
    r"(?:it'?s|that'?s|it is|that is) (?:not|no longer) (?:needed|necessary|required)(?: any ?more)?",
    r"i'?d rather not(?: (?:after all|then|now))?",
)
_TAKES_BACK: Final = re.compile(
    rf"^{_LEAD}(?:i )?(?P<back>{'|'.join(_BACK)})(?P<rest>$|[\s,.;!?\-—]+.*$)", _I | re.DOTALL
)
# "I won't be there tomorrow, please cancel it".
_SO_CANCEL: Final = re.compile(
    r"[,.;!?—]\s*(?:(?:so|and|then|please|just|can you|could you|you can|better|let'?s)\b[\s,]*)*"
    r"(?:(?:cancel|scrap|drop|forget(?: about)?) (?:it|that|this|everything)|call (?:it|that) off)(?:"
    r" (?:then|please|again|thanks))*[\s.!?]*$",
    _I,
)
_AT_THE_END: Final = re.compile(
    rf"(?:[,.;!?—]|\bbut|\bor|\bwell)\s*(?:actually|oh|no|wait|you know what|on second thoughts?"
    rf"|hmm+)[\s,]*(?:no[\s,]*)?"
    rf"(?:{'|'.join(_BACK)})(?: please| thanks)?[.!]*$",
    _I,
)
# What follows "cancel" or "don't need" and is goods or an account, not something that this call undertook.
_GOODS: Final = re.compile(
    r"\b(?:order|subscription|account|purchase|membership|contract|booking|plan|payment|delivery|shipment"
    r"|item|insurance|renewal"
    r"|appointment|reservation|policy|policies|fees?|charges?)\b",
    _I,
)
_CONSOLES: Final = re.compile(
    r"^(?:[\s,.;!\-—]*\b(?:thanks?(?: you)?|please|then|okay|ok|bye|sorry|boss|mate|man|sir|ma'?am|madam|dear|love|bro"
    r"|buddy|pal|yaar|ji|lad|friend|guys|now|for now|so)\b)*[\s.!]*$",
    _I,
)
_CALLBACK: Final = (
    r"(?:(?:the|my|that|a|this|our|any|your|scheduled|phone) )*(?:call[\s\-]?backs?|(?:phone )?calls?(?:"
    r" back)?|appointment)\b"
)
_DROP: Final = re.compile(
    rf"\b(?:cancel|call off|drop|delete|remove|scrap|scratch|undo|forget(?: about)?|withdraw"
    rf"|stop)\s+{_CALLBACK}"
    rf"|\b(?:don'?t|do not|no longer|needn'?t) (?:need|want|require|expect) {_CALLBACK}"
    r"|\b(?:don'?t|do not|no need to|needn'?t) (?:call|ring|phone) me(?: back)?"
    r"(?: any ?more| after all| tomorrow| then| now| today)*(?=\s*(?:[,.;!]|$))"
    rf"|{_CALLBACK}.{{0,30}}\b(?:cancel|call off|drop it|scrap)\b"
    r"|\b(?:call|ring|phone)(?:ing)? me\b.{0,30}[,.;]\s*(?:please |so please |but please )?(?:don'?t|do"
    r" not)\b"
    rf"|{_CALLBACK}.{{0,20}}\b(?:cancell?ed|called off|not needed|no longer needed)\b",
    _I,
)
_THE_CALL: Final = r"(?:(?:the|my|that|our|your) (?:scheduled |phone )*calls?|call[\s\-]?backs?)\b(?! me)"
_MOVE: Final = re.compile(
    rf"\b(?:move|change|re-?schedule|postpone|shift|push(?: back)?|bring forward|delay|put off|switch"
    rf"|alter|update|re-?arrange|adjust)"
    rf"\s+(?:(?:the )?(?:time|date|day|hour|slot) (?:of|for) )?{_CALLBACK}"
    rf"|\b(?:re-?schedule|postpone|put off)\b.{{0,30}}{_CALLBACK}"
    rf"|{_THE_CALL}.{{0,40}}\b(?:to (?:another|a different|some other) (?:time|day|date)|be (?:moved"
    rf"|rescheduled|changed|postponed)|instead)\b"
    rf"|\b(?:call|ring|phone) me (?:back )?.{{0,30}}\binstead of\b.{{0,30}}(?:tomorrow|today|day\b|\d"
    rf"|o'?clock|morning|afternoon|evening)"
    r"|\b(?:don'?t|do not) (?:call|ring|phone) me\b.{0,30}[,.;]\s*(?:please )?(?:call|ring|phone) me\b"
    rf"|\b(?:another|a different|an earlier|a later|a new) (?:time|day|date|slot) for {_CALLBACK}",
    _I,
)
_ABOUT_RULES: Final = re.compile(
    r"\b(?:how (?:do|can|would|to)|what (?:if|happens)|is it possible|policy|am i allowed)\b", _I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """``rest`` is what else was said; empty when the words only take something back."""

    rest: str = ""


def taken_back(text: str) -> TakenBack | None:
    """Does the caller take a wish back ("forget it", "actually, don't send it")? None when not."""
    plain = text.replace("’", "'").strip()
    hit = _TAKES_BACK.match(plain)
    if hit is not None:
        rest = hit.group("rest").strip(" ,.;!?-—")
        if _GOODS.search(hit.group("back")) or (
            _GOODS.match(rest) and not re.search(r"[,.;!]", hit.group("rest")[:2])
        ):
            return None
        if re.match(
            r"(?:with|at|in|on|to|for|by|outside|inside|behind|next|as|about|from|of|the|my|a)\b", rest, _I
        ) and not re.match(r"[\s]*[,.;!—]", hit.group("rest")):
            return None  # "leave it with my neighbour", "drop it at the door": says where, takes nothing back
        return TakenBack(rest="" if _CONSOLES.match(rest) else _after_contrast(rest))
    if _AT_THE_END.search(plain) or (
        _SO_CANCEL.search(plain) and not _GOODS.search(plain) and not wording.is_wronged(plain)
    ):
        return TakenBack()
    return None


def about_goods(text: str) -> bool:
    """Do the words name goods or an account, which no word in a call takes back ("I want to cancel my subscription")?"""
    return bool(_GOODS.search(text))


def _after_contrast(rest: str) -> str:
    return re.sub(
        r"^(?:and|but|instead|just|then|so|rather)[\s,]+(?:instead[\s,]+|rather[\s,]+|just[\s,]+)?",
        "",
        rest,
        flags=_I,
    )


def callback_change(text: str) -> str:
    """``cancel`` or ``move`` when the words change a call that is agreed on; empty when they don't."""
    plain = text.replace("’", "'")
    if _ABOUT_RULES.search(plain) and not re.search(r"\bmy\b", plain, _I):
        return ""
    if _MOVE.search(plain):
        return "move"
    return "cancel" if _DROP.search(plain) else ""


# --- two wishes at once ----------------------------------------------------------------------------------------------------

_JOINT: Final = re.compile(
    r"(?P<join>\s*(?:[,;.!?]+\s*)?\b(?:and then|and also|and|also|then|plus|as well as|(?:together|along)"
    r" with|while you'?re at it|by the way|besides|but also|but|after that|oh and|second(?:ly)?|n also|n)\b[\s,]*"
    r"(?:also |then |after that |please |secondly )*"
    r"|\s+[+&]\s+|\s*(?<![.…])[;.!?](?!\.)[!?]*\s+|\s*,\s+(?=(?:can|could|would|please|what|how|when|where|do|does|is|are|send|email"
    r"|mail|text|call|i|tell|connect)\b))",
    _I,
)
_VERB: Final = re.compile(
    r"^(?:(?:please|kindly|just|also|then|maybe|first(?:ly)?|two things|a couple of things|second|secondly"
    r"|finally|so|oh|well|um|uh|yes|no|okay"
    r"|ok|hi|hello|sorry|thanks|hey)[\s,]+)*"
    r"(?:(?:can|could|would|will|may|might) (?:you|i|we|someone|somebody|anybody|your)\b"
    r"|(?:send|forward|share|shoot|drop|mail|e-?mail|text|sms|whats ?app|message|call|ring|phone|give me"
    r"|get me|let me|put me|connect|transfer"
    r"|tell|book|schedule|arrange|set up|check|track|look|find|open|raise|file|register|log|cancel|move"
    r"|reschedule|have (?:someone|somebody|your|a|an)"
    r"|explain|repeat|talk|speak)\b"
    r"|i(?:'d| would| want| need| wanted| also| ordered| bought| have| haven'?t| never| was| am|'m|'ve|"
    r" still| got| received| paid| wish| don'?t)\b"
    r"|we(?:'d| would| want| need| have| ordered)\b"
    r"|(?:what|when|where|why|who|how|which|whose)(?:'s|'re)?\b|(?:do|does|did|is|are|was|has|will"
    r"|should)\b"
    r"|(?:an? )?call[\s\-]?backs?\b|(?:my|the|this|that|it|your) \w+|(?:it|that|this)(?:'s| is| was| has|"
    r" hasn'?t| doesn'?t| came|"
    r" arrived| stopped)\b)",
    _I,
)
# "… and the policy in my mailbox", "… plus a call at three": a wish by its noun alone.
_DEED: Final = re.compile(
    r"\b(?:e-?mail\w*|mail(?:ed|ing|box)?|inbox|whats ?app\w*|sms|text(?:ed)?|(?:phone |tele(?:phone)? )?call\w*"
    r"|call-?back|phone\w*|telephone|ring|bell|buzz|person|human|somebody|someone|colleague|order|parcel|ticket)\b",
    _I,
)
_ANNOUNCED: Final = re.compile(
    r"^[^.:;!?\n]{0,40}\b(?:two|couple of|few|three|2|3) (?:things|requests|questions|wishes|favou?rs|items|points)\b"
    r"[^.:;,!?\n]{0,20}[.:;,!?…\-—\s]+(?=\S)",
    _I,
)
_SHORTEST: Final = 2
_CONSENT: Final = re.compile(
    r"^(?:yes|yeah|yep|sure|okay|ok|please|alright|go ahead)(?:[\s,]+(?:please|sure|do|that'?s fine|go"
    r" ahead))*$",
    _I,
)
_CONFIRMING: Final = re.compile(
    r"\b(?:confirm(?:ation|ed|ing)?|reminder?|to (?:let me know|confirm|tell me (?:when|that|if))|let me"
    r" know)\b",
    _I,
)


_TAKES_BACK_FIRST: Final = re.compile(
    r"(?:(?:oh|um+|uh+|well)[\s,]+)*(?:i mean|i meant|no\b|not\b|sorry|rather\b|correction|make that|make it|what am i saying)",
    _I,
)


_PREFACE: Final = re.compile(
    r"(?:(?:just|but|well|oh|okay|ok|um+|uh+|so|wait|hold on|sorry)[\s,]+)*"
    r"(?:(?:an?|one|my)[\s]+)?(?:(?:quick|small|little|other|one) )?(?:question|thing)?(?: first| in between| before that)?"
    r"(?:but )?(?:first|before that|wait|hold on)?[\s,.!?]*",
    _I,
)


def unannounced(text: str) -> str:
    """``text`` without "I want two things:" before the things."""
    return _ANNOUNCED.sub("", text, count=1)


def halves(text: str, *, asked: str = "") -> tuple[tuple[str, str], ...]:
    """The ways to cut ``text`` at a coordinator into two parts that each begin like a wish, a question or a story of their
    own. Whether they are two wishes is for their meanings to say. Parts are pieces of ``text``, untouched."""
    found = []
    for hit in _JOINT.finditer(text):
        first, second = text[: hit.start()].strip(" ,;"), text[hit.end() :].strip(" ,;")
        consents = asked == "offer" and bool(_CONSENT.match(first))
        if _TAKES_BACK_FIRST.match(second) or _PREFACE.fullmatch(first):
            continue  # "my brochure, I mean the catalog": one wish, put right. "Quick question first" wishes nothing.
        if len(second.split()) < _SHORTEST or (len(first.split()) < _SHORTEST and not consents):
            continue
        answers = asked and not _VERB.match(
            first
        )  # a value, before a wish: "98450 12345, and email me the terms"
        named = bool(_DEED.search(first)) and bool(_DEED.search(second))
        if ((consents or answers or _stands(first)) and _stands(second)) or named:
            found.append((first, second))
    return tuple(found[:3])


def _stands(part: str) -> bool:
    plain = part.replace("’", "'")
    return bool(_VERB.match(plain)) or bool(_VERB.match(wording.bare(plain)))


def is_confirming(part: str) -> bool:
    """Asks to be told of the other wish ("… and send me a confirmation"): no wish of its own."""
    return bool(_CONFIRMING.search(part))
