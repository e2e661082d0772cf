"""Has the caller finished? Voice and words each have a say; a number being dictated has more time.

Invariant: pure arithmetic on what is known. Either witness may end a turn; words that plainly dangle ("my number is")
outweigh a falling voice; when both say unfinished, silence alone decides, and takes longer.
"""

from __future__ import annotations

from calls.core.bargein import is_backchannel
from calls.core.playbook import COMPLETE_ENOUGH, TURN_OVER, Pace
from calls.core.slots.unfinished import incomplete
from calls.core.state import Ear

DANGLING = 0.2


def quiet_needed(*, ear: Ear, asked: str, pace: Pace) -> int | None:
    """Milliseconds of silence after which ``ear`` counts as finished; None while the words aren't known yet."""
    if ear.text is None:
        return None
    if incomplete(asked, ear.text):
        return pace.dictating_quiet
    if not asked and is_backchannel(ear.text):
        return pace.unsure_quiet  # "Okay, …" with nothing open is how the next sentence begins
    known = ear.proposal or ear.sketch
    words = known.complete if known else None
    voice = ear.audio_over
    dangles = words is not None and words < DANGLING
    voice_over = voice is not None and voice >= TURN_OVER
    words_over = words is not None and words >= COMPLETE_ENOUGH
    if words_over or (voice_over and not dangles):
        return pace.commit_quiet
    if dangles and not voice_over:
        return pace.unfinished_quiet
    return pace.unsure_quiet
