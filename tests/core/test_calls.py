"""Calls on virtual time, as one would tell them. The world answers as fast as ``Talk`` says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calls.core import effects as fx
from calls.core import events as ev
from calls.core.machine import IllegalEvent, step
from calls.core.state import Phase
from tests.core.talk import ANSWER, PHRASES, Talk, greeted, proposal, question

# --- greeting --------------------------------------------------------------------------------------------------------


def test_two_seconds_of_silence_start_the_greeting() -> None:
    call = Talk().waits(1_990)
    assert call.said == []
    call.waits(200)
    assert call.said[0].startswith("Hello, I'm the AI support agent of Acme.")


def test_a_caller_who_speaks_first_is_answered_instead_of_greeted() -> None:
    call = Talk().caller_says("What is your refund policy?", after=300)
    assert call.said == [" ".join(ANSWER)]


def test_a_cough_before_the_greeting_does_not_cost_the_caller_the_greeting() -> None:
    call = Talk().voice("(cough)", after=500, ms=200).waits(4_000)
    assert call.said[0].startswith("Hello")


def test_a_caller_who_is_still_talking_at_two_seconds_is_not_talked_over() -> None:
    call = Talk().voice("What is your refund policy?", after=1_500, ms=3_000)
    assert call.said == []


# --- a turn ------------------------------------------------------------------------------------------------------------


def test_an_answer_starts_two_hundred_milliseconds_after_the_last_word_when_the_guess_was_ready() -> None:
    call = greeted(stt_ms=20, judge_ms=20, engine_ms=10, tts_ms=20)
    call.caller_says("What is your refund policy?", ms=1_000)
    commit = call.all(fx.Commit)[-1]
    assert commit.timings["endpoint_wait_ms"] == 200
    assert commit.timings["first_audio_ms"] == 200


def test_nothing_is_committed_before_the_first_sound_of_the_answer() -> None:
    call = greeted(tts_ms=3_000)
    call.voice("Send it by email", after=500)
    call.waits(2_000)
    assert call.state.phase is Phase.THINKING
    assert call.orders == []


def test_a_pause_inside_a_sentence_reopens_the_same_turn_and_nothing_was_done() -> None:
    call = greeted(tts_ms=800)
    call.voice("What is your refund", after=500, ms=600).waits(500)
    assert call.state.phase is Phase.THINKING
    call.voice("policy?", ms=900)
    call.run_until(lambda: call.state.phase is Phase.SPEAKING, within=9_000)
    assert [c.customer_text for c in call.all(fx.Commit) if c.customer_turn] == [
        "What is your refund policy?"
    ]


def test_words_that_dangle_are_waited_for() -> None:
    call = greeted(turn_over=0.1)
    call.voice("My number is", after=100).waits(1_500)
    assert call.state.phase is Phase.LISTENING


def test_okay_with_nothing_open_is_taken_for_the_beginning_of_a_sentence() -> None:
    call = greeted()
    call.voice("Okay,", after=300, ms=400).waits(600)
    assert call.state.phase is Phase.LISTENING
    call.voice("what is your refund policy?", ms=900)
    call.run_until(lambda: call.state.phase is Phase.SPEAKING, within=3_000)
    assert call.all(fx.Commit)[-1].customer_text == "Okay, what is your refund policy?"


def test_both_witnesses_against_the_end_still_let_the_turn_end() -> None:
    call = greeted(turn_over=0.1)
    call.caller_says("My number is")
    assert call.state.phase is Phase.SPEAKING


def test_late_results_of_an_older_guess_are_dropped() -> None:
    call = greeted()
    call.voice("What is", after=100, ms=400)
    stale = call.state.ear.revision  # type: ignore[union-attr]
    call.voice("your refund policy?", ms=400)
    before = call.state
    call.does(ev.Heard(at=call.state.at, revision=stale, text="something else"))
    assert call.state == replace(before, at=call.state.at)


def test_speech_without_words_is_asked_about() -> None:
    call = greeted().voice("(mumble)", after=500, ms=1_500).waits(1_000)
    assert call.said[-1] == PHRASES["not_caught"]


def test_a_short_noise_is_not_asked_about() -> None:
    call = greeted().voice("(cough)", after=500, ms=200).waits(1_500)
    assert len(call.said) == 1


def test_speech_to_text_that_never_answers_is_met_with_an_apology_not_with_silence() -> None:
    call = greeted(stt_ms=60_000).voice("What is your refund policy?", after=100).waits(9_500)
    assert call.said[-1] == PHRASES["trouble"]


def test_an_engine_that_never_answers_is_met_with_an_apology_and_the_turn_is_kept() -> None:
    call = greeted(engine_ms=60_000).types("What is your refund policy?").waits(13_000)
    assert call.said[-1] == PHRASES["trouble"]
    assert "What is your refund policy?" in [c.customer_text for c in call.all(fx.Commit)]


def test_a_voice_that_fails_shows_the_words_and_the_call_goes_on() -> None:
    call = greeted(tts_ms=60_000).types("What is your refund policy?").waits(20_000)
    assert " ".join(ANSWER) in call.said


# --- barge-in ------------------------------------------------------------------------------------------------------------


def speaking(**fields: object) -> Talk:
    """A call in which a long answer is being heard."""
    long = tuple(
        "This is sentence number one of a long answer to you.".replace("one", n) for n in ("1", "2", "3")
    )
    understand = lambda text: question(answer=long) if "policy" in text else proposal("small_talk")  # noqa: E731
    call = greeted(understand=understand, **fields)
    return call.caller_says("What is your refund policy?").waits(3_500)


def test_the_agent_holds_its_voice_as_soon_as_somebody_talks_over_it() -> None:
    call = speaking().does(ev.VoiceOn(at=20_000))
    assert isinstance(call.effects[-1][1], fx.Hush)


@pytest.mark.parametrize("nod", ["mm-hm", "Okay.", "Yeah, right.", "(cough)"])
def test_listening_noises_let_the_agent_go_on(nod: str) -> None:
    call = speaking().voice(nod, ms=350).waits(400)
    assert call.all(fx.Resume)
    assert not call.all(fx.Interrupt)
    assert call.state.phase is Phase.SPEAKING


@pytest.mark.parametrize("words", ["Stop.", "No, wait.", "How long does it take?"])
def test_real_words_interrupt(words: str) -> None:
    call = speaking().voice(words, ms=900).waits(300)
    assert len(call.all(fx.Interrupt)) == 1


def test_only_heard_words_are_remembered() -> None:
    call = speaking().voice("Stop.", ms=300).waits(400)
    settled = call.all(fx.Settle)[-1]
    assert settled.interrupted
    assert settled.heard.startswith("This is sentence number 1")
    assert "number 3" not in settled.heard
    assert [line.text for line in call.state.history if line.role == "agent"][-1] == settled.heard


def test_the_agent_is_not_held_for_a_sound_whose_words_take_long_to_find_out() -> None:
    call = speaking(stt_ms=4_000).voice("mm-hm", ms=350).waits(1_000)
    assert call.all(fx.Resume)
    assert not call.all(fx.Interrupt)


def test_words_that_were_found_out_late_still_interrupt() -> None:
    call = speaking(stt_ms=1_800).voice("Stop.", ms=350).waits(2_000)
    assert [type(e) for e in (*call.all(fx.Resume), *call.all(fx.Interrupt))] == [fx.Resume, fx.Interrupt]


def test_a_long_utterance_interrupts_before_it_is_over() -> None:
    call = speaking()
    call._begin_voice("no I wanted to know something else", call.state.at)
    call.waits(800)
    assert call.all(fx.Interrupt)


def test_the_agents_own_echo_does_not_interrupt() -> None:
    call = speaking().voice("this is sentence number 1 of a long answer", ms=1_500).waits(400)
    assert not call.all(fx.Interrupt)


def test_a_short_yes_to_the_question_being_asked_is_an_answer() -> None:
    call = greeted().types("do you sell submarines?").waits(400)
    mouth = call.state.mouth
    assert mouth is not None and mouth.synthesised
    # Half a second before the end of "Would that work for you?"
    call.waits(mouth.began + mouth.whole - call.state.at - 500)
    call.voice("yes", ms=300).waits(1_500)
    assert [order.kind for order in call.orders] == ["escalate_to_human"]


# --- typed turns -----------------------------------------------------------------------------------------------------------


def test_a_typed_turn_interrupts_at_once_and_is_answered() -> None:
    call = speaking()
    before = len(call.said)
    call.types("What is your refund policy?")
    assert call.all(fx.Interrupt)
    assert len(call.said) == before + 1


def test_typed_turns_in_a_burst_are_all_answered() -> None:
    call = greeted()
    for text in ("What is your refund policy?", "pardon?", "okay"):
        call.does(ev.Typed(at=call.state.at, text=text))
    call.waits(4_000)
    assert [c.customer_text for c in call.all(fx.Commit) if c.customer_turn] == [
        "What is your refund policy?",
        "pardon?",
        "okay",
    ]


# --- the end -------------------------------------------------------------------------------------------------------------


def test_the_call_ends_only_when_the_goodbye_was_heard() -> None:
    call = greeted().caller_says("No, that's all, thank you")
    assert call.said[-1] == "Thank you for calling Acme. Have a great day!"
    assert not call.all(fx.Close)
    call.run_out()
    assert call.all(fx.Close)[0].reason == "goodbye"
    assert call.all(fx.Settle)[-1].heard == call.said[-1]


def test_a_client_that_never_acknowledges_is_believed_by_the_clock() -> None:
    call = greeted(acks=False).caller_says("No, that's all, thank you").run_out()
    assert call.all(fx.Close)[0].reason == "goodbye"


def test_thank_you_bye_over_the_goodbye_does_not_keep_the_line_open() -> None:
    call = (
        greeted()
        .caller_says("No, that's all, thank you")
        .waits(500)
        .voice("thank you, bye", ms=500)
        .run_out()
    )
    assert call.all(fx.Close)[0].reason == "goodbye"
    assert call.state.at < 20_000


def test_one_more_question_over_the_goodbye_keeps_the_line_open() -> None:
    call = (
        greeted()
        .caller_says("No, that's all, thank you")
        .waits(500)
        .voice("what is your refund policy?")
        .waits(1_000)
    )
    assert call.said[-1] == " ".join(ANSWER)


def test_silence_is_prompted_twice_and_then_the_call_ends() -> None:
    call = greeted().run_out()
    assert call.said[1:] == [PHRASES["still_there"], PHRASES["still_there"], call.said[-1]]
    assert call.all(fx.Close)[0].reason == "idle"


def test_no_call_is_longer_than_its_limit() -> None:
    call = greeted()
    while call.state.phase is not Phase.ENDED:
        call.does(ev.Typed(at=call.state.at + 9_000, text="what is your refund policy?"))
        call.waits(1_000)
    pace = call.state.playbook.pace
    assert call.all(fx.Close)[0].reason == "limit"
    assert call.state.at <= pace.longest_call + pace.last_words


def test_a_lost_connection_ends_the_call_after_twenty_seconds() -> None:
    call = greeted().does(ev.Lost(at=30_000)).run_out()
    assert call.state.at == 50_000
    assert call.all(fx.Close)[0].reason == "hangup"


def test_a_caller_who_comes_back_hears_the_rest_of_the_answer() -> None:
    call = speaking()
    played = call.state.mouth.played  # type: ignore[union-attr]
    call.does(ev.Lost(at=call.state.at + 10)).waits(5_000).does(ev.Back(at=call.state.at + 10))
    resume = call.all(fx.Resume)[-1]
    assert resume.from_ms == played > 0
    assert call.state.phase is Phase.SPEAKING


def test_a_closing_house_says_so_and_hangs_up() -> None:
    call = speaking().does(ev.Closing(at=20_000)).run_out()
    assert call.said[-1] == PHRASES["closing_goodbye"]
    assert call.all(fx.Close)[0].reason == "error"


def test_events_after_the_end_raise_and_change_nothing() -> None:
    call = greeted().does(ev.HungUp(at=9_000))
    with pytest.raises(IllegalEvent):
        step(call.state, ev.VoiceOn(at=9_001))


def test_time_that_runs_backwards_raises() -> None:
    call = greeted()
    with pytest.raises(IllegalEvent):
        step(call.state, ev.VoiceOn(at=call.state.at - 1))


def test_keypad_digits_become_a_turn_of_their_own() -> None:
    call = greeted()
    for digit in "42":
        call.does(ev.Dtmf(at=call.state.at + 200, digit=digit))
    call.does(ev.Dtmf(at=call.state.at + 200, digit="#")).waits(300)
    assert call.all(fx.Commit)[-1].customer_text == "42"
