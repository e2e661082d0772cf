"""Calling back: arranged, moved, taken back. Invariant: never in the past, never outside the opening hours, never at a time
that the caller didn't say, and one callback a caller: a new wish moves the old one."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from calls.core.flows import asking
from calls.core.flows.hints import CALLED_OFF, INSTEAD_OF_IT, OPENING
from calls.core.flows.proof import prove
from calls.core.flows.saying import Say, key_fresh, order, ordered, plan_say, settled
from calls.core.known import CallbackFact
from calls.core.sentences import split
from calls.core.slots import When, day_say, phone_display, when_read, when_say
from calls.core.state import Booked, Held, Plan, Wish

SLOT: Final = "callback_time"
_CHANGES: Final = 0.15
_JUST_NOW: Final = dt.timedelta(minutes=1)
_PLAIN: Final = Wish(kind="schedule_callback", intent="callback_request", about="callback")
_DAY: Final = re.compile(
    r"\b(?:day after tomorrow|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b", re.IGNORECASE
)
_INSTEAD: Final = re.compile(
    r"\b(?:instead|rather|not free|can'?t make|supposed to|move|push|postpone|reschedul\w*|change|shift|earlier|later)\b",
    re.IGNORECASE,
)
ABOUT_CALL: Final = re.compile(r"\bcall(?:ing|ed)?[\s-]?(?:back|me)?\b|\bring me\b", re.IGNORECASE)


def callback_wish(say: Say) -> Wish:
    change = str(say.proposal.entities.get("change") or "")
    change = change if change in {"move", "cancel"} else ""
    if change != "cancel" and is_off(say):
        change = "cancel"
    if not change and coming(say):
        # What is arranged already is hardly asked for again: words about a call, then, are to change it.
        cancels, moves = say.proposal.sounds("callback_cancel"), say.proposal.sounds("callback_move")
        timed = is_given(say, _PLAIN)
        if max(cancels, moves) >= (0.0 if say.dialogue.booked is not None and not timed else _CHANGES):
            change = "cancel" if cancels > moves else "move" if moves else ""
    if change == "cancel":
        return Wish(kind="cancel_callback", intent="callback_request", about="callback", change=change)
    return Wish(kind="schedule_callback", intent="callback_request", about="callback", change=change)


def schedule(say: Say, wish: Wish) -> Plan:
    """Book it if time and number are there, else ask for what is missing: the time first."""
    if wish.change and not coming(say) and not say.verified:
        return prove(say, wish)
    wish = _with_number(say, wish)
    when = moment_of(say, wish)
    if when.status == "fixed" and when.value is not None:
        wish = replace(wish, due=when.value, day=when.value.date())
    elif when.status:
        wish = replace(wish, due=None)
        return ask_time(say, wish, when)
    if wish.due is None:
        ahead = coming(say)
        again = say.dialogue.asked == SLOT and say.dialogue.wish is not None
        if wish.change and ahead and not again:
            moment = when_say(ahead[0].due, now=say.known.now)
            return ask_moment(say, wish, phrase="ask_callback_move", when=moment)
        return ask_moment(say, wish, again=again, phrase="" if again else "ask_callback_time")
    if not wish.phone:
        return _ask_phone(say, wish)
    return book(say, wish)


def cancel(say: Say, wish: Wish) -> Plan:
    """Take back what is coming. Somebody unproven may only take back what this call arranged."""
    ahead = coming(say)
    if not ahead and not say.verified:
        return prove(say, wish)
    if not ahead:
        words = say.phrase("no_callback")
        return plan_say(say, words, intent="callback_request", dialogue=settled(say, "anything_else"))
    waiting = [one for one in ahead if not one.ringing]
    parts = [say.phrase("callback_ringing")] if len(waiting) < len(ahead) else []
    if waiting:
        moment = when_say(waiting[0].due, now=say.known.now)
        cancelled = say.phrase("callback_cancelled", when=moment)
        parts.insert(0, split(cancelled)[0] if parts else cancelled)
    words = " ".join(parts)
    own = say.dialogue.booked
    revoke = (own.sms,) if own is not None and own.sms in {held.key for held in say.dialogue.held} else ()
    dialogue = replace(
        settled(say, "anything_else"),
        booked=None,
        followup="",
        held=tuple(held for held in say.dialogue.held if held.key not in revoke),
    )
    plan = plan_say(say, words, intent="callback_request", dialogue=dialogue, actions=("cancel_callback",))
    orders = [
        order(
            f"cancel_callback|{one.key}",
            "cancel_callback",
            say.phrase("label_callback_last" if one.ringing else "label_callback_off"),
            callback=one.key,
            ringing="yes" if one.ringing else "",
        )
        for one in ahead
    ]
    return replace(ordered(plan, *orders), revoke=revoke)


def is_off(say: Say) -> bool:
    """Do the words call off what is arranged, with nothing wished in its place?"""
    ahead = coming(say)
    off = CALLED_OFF.search(say.words) if ahead else None
    if off is None or INSTEAD_OF_IT.search(say.words, off.end()):
        return False
    when = when_read(say.words, now=say.known.now, hours=say.playbook.hours)
    return when.status != "fixed" or when.value in {one.due for one in ahead}


def other_than(when: When, before: dt.datetime) -> When:
    """Of two moments in the words, one of which is the old one, the other is meant: "not at ten, at four"."""
    left = tuple(one for one in when.choices if one != before)
    if when.status != "choice" or len(left) != 1:
        return when
    return replace(when, status="fixed", value=left[0], choices=())


def is_given(say: Say, wish: Wish) -> bool:
    """Do these words answer "what time works best?"?"""
    return bool(moment_of(say, wish).status)


def tell_hours(say: Say) -> Plan:
    """When somebody is there, by the company's own hours, on the day that was asked about."""
    named_day = _DAY.search(say.words)
    when = when_read(
        named_day.group(0) if named_day else "", now=say.known.now, hours=say.playbook.hours, asked=True
    )
    day = when.day or say.known.now.date()
    spans = say.playbook.hours.spans(day)
    named = day_say(day, today=say.known.now.date())
    words = say.phrase("our_hours" if spans else "we_are_closed", day=named, hours=_hours_of(say, day))
    return plan_say(say, words, dialogue=settled(say))


