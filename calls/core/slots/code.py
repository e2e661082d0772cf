"""A one-time code out of speech. Invariant: a value has exactly the digits of a code, all of them said."""

from __future__ import annotations

import re
from typing import Final

from calls.core.slots.digits import runs_read
from calls.core.slots.reading import NOTHING, Reading

_CORRECTION: Final = re.compile(
    r"\b(?:no,? wait|wait,? no|no,? sorry|sorry,? no|scratch that|i mean|correction|i meant|actually"
    r"|no,? it'?s)\b",
    re.IGNORECASE,
)


def code_read(text: str, length: int = 6) -> Reading:
    """The code in ``text``; what was said last counts. ``missing``: ``digits`` (too few so far), ``too_long``."""
    caught = NOTHING
    for piece in reversed(_CORRECTION.split(text)):
        runs = [run.digits for run in runs_read(piece)]
        for digits in (*reversed(runs), "".join(runs)):
            if len(digits) == length:
                return Reading(value=digits, display=digits, confidence=0.95)
        together = "".join(runs)
        if len(together) > 1 and not caught.display:
            lacks = "digits" if len(together) < length else "too_long"
            caught = Reading(display=together, confidence=0.2, missing=lacks)
    return caught
