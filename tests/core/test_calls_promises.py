"""What is promised in a call, on virtual time: to whom it goes, when, what is said of it, and how it is taken back."""

from __future__ import annotations

from calls.core import effects as fx
from calls.core import events as ev
from calls.core.known import Facts
from tests.core.talk import PHRASES, after_policy, greeted

STRANGER = Facts()


def test_a_verified_callers_own_address_is_used_at_once() -> None:
    call = after_policy().caller_says("send it by email")
    (order,) = call.orders
    assert (order.kind, order.to, order.hold) == ("send_email", "ann@example.com", False)
    assert call.said[-1] == "Absolutely! I'll send the complete refund policy to your email right away."


def test_after_something_was_promised_the_agent_says_so_and_asks_for_more() -> None:
    call = after_policy().caller_says("send it by email").hears_all().waits(2_800)
    assert call.said[-1] == (
        "Your request has been logged. You'll receive the refund policy via email shortly. "
        "Is there anything else I can help you with today?"
    )


def test_nothing_is_called_sent_before_its_receipt_and_it_is_after() -> None:
    call = after_policy().caller_says("send it by email")
    key = call.orders[0].key
    call.does(
        ev.Receipt(at=call.state.at + 10, key=key, kind="send_email", status="delivered")
    ).hears_all().waits(2_800)
    assert call.said[-1].startswith("The refund policy has been sent by email.")


def test_a_demo_never_claims_that_something_was_sent() -> None:
    call = after_policy().caller_says("send it by email")
    key = call.orders[0].key
    pretended = ev.Receipt(
        at=call.state.at + 10, key=key, kind="send_email", status="delivered", simulated=True
    )
    call.does(pretended).hears_all().waits(2_800)
    assert call.said[-1].startswith(
        "Your request has been logged. You'll receive the refund policy via email shortly."
    )
    assert call.told("action")[-1]["simulated"]


def test_a_failed_delivery_is_told_and_another_way_is_offered() -> None:
    call = after_policy().caller_says("send it by email").hears_all().waits(9_000)
    key = call.orders[0].key
    call.hears_all().does(
        ev.Receipt(at=call.state.at + 10, key=key, kind="send_email", status="failed")
    ).waits(300)
    assert "could not be sent" in call.said[-1]
    assert call.state.dialogue.asked == "offer"


def test_asking_twice_sends_once() -> None:
    call = after_policy().caller_says("send it by email").hears_all().caller_says("send it by email")
    assert len(call.orders) == 1
    assert "already sent" in call.said[-1]


def test_a_stranger_is_asked_for_an_address_and_it_is_read_back_and_held() -> None:
    call = after_policy(facts=STRANGER).caller_says("send it by email")
    assert call.said[-1] == PHRASES["ask_email"]
    decision = call.all(fx.Commit)[-1].decision
    assert decision.as_json()["entities"]["missing_info"] == ["email"]
    call.hears_all().caller_says("it's jane at example dot com")
    (order,) = call.orders
    assert order.hold
    assert "jane@example.com" in call.said[-1]
    assert not call.all(fx.Release)


def test_a_held_message_goes_four_seconds_after_its_read_back_was_heard() -> None:
    call = after_policy(facts=STRANGER).caller_says("send it by email").hears_all()
    call.caller_says("it's jane at example dot com").hears_all()
    heard_at = call.state.at
    call.waits(3_900)
    assert not call.all(fx.Release)
    call.waits(200)
    assert call.all(fx.Release)[0].keys == (call.orders[0].key,)
    assert call.state.at - heard_at == 4_100


def test_a_correction_takes_the_message_back_and_sends_it_to_the_right_address() -> None:
    call = after_policy(facts=STRANGER).caller_says("send it by email").hears_all()
    call.caller_says("it's jane at example dot com").hears_all().caller_says(
        "no, june at example dot com", after=300
    )
    wrong, right = call.orders
    assert call.all(fx.Revoke)[0].keys == (wrong.key,)
    assert (right.to, right.hold) == ("june@example.com", True)
    assert not call.all(fx.Release)


def test_a_correction_without_a_new_address_asks_for_it() -> None:
    call = after_policy(facts=STRANGER).caller_says("send it by email").hears_all()
    call.caller_says("it's jane at example dot com").hears_all().caller_says("that is wrong", after=300)
    assert call.all(fx.Revoke)
    assert call.state.dialogue.asked == "email"


def test_the_next_turn_lets_the_recipient_stand() -> None:
    call = after_policy(facts=STRANGER).caller_says("send it by email").hears_all()
    call.caller_says("it's jane at example dot com").hears_all().caller_says(
        "what is your refund policy?", after=300
    )
    assert call.all(fx.Release)[0].keys == (call.orders[0].key,)


def test_a_read_back_that_is_asked_for_again_is_not_agreed_to_yet() -> None:
    call = after_policy(facts=STRANGER).caller_says("send it by email").hears_all()
    call.caller_says("it's jane at example dot com").hears_all().caller_says("pardon?", after=2_000)
    assert "jane@example.com" in call.said[-1]
    call.waits(2_500)
    assert not call.all(fx.Release)
    call.hears_all().waits(4_100)
    assert call.all(fx.Release)


def test_hanging_up_before_the_read_back_was_heard_takes_the_message_back() -> None:
    call = after_policy(facts=STRANGER).caller_says("send it by email").hears_all()
    call.caller_says("it's jane at example dot com").does(ev.HungUp(at=10**6))
    assert call.all(fx.Revoke) and not call.all(fx.Release)


def test_a_slot_that_can_not_be_understood_is_given_up_politely_after_three_tries() -> None:
    call = after_policy(facts=STRANGER).caller_says("send it by email")
    for _ in range(3):
        call.hears_all().caller_says("banana")
    assert "couldn't get that right" in call.said[-1]
    assert not call.orders
    assert any(PHRASES["type_it"] in said for said in call.said)


def test_what_no_passage_answers_is_not_answered_but_offered_to_a_person() -> None:
    call = greeted().caller_says("do you sell submarines?")
    assert call.said[-1].startswith("That's a great question. I don't have specific information")
    assert call.all(fx.Commit)[-1].decision.escalate_to_human
    assert not call.orders
    call.hears_all().caller_says("yes")
    assert [order.kind for order in call.orders] == ["escalate_to_human"]


def test_a_refused_offer_does_nothing() -> None:
    call = greeted().caller_says("do you sell submarines?").hears_all().caller_says("no")
    assert not call.orders


def test_a_commit_that_fails_is_taken_back_in_words() -> None:
    call = (
        after_policy()
        .caller_says("send it by email")
        .does(ev.Failed(at=10**5, revision=0, stage="commit"))
        .waits(300)
    )
    assert call.said[-1] == PHRASES["trouble"]
