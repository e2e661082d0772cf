"""Documents and order news by mail, SMS and WhatsApp. Invariant: nothing leaves the house but to the verified caller's own
address, or to one that was read back and then left standing (the order is held until then)."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from calls.core.decision import CHANNEL_OF
from calls.core.flows import asking, stopping
from calls.core.flows.hints import NO_MORE
from calls.core.flows.saying import Say, key_free, order, ordered, plan_say, settled
from calls.core.state import Held, Plan, Wish
from calls.core.titles import in_running_text

SEND_ACTION: Final = MappingProxyType({"email": "send_email", "sms": "send_sms", "whatsapp": "send_whatsapp"})
CHANNEL_NAME: Final = MappingProxyType({"email": "email", "sms": "SMS", "whatsapp": "WhatsApp"})
DESTINATION: Final = MappingProxyType({"email": "email", "sms": "phone", "whatsapp": "WhatsApp"})
SLOT: Final = MappingProxyType({"email": "email", "sms": "phone", "whatsapp": "phone"})
SENDS_A_CALL: Final = 5
#: "The one you have", said of an address.
_ON_FILE: Final = re.compile(
    r"\b(?:same|registered|on file|on record|you (?:already )?have|calling (?:you )?from|usual|my account|saved|known"
    r"|this (?:same )?(?:number|one|phone))\b",
    re.IGNORECASE,
)
UNDER_WAY: Final = frozenset({"held", "queued", "sending", "sent", "simulated", "delivered"})


def send_wish(say: Say) -> Wish:
    """What a proposal to send something wishes."""
    channel = CHANNEL_OF[say.proposal.intent]
    document = say.proposal.document or say.dialogue.document
    return Wish(kind=SEND_ACTION[channel], intent=say.proposal.intent, channel=channel, document=document)


def send(say: Say, wish: Wish, phrase: str = "") -> Plan:
    """Send it if nothing is missing, else ask for what is."""
    if wish.document is None and not wish.details.get("template"):
        return asking.ask(say, wish, "document", again=False)
    if say.dialogue.sent >= SENDS_A_CALL:
        return plan_say(say, say.phrase("too_many"), dialogue=settled(say, "anything_else"))
    slot = SLOT[wish.channel]
    value, shown = recipient_given(say, slot)
    own = own_address(say, wish.channel)
    if own and value in {"", own} and say.stopped(wish.channel):
        return stopping.blocked(say, wish)
    if not value and own and (wish.channel != "whatsapp" or _ON_FILE.search(say.words)):
        return _order(say, wish, to=own, shown=own, held=False, phrase=phrase)
    if not value:
        return _ask(say, wish, slot, again=False)
    return _order(say, wish, to=value, shown=shown, held=value != own, phrase=phrase)


def is_given(say: Say, wish: Wish) -> bool:
    """Do these words answer "where to?"?"""
    value, _shown = recipient_given(say, SLOT[wish.channel])
    return bool(value or (own_address(say, wish.channel) and _ON_FILE.search(say.words)))


def ask_again(say: Say, wish: Wish) -> Plan:
    return _ask(say, wish, SLOT[wish.channel], again=True)


def correct(say: Say) -> Plan | None:
    """The caller takes back a recipient that was read back: nothing goes there."""
    held = say.dialogue.held
    if not held or say.proposal.intent == "goodbye":
        return None
    wish = held[-1].wish
    if wish.channel not in SLOT:
        return None
    slot = SLOT[wish.channel]
    value, _shown = recipient_given(say, slot, asked=True)
    denies = say.proposal.reply == "no" and not NO_MORE.search(say.words)
    standing = held[-1].key.startswith(order_key(wish, value)) if value else False
    if standing or not (value or say.proposal.correction or denies):
        return None
    revoked = replace(
        say,
        dialogue=replace(say.dialogue, held=held[:-1], sent=max(0, say.dialogue.sent - 1), followup=""),
    )
    if value:
        again = replace(revoked, dialogue=replace(revoked.dialogue, asked=slot))
        instead = send(again, wish, "corrected_to")
    else:
        instead = asking.ask(revoked, wish, slot, again=False, phrase=f"wrong_{slot}")
    return replace(instead, revoke=(held[-1].key,))


def order_key(wish: Wish, to: str) -> str:
    what = wish.document.document_id if wish.document else f"{wish.details.get('template')}:{wish.order_id}"
    return f"{wish.kind}|{what}|{to}"


def recipient_given(say: Say, slot: str, *, asked: bool = False) -> tuple[str, str]:
    """(value, as a person would write it) of the recipient in the caller's own words, or two empty strings."""
    asked = asked or say.dialogue.asked == slot
    found = say.email(asked=asked) if slot == "email" else say.phone(asked=asked)
    return (found.value, found.display or found.value) if found else ("", "")


def own_address(say: Say, channel: str) -> str:
    """An address that needs no reading back: the verified caller's own."""
    facts = say.dialogue.facts
    if not facts.verified:
        return ""
    return facts.email if channel == "email" else facts.phone


