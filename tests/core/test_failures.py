"""A message that can't be delivered is told in the call, once, with what can still be done."""

from __future__ import annotations

import pytest

from calls.core import effects as fx
from calls.core import events as ev
from calls.core.decision import Proposal
from tests.core.talk import UNDERSTOOD, Talk, after_policy, proposal

MORE = {
    "text it to me": proposal("send_details_sms"),
}


def understand(words: str) -> Proposal:
    return {**UNDERSTOOD, **MORE}.get(words.lower().strip(), proposal("small_talk"))


def sent(way: str = "send it by email") -> tuple[Talk, fx.Order]:
    call = after_policy(understand=understand).caller_says(way).hears_all()
    (order,) = call.orders
    return call, order


def fails(call: Talk, order: fx.Order, why: str) -> Talk:
    event = ev.Receipt(at=call.state.at + 10, key=order.key, kind=order.kind, status="failed", failure=why)
    return call.does(event).waits(300)


def told(call: Talk) -> list[str]:
    return [key for commit in call.all(fx.Commit) for key in commit.told]


@pytest.mark.parametrize("why", ["invalid_address", "bounced", "blocked"])
def test_another_address_is_asked_for_and_used(why: str) -> None:
    call, order = sent()
    fails(call, order, why)
    assert "couldn't be delivered" in call.said[-1]
    assert order.to in call.said[-1]
    assert told(call) == [order.key]
    call.hears_all().caller_says("it's jane at example dot com")
    assert call.orders[-1].to == "jane@example.com"
    assert call.orders[-1].hold  # it was only just given: read back first


def test_a_number_that_reaches_nobody_is_asked_for_again() -> None:
    call, order = sent("text it to me")
    fails(call, order, "invalid_number")
    assert "What other number may I use?" in call.said[-1]
    assert call.state.dialogue.asked == "phone"
    call.hears_all().caller_says("no")
    assert len(call.orders) == 1


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("window_closed", "WhatsApp doesn't let me write to you first."),
        ("opted_out", "asked for no more messages"),
        ("not_allowed", "that kind of number"),
    ],
)
def test_another_way_is_offered_and_taken(why: str, words: str) -> None:
    call, order = sent("text it to me")
    fails(call, order, why)
    assert words in call.said[-1]
    assert "by email instead?" in call.said[-1]
    call.hears_all().caller_says("yes")
    assert call.orders[-1].kind == "send_email"


def test_when_all_is_spent_no_other_way_is_offered() -> None:
    call, order = sent()
    fails(call, order, "over_limit")
    assert "can't send any more messages" in call.said[-1]
    assert call.state.dialogue.asked == "anything_else"


def test_a_failure_that_nobody_can_explain_is_for_a_colleague() -> None:
    call, order = sent()
    fails(call, order, "refused")
    assert "Shall I have a colleague see to it?" in call.said[-1]
    assert told(call) == [order.key]


def test_what_failed_while_the_caller_spoke_of_something_else_is_told_after_it() -> None:
    call, order = sent()
    call.does(
        ev.Receipt(at=call.state.at + 1, key=order.key, kind=order.kind, status="failed", failure="bounced")
    )
    call.caller_says("what is your refund policy?").hears_all()
    call.waits(4_000)
    assert told(call) == [order.key]
    call.hears_all().waits(6_000)
    assert told(call) == [order.key]


def test_the_same_news_again_is_not_told_again() -> None:
    call, order = sent()
    fails(call, order, "refused")
    call.hears_all()
    said = len(call.said)
    fails(call, order, "refused")
    assert len(call.said) == said


def test_who_keeps_talking_is_told_beside_the_next_answer() -> None:
    call, order = _fails_while_the_agent_speaks()
    call.caller_says("what is your refund policy?")
    assert call.said[-1].startswith("You have thirty days.")
    assert call.said[-1].endswith("What other number may I use?")
    assert told(call) == [order.key]
    assert call.state.dialogue.asked == "phone"


def test_who_says_goodbye_is_told_first() -> None:
    call, order = _fails_while_the_agent_speaks()
    call.caller_says("no, that's all, thank you")
    assert call.said[-1].startswith("I'm sorry, the")
    assert told(call) == [order.key]
    call.hears_all().caller_says("no")
    assert len(call.orders) == 1
    assert not call.state.ended


def _fails_while_the_agent_speaks() -> tuple[Talk, fx.Order]:
    call = after_policy(understand=understand).caller_says("text it to me")
    (order,) = call.orders
    why = "invalid_number"
    call.does(ev.Receipt(at=call.state.at + 10, key=order.key, kind=order.kind, status="failed", failure=why))
    return call.hears_all(), order