def filled(say: Say, wish: Wish) -> Wish:
    """``wish`` with the time and the number that these words give it already."""
    when = moment_of(say, wish)
    wish = _with_number(say, wish)
    return replace(wish, due=when.value if when.status == "fixed" else None, day=when.day)


def book(say: Say, wish: Wish) -> Plan:
    """Arrange it: what is said of it, its row, and its confirmation; one from before is moved."""
    assert wish.due is not None
    due, now = wish.due.astimezone(say.playbook.hours.tz), say.known.now
    if due <= now:
        # "Now" has gone by when the words that arrange it are said; any other moment that has is asked for again.
        soonest = (now + dt.timedelta(minutes=1)).replace(second=0, microsecond=0).astimezone(due.tzinfo)
        if now - due > _JUST_NOW or not say.playbook.hours.is_open(soonest):
            return ask_time(say, replace(wish, due=None), When(status="past"))
        due = soonest
    own = say.dialogue.facts.phone if say.verified else ""
    given = wish.phone != own
    before = coming(say)
    booked = say.dialogue.booked
    if booked is not None and (booked.due, booked.phone) == (due, wish.phone):
        return plan_say(
            say,
            say.phrase("callback_stands", when=when_say(due, now=now)),
            intent="callback_request",
            dialogue=settled(say, "anything_else"),
        )
    # A wish for a call is a new one, though it takes the place of one from an earlier call; a change is told as one.
    moved = bool(before) and (booked is not None or bool(wish.change))
    rings = bool(before) and before[0].ringing
    key = key_fresh(say.dialogue, f"schedule_callback|{due.isoformat()}|{wish.phone}", say.turn)
    moment = when_say(due, now=now)
    sms = key_fresh(say.dialogue, f"send_sms|callback|{due.isoformat()}|{wish.phone}", say.turn)
    texts = "send_sms" in say.playbook.allowed and (given or not say.stopped("sms"))
    sms = sms if texts else ""
    shown = phone_display(wish.phone, region=say.playbook.region)
    old = when_say(before[0].due, now=now) if before else ""
    phrase = "callback_moved" if moved else "callback_booked"
    if rings:
        # That telephone can't be stopped any more: this is another call, and the other one is not tried again.
        words = say.phrase("callback_ringing_moved", when=moment)
    elif before and not moved and old != moment:
        words = say.phrase("callback_instead", when=moment, before=old)
    elif given:
        words = say.phrase(f"{phrase}_at", when=moment, recipient=shown)
    else:
        words = say.phrase(phrase, when=moment)
    if sms:
        words = f"{words} {say.phrase('callback_sms')}"
    if given:
        words = f"{words} {say.phrase('tell_me_if_wrong')}"
    held_before = {held.key for held in say.dialogue.held}
    revoke = (booked.sms,) if booked is not None and booked.sms in held_before else ()
    held = tuple(one for one in say.dialogue.held if one.key not in revoke)
    if given and sms:
        held = (*held, Held(key=sms, turn=say.turn, wish=wish))
    dialogue = replace(
        settled(say),
        booked=Booked(key=key, due=due, phone=wish.phone, sms=sms),
        followup=key,
        held=held,
        sent=say.dialogue.sent + (1 if sms else 0),
    )
    entities: dict[str, Any] = {
        "callback_time": due.isoformat(),
        "callback_date": day_say(due.date(), today=now.date()),
        "phone": wish.phone,
    }
    plan = plan_say(
        say,
        words,
        intent="callback_request",
        dialogue=dialogue,
        entities=entities,
        actions=("schedule_callback", "send_sms") if sms else ("schedule_callback",),
    )
    orders = [
        order(
            key,
            "schedule_callback",
            say.phrase("label_callback", when=moment),
            to=wish.phone,
            due=due.isoformat(),
            moves=before[0].key if before else "",
            ringing="yes" if rings else "",
            recipient=f"{due:%a %d %b, %H:%M %Z} · {shown}",
            reason=wish.about,
            words=str(wish.details.get("words") or ""),
        )
    ]
    if sms:
        template = "callback_moved" if moved else "callback"
        orders.append(
            order(
                sms,
                "send_sms",
                say.phrase("label_callback_sms"),
                to=wish.phone,
                channel="sms",
                hold=given,
                recipient=f"{moment}, {shown}",
                template=template,
                context=MappingProxyType({"when": moment}),
            )
        )
    return replace(ordered(plan, *orders), revoke=revoke)