def _ask(say: Say, wish: Wish, slot: str, *, again: bool) -> Plan:
    title = _short(wish)
    phrase = ""
    variables: dict[str, Any] = {"document": title}
    if slot == "phone" and again:
        phrase, found = asking.phone_problem(say)
        variables |= found
    elif slot == "phone" and wish.channel == "whatsapp":
        phrase = "ask_whatsapp"
    if again and wish.channel == "whatsapp" and asking.LACKS.search(say.text):
        return offer_other_channel(say, wish)
    return asking.ask(say, wish, slot, again=again, phrase=phrase, **variables)


def offer_other_channel(say: Say, wish: Wish) -> Plan:
    """No WhatsApp? Then by mail, if we know where to."""
    if not own_address(say, "email") or "send_email" not in say.playbook.allowed:
        return asking.ask(say, wish, SLOT[wish.channel], again=True)
    other = replace(wish, kind="send_email", channel="email", intent="send_details_email")
    words = say.phrase("offer_email", document=_short(wish))
    dialogue = replace(say.dialogue, asked="offer", asked_text=words, wish=other, misses=0)
    return plan_say(say, words, intent=wish.intent, dialogue=dialogue)


def _order(say: Say, wish: Wish, *, to: str, shown: str, held: bool, phrase: str) -> Plan:
    key = order_key(wish, to)
    title, channel = _title(say, wish), CHANNEL_NAME[wish.channel]
    if say.dialogue.receipts.get(key) in UNDER_WAY:
        words = say.phrase("already_sent", document=title, channel=channel)
        return plan_say(say, words, intent=wish.intent, dialogue=replace(settled(say), followup=key))
    key = key_free(say.dialogue, key, say.turn)
    instead = _instead_of(say, wish)
    given = bool(recipient_given(say, SLOT[wish.channel])[0])
    said = say.phrase(
        phrase or _phrase(wish, given=held or given),
        document=title,
        channel=channel,
        place=DESTINATION[wish.channel],
        recipient=shown,
    )
    if held:
        said = f"{said} {say.phrase('tell_me_if_wrong')}"
    label = f"{wish.document.title if wish.document else title} by {channel}"
    asked = say.dialogue.asked in SLOT.values()
    answered = bool(say.proposal.answer and say.proposal.is_question and not say.proposal.also and not asked)
    if answered:
        said = f"{' '.join(say.proposal.answer)} {said}"
    entities: dict[str, Any] = {
        "channel": wish.channel,
        "details_type": wish.document.kind if wish.document else wish.about,
        {"email": "email", "whatsapp": "whatsapp_number"}.get(wish.channel, "phone"): to,
    }
    fetches = "fetch_product_catalog" in say.playbook.allowed
    catalog = wish.document is not None and wish.document.kind == "product_catalog" and fetches
    dialogue = replace(
        settled(say),
        document=wish.document or say.dialogue.document,
        followup=key,
        labels=MappingProxyType({**say.dialogue.labels, key: f"{title}\n{channel}"}),
        held=(*say.dialogue.held, Held(key=key, turn=say.turn, wish=wish)) if held else say.dialogue.held,
        sent=say.dialogue.sent + 1,
    )
    plan = plan_say(
        say,
        said,
        intent=wish.intent,
        dialogue=dialogue,
        entities=entities,
        actions=(wish.kind, "fetch_product_catalog") if catalog else (wish.kind,),
        used_knowledge=answered,
    )
    message = order(
        key,
        wish.kind,
        label,
        to=to,
        channel=wish.channel,
        hold=held,
        document=wish.document,
        recipient=shown,
        template=str(wish.details.get("template") or "document"),
        context=wish.details.get("context"),
    )
    plan = replace(plan, revoke=instead)
    if not catalog or wish.document is None:
        return ordered(plan, message)
    fetched = order(f"fetch|{wish.document.document_id}", "fetch_product_catalog", wish.document.title)
    return ordered(plan, message, fetched)


def _phrase(wish: Wish, *, given: bool) -> str:
    if given:
        return "sending_to"
    return "sending_on_file" if wish.document is not None else "sending_news"


def _instead_of(say: Say, wish: Wish) -> tuple[str, ...]:
    """ "No, make it an email": the same by another way takes back the first, if it hasn't left yet."""
    before = next(reversed(list(say.dialogue.labels)), "")
    if not say.proposal.correction or wish.document is None or not before:
        return ()
    kind, document, _to = [*before.split("|"), "", ""][:3]
    return (before,) if document == wish.document.document_id and kind != wish.kind else ()


def _title(say: Say, wish: Wish) -> str:
    if wish.document is not None:
        return in_running_text(wish.document.title)
    return say.phrase("tracking_link" if wish.channel != "email" else "details_of_order")


def _short(wish: Wish) -> str:
    """ "The catalog": the last word of a title is what people call it when it is clear which."""
    if wish.document is None:
        return "details"
    return in_running_text(wish.document.title).split()[-1]
