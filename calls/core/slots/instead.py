"""What a correction keeps: "eleven, not ten" says eleven.

Invariant: only the value that is denied is taken out, never the other.
"""

from __future__ import annotations

import re
from typing import Final

_HOUR: Final = (
    r"(?:(?:at|for|on)\s+)?(?:\d{1,2}(?:[:.]\d\d)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon)"
    r"(?:\s*(?:[ap]\.?\s?m\b\.?|o'?clock))?"
)
_DENIED: Final = re.compile(
    rf"[,\s]*\b(?:and\s+)?(?:not|instead\s+of|rather\s+than)\s+{_HOUR}\b", re.IGNORECASE
)
_CARRIER: Final = re.compile(
    r"^(?:[\s,.!-]*\b(?:hm+|um+|oh|oops|sorry|no|nope|wait|actually|i\s+(?:said|meant|mean)|make\s+(?:it|that)|it'?s)\b)+[\s,.!-]*",
    re.IGNORECASE,
)


def kept_of(text: str) -> str:
    """``text`` without the hour that it denies, and without the words that only say that something is corrected."""
    return _CARRIER.sub("", _DENIED.sub(" ", text)).strip(" ,.") or text
