"""What a complaint is about and how pressing it is. Invariant: every answer is one of the kinds listed here."""

from __future__ import annotations

import re
from typing import Final

_I: Final = re.IGNORECASE
ISSUES: Final = (
    "delivery_delay",
    "damaged",
    "wrong_item",
    "refund",
    "billing",
    "technical",
    "service",
    "other",
)
# In order: the first that fits is the answer ("my refund is late" is about the refund).
_ISSUES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (name, re.compile(rf"\b(?:{words})", _I))
    for name, words in (
        ("refund", r"(?:my|the|a|no|any|get|got|want|full|for) refund|refund(?:ed)?\b|money back"),
        (
            "wrong_item",
            r"wrong (?:item|product|size|colou?r|model|thing|one|order|parcel|package|laptop|phone)\b"
            r"|not (?:what|the one) i (?:ordered|bought|wanted)\b"
            r"|(?:different|other|incorrect) (?:item|product|model|colou?r|size|thing)\b"
            r"|(?:item|part|accessor|charger|cable|piece)\w* (?:is|are|was|were) missing\b"
            r"|missing (?:item|part|piece|charger|cable)",
        ),
        (
            "damaged",
            r"(?:broken|damaged?|crack(?:ed|s)?|scratch(?:ed|es)?|dent(?:ed|s)?|smashed|shattered|leaking"
            r"|torn|bent|crushed)\b"
            r"|(?:arrived|came|delivered|received it) in pieces\b|broke (?:my|the|it|our|that|this)\b"
            r"|dead on arrival\b|d\.?o\.?a\b|(?:arrived|came|delivered) (?:completely |already |stone )?(?:dead|broken)\b"
            r"|defect(?:ive|s)?\b|faulty\b",
        ),
        (
            "billing",
            r"(?:over)?charged\b|billed\b|invoices?\b|payments?\b|paid twice\b|double charge|twice for\b"
            r"|took (?:too much )?(?:my )?money|deducted|(?:my )?(?:credit |debit )?card (?:was|got"
            r"|has been)\b|wrong amount|bill\b",
        ),
        (
            "delivery_delay",
            r"late\b|delay(?:ed|s)?\b|overdue\b|(?:has|have|had)(?:n'?t| not|nt) (?:yet |still |even )?"
            r"(?:arrived?|come|been delivered|shipped|shown|received|got(?:ten)?|reached|turned up)"
            r"|(?:not|(?:is|was|are|were|ain)n?'?t) (?:yet |been |even )?(?:received|arrived|delivered|come|reached|here)\b"
            r"|still (?:waiting"
            r"|not(?! (?:work|charg|turn|start|boot|connect|load|switch))|no|hasn'?t|haven'?t)\b"
            r"|(?:did|does)(?:n'?t| not) (?:arrive|come|get (?:it|my|the|here)|receive|reach|show up|turn up)"
            r"|(?:(?:was|were|is|are|meant|supposed|due|promised|scheduled|should|expected|said)\b.{0,30}"
            r" (?:be here|have (?:been here|come|arrived)|come|arrive|be delivered|here|get here|reach(?:ed)?)|nowhere)\b"
            r".{0,12}\b(?:by now|already|yet|yesterday|ages ago|(?:days|weeks|hours) ago|last (?:week|night|month|\w+day))"
            r"|never (?:came|arrived|got|received|delivered|reached|showed|turned)|yet to (?:receive"
            r"|arrive|get|come)"
            r"|where(?:'s| is| are| the (?:hell|heck) is).{0,25}(?:order|parcel|package|delivery|laptop"
            r"|phone|stuff|shipment)"
            r"|on time\b|nobody came\b|waiting (?:for|since)\b.{0,40}|(?:no|any) sign of|(?:delivery"
            r"|parcel|package|shipment|courier)\b",
        ),
        (
            "technical",
            r"stopped (?:working|charging)|(?:does|do|did)(?:n'?t"
            r"| not) (?:work|turn on|switch on|power on|start|boot|charge|connect|open|load)"
            r"|(?:is|are|it'?s)(?:n'?t| not) (?:working|charging|connecting|loading|turning)"
            r"|not working\b|crash\w*|overheat\w*|freez\w+|froze\w*"
            r"|won'?t (?:turn|start|boot|charge|connect|open|load|switch)|can(?:'?t|not) (?:log|sign"
            r"|connect|access|open|install)"
            r"|bugs?\b|errors?\b|log ?in\b|screen (?:is |went )?(?:black|blank|dead|flicker\w*)|dead\b"
            r"|glitch\w*|malfunction\w*",
        ),
        (
            "service",
            r"rude(?:ly)?\b|(?:bad|poor|terrible|horrible|worst|awful|pathetic) (?:service|support"
            r"|experience|staff)|impolite\b|unhelpful\b"
            r"|(?:nobody|no one|no-one) (?:answers?|answered|called|calls|helps?|helped|replies|replied"
            r"|responds?|responded|cares?)"
            r"|customer (?:service|care|support)\b|staff\b|hung up\b|(?:your|the) (?:agent|employee"
            r"|driver|representative)\b|on hold\b"
            r"|ignor(?:ed|ing)\b|(?:third|second|fourth|tenth|hundredth) time\b|service\b|support\b",
        ),
    )
)
_URGENT: Final = re.compile(
    r"\b(?:urgent(?:ly)?|emergency|immediately|asap|as soon as possible|right (?:now|away)|at once"
    r"|straight ?away"
    r"|unacceptable|ridiculous|outrageous|disgrace(?:ful)?|lawyer|lawsuit|sue|legal|police|consumer court"
    r"|fraud|scam(?:med)?"
    r"|furious|fed up|sick of|last (?:warning|chance)|critical|today itself|how dare|worst"
    r"|need (?:it|this) (?:by )?(?:today|tonight|tomorrow|now))\b",
    _I,
)
_PRESSING: Final = re.compile(
    r"\b(?:soon|still|again|yet|waiting|since|\d+ (?:days?|weeks?)|frustrat\w+|annoy\w+|upset"
    r"|disappoint\w+|not happy|unhappy|angry|problem"
    r"|wrong|broken|damaged|late|delay\w*|quick(?:ly)?)\b|!",
    _I,
)


def issue_read(text: str) -> str:
    """One of :data:`ISSUES`; ``other`` when the words don't say what is wrong."""
    plain = text.replace("’", "'")
    return next((name for name, words in _ISSUES if words.search(plain)), "other")


def urgency_read(text: str, *, sentiment: float = 0.0) -> str:
    """``high``, ``medium`` or ``low`` from the words, and from ``sentiment`` (-1..1) where one was computed."""
    plain = text.replace("’", "'")
    if sentiment <= -0.5 or _URGENT.search(plain):
        return "high"
    return "medium" if sentiment < -0.1 or _PRESSING.search(plain) else "low"
