"""What the policy makes of wishes: each test is a talk between a caller and an agent whose engine understood this much."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from calls.core.hours import Hours
from calls.core.known import CallbackFact, Facts, Known
from tests.core.desk import (
    CATALOG,
    JANE,
    LAPTOP,
    NOW,
    PLAYBOOK,
    Desk,
    a_person,
    callback,
    complaint,
    no,
    where_is_it,
    yes,
)
from tests.core.talk import POLICY, proposal, question

# --- callbacks -----------------------------------------------------------------------------------------------------------


def test_a_callback_asks_for_the_time_and_is_booked_at_once() -> None:
    desk = Desk().says("Hi, I want to schedule a callback", callback)
    assert desk.words == "I'd be happy to schedule that. What time works best for you?"
    assert desk.decision["entities"]["missing_info"] == ["callback_time"]
    assert desk.decision["entities"]["phone"] == JANE.phone
    desk.says("Tomorrow at 10 AM")
    assert desk.words == (
        "Perfect! I'll schedule a callback for tomorrow at 10 AM. You'll receive a confirmation SMS shortly."
    )
    assert desk.did == ["schedule_callback", "send_sms"]
    assert desk.decision["actions"] == ["schedule_callback", "send_sms"]
    assert desk.decision["intent"] == "callback_request"
    assert desk.decision["entities"]["callback_time"] == "2026-11-24T10:00:00+05:30"
    assert desk.decision["entities"]["callback_date"] == "tomorrow"
    sms = desk.order("send_sms")
    assert sms.to == JANE.phone and not sms.hold and sms.slots["context"]["when"] == "tomorrow at 10 AM"


def test_everything_in_one_sentence_needs_no_question() -> None:
    desk = Desk().says("Call me back tomorrow at ten on my other number, 98450 12345", callback)
    assert desk.did == ["schedule_callback", "send_sms"]
    assert desk.order("schedule_callback").to == "+919845012345"
    assert desk.order("send_sms").hold, "a number just given is read back first"
    assert "98450 12345" in desk.words


def test_a_corrected_time_moves_the_callback() -> None:
    desk = Desk().says("call me tomorrow at ten", callback)
    desk.says("no wait, eleven", proposal("small_talk", reply="no", correction=True))
    moved = desk.order("schedule_callback")
    assert moved.slots["due"] == "2026-11-24T11:00:00+05:30"
    assert moved.slots["moves"].startswith("schedule_callback|2026-11-24T10:00")
    assert "tomorrow at 11 AM" in desk.words


def test_the_past_the_night_and_half_a_time_are_asked_about() -> None:
    for words, expected in (
        ("yesterday at ten", "in the past"),
        ("tomorrow at 3 a.m.", "from 9 AM to 8 PM"),
        ("tomorrow", "tomorrow. What time exactly"),
    ):
        desk = Desk().says("call me back please", callback).says(words)
        assert expected in desk.words, words
        assert desk.asked == "callback_time" and not desk.did
    desk.says("at eleven")
    assert desk.order("schedule_callback").slots["due"] == "2026-11-24T11:00:00+05:30"


def test_a_callback_of_somebody_unknown_needs_a_number_that_is_read_back() -> None:
    desk = Desk(facts=Facts()).says("please call me back tomorrow at noon", callback)
    assert desk.asked == "phone"
    desk.says("98450 12345")
    assert desk.did == ["schedule_callback", "send_sms"] and desk.order("send_sms").hold


def test_a_number_with_too_many_digits_is_called_that() -> None:
    desk = Desk(facts=Facts()).says("please call me back tomorrow at noon", callback)
    desk.says("98450 12345 67")
    assert "12 digits" in desk.words and desk.asked == "phone" and not desk.did


def test_a_callback_is_taken_back() -> None:
    desk = Desk().says("call me tomorrow at ten", callback)
    desk.says("actually forget the callback", proposal("callback_request", cancel=True))
    assert desk.did == ["cancel_callback"] and desk.dialogue.booked is None


def test_a_callback_of_an_earlier_call_is_moved_or_cancelled() -> None:
    coming = CallbackFact(key="earlier", due=NOW + dt.timedelta(days=1), phone=JANE.phone)
    desk = Desk(known=Known(now=NOW, callbacks=(coming,)))
    desk.says("move my callback to four", proposal("callback_request", entities={"change": "move"}))
    if desk.asked == "callback_time":
        desk.says("tomorrow at four")
    assert desk.order("schedule_callback").slots["moves"] == "earlier"
    desk = Desk(known=Known(now=NOW, callbacks=(coming,)))
    desk.says("cancel my callback", proposal("callback_request", entities={"change": "cancel"}))
    assert desk.order("cancel_callback").slots["callback"] == "earlier"


def test_a_digression_is_answered_and_the_open_question_comes_again() -> None:
    desk = (
        Desk()
        .says("call me back please", callback)
        .says("before that, what is your refund policy?", question())
    )
    assert desk.words.startswith("You have thirty days.")
    assert desk.words.endswith("What time works best for you?") and desk.asked == "callback_time"
    desk.says("tomorrow at ten")
    assert "schedule_callback" in desk.did


def test_three_answers_that_make_no_sense_offer_a_person() -> None:
    desk = Desk().says("call me back please", callback)
    for _ in range(3):
        desk.says("blue bananas")
    assert desk.asked == "offer" and not desk.orders


# --- two wishes ---------------------------------------------------------------------------------------------------------


def test_two_wishes_at_once_are_both_undertaken() -> None:
    second = proposal("callback_request", words="call me back tomorrow at ten")
    first = proposal("send_details_email", document=POLICY, words="email me the refund policy", also=second)
    desk = Desk().says("email me the refund policy and call me back tomorrow at ten", first)
    assert desk.did == ["send_email", "schedule_callback", "send_sms"]


def test_a_second_wish_that_lacks_nothing_does_not_wait_for_the_first_one_s_question() -> None:
    second = proposal("callback_request", words="call me back tomorrow at ten")
    first = proposal(
        "send_details_whatsapp", document=CATALOG, words="send me the catalog on WhatsApp", also=second
    )
    desk = Desk().says("send me the catalog on WhatsApp and call me back tomorrow at ten", first)
    assert "schedule_callback" in desk.did and desk.asked == "phone"
    desk.says("it's 98765 43210")
    assert "send_whatsapp" in desk.did and "schedule_callback" not in desk.did


def test_two_wishes_that_both_lack_something_are_asked_about_one_after_the_other() -> None:
    second = proposal("callback_request", words="call me back")
    first = proposal(
        "send_details_whatsapp", document=CATALOG, words="send me the catalog on WhatsApp", also=second
    )
    desk = Desk().says("send me the catalog on WhatsApp and call me back", first)
    assert desk.asked == "phone"
    desk.says("it's 98765 43210")
    assert "send_whatsapp" in desk.did and desk.asked == "callback_time"


def test_another_wish_in_the_middle_is_done_and_the_question_comes_again() -> None:
    desk = Desk().says("call me back please", callback)
    desk.says("oh, and email me the refund policy", proposal("send_details_email", document=POLICY))
    assert desk.did == ["send_email"] and desk.asked == "callback_time"


# --- orders and complaints -----------------------------------------------------------------------------------------------


def test_an_angry_customer_is_apologized_to_and_the_order_is_looked_up() -> None:
    desk = Desk().says(
        "I ordered a laptop 5 days ago and haven't received it yet! This is unacceptable!", complaint
    )
    assert desk.words == (
        "I sincerely apologize for the delay. I understand how frustrating this must be. Let me check your order status "
        "right away. May I have your order ID, please?"
    )
    assert desk.did == ["create_ticket"] and desk.decision["actions"] == ["create_ticket"]
    entities = desk.decision["entities"]
    assert entities["issue_type"] == "delivery_delay" and entities["urgency"] == "high"
    assert (
        entities["order_id"] is None
        and entities["missing_info"] == ["order_id"]
        and entities["product"] == "laptop"
    )
    desk.says("It's Ward 98,765")
    assert desk.words == (
        "Thank you. I've checked order ORD98765. Good news - your laptop is actually out for delivery right now and should "
        "reach you by 6 PM today. I'll also send you a tracking link via SMS."
    )
    assert set(desk.did) == {"lookup_order", "send_sms", "send_email", "update_ticket"}
    ticket = desk.order("update_ticket")
    assert ticket.slots["status"] == "resolved" and ticket.slots["last_issue"] == "delivery_delay_resolved"
    assert ticket.slots["resolution"] == "Order out for delivery, ETA today 6 PM"
    assert (
        desk.decision["intent"] == "complaint"
        and desk.decision["entities"]["resolution_status"] == "resolved"
    )
    sms = desk.order("send_sms")
    assert (
        sms.slots["template"] == "tracking"
        and sms.slots["context"]["url"] == "https://track.example.com/TRK1"
    )
    assert sms.slots["context"]["eta"] == "Today 6 PM"
    desk.says(
        "Oh, okay. I didn't get any notification. Will I get it today for sure?",
        proposal("complaint", is_question=True, reply="yes"),
    )
    assert desk.words.startswith("Yes, absolutely. It's already out for delivery with our courier partner.")
    assert "by 6 PM today" in desk.words and not desk.did
    desk.says("No, that's fine. Thank you for checking", proposal("goodbye", reply="no", thanks=True))
    assert desk.words == (
        "You're welcome! We apologize again for any inconvenience. Thank you for calling Acme. Have a great day!"
    )


def test_compensation_is_offered_only_if_an_admin_wrote_it() -> None:
    for written in ("", "a voucher of 500 rupees"):
        desk = Desk(playbook=replace(PLAYBOOK, compensation=written))
        desk.says("my laptop has not arrived, this is unacceptable", complaint).says("ORD98765")
        assert desk.order("send_email").slots["context"].get("compensation", "") == written


def test_an_order_of_somebody_else_sounds_like_one_that_does_not_exist() -> None:
    said = []
    for number in ("ORD11111", "ORD98771"):
        desk = Desk().says("where is my order?", where_is_it)
        desk.says(number)
        said.append(desk.words)
        assert "lookup_order" not in desk.did
    assert said[0] == said[1]


def test_the_order_is_known_by_what_was_bought() -> None:
    desk = Desk().says("where is my keyboard?", where_is_it)
    assert "Keystone keyboard is still being prepared" in desk.words


def test_an_unproven_caller_gets_a_code_to_the_number_on_file_and_then_the_order() -> None:
    desk = Desk(facts=Facts(name="somebody")).says("where is my order ORD98765?", where_is_it)
    assert (
        desk.asked == "code"
        and desk.did == ["send_code"]
        and desk.order("send_code").slots["order_id"] == "ORD98765"
    )
    other = Desk(facts=Facts()).says("where is my order ORD11111?", where_is_it)
    assert other.words == desk.words
    desk.known = replace(desk.known, code="wrong")
    desk.says("one two three four five six")
    assert desk.did == ["check_code"] and desk.asked == "code" and "laptop" not in desk.words
    desk.known = replace(desk.known, code="right", proven=JANE, proven_orders=(LAPTOP,))
    desk.says("six five four three two one")
    assert "check_code" in desk.did and "out for delivery" in desk.words


def test_three_wrong_codes_end_it() -> None:
    desk = Desk(facts=Facts()).says("where is my order ORD98765?", where_is_it)
    desk.known = replace(desk.known, code="wrong")
    for _ in range(3):
        desk.says("123456")
    assert desk.asked == "offer" and desk.orders[-1].kind == "check_code"


def test_a_broken_thing_becomes_a_ticket_with_its_order_and_a_person_is_offered() -> None:
    desk = Desk().says("my headphones arrived broken", replace(complaint, sentiment=-0.2))
    assert desk.did[0] == "create_ticket"
    if desk.asked == "order_id":
        desk.says("ORD98412")
    assert desk.asked == "offer"
    desk.says("yes please", yes)
    assert desk.did == ["escalate_to_human"]


# --- people ----------------------------------------------------------------------------------------------------------------


def test_a_question_without_an_answer_offers_a_specialist_and_yes_transfers() -> None:
    unknown = proposal(
        "product_query", is_question=True, entities={"topic": "integration with Salesforce API v2.0"}
    )
    desk = Desk().says("Do you have integration with Salesforce API v2.0?", unknown)
    assert "I don't have specific information about integration with Salesforce API v2.0" in desk.words
    assert desk.words.endswith("Would that work for you?")
    assert desk.decision["escalate_to_human"] and desk.decision["actions"] == ["escalate_to_human"]
    assert not desk.did, "an offer is not yet an escalation"
    desk.says("Yes, please connect me", proposal("human_request", reply="yes"))
    assert desk.did == ["escalate_to_human"]
    assert "transferring you to our technical team" in desk.words and "Please hold" in desk.words
    assert desk.order("escalate_to_human").slots["skill"] == "technical"
    assert desk.order("escalate_to_human").slots["reason"] == "Query outside knowledge base"


def test_a_topic_that_the_caller_never_named_is_not_said() -> None:
    made_up = proposal("product_query", is_question=True, entities={"topic": "free money"})
    assert "free money" not in Desk().says("do you have integrations?", made_up).words


def test_who_asks_for_a_person_gets_one_without_being_asked_again() -> None:
    desk = Desk().says("I want to talk to a human", a_person)
    assert desk.did == ["escalate_to_human"]
    desk.says("hello? a person please", a_person)
    assert not desk.did and "waiting" in desk.words


def test_anger_that_lasts_offers_a_person() -> None:
    desk = Desk().says("where the hell is my laptop, this is unacceptable", complaint)
    desk.says("just fix it, you useless idiots", proposal("small_talk", sentiment=-1.0, confidence=0.4))
    assert desk.asked == "offer" and "escalate_to_human" not in desk.did


def test_another_language_is_answered_politely_with_a_person() -> None:
    desk = Desk().says("mujhe refund chahiye", proposal("out_of_scope", language="hi"))
    assert "English" in desk.words and desk.asked == "offer"


def test_without_the_right_to_hand_over_it_is_written_down() -> None:
    allowed = PLAYBOOK.allowed - {"escalate_to_human"}
    desk = Desk(playbook=replace(PLAYBOOK, allowed=allowed)).says("I want to talk to a human", a_person)
    assert desk.did == ["create_ticket"]


def test_an_action_that_is_not_allowed_never_happens() -> None:
    playbook = replace(PLAYBOOK, allowed=frozenset({"escalate_to_human"}))
    desk = Desk(playbook=playbook)
    desk.says("email me the refund policy", proposal("send_details_email", document=POLICY))
    desk.says("no", no).says("call me tomorrow at ten", callback)
    desk.says("no", no).says("my laptop is late", complaint).says("ORD98765")
    assert {one.kind for one in desk.orders} <= {"lookup_order"}


# --- taking back -----------------------------------------------------------------------------------------------------------


def test_a_wish_that_is_given_up_is_dropped() -> None:
    desk = Desk().says("send me the catalog on WhatsApp", proposal("send_details_whatsapp", document=CATALOG))
    desk.says("never mind", proposal("small_talk", cancel=True))
    assert not desk.orders and desk.asked == "anything_else"


def test_what_is_held_is_taken_back_and_what_has_left_is_not() -> None:
    desk = Desk().says("send the catalog on WhatsApp", proposal("send_details_whatsapp", document=CATALOG))
    desk.says("98450 12345")
    desk.says("don't send it", proposal("small_talk", cancel=True))
    assert desk.revoked == [desk.order("send_whatsapp").key]
    desk = Desk().says("email me the policy", proposal("send_details_email", document=POLICY))
    desk.says("don't send it", proposal("small_talk", cancel=True))
    assert not desk.revoked and "on its way" in desk.words


def test_nobody_is_kept_going_round() -> None:
    desk = Desk()
    said = []
    for _ in range(6):
        desk.says("blue bananas", proposal("nonsense"))
        said.append(desk.words)
        if desk.plan and desk.plan.ends:
            break
    assert desk.plan is not None and desk.plan.ends == "idle"
    assert len(set(said)) == len(said)


def test_a_callback_is_shown_with_its_zone_so_that_it_can_be_changed() -> None:
    desk = Desk().says("call me tomorrow at ten", callback)
    assert desk.order("schedule_callback").slots["recipient"].startswith("Tue 24 Nov, 10:00 IST")


def test_a_callback_is_changed_and_dropped_in_words_that_no_engine_knows() -> None:
    unknown = proposal("out_of_scope", confidence=0.8)
    for words, due in (
        ("can we shift it to quarter past two", "T14:15"),
        ("could that be an hour later", "T11:00"),
        ("oops sorry, eleven not ten", "T11:00"),
    ):
        desk = Desk().says("call me tomorrow at ten", callback).says(words, unknown)
        assert due in desk.order("schedule_callback").slots["due"], words
    for words in ("I won't need that call", "take it back", "withdraw it"):
        desk = Desk().says("call me tomorrow at ten", callback).says(words, unknown)
        assert desk.did == ["cancel_callback"], words


def test_no_other_query_lets_a_read_back_stand() -> None:
    desk = Desk().says("send me the catalog on WhatsApp", proposal("send_details_whatsapp", document=CATALOG))
    desk.says("98450 12345").says("no other query", proposal("out_of_scope", reply="no", confidence=0.4))
    assert desk.plan is not None and desk.plan.ends == "goodbye"
    assert not desk.revoked and desk.released == [desk.order("send_whatsapp").key]


def test_a_call_wished_beside_a_mail_is_not_lost_when_the_engine_hears_only_the_mail() -> None:
    mail = proposal("send_details_email", document=POLICY)
    desk = Desk().says("mail me the refund policy and have somebody call me tomorrow at ten", mail)
    assert desk.did == ["send_email", "schedule_callback", "send_sms"]
    assert Desk().says("mail me the refund policy, and I'll call back later", mail).did == ["send_email"]


def test_opening_hours_are_told_by_the_company_s_own_rules_where_no_document_does() -> None:
    asks = proposal("policy_query", is_question=True)
    desk = Desk().says("what time do you open tomorrow?", asks)
    assert desk.words == "We are here tomorrow from 9 AM to 8 PM."
    week = {day: spans for day, spans in PLAYBOOK.hours.week.items() if day != 1}
    desk = Desk(playbook=replace(PLAYBOOK, hours=Hours(zone="Asia/Kolkata", week=week)))
    assert "closed" in desk.says("are you open tomorrow?", asks).words
