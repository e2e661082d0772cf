"""How a caller sounds. Invariant: a score is -1 (furious) … 0 … 1 (delighted), and nothing here raises.

A lexicon in which negation turns a word round, and strengtheners and capitals raise it. Where an engine knows the mood of the
whole utterance as well (:mod:`calls.engines.moods`), both are put together: the mood tells that somebody is unhappy,
and only words tell that somebody is angry.
"""

from __future__ import annotations

import re
from typing import Final

from calls.core.wordlist import word_set

_STRENGTH: Final[dict[str, float]] = {}
for _weight, _entries in (
    (
        -3.0,
        "unacceptable ridiculous outrageous disgusting furious terrible horrible awful scam fraud "
        "cheated worst pathetic"
        " useless garbage junk hate hell damn goddamn crap shit fucking fuck bullshit idiot idiots moron"
        " stupid "
        "disgrace disgraceful appalling atrocious dreadful nightmare liar liars lying thieves shameful incompetent "
        "unprofessional insulting hopeless ripoff infuriating intolerable "
        "bitch bastard bastards asshole assholes lawyer sue "
        "rubbish scammed",
    ),
    (
        -2.0,
        "angry annoyed annoying upset frustrated frustrating disappointed disappointing unhappy "
        "complaint complain rude broken"
        " damaged cracked defective faulty wrong never nobody lost stolen missing fed sick tired "
        "unsatisfied dissatisfied overcharged",
    ),
    (
        -1.0,
        "late delay delayed problem issue waiting still again slow bad poor confused confusing crash "
        "crashes crashing fail failed"
        " failing stopped empty worried unfortunately twice error",
    ),
    (1.0, "okay fine good nice thanks thank glad helpful appreciate cool works better clear easy please"),
    (
        2.0,
        "great happy love lovely wonderful excellent perfect awesome fantastic amazing brilliant "
        "pleased satisfied super",
    ),
):
    for _word in _entries.split():
        _STRENGTH[_word] = _weight
_FURIOUS: Final = -3.0
_NEGATORS: Final = word_set(
    "not no never don't doesn't didn't isn't wasn't can't cannot won't haven't hasn't nothing hardly",
    "without",
)
_STRONGER: Final = word_set(
    "very really so extremely absolutely totally completely too such super",
)
_NOT_BAD: Final = re.compile(
    r"\bno (?:problem|issue|worries|rush)s?\b|\bnever mind\b|\bno,? thank|\bnothing (?:else|more)\b",
    re.IGNORECASE,
)
_GRIEVANCES: Final = re.compile(
    r"\b(?:haven'?t|hasn'?t|not|never|didn'?t|still) (?:yet )?(?:received|arrived|come|came|got(?:ten)?"
    r"|shown up|delivered|been delivered|answered)"
    r"|\bshould have (?:been (?:here|delivered)|come|arrived|reached)|\bwhere (?:on earth|the (?:hell|heck"
    r"|fuck))|\b(?:isn'?t|is not) here\b"
    r"|\b(?:third|fourth|second|fifth) time\b|\bhow many times\b|\bmy money back now\b|\bnobody (?:is"
    r" )?help|\bnot (?:at all )?acceptable\b",
    re.IGNORECASE,
)


_CURSED: Final = re.compile(r"\b(?:f|eff) (?:you|off|this)\b|\bf\*+|\bwtf\b", re.IGNORECASE)


def _clause_weight(clause: str) -> float:
    """A "not" reaches as far as its clause, and no word that is itself furious: "it hasn't come, unacceptable"."""
    total = 0.0
    words = re.findall(r"[A-Za-z']+", clause)
    for index, raw in enumerate(words):
        word = raw.lower()
        weight = _STRENGTH.get(word, 0.0)
        if not weight:
            continue
        before = [near.lower() for near in words[max(0, index - 3) : index]]
        reach = before[-2:] if weight <= _FURIOUS else before
        if _NEGATORS.intersection(reach) and word not in ("never", "nobody", "again", "still"):
            weight = -0.7 * weight
        if _STRONGER.intersection(before[-2:]):
            weight *= 1.4
        if raw.isupper() and len(raw) > 3:
            weight *= 1.3
        total += weight
    return total


def sentiment_score(text: str) -> float:
    """-1 … 1 for one utterance; 0 for one that says nothing about the mood."""
    cleaned = _NOT_BAD.sub(" ", text.replace("’", "'"))
    # "No, that's fine": the answer "no" turns nothing round.
    spoken = re.sub(r"(?:^|[.!?]\s*)no,?\s", " ", cleaned, flags=re.IGNORECASE)
    total = sum(_clause_weight(clause) for clause in re.split(r"[,.;:!?—]+", spoken))
    total -= 3.0 * bool(_CURSED.search(cleaned))
    total -= 2.0 * min(2, len(_GRIEVANCES.findall(cleaned)))
    if total < 0 and "!" in text:
        total *= 1.2
    return round(max(-1.0, min(1.0, total / 5.0)), 3)


_UNHAPPY_AT_MOST: Final = 0.45  # of a mood alone: short of anger, which starts at -0.5 everywhere
_PLEASED_AT_MOST: Final = 0.75


def sentiment_with(words: float, mood: float) -> float:
    """The score of the words and the mood of the whole, -1 … 1 each, as one. What agrees isn't added up."""
    whole = mood * (_UNHAPPY_AT_MOST if mood < 0 else _PLEASED_AT_MOST)
    if words * whole <= 0:
        return round(max(-1.0, min(1.0, words + whole)), 3)
    return round(max(words, whole) if words > 0 else min(words, whole), 3)


def urgency_of(text: str, sentiment: float) -> str:
    """``high``, ``medium`` or ``low``: what a ticket's priority starts from."""
    if sentiment <= -0.5 or re.search(
        r"\b(?:urgent|urgently|emergency|immediately|asap|right now"
        r"|at once)\b",
        text,
        re.IGNORECASE,
    ):
        return "high"
    return "medium" if sentiment < -0.1 else "low"
