"""Who may know what. Invariant: an unproven caller hears the same words whether or not there is such a record.

A claim is an order id or a telephone number. The code goes to the number on file, never to one that the caller names; the rows
count the tries and decide; here only the talk about it is decided.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from calls.core.effects import Order
from calls.core.flows import asking
from calls.core.flows.people import offer
from calls.core.flows.saying import Say, order, ordered, plan_say
from calls.core.slots import code_read
from calls.core.slots.order_id import order_id_read
from calls.core.state import Plan, Wish

#: What the number on file is asked for, since no order may have to do with it.
_BY_NUMBER: Final = frozenset({"cancel_callback", "stop_messages"})


def prove(say: Say, wish: Wish) -> Plan:
    """Ask for what the caller goes by, then send the code. ``wish`` goes on once they are known."""
    if "send_code" not in say.playbook.allowed:
        return offer(say, prefix=say.phrase("cant_tell"), reason="The caller's identity could not be checked")
    claim: dict[str, Any] = dict(wish.claim) or _claim(say, wish)
    if not claim:
        slot = "phone" if wish.kind in _BY_NUMBER or wish.change else "order_id"
        again = say.dialogue.asked == slot
        phrase = "ask_phone_on_file" if slot == "phone" and not again else ""
        if phrase and wish.kind == "stop_messages":
            phrase = "contact_prove"
        return asking.ask(say, wish, slot, again=again, phrase=phrase)
    waiting = replace(wish, claim=MappingProxyType(claim), order_id=str(claim.get("order_id", "")))
    words = say.phrase("sending_code")
    plan = plan_say(
        say,
        words,
        intent=wish.intent,
        dialogue=replace(
            say.dialogue, asked="code", asked_text=say.phrase("ask_code"), wish=waiting, misses=0
        ),
        clarify=say.phrase("ask_code"),
        missing=("verification_code",),
        entities={**claim, "verification_code": None},
        actions=("send_code",),
    )
    key = f"send_code|{'|'.join(claim.values())}|{say.turn}"
    return ordered(plan, order(key, "send_code", say.phrase("label_code"), **claim))


def answer_code(say: Say, wish: Wish) -> tuple[Say, Plan | None]:
    """The caller's answer to "what is the code?". Without a plan the caller is proven, and the wish goes on."""
    digits = code_read(say.words)
    if say.known.code == "right" and say.known.proven is not None and digits:
        dialogue = replace(say.dialogue, facts=say.known.proven, asked="", asked_text="", wish=None, misses=0)
        known = replace(say.known, orders=say.known.proven_orders)
        return replace(say, dialogue=dialogue, known=known), None
    if not digits:
        if asking.LACKS.search(say.text) or say.proposal.reply == "no":
            return say, offer(say, prefix=say.phrase("no_code"), reason="The one-time code didn't arrive")
        return say, asking.ask(say, wish, "code", again=True)
    if say.known.code == "spent" or say.dialogue.misses >= asking.TRIES - 1:
        plan = offer(
            say, prefix=say.phrase("code_spent"), reason="The caller's identity could not be checked"
        )
    else:
        plan = asking.ask(say, wish, "code", again=True, phrase="wrong_code")
    return say, ordered(plan, check_order(say))


def check_order(say: Say) -> Order:
    """The try is counted by the rows, with the turn that made it."""
    digits = code_read(say.words)
    return order(f"check_code|{say.turn}", "check_code", say.phrase("label_code"), code=digits.value)


def _claim(say: Say, wish: Wish) -> dict[str, str]:
    """What the caller says they go by, in this wish or these words."""
    if wish.order_id:
        return {"order_id": wish.order_id}
    if say.dialogue.asked == "phone":
        number = say.phone(asked=True)
        return {"phone": number.value} if number else {}
    found = order_id_read(
        say.words,
        pattern=say.playbook.order_pattern,
        prefix=say.playbook.order_prefix,
        asked=say.dialogue.asked == "order_id",
    )
    if found:
        return {"order_id": found.value}
    number = say.phone()
    return {"phone": number.value} if number and wish.kind != "schedule_callback" else {}
