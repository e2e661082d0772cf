"""Words about being written to, whatever the engine took them for: heard before any intent, done at once.

Invariant: a wish that lasts ("stop texting me") goes before what it sounds like for this call ("don't send that").
"""

from __future__ import annotations

from dataclasses import replace

from calls.core.decision import Proposal
from calls.core.flows import stopping
from calls.core.flows.saying import NOTHING_OPEN, Say, joined
from calls.core.flows.stop_words import ContactWish, contact_read
from calls.core.state import Plan
from calls.core.undertaking import carry_on, wish_of


def contact_changed(say: Say) -> Plan | None:
    """ "Take me off your list", "you may text me again"; None for anything else."""
    read = contact_read(say.text, lifting=stopping.lifting(say))
    if not read or (read.weak and not _nothing_pending(say)):
        return None
    if read.asks:
        return stopping.offer(say, read)
    plan = carry_on(say, stopping.contact_wish(read, then=stopping.lifted(say, read)))
    beside = _beside(say, read)
    if beside is None or plan.dialogue.asked not in NOTHING_OPEN:
        return plan
    also = replace(say, proposal=beside, dialogue=replace(plan.dialogue, asked="", asked_text="", wish=None))
    wish = wish_of(also)
    assert wish is not None
    more = say.phrase("anything_else")
    told = replace(plan, sentences=tuple(one for one in plan.sentences if one != more))
    return joined(told, carry_on(also, wish))


def _nothing_pending(say: Say) -> bool:
    """ "Don't text me" is of this call's errand wherever there is one."""
    dialogue = say.dialogue
    busy = dialogue.held or dialogue.booked or dialogue.labels or dialogue.escalation or dialogue.order
    return dialogue.asked in NOTHING_OPEN and not busy


def _beside(say: Say, read: ContactWish) -> Proposal | None:
    """What else was wished in other words of the same utterance."""
    for part in (say.proposal, say.proposal.also):
        if part is None or not part.words or contact_read(part.words):
            continue
        wish = wish_of(replace(say, proposal=replace(part, also=None)))
        if wish is None or (wish.channel and (wish.channel in read.stop or wish.document is None)):
            continue
        return replace(part, also=None)
    return None
