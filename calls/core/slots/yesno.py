"""Yes, no, or neither. Invariant: when words speak for both, the answer is never a plain yes.

A rejection taken for a confirmation sends, books or reveals something against the caller's will, so every
doubt goes to ``mixed`` or to nothing; the other way round costs one more question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from calls.core.slots.yesno_words import (
    AGREED_AND_DONE,
    CLOSING,
    CORRECTION,
    NO,
    NOD,
    PHRASES,
    POLITE,
    QUESTION,
    SIGNS,
    THAT_IS_IT,
    YES,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNo:
    """``value`` is ``yes``, ``no``, ``mixed`` (both were said) or empty.

    ``correction``: "no wait, …", "I meant …". ``closing`` says that the words turn down anything further
    ("that's all", "nothing else"). ``rest`` is what was said beside the yes or no, lower-case, so that an
    answer with a new wish in it is seen.
    """

    value: str
    confidence: float
    correction: bool = False
    closing: bool = False
    rest: str = ""


def _normalised(text: str) -> str:
    words = text.replace("’", "'").replace("—", " ").lower()
    for sign, word in SIGNS.items():
        words = words.replace(sign, word)
    return re.sub(
        r"\s+",
        " ",
        re.sub(r"[^\w'\- ]+", lambda hit: " , " if hit.group().strip(",.;!? ") == "" else " ", words),
    ).strip()


def yesno_read(text: str) -> YesNo:
    """How ``text`` answers a yes/no question. Never raises; no answer gives an empty value."""
    flat = re.sub(r"\s*,\s*", " ", _normalised(text)).strip()
    with_commas = re.sub(r"\s*,\s*", ", ", _normalised(text)).strip(", ")
    correction = bool(CORRECTION.search(with_commas) or CORRECTION.search(flat))
    whole = THAT_IS_IT.search(flat)
    closing = bool(CLOSING.search(flat) or whole)
    votes: list[tuple[int, str, bool]] = []
    rest = flat
    if closing:
        for pattern in (CLOSING, THAT_IS_IT):
            rest = pattern.sub(lambda hit: " " * len(hit.group()), rest)
    for pattern, meaning in PHRASES:
        if meaning != "none":
            nod = meaning == "nod"
            votes.extend((hit.start(), "yes" if nod else meaning, nod) for hit in pattern.finditer(rest))
        rest = pattern.sub(lambda hit: " " * len(hit.group()), rest)
    for pattern, meaning in ((NO, "no"), (YES, "yes")):
        for hit in pattern.finditer(rest):
            votes.append((hit.start(), meaning, bool(NOD.fullmatch(hit.group()))))
        rest = pattern.sub(lambda hit: " " * len(hit.group()), rest)
    left = " ".join(POLITE.sub(" ", rest).replace("'", " ").split())
    votes.sort()
    value, confidence = _weighed(
        votes, long=len(left.split()), question=bool(QUESTION.search(flat)), correction=correction
    )
    if closing and value in ("", "yes", "mixed"):
        # "That's all, thanks" turns down without a word of no; with a firm yes before it, both were said.
        firm = any(meaning == "yes" and not nod for _, meaning, nod in votes)
        agreed = (whole and not CLOSING.search(flat)) or AGREED_AND_DONE.match(flat)
        if agreed and value == "yes":
            confidence = min(confidence, 0.7)
        else:
            value, confidence = ("mixed", 0.5) if firm else ("no", 0.8)
    return YesNo(value=value, confidence=confidence, correction=correction, closing=closing, rest=left)


def _weighed(
    votes: list[tuple[int, str, bool]], *, long: int, question: bool, correction: bool
) -> tuple[str, float]:
    kinds = {meaning for _, meaning, _ in votes}
    if not votes or kinds == {"neither"}:
        return "", 0.0
    if "neither" in kinds:
        return ("no", 0.5) if kinds == {"neither", "no"} else ("", 0.2)
    strong = [meaning for _, meaning, weak in votes if not weak]
    if kinds == {"no"}:
        return "no", 0.95 if long <= 4 else 0.75
    if kinds == {"yes"}:
        if question and votes[0][0] > 3:
            return "", 0.2
        if not strong:
            # "Okay, can you …", "right": a nod when alone, a way to begin when more follows.
            return ("yes", 0.7) if long <= 1 and not correction else ("", 0.3)
        return ("yes", 0.95) if long <= 4 and not correction else ("yes", 0.7)
    if "yes" not in strong:
        # "No, that's fine", "no, okay": the firm word counts.
        return "no", 0.85
    if strong[-1] == "no":
        # "Yeah, no", "yes … I don't think so": the last firm word refuses.
        return "no", 0.65
    return "mixed", 0.4
