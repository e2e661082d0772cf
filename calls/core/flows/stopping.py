"""No more messages of a kind, or messages again: what a caller asks for about being written to, for good.

Invariant: only a proven caller's own addresses are taken off or put back; anybody else hears how it is done without us. What is
said of it is so by the turn's commit, and nothing is promised on a way that its owner has closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from calls.core.flows.callbacks import coming
from calls.core.flows.proof import prove
from calls.core.flows.saying import NOTHING_OPEN, Say, order, ordered, plan_say, settled
from calls.core.flows.stop_words import ContactWish
from calls.core.sentences import split
from calls.core.slots import when_say
from calls.core.state import Plan, Wish

KIND: Final = "stop_messages"
_INTENT: Final = "small_talk"
_SEND: Final = MappingProxyType({"email": "send_email", "sms": "send_sms", "whatsapp": "send_whatsapp"})
_NAMES: Final = MappingProxyType({"email": "email", "sms": "SMS", "whatsapp": "WhatsApp"})
#: Nothing of these has left the house.
_HERE: Final = frozenset({"held", "queued"})
_BY_ORDER: Final = MappingProxyType({"email": "order_update", "sms": "tracking", "whatsapp": "tracking"})


def contact_wish(read: ContactWish, *, then: Wish | None = None) -> Wish:
    """``then`` is what was wished before and goes on once its way is open again."""
    details: dict[str, Any] = {"stop": read.stop, "start": read.start, "then": then}
    return Wish(kind=KIND, intent=_INTENT, about="contact", details=MappingProxyType(details))


def change(say: Say, wish: Wish) -> Plan:
    """Take the caller's own addresses off, or put them back; prove first whose they are."""
    stop, start = tuple(wish.details["stop"]), tuple(wish.details["start"])
    if not say.verified:
        return _unproven(say, wish)
    can_stop = tuple(one for one in stop if _own(say, one))
    can_start = tuple(one for one in start if _own(say, one))
    parts = []
    if can_stop:
        parts.append(_stopped_words(say, can_stop))
    if can_start:
        parts.append(_started_words(say, can_start))
    if not parts:
        parts.append(say.phrase("contact_unknown", ways=ways(say, stop or start)))
    gone = _waiting(say, can_stop)
    if gone:
        parts.append(say.phrase("contact_waiting"))
    ahead = [one for one in coming(say) if not one.ringing]
    if ahead and {"sms", "whatsapp"} & set(can_stop):
        parts.append(say.phrase("contact_callback", when=when_say(ahead[0].due, now=say.known.now)))
    stops = {**say.dialogue.stops, **dict.fromkeys(can_stop, True), **dict.fromkeys(can_start, False)}
    held = tuple(one for one in say.dialogue.held if one.key not in gone)
    dialogue = replace(
        say.dialogue,
        stops=MappingProxyType(stops),
        held=held,
        told=tuple(dict.fromkeys((*say.dialogue.told, *gone))),
        followup="" if say.dialogue.followup in gone else say.dialogue.followup,
    )
    after = replace(say, dialogue=dialogue)
    plan = _open_again(after, parts, wish, stop=can_stop)
    orders = [
        order(
            f"{kind}|{channel}|{say.turn}",
            kind,
            say.phrase(label, ways=say.phrase(f"way_{channel}")),
            way=channel,
        )
        for kind, label, channels in (
            (KIND, "label_stop", can_stop),
            ("allow_messages", "label_start", can_start),
        )
        for channel in channels
    ]
    revoke = tuple(one.key for one in say.dialogue.held if one.key in gone)
    return replace(ordered(plan, *orders), revoke=revoke)


def offer(say: Say, read: ContactWish) -> Plan:
    """ "How do I unsubscribe?": told, and offered."""
    question = say.phrase("contact_offer", ways=ways(say, read.stop))
    dialogue = replace(
        say.dialogue, asked="offer", asked_text=question, wish=contact_wish(read), misses=0, asides=0
    )
    words = f"{say.phrase('contact_how_stop')} {question}"
    return plan_say(say, words, intent=_INTENT, clarify=question, dialogue=dialogue)


def blocked(say: Say, wish: Wish) -> Plan:
    """It is wished on a way that they have closed: said so, with another way, or that it be opened again."""
    named = ways(say, (wish.channel,))
    words = say.phrase("contact_blocked", ways=named)
    other = next(
        (
            way
            for way in ("email", "sms", "whatsapp")
            if way != wish.channel and _own(say, way) and not say.stopped(way) and _allowed(say, way)
        ),
        "",
    )
    if other:
        question = say.phrase("contact_blocked_offer", channel=_NAMES[other], ways=named)
        instead = replace(
            _by(wish, other), details=MappingProxyType({**_by(wish, other).details, "lifts": wish.channel})
        )
    else:
        question = say.phrase("contact_blocked_only", ways=named)
        instead = contact_wish(ContactWish(start=(wish.channel,)), then=wish)
    dialogue = replace(
        settled(say, "offer"),
        asked_text=split(question)[0],
        wish=instead,
        document=wish.document or say.dialogue.document,
    )
    return plan_say(say, f"{words} {question}", intent=wish.intent, clarify=question, dialogue=dialogue)


