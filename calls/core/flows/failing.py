"""What was promised can't be sent: said plainly, with what can be done instead.

Invariant: the caller isn't offered what would fail for the same reason, and a failure is told once.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from calls.core.flows.sending import SEND_ACTION, SLOT
from calls.core.playbook import Playbook
from calls.core.sentences import split
from calls.core.state import Dialogue, Wish

#: Another number or address may do.
_ELSEWHERE: Final = frozenset({"invalid_number", "invalid_address", "unreachable", "blocked", "bounced"})
#: Another way may do, to the phrase that says why.
_OTHERWISE: Final = MappingProxyType(
    {"window_closed": "failed_window", "opted_out": "failed_stopped", "not_allowed": "failed_not_allowed"}
)
#: A callback that was ringing when it was taken back or moved.
CALL_OFF: Final = "cancel_callback|"
_OPEN_TO_NEWS: Final = frozenset({"", "anything_else"})
_INTENT: Final = MappingProxyType({kind: f"send_details_{way}" for way, kind in SEND_ACTION.items()})


def failure_untold(dialogue: Dialogue) -> str:
    """The key of what failed while the caller spoke of something else and has not heard of; empty if there is none."""
    if dialogue.asked not in _OPEN_TO_NEWS:
        return ""
    return next(
        (
            key
            for key, status in dialogue.receipts.items()
            if status == "failed"
            and (key in dialogue.labels or key.startswith(CALL_OFF))
            and key not in dialogue.told
        ),
        "",
    )


def failure_say(dialogue: Dialogue, playbook: Playbook, key: str) -> tuple[str, Dialogue]:
    """The words that tell of a failure, and the question that they leave open."""
    title, _, channel = dialogue.labels.get(key, "").partition("\n")
    why = dialogue.failures.get(key, "")
    told = replace(dialogue, followup="", told=(*dialogue.told, key))
    wish = _wish_again(dialogue, key)
    if key.startswith(CALL_OFF):
        words = playbook.say("callback_ringing_too")
        return words, replace(told, asked="anything_else", asked_text="", wish=None)
    said = {"document": title, "channel": channel, "recipient": _recipient(key)}
    if why == "over_limit":
        words = playbook.say("failed_limit", **said)
        return words, replace(
            told, asked="anything_else", asked_text=playbook.say("anything_else"), wish=None
        )
    if wish is not None and why in _ELSEWHERE:
        slot = SLOT[wish.channel]
        words = playbook.say(f"failed_{slot}", **said)
        return words, replace(told, asked=slot, asked_text=split(words)[-1], wish=wish, misses=0)
    if (
        wish is not None
        and why in _OTHERWISE
        and wish.channel != "email"
        and "send_email" in playbook.allowed
    ):
        words = f"{playbook.say(_OTHERWISE[why], **said)} {playbook.say('failed_offer_email', **said)}"
        other = replace(wish, kind="send_email", channel="email", intent="send_details_email")
        return words, replace(told, asked="offer", asked_text=split(words)[-1], wish=other, misses=0)
    words = playbook.say("followup_failed", **said)
    details = MappingProxyType({"reason": "A message could not be delivered", "query": title})
    person = Wish(kind="escalate_to_human", intent="human_request", about="delivery_failed", details=details)
    return words, replace(told, asked="offer", asked_text=words, wish=person)


def _wish_again(dialogue: Dialogue, key: str) -> Wish | None:
    """What was wished, if it was the document that the talk is about."""
    kind, what, *_ = [*key.split("|"), "", ""]
    document = dialogue.document
    if document is None or str(document.document_id) != what or kind not in _INTENT:
        return None
    channel = next(way for way, action in SEND_ACTION.items() if action == kind)
    return Wish(kind=kind, intent=_INTENT[kind], channel=channel, document=document)


def _recipient(key: str) -> str:
    return [*key.split("|"), "", "", ""][2]
