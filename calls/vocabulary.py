"""The words that speech to text is told to expect: few, since each costs time and pulls what it hears towards itself.

On this project's 49 recordings (synthetic voices) no names gave a word error rate of 11.0 %, these twelve, written as in a
sentence, 8.6 to 9.0 %, sixty in Title Case 13.3 %. The two words of our own trade at the end took 85 recordings (those and the
conversations of tests/scenarios/five, three voices each) from 12.6 to 10.7 %. All lists were chosen on the same recordings, so
the gains are optimistic.
"""

from __future__ import annotations

from calls.core.titles import in_running_text
from knowledge.selectors import document_vocabulary

OF_EACH = 6
#: What every caller asks for here and Whisper writes in many ways ("Cal back", "what's up").
OURS = ("callback", "WhatsApp")


def vocabulary_read() -> tuple[str, ...]:
    """The company's most used names, the titles asked for most, and our own words, in that order."""
    known = document_vocabulary(limit=OF_EACH)
    return (*known.names, *(in_running_text(title) for title in known.titles), *OURS)
