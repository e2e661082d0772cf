"""No more messages, said in a call: what is taken for it, for whom it is done, and what is said of that way from then on."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from calls.core import effects as fx
from calls.core import events as ev
from calls.core.flows.failing import failure_say, failure_untold
from calls.core.flows.stop_words import contact_read
from calls.core.known import CallbackFact, Facts, Known, known_record, known_replay
from tests.core.desk import CATALOG, JANE, NOW, PLAYBOOK, Desk, callback, no, where_is_it, yes
from tests.core.talk import KNOWN, Talk, proposal, question

ALL = "sms whatsapp email"
by_text = proposal("send_details_sms", document=CATALOG)
by_mail = proposal("send_details_email", document=CATALOG)
back = proposal("small_talk", cancel=True, reply="no")


@pytest.mark.parametrize(
    ("said", "channels"),
    [
        ("stop texting me", "sms"),
        ("Could you stop emailing me, please?", "email"),
        ("don't e-mail me any more", "email"),
        ("take me off your list", ALL),
        ("no more WhatsApp messages please", "whatsapp"),
        ("stop sending me these messages", "sms whatsapp"),
        ("would you mind to stop texting and emailing me", "sms email"),
        ("take my number off your list", "sms whatsapp"),
        ("please remove my email address from your mailing list", "email"),
        ("I'd like to opt out of text messages", "sms"),
        ("I told you to stop texting me", "sms"),
        ("if you don't stop texting me I will complain", "sms"),
        ("I no longer want to receive your emails", "email"),
        ("stop texting me, email me instead", "sms"),
        ("don't message me ever again on whatsapp", "whatsapp"),
        ("don't text or email me any more", "sms email"),
        ("I don't want to be contacted any more", ALL),
    ],
)
def test_a_wish_that_lasts_is_heard_with_the_ways_that_it_names(said: str, channels: str) -> None:
    read = contact_read(said)
    assert (" ".join(read.stop), read.start, read.weak, read.asks) == (channels, (), False, False)


@pytest.mark.parametrize(
    ("said", "channels"),
    [
        ("you may text me again", "sms"),
        ("put me back on your list", ALL),
        ("start texting me again", "sms"),
        ("I'd like to get your emails again", "email"),
        ("it's fine to text me again", "sms"),
    ],
)
def test_messages_are_allowed_again_in_as_many_words(said: str, channels: str) -> None:
    read = contact_read(said)
    assert (" ".join(read.start), read.stop) == (channels, ())


@pytest.mark.parametrize(
    "said",
    [
        "stop", "stop it", "wait, stop", "don't text it, e-mail it", "no, cancel that SMS", "don't text me, email me",
        "no text, email please", "stop sending that email", "stop texting me the tracking link", "don't send it by text",
        "can you text me again", "text me again", "he won't stop texting me", "stop texting my wife",
        "why did you stop emailing me", "what happens if I tell you to stop texting me", "don't stop texting me",
        "take me off the callback list", "take me off", "cancel my subscription", "remove the item from my list",
        "can I opt out of the extended warranty", "you can email me the policy", "no more email needed",
        "don't call me any more", "you never text me back", "are there no more emails", "you can text me the link",
    ],
)  # fmt: skip
def test_words_of_this_calls_errand_or_of_somebody_else_are_no_such_wish(said: str) -> None:
    assert not contact_read(said) or contact_read(said).weak


def test_the_proven_callers_own_number_is_taken_off_and_they_hear_it() -> None:
    desk = Desk().says("please stop texting me", back)
    assert desk.did == ["stop_messages"] and desk.order("stop_messages").slots["way"] == "sms"
    assert "I've taken your number off our list; you won't get texts from us any more." in desk.words
    assert desk.order("stop_messages").to == ""  # whose it is, the rows say


def test_a_list_is_every_way_that_there_is_an_address_for() -> None:
    desk = Desk(facts=replace(JANE, email="")).says("take me off your list", proposal("complaint"))
    assert [one.slots["way"] for one in desk.orders] == [
        "sms",
        "whatsapp",
    ] and "create_ticket" not in desk.did
    assert "texts or WhatsApp messages" in desk.words


def test_no_address_no_promise() -> None:
    desk = Desk(facts=replace(JANE, email="")).says("don't email me any more", back)
    assert desk.did == [] and "taken" not in desk.words


def test_an_unproven_caller_hears_how_it_is_done_and_is_asked_to_prove_it() -> None:
    desk = Desk(facts=Facts()).says("stop texting me", back)
    assert desk.did == [] and desk.asked == "phone" and "reply STOP" in desk.words
    desk.says("98765 43210", proposal("small_talk", confidence=0.4))
    assert desk.did == ["send_code"] and desk.asked == "code"
    desk.known = replace(desk.known, code="right", proven=JANE)
    desk.says("1 2 3 4 5 6", proposal("small_talk", confidence=0.4))
    assert set(desk.did) == {"stop_messages", "check_code"} and "off our list" in desk.words


def test_an_unproven_caller_who_wont_is_told_how_it_is_done_without_us() -> None:
    desk = Desk(facts=Facts()).says("stop texting me", back).says("no, I won't tell you", no)
    assert desk.did == [] and "reply STOP" in desk.words and desk.asked == "anything_else"


def test_an_unproven_caller_opens_no_way_again() -> None:
    desk = Desk(facts=Facts()).says("you may text me again")
    assert desk.did == [] and "reply START" in desk.words


def test_no_text_of_this_call_is_promised_afterwards() -> None:
    desk = Desk().says("stop texting me", back).says("call me tomorrow at 11", callback)
    assert desk.did == ["schedule_callback"] and "SMS" not in desk.words
    assert Desk().says("stop texting me", back).says("where is ORD98765", where_is_it).asked != "offer"


def test_what_waited_on_that_way_stays_here_and_is_not_told_as_a_failure() -> None:
    desk = Desk().says("call me tomorrow at 11", callback).says("and stop texting me", back)
    assert (
        desk.did == ["stop_messages"]
        and "stays here" in desk.words
        and "tomorrow at 11 AM still stands" in desk.words
    )
    sms = desk.order("send_sms").key
    failed = replace(desk.dialogue, receipts={**desk.dialogue.receipts, sms: "failed"})
    assert failure_untold(failed) == ""
    assert desk.dialogue.booked is not None


def test_on_a_closed_way_another_is_offered_and_taken() -> None:
    desk = Desk(known=Known(now=NOW, stopped=("sms",))).says("text me the catalog", by_text)
    assert desk.did == [] and desk.asked == "offer"
    assert "You've asked us to send you no texts" in desk.words and "by email instead" in desk.words
    assert "send_email" in desk.says("yes please", yes).did


def test_or_it_is_opened_again_and_then_sent() -> None:
    desk = Desk(known=Known(now=NOW, stopped=("sms",))).says("text me the catalog", by_text)
    desk.says("you may text me again", yes)
    assert desk.did[:2] == ["allow_messages", "send_sms"] and "reply START" in desk.words


def test_where_no_other_way_is_open_a_yes_opens_it() -> None:
    desk = Desk(facts=replace(JANE, email=""), known=Known(now=NOW, stopped=("sms", "whatsapp")))
    desk.says("text me the catalog", by_text)
    assert desk.did == [] and desk.asked == "offer"
    assert desk.says("yes", yes).did[:2] == ["allow_messages", "send_sms"]


def test_a_number_just_given_is_not_theirs_to_have_stopped() -> None:
    desk = Desk(known=Known(now=NOW, stopped=("sms",))).says("text the catalog to 98450 12345", by_text)
    assert "send_sms" in desk.did


def test_a_change_of_channel_stays_one() -> None:
    desk = Desk().says("text me the catalog", by_text)
    desk.says("don't text it, e-mail it", replace(by_mail, correction=True))
    assert "send_email" in desk.did and "stop_messages" not in desk.did


def test_dont_text_me_is_of_this_call_where_something_is_on_its_way_and_lasts_where_nothing_is() -> None:
    busy = Desk().says("call me tomorrow at 11", callback).says("don't text me", back)
    assert "stop_messages" not in busy.did
    assert Desk().says("please don't text me", back).did == ["stop_messages"]


def test_a_question_that_was_open_comes_again() -> None:
    desk = Desk().says("please call me", callback)
    assert desk.asked == "callback_time"
    desk.says("and take me off your mailing list", proposal("small_talk"))
    assert (
        desk.did == ["stop_messages"]
        and desk.asked == "callback_time"
        and desk.words.endswith("best for you?")
    )


def test_what_is_wished_beside_it_is_done_too() -> None:
    first = proposal("small_talk", words="stop texting me")
    desk = Desk().says(
        "stop texting me and email me the catalog",
        replace(first, also=replace(by_mail, words="email me the catalog")),
    )
    assert desk.did[0] == "stop_messages" and "send_email" in desk.did


def test_how_do_i_unsubscribe_is_told_and_offered() -> None:
    desk = Desk().says("how do I unsubscribe?", question())
    assert desk.did == [] and desk.asked == "offer" and "reply STOP" in desk.words
    assert desk.says("yes", yes).did == ["stop_messages"] * 3


def test_no_rule_of_an_admin_forbids_to_be_left_alone() -> None:
    desk = Desk(playbook=replace(PLAYBOOK, allowed=frozenset())).says("stop texting me", back)
    assert desk.did == ["stop_messages"]


def test_what_is_known_of_stops_and_ringing_is_recorded_and_replayed() -> None:
    ringing = CallbackFact(key="k", due=NOW, phone="+919876543210", ringing=True)
    known = Known(now=NOW, stopped=("email",), callbacks=(ringing,))
    assert known_replay(known_record(known)) == known


def test_stop_while_the_agent_speaks_is_an_interruption_and_closes_nothing() -> None:
    talk = Talk().caller_says("what is your refund policy?")
    talk.caller_says("stop", after=100, ms=700)
    assert "stop_messages" not in [one.kind for turn in talk.all(fx.Commit) for one in turn.orders]


def test_stop_texting_me_is_committed_with_the_turn_that_says_so() -> None:
    talk = Talk(facts=KNOWN, understand=lambda _words: back)
    talk.caller_says("stop texting me").hears_all()
    stops = [turn for turn in talk.all(fx.Commit) if [one.kind for one in turn.orders] == ["stop_messages"]]
    assert len(stops) == 1 and "off our list" in stops[0].agent_text


# --- a callback whose telephone rings -----------------------------------------------------------------------------------

RINGS = CallbackFact(key="k1", due=NOW - dt.timedelta(minutes=1), phone=JANE.phone, ringing=True)
cancels = proposal("callback_request", entities={"change": "cancel"})
moves = proposal("callback_request", entities={"change": "move"})


def test_a_callback_that_rings_is_not_said_to_be_cancelled() -> None:
    desk = Desk(known=Known(now=NOW, callbacks=(RINGS,))).says("cancel my callback", cancels)
    assert desk.did == ["cancel_callback"] and desk.order("cancel_callback").slots["ringing"] == "yes"
    assert "ringing you about it just now" in desk.words and "cancelled" not in desk.words
    assert desk.order("cancel_callback").label == "Callback not tried again"


def test_a_callback_that_rings_is_moved_to_another_call_in_honest_words() -> None:
    desk = Desk(known=Known(now=NOW, callbacks=(RINGS,))).says("move it to tomorrow at 11", moves)
    assert "schedule_callback" in desk.did and desk.order("schedule_callback").slots["moves"] == "k1"
    assert "just now" in desk.words and "moved" not in desk.words and "tomorrow at 11 AM" in desk.words


def test_one_that_this_call_arranged_and_that_rings_meanwhile_is_known_to_ring() -> None:
    desk = Desk().says("call me today at 3 pm", callback)
    booked = desk.dialogue.booked
    assert booked is not None
    row = CallbackFact(key=f"call:{booked.key}", due=booked.due, phone=booked.phone, ringing=True)
    desk.known = replace(desk.known, callbacks=(row,))
    desk.says("cancel that callback", cancels)
    assert desk.did == ["cancel_callback"] and "just now" in desk.words


def test_a_callback_that_began_to_ring_after_the_words_is_told_of_once() -> None:
    coming = replace(RINGS, ringing=False, due=NOW + dt.timedelta(hours=2))
    desk = Desk(known=Known(now=NOW, callbacks=(coming,))).says("cancel my callback", cancels)
    key = desk.order("cancel_callback").key
    late = replace(desk.dialogue, receipts={key: "failed"})
    assert failure_untold(late) == key
    words, after = failure_say(late, PLAYBOOK, key)
    assert "ringing you already" in words and failure_untold(after) == ""


def test_the_news_that_it_rings_is_said_when_the_caller_is_quiet() -> None:
    talk = Talk().caller_says("what is your refund policy?").hears_all()
    news = ev.Receipt(
        at=talk.state.at, key="cancel_callback|k", kind="cancel_callback", status="failed", label="Callback"
    )
    talk.does(news).waits(9_000)
    assert any("ringing you already" in said for said in talk.said)
