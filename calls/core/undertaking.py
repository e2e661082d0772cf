"""What the caller wants, carried on: each kind of wish has its file in :mod:`calls.core.flows`.

Invariant: everything that is missing becomes a question, everything given an order, and no action happens that the playbook
doesn't allow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from calls.core.decision import CHANNEL_OF
from calls.core.flows import callbacks, complaints, orders, people, sending, stopping
from calls.core.flows.failing import CALL_OFF, failure_say
from calls.core.flows.hints import CALL_ME, WAITING
from calls.core.flows.order_facts import wants_order_news
from calls.core.flows.saying import NOTHING_OPEN, Say, joined, plan_say, settled
from calls.core.playbook import Playbook
from calls.core.slots import issue_read
from calls.core.state import Dialogue, Plan, Wish

Flow = Callable[[Say, Wish], Plan]

_FLOWS: Final[Mapping[str, Flow]] = MappingProxyType(
    {
        "send_email": sending.send,
        "send_sms": sending.send,
        "send_whatsapp": sending.send,
        "schedule_callback": callbacks.schedule,
        "cancel_callback": callbacks.cancel,
        "lookup_order": orders.look_up,
        "create_ticket": complaints.complain,
        "escalate_to_human": people.connect,
        stopping.KIND: stopping.change,
    }
)
_UNHAPPY: Final = -0.1
_IMPATIENT: Final = -0.2
_A_NUMBER: Final = 9  # words that an order's number takes, spoken
#: A complaint and a person are always taken: what isn't allowed of them is left out inside. Nobody forbids to be left alone.
_ALWAYS: Final = frozenset({"create_ticket", "escalate_to_human", stopping.KIND})


def wish_of(say: Say) -> Wish | None:
    """The deed that a proposal asks for; None for questions and small talk."""
    match say.proposal.intent:
        case intent if intent in CHANNEL_OF:
            if wants_order_news(say):
                return orders.news_wish(say)
            return sending.send_wish(say)
        case "callback_request":
            return callbacks.callback_wish(say)
        case "order_status":
            # "My parcel is late" asks for more than a status.
            issue = say.dialogue.issue
            names_it = not say.proposal.is_question and len(say.words.split()) <= _A_NUMBER
            if issue is not None and not issue.solved and names_it and orders.order_given(say):
                # A number alone belongs to the complaint that is open; "where is …?" asks anew.
                return Wish(kind="create_ticket", intent="complaint", about=issue.kind)
            overdue = issue_read(say.words) in orders.ABOUT_DELIVERY and say.proposal.sentiment < _UNHAPPY
            late = overdue or (say.proposal.sentiment <= _IMPATIENT and bool(WAITING.search(say.words)))
            return complaints.complaint_wish(say) if late else orders.order_wish(say)
        case "complaint":
            return complaints.complaint_wish(say)
        case "human_request" if CALL_ME.search(say.words) and "schedule_callback" in say.playbook.allowed:
            return callbacks.callback_wish(say)
        case "human_request":
            return people.person_wish(say, reason="The caller asked for a person", intent="human_request")
        case _:
            return None


def carry_on(say: Say, wish: Wish) -> Plan:
    """Do what is wished, or ask for what it lacks; then whatever was wished beside it."""
    plan = _carry(say, wish)
    while plan.dialogue.later and plan.dialogue.asked in NOTHING_OPEN:
        following, *rest = plan.dialogue.later
        dialogue = replace(plan.dialogue, later=tuple(rest), asked="", asked_text="")
        plan = joined(plan, _carry(replace(say, dialogue=dialogue), following))
    return plan


def _carry(say: Say, wish: Wish) -> Plan:
    if wish.kind not in say.playbook.allowed and wish.kind not in _ALWAYS:
        return people.offer(
            say, prefix=say.phrase("cant_do"), reason=f"{wish.kind} is not allowed to the agent"
        )
    return _FLOWS[wish.kind](say, wish)


def followup_say(dialogue: Dialogue, playbook: Playbook) -> tuple[str, Dialogue]:
    """What to add when the caller stays silent after something was undertaken, true to its receipts so far."""
    key = dialogue.followup
    title, _, channel = dialogue.labels.get(key, "").partition("\n")
    status = dialogue.receipts.get(key, "queued")
    if status == "failed" and (channel or key.startswith(CALL_OFF)):
        return failure_say(dialogue, playbook, key)
    if not channel:
        words = playbook.say("followup_ticket")
    else:
        name = f"followup_{status}" if status in {"sent", "delivered"} else "followup_queued"
        words = playbook.say(name, document=title, channel=channel)
    again = playbook.say("anything_else")
    return words, replace(dialogue, followup="", asked="anything_else", asked_text=again, wish=None)


def waited_say(dialogue: Dialogue, playbook: Playbook) -> tuple[str, Dialogue]:
    """What to say when nobody has taken the call for a while: a callback instead of more waiting."""
    words = playbook.say("nobody_free")
    wish = Wish(kind="schedule_callback", intent="callback_request", about="missed_transfer")
    return words, replace(dialogue, escalation="", asked="offer", asked_text=words, wish=wish)


def taken_back(say: Say) -> Plan:
    """ "Forget it": whatever is open, held or arranged last is taken back; what has left the house is not."""
    dialogue = say.dialogue
    if dialogue.wish is not None and dialogue.asked not in NOTHING_OPEN:
        phrase = "wont_send" if dialogue.wish.channel else "wont_do"
        if dialogue.asked == "offer":
            phrase = "offer_declined"
        cleared = replace(settled(say, "anything_else"), later=())
        return plan_say(say, say.phrase(phrase), intent=dialogue.wish.intent, dialogue=cleared)
    held = tuple(one.key for one in dialogue.held)
    booked = dialogue.booked
    if booked is not None and (not held or booked.sms in held):
        return callbacks.cancel(
            say, Wish(kind="cancel_callback", intent="callback_request", about="callback", change="cancel")
        )
    if held:
        cleared = replace(settled(say, "anything_else"), held=(), followup="")
        intent = dialogue.held[-1].wish.intent
        return replace(plan_say(say, say.phrase("wont_send"), intent=intent, dialogue=cleared), revoke=held)
    about_call = callbacks.ABOUT_CALL.search(say.words)
    if say.known.callbacks and (about_call or not dialogue.labels):
        return callbacks.cancel(
            say, Wish(kind="cancel_callback", intent="callback_request", about="callback", change="cancel")
        )
    if dialogue.escalation:
        cleared = replace(settled(say, "anything_else"), escalation="")
        plan = plan_say(say, say.phrase("wont_transfer"), intent="human_request", dialogue=cleared)
        return replace(plan, revoke=(dialogue.escalation,))
    gone = any(
        status in sending.UNDER_WAY and key.startswith("send_") for key, status in dialogue.receipts.items()
    )
    words = say.phrase("too_late" if gone else "wont_do")
    return plan_say(say, words, intent="small_talk", dialogue=settled(say, "anything_else"))
