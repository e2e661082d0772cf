"""Sentences that assert nothing about the company: agreement, sympathy, thanks, a greeting.

Invariant: a closed list. A sentence is polite only if every clause of it is in the list, so that nothing can be claimed in the
shape of a courtesy.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final


class Tone(Enum):
    AGREEING = "agreeing"
    SORRY = "sorry"
    THANKS = "thanks"
    GREETING = "greeting"


_VERY: Final = r"(?:(?:so|very|really|truly|sincerely|deeply|completely|fully|totally) )?"
_FOR: Final = (
    r"(?: (?:for|about) (?:the|this|that|any|your)"
    r"(?: (?:delay|inconvenience|trouble|wait|confusion|experience|problem|issue|situation))?)?"
)
_CLAUSES: Final = {
    Tone.AGREEING: (
        r"absolutely|certainly|of course|sure(?: thing)?|definitely|no problem|gladly|with pleasure|my pleasure|great|perfect"
        r"|wonderful|excellent|all ?right|okay|ok|yes of course"
        r"|(?:i'd|i would|i'll|i will) be (?:more than )?(?:happy|glad) to help(?: you)?(?: with (?:that|this))?"
        r"|(?:i'm |i am )?happy to help(?: you)?(?: with (?:that|this))?|i can help(?: you)? with (?:that|this)"
        r"|(?:that's|that is|this is) an? (?:very )?(?:good|great|fair|excellent) question|(?:good|great|excellent) question"
        r"|let me (?:explain|help(?: you)?(?: with (?:that|this))?)"
    ),
    Tone.SORRY: (
        rf"(?:i'm|i am|we're|we are) {_VERY}sorry(?: to hear (?:that|this|about (?:that|this)))?{_FOR}"
        rf"|(?:my|our) (?:sincere |deepest )?apologies{_FOR}|(?:i|we) {_VERY}apologi[sz]e{_FOR}|sorry{_FOR}"
        rf"|(?:i|we) (?:can )?{_VERY}understand(?: (?:how|that) (?:{_VERY})?"
        r"(?:frustrating|annoying|upsetting|inconvenient|disappointing) (?:this|that|it) (?:must be|is|can be))?"
        r"|(?:that|this|it) (?:must be|sounds|is) (?:very |really )?(?:frustrating|annoying|upsetting)"
        r"|(?:i|we) understand your (?:frustration|concern|concerns)"
    ),
    Tone.THANKS: (
        r"(?:thank you|thanks)(?: so much| very much| a lot)?"
        r"(?: for (?:calling|asking|your question|your patience|letting (?:me|us) know|reaching out|waiting|your call))?"
        r"|you're (?:very )?welcome|you are (?:very )?welcome"
    ),
    Tone.GREETING: r"hello|hi|hello there|hi there|good (?:morning|afternoon|evening)|welcome",
}
_PATTERNS: Final = {tone: re.compile(rf"(?:{clauses})", re.IGNORECASE) for tone, clauses in _CLAUSES.items()}


def tone_of(sentence: str) -> Tone | None:
    """How ``sentence`` is polite, if that is all it is; of several courtesies in it the last counts."""
    text = " ".join(sentence.replace("’", "'").split()).rstrip(".!… ")
    clauses = [clause.strip() for clause in re.split(r"[,;–—]| and (?=i\b|we\b)", text, flags=re.IGNORECASE)]
    tones = [_clause_tone(clause) for clause in clauses if clause]
    if not tones or None in tones:
        return None
    return tones[-1]


def _clause_tone(clause: str) -> Tone | None:
    return next((tone for tone, pattern in _PATTERNS.items() if pattern.fullmatch(clause)), None)
