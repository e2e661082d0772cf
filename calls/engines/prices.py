"""Charges, fees and costs are one thing to callers, and documents mostly say "costs".

Invariant: only the query is reworded, never what is said, and a card that "was charged" stays charged.
"""

from __future__ import annotations

import re
from typing import Final

_CHARGING: Final = re.compile(
    r"\b(?:do|does|would|will) (?:you|they|it|the shop) charge(?: me| us)?(?: anything| something| extra| money)? for\b",
    re.IGNORECASE,
)
_NOUN: Final = re.compile(r"\b(?:charges?|fees?)\b", re.IGNORECASE)
_CHARGED: Final = re.compile(r"\b(?:charged|charge (?:my|the|your|a) )", re.IGNORECASE)


def asked_plainly(question: str) -> str:
    """``question`` with the price called a cost: "what are your delivery charges" asks what delivery costs."""
    if _CHARGED.search(question):
        return question
    return _NOUN.sub("cost", _CHARGING.sub("does it cost for", question))