def ask_time(say: Say, wish: Wish, when: When) -> Plan:
    """The words about time don't settle it: say why, and ask."""
    now = say.known.now
    wish = replace(wish, day=when.day or wish.day, part=when.part)
    again = say.dialogue.asked == SLOT and say.dialogue.wish is not None
    match when.status:
        case "choice" if len(when.choices) == 1:
            words = say.phrase("confirm_callback", when=when_say(when.choices[0], now=now))
            sure = replace(wish, due=when.choices[0])
            dialogue = replace(say.dialogue, asked="confirm", asked_text=words, wish=sure)
            return plan_say(say, words, intent=wish.intent, clarify=words, missing=(SLOT,), dialogue=dialogue)
        case "choice" if when.choices:
            first, second = when.choices[0], when.choices[-1]
            same_day = first.date() == second.date()
            return ask_moment(
                say,
                replace(wish, day=first.date() if same_day else None),
                phrase="ask_callback_choice",
                first=when_say(first, now=now),
                second=when_say(second, now=now),
            )
        case "day" | "part" if when.day is not None:
            day = day_say(when.day, today=now.date())
            return ask_moment(say, wish, phrase="ask_callback_hour", day=f"{day} {when.part}".strip())
        case "day" | "part" if when.part:
            return ask_moment(say, wish, phrase="ask_callback_hour", day=when.part)
        case "past":
            return ask_moment(say, replace(wish, day=None, part=""), again=again, phrase="callback_past")
        case "closed":
            return ask_moment(
                say, wish, again=again, phrase="callback_closed", hours=_hours_of(say, when.day)
            )
        case _:
            return ask_moment(say, wish, phrase="ask_callback_moment")


