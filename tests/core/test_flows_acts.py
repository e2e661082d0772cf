"""What callers do with the talk itself, and what the policy makes of it: hints, which count where they make sense."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from calls.core.known import Facts
from tests.core.desk import CATALOG, NOW, PLAYBOOK, Desk, callback, complaint, where_is_it, yes
from tests.core.talk import proposal, question


def said(desk: Desk) -> str:
    assert desk.plan is not None
    return desk.plan.words


def booked() -> Desk:
    return Desk().says("call me tomorrow at 11", callback)


def test_a_wish_for_a_call_without_a_time_calls_off_the_one_that_stands_if_it_sounds_like_that() -> None:
    desk = booked().says(
        "kindly drop that phone call to me", proposal("callback_request", acts={"callback_cancel": 0.2})
    )
    assert desk.did == ["cancel_callback"]


def test_the_same_words_without_a_callback_ask_for_the_time_of_one() -> None:
    desk = Desk().says(
        "kindly drop me a phone call", proposal("callback_request", acts={"callback_cancel": 0.2})
    )
    assert desk.did == [] and desk.asked == "callback_time"


def test_another_time_moves_the_callback_though_the_words_were_taken_for_a_complaint() -> None:
    desk = booked().says("I mixed up, noon it is", proposal("complaint", acts={"callback_move": 0.6}))
    assert "schedule_callback" in desk.did and "create_ticket" not in desk.did


def test_somebody_who_says_what_they_would_have_instead_takes_no_offer() -> None:
    desk = Desk().says("do you have a list of what you sell", proposal("product_query"))
    assert desk.asked == "offer"
    wish = proposal("send_details_email", reply="yes", document=CATALOG)
    desk.says("yeah, email me the catalog", wish)
    assert "send_email" in desk.did and "escalate_to_human" not in desk.did


def test_a_person_is_asked_about_where_it_only_sounds_like_one_is_wanted() -> None:
    desk = Desk().says("do you know our Gareth?", proposal("human_request", confidence=0.43))
    assert desk.did == [] and desk.asked == "offer"
    assert Desk().says("get me a person", proposal("human_request", confidence=0.9)).did == [
        "escalate_to_human"
    ]


def test_an_unwilling_answer_is_no_wish_for_a_person() -> None:
    desk = Desk().says("is there a driver for it", proposal("product_query"))
    desk.says("I wouldn't want to put anybody out", proposal("human_request", acts={"refuse": 0.4}))
    assert "escalate_to_human" not in desk.did


def test_a_question_before_the_yes_is_answered_and_the_offer_stays_open() -> None:
    desk = Desk().says("is there a driver for it", proposal("product_query"))
    asks = question()
    desk.says("ok but first, what about refunds?", replace(asks, reply="yes"))
    assert desk.did == [] and desk.asked == "offer" and said(desk).startswith("You have thirty days.")


def test_whether_that_is_certain_tells_the_order_once_more() -> None:
    desk = Desk().says("where is ORD98765", where_is_it)
    desk.says("is that a promise now?", proposal("product_query", is_question=True))
    assert desk.did == [] and "6 PM" in said(desk)


def test_what_was_just_said_is_said_again_when_it_sounds_like_that() -> None:
    desk = Desk().says("what about refunds?", question())
    desk.says("you said how many days?", proposal("product_query", acts={"repeat": 0.4}))
    assert said(desk).startswith("You have thirty days.")


def test_no_thanks_ends_the_call_where_nothing_was_asked() -> None:
    desk = Desk().says("what about refunds?", question())
    assert desk.says("no, thanks", proposal("small_talk", reply="no", thanks=True)).plan is not None
    assert desk.plan is not None and desk.plan.ends == "goodbye"


def test_what_is_wished_beside_a_refusal_is_the_answer() -> None:
    desk = Desk(facts=Facts()).says(
        "send me the catalog on WhatsApp", proposal("send_details_whatsapp", document=CATALOG)
    )
    assert desk.asked == "phone"
    also = proposal("send_details_email", words="email it to jane@example.com")
    desk.says(
        "I don't have WhatsApp. Email it to jane@example.com",
        proposal("small_talk", reply="no", words="I don't have WhatsApp", also=also),
    )
    assert [(order.kind, order.to) for order in desk.plan.orders if order.to] == [  # type: ignore[union-attr]
        ("send_email", "jane@example.com")
    ]


def test_a_time_that_has_gone_by_while_the_number_was_given_is_asked_for_again() -> None:
    desk = Desk(facts=Facts()).says("call me today at 2:05 pm please", callback)
    assert desk.asked == "phone" and desk.did == []
    desk.known = replace(desk.known, now=desk.known.now + dt.timedelta(minutes=20))
    desk.says("98450 12345")
    desk.says("yes", yes)
    assert "schedule_callback" not in [order.kind for order in desk.orders]
    assert desk.asked == "callback_time"


def test_now_is_a_minute_from_now_when_the_words_are_said() -> None:
    desk = Desk().says("call me right now", callback)
    assert desk.order("schedule_callback").slots["due"] > NOW.isoformat()


def test_what_is_wished_instead_of_a_call_that_is_called_off_is_done_too() -> None:
    mail = proposal("send_details_email", words="email me your catalog", document=CATALOG)
    instead = proposal("callback_request", words="Cancel the call", also=mail, entities={"change": "cancel"})
    desk = booked().says("Cancel the call and email me your catalog", instead)
    assert desk.did[:2] == ["cancel_callback", "send_email"]
    assert "anything else" not in said(desk)


def test_who_likes_to_be_called_back_at_a_time_is_not_asked_for_one() -> None:
    for words in ("I'd like to be called back tomorrow at 2 pm", "could I get rung tomorrow at 2 pm?"):
        desk = Desk().says(words, callback)
        assert "T14:00" in str(desk.order("schedule_callback").slots["due"]), words


def test_a_ticket_that_may_be_opened_and_not_changed_is_not_changed() -> None:
    allowed = PLAYBOOK.allowed - {"update_ticket"}
    stranger = Desk(facts=Facts(), playbook=replace(PLAYBOOK, allowed=allowed))
    stranger.says("the keyboard that I got is broken", proposal("complaint", sentiment=-0.4))
    assert stranger.did == ["create_ticket"]
    stranger.says("it was ORD11111").says("you can call me on 98450 12345")
    known = Desk(playbook=replace(PLAYBOOK, allowed=allowed)).says("my laptop is late", complaint)
    known.says("ORD98765")
    assert "update_ticket" not in {one.kind for one in (*stranger.orders, *known.orders)}


def test_an_engine_puts_no_document_of_its_own_into_the_question_for_one() -> None:
    wish = proposal("send_details_email", entities={"examples": "free money"})
    assert "free money" not in Desk().says("mail me something", wish).words