def lifting(say: Say) -> str:
    """The way of which it was just said that it is closed; empty if there is none."""
    wish = say.dialogue.wish
    if wish is None or say.dialogue.asked != "offer":
        return ""
    if wish.kind == KIND and wish.details.get("then") is not None:
        return str(wish.details["start"][0])
    return str(wish.details.get("lifts") or "")


def lifted(say: Say, read: ContactWish) -> Wish | None:
    """What was wished on a way that these words open again."""
    wish, way = say.dialogue.wish, lifting(say)
    if wish is None or not way or way not in read.start:
        return None
    return wish.details.get("then") or _by(wish, way)


def ways(say: Say, channels: Sequence[str]) -> str:
    """ "texts, WhatsApp messages or emails"."""
    names = [say.phrase(f"way_{channel}") for channel in channels]
    return f"{', '.join(names[:-1])} {say.phrase('or')} {names[-1]}" if len(names) > 1 else names[0]


def _by(wish: Wish, channel: str) -> Wish:
    """The same by another way."""
    details = {name: value for name, value in wish.details.items() if name != "lifts"}
    if details.get("template") in _BY_ORDER.values():
        details["template"] = _BY_ORDER[channel]
    return replace(
        wish,
        kind=_SEND[channel],
        channel=channel,
        intent=f"send_details_{channel}",
        details=MappingProxyType(details),
    )


def _unproven(say: Say, wish: Wish) -> Plan:
    stop = wish.details["stop"]
    if not stop:
        words = say.phrase("contact_how_start")
        return plan_say(say, words, intent=_INTENT, dialogue=settled(say, "anything_else"))
    if "send_code" not in say.playbook.allowed:
        return refused(say)
    return prove(say, replace(wish, details=MappingProxyType({**wish.details, "start": ()})))


def refused(say: Say) -> Plan:
    """They won't, or can't, prove it: then it is done without us."""
    words = f"{say.phrase('contact_how_stop')} {say.phrase('anything_else')}"
    return plan_say(say, words, intent=_INTENT, dialogue=settled(say, "anything_else"))


def _stopped_words(say: Say, channels: Sequence[str]) -> str:
    number, address = bool({"sms", "whatsapp"} & set(channels)), "email" in channels
    whose = say.phrase(
        "contact_both" if number and address else "contact_number" if number else "contact_address"
    )
    before = all(say.stopped(channel) for channel in channels)
    return say.phrase(
        "contact_stopped_before" if before else "contact_stopped", whose=whose, ways=ways(say, channels)
    )


def _started_words(say: Say, channels: Sequence[str]) -> str:
    closed = tuple(channel for channel in channels if say.stopped(channel))
    if not closed:
        return say.phrase("contact_open", ways=ways(say, channels))
    words = say.phrase("contact_started", ways=ways(say, channels))
    by_telephone = {"sms", "whatsapp"} & set(closed)
    return f"{words} {say.phrase('contact_started_too')}" if by_telephone else words


def _open_again(say: Say, parts: Sequence[str], wish: Wish, *, stop: Sequence[str]) -> Plan:
    """What is open after it: what was wished before, the question that was asked, or nothing."""
    words = " ".join(parts)
    then, open_wish = wish.details.get("then"), say.dialogue.wish
    if then is not None:
        dialogue = replace(settled(say), later=(then, *say.dialogue.later))
        return plan_say(say, words, intent=_INTENT, dialogue=dialogue)
    own = open_wish is not None and open_wish.kind == KIND
    still_open = say.dialogue.asked not in NOTHING_OPEN and open_wish is not None and not own
    if still_open and open_wish is not None and open_wish.channel not in stop:
        return plan_say(say, f"{words} {say.dialogue.asked_text}".strip(), intent=_INTENT)
    words = f"{words} {say.phrase('anything_else')}"
    return plan_say(say, words, intent=_INTENT, dialogue=settled(say, "anything_else"))


def _waiting(say: Say, channels: Sequence[str]) -> tuple[str, ...]:
    """Keys of what this call has promised to their own addresses by ``channels`` and has not left."""
    return tuple(
        key
        for key, status in say.dialogue.receipts.items()
        for channel in channels
        if status in _HERE and key.startswith(f"{_SEND[channel]}|") and f"|{_own(say, channel)}" in key
    )


def _own(say: Say, channel: str) -> str:
    facts = say.dialogue.facts
    return (facts.email if channel == "email" else facts.phone) if facts.verified else ""


def _allowed(say: Say, channel: str) -> bool:
    return _SEND[channel] in say.playbook.allowed


__all__ = ["KIND", "blocked", "change", "contact_wish", "lifted", "lifting", "offer", "refused", "ways"]