def ask_moment(say: Say, wish: Wish, *, again: bool = False, phrase: str = "", **variables: Any) -> Plan:
    """Ask for the time; narrower when some of it is known."""
    entities = {"phone": wish.phone} if wish.phone else {}
    plan = asking.ask(say, wish, SLOT, again=again, phrase=phrase, entities=entities, **variables)
    if again or say.dialogue.asked != SLOT:
        return plan
    if plan.sentences and say.last_said.endswith(plan.words):
        return asking.ask(say, wish, SLOT, again=True, entities=entities)
    # A narrower question is progress, but it forgives nothing.
    return replace(plan, dialogue=replace(plan.dialogue, misses=say.dialogue.misses))


def moment_of(say: Say, wish: Wish) -> When:
    """The time in these words. One that takes the place of another is on that one's day, unless it names its own."""
    ahead = coming(say)
    instead = bool(ahead) and (wish.change == "move" or bool(_INSTEAD.search(say.words)))
    day = wish.day or (ahead[0].due.astimezone(say.playbook.hours.tz).date() if instead else None)
    when = when_read(
        say.words,
        now=say.known.now,
        hours=say.playbook.hours,
        asked=say.dialogue.asked == SLOT,
        day=day,
        part=wish.part,
    )
    if when.status not in {"", "fixed"} and OPENING.search(say.words):
        return When()
    return other_than(when, ahead[0].due) if ahead else when


def _with_number(say: Say, wish: Wish) -> Wish:
    """The number in the words, else the one given before, else the verified caller's own."""
    number = say.phone(asked=say.dialogue.asked == "phone")
    own = say.dialogue.facts.phone if say.verified else ""
    return replace(wish, phone=number.value or wish.phone or own)


def _ask_phone(say: Say, wish: Wish) -> Plan:
    if say.dialogue.asked != "phone":
        return asking.ask(say, wish, "phone", again=False, phrase="ask_callback_phone")
    phrase, variables = asking.phone_problem(say)
    return asking.ask(say, wish, "phone", again=True, phrase=phrase, **variables)


def coming(say: Say) -> tuple[CallbackFact, ...]:
    """What is arranged: what the rows say, and what this call arranged a moment ago."""
    booked = say.dialogue.booked
    if booked is None:
        return say.known.callbacks
    same = [one for one in say.known.callbacks if _is_same(one, booked)]
    rings = any(one.ringing for one in same)
    own = CallbackFact(key=booked.key, due=booked.due, phone=booked.phone, ringing=rings)
    return (own, *(one for one in say.known.callbacks if one not in same))


def _is_same(one: CallbackFact, booked: Booked) -> bool:
    """The row of what this call arranged: its key has the call's before it, and its time may be that of another try."""
    return one.due == booked.due or one.key == booked.key or one.key.endswith(f":{booked.key}")


def _hours_of(say: Say, day: dt.date | None) -> str:
    """ "9 AM to 8 PM", of that day, else of the next one with any."""
    hours = say.playbook.hours
    start = day or say.known.now.date()
    for days in range(8):
        spans = hours.spans(start + dt.timedelta(days=days))
        if spans:
            return say.phrase("from_to", begin=clock_say(spans[0][0]), end=clock_say(spans[-1][1]))
    return ""


def clock_say(time: dt.time) -> str:
    hour = time.hour % 12 or 12
    minutes = f":{time.minute:02d}" if time.minute else ""
    return f"{hour}{minutes} {'AM' if time.hour < 12 else 'PM'}"
