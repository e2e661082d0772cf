"""What callers ask in their own words, in the words of documents: "can I hand it back" asks whether it can be returned.

Invariant: only the query is reworded, never what is said, and a card that "was charged" stays charged.
"""

from __future__ import annotations

import re
from typing import Final

_I: Final = re.IGNORECASE
_CHARGING: Final = re.compile(
    r"\b(?:do|does|would|will) (?:you|they|it|the shop) charge(?: me| us)?(?: anything| something| extra| money)? for\b",
    _I,
)
_NOUN: Final = re.compile(r"\b(?:charges?|fees?)\b", _I)
_CHARGED: Final = re.compile(r"\b(?:charged|charge (?:my|the|your|a) )", _I)

# Applied in this order. Spelling and fillers first, then turns of phrase that documents don't use.
_WORDS: Final = tuple(
    (re.compile(pattern, _I), plain)
    for pattern, plain in (
        (r"\b(\w{3,})in'(?!\w)", r"\1ing"),
        (r"\b(?:u)\b", "you"),
        (r"\b(?:ur)\b", "your"),
        (r"\bwanna\b", "want to"),
        (r"\bgonna\b", "going to"),
        (r"\bgotta\b", "have to"),
        (r"\by'?all\b", "you"),
        (r"\bain'?t\b", "is not"),
        (r"\bwhats\b", "what is"),
        (r"\bthem (?=\w+s\b)", "those "),
        (r"(?:^|[\s,.]+)(?:u+[hm]+|e+r+m*|h+m+|like,|you know|i mean|, like)(?=[\s,.])[,.]*", " "),
        (
            r"\b(?:hand|send|give|bring|take|chuck|put|return)(?:ing|s)? (?:(?:it|this|that|them|one|something|things?|stuff"
            r"|the \w+|my \w+|a \w+) )?back\b",
            "return",
        ),
        (r"\b(?:sent|gave|brought|took) (?:(?:it|this|that|them|one) )?back\b", "returned"),
        (r"\b(?:get(?:ting)? |have |give |giving )?(?:my |the |your |me )?(?:cash|money) back\b", "refund"),
        (r"\b(?:giving|give|pay(?:ing)?) (?:me )?(?:my |the )?money\b", "refund"),
        (
            r"\b(?:chang(?:e|ed|ing) my mind about|don'?t (?:want|like)|didn'?t like|regret|not happy with)\b",
            "want to return",
        ),
        (
            r"\b(?:is|was|are|were|turns? out|turned out|isn'?t|wasn'?t)(?: to be)? (?:not )?(?:rubbish|crap|no good|useless"
            r"|(?:right|good|suitable|suiting|fitting)(?: for)? me)\b",
            "is not what I want, return and refund",
        ),
        (
            r"^(?:(?:just |but |well |oh |ok(?:ay)? )*(?:an?|one|my)? ?(?:quick|small|little|other|one) (?:question|thing)"
            r"(?: first| in between| before that)?|(?:but )?(?:first|before that)(?: tell(?: me)?)?|hold on|wait)[\s,:;.\-]+",
            "",
        ),
        (r"\b(?:set|sets|setting) me back\b", "cost"),
        (r"\b(?:bring(?:ing)?|drop(?:ping)?) (?=(?:a|my|the|it)\b.{0,20}\b(?:out|round|over)\b)", "deliver "),
        (r"\b(?:get|gets|getting|come|comes|coming) (?:here|to my door|to me)\b", "delivery"),
        (
            r"\b(?:till|until) (?:it|stuff|things|my \w+)(?:'s| is| are)? (?:at my door|here|delivery)\b",
            "delivery time",
        ),
        (r"\bgo(?:es|ing)? off\b|\brun(?:s|ning)? out\b", "expire"),
        (r"\b(?:packs?|packed) (?:up|in)\b|\b(?:dies|died|conks? out|conked out)\b", "breaks"),
        (r"\bhow (?:do|does) (?:returns|the returns) work\b", "how do I return a product"),
        (
            r"\b(?:what time|when|(?:un)?till? when|how (?:late|early)|(?:what|which) days)\b.{0,15}"
            r"\b(?:you|they|it|(?:your )?(?:shops?|stores?|office))\b.{0,15}"
            r"\b(?:open|close|shut|there|start|finish)(?:s|ing)?\b",
            r"opening hours, \g<0>",
        ),
        (r"\b(?:opening|shop|stores?|business|working) (?:timings?|times)\b", "opening hours"),
        (r"\b(?:deal|story|score|situation) (?:with|on|about)\b", "policy for"),
    )
)


def asked_plainly(question: str) -> str:
    """``question`` with the price called a cost: "what are your delivery charges" asks what delivery costs."""
    if _CHARGED.search(question):
        return question
    return _NOUN.sub("cost", _CHARGING.sub("does it cost for", question))


def in_documents_words(question: str) -> str:
    """``question`` as a document would put it; the same words where there is nothing to reword."""
    plain = asked_plainly(question)
    for pattern, words in _WORDS:
        plain = pattern.sub(words, plain)
    return " ".join(plain.split())
