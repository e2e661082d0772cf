"""An answer that is spoken while it is still being written, on virtual time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from calls.core import effects as fx
from calls.core import events as ev
from calls.core.decision import Passage, Proposal
from calls.core.known import Facts
from calls.core.machine import call_open, step
from calls.core.state import Phase
from tests.core.talk import KNOWN, PHRASES, POLICY, UNDERSTOOD, Talk, proposal

DAYS, WRITE = "You have thirty days.", "Just write to us."
REFUNDS = Passage(
    document_id="7",
    document="Refund Policy",
    heading="",
    text=f"{DAYS} {WRITE} Opened items are taken back too.",
    similarity=0.9,
    clears=True,
    kind="policy",
    answer=(DAYS, WRITE),
)
ASKED = "what is your refund policy?"
MOMENT = PHRASES["one_moment"]


def answered(**fields: Any) -> Proposal:
    return replace(UNDERSTOOD[ASKED], passages=(REFUNDS,), engine="llm", **fields)


def talk(*, written: tuple[tuple[int, str], ...] = (), engine_ms: int = 2_500, **world: Any) -> Talk:
    """A greeted call whose engine writes ``written`` about refunds, and takes ``engine_ms`` for all of it."""
    call = Talk(
        written={ASKED: written, "": ()},
        understand=world.pop(
            "understand", lambda text: answered() if "refund" in text.lower() else UNDERSTOOD[text]
        ),
        engine_ms=engine_ms,
        **world,
    )
    return call.waits(2_100).hears_all()


def commits(call: Talk) -> list[fx.Commit]:
    return [one for one in call.all(fx.Commit) if one.customer_turn]


def played(call: Talk) -> list[str]:
    return [one.text for one in call.all(fx.Play)][2:]


def when(call: Talk, kind: type, number: int = 0) -> int:
    times = [at for at, effect in call.effects if isinstance(effect, kind)]
    return times[number]


def test_the_first_sentence_is_heard_before_the_second_is_written() -> None:
    call = talk(written=((300, DAYS), (2_000, WRITE)))
    call.voice(ASKED, ms=1_000).waits(700)
    assert played(call) == [DAYS] and call.state.phase is Phase.SPEAKING
    assert not commits(call), "nothing is decided yet"
    call.hears_all()
    assert played(call) == [DAYS, WRITE]
    (commit,) = commits(call)
    assert commit.agent_text == f"{DAYS} {WRITE}" and commit.decision is not None
    assert commit.decision.immediate_response == commit.agent_text and commit.decision.engine == "llm"


def test_what_the_passages_do_not_bear_out_is_not_said_while_it_is_written_either() -> None:
    call = talk(written=((300, "You have ninety days."), (400, "I've refunded you."), (600, DAYS)))
    call.voice(ASKED).waits(9_000)
    assert played(call) == [DAYS, WRITE]


def test_an_answer_that_was_said_whole_is_only_closed_by_the_decision() -> None:
    call = talk(written=((300, DAYS), (310, WRITE)), engine_ms=6_000)
    call.voice(ASKED).waits(6_500)
    assert [one.turn for one in call.all(fx.Complete)] == [call.state.turn]
    assert len(commits(call)) == 1 and played(call) == [DAYS, WRITE]
    call.hears_all()
    assert call.state.history[-1].text == f"{DAYS} {WRITE}"


def test_a_caller_who_cuts_in_before_it_is_decided_leaves_what_was_said_and_nothing_done() -> None:
    understand = {ASKED: replace(proposal("send_details_email", document=POLICY), passages=(REFUNDS,))}
    call = talk(
        written=((300, DAYS),),
        engine_ms=9_000,
        understand=lambda text: understand.get(text, UNDERSTOOD["no"]),
    )
    call.voice(ASKED).waits(1_500)
    assert call.state.phase is Phase.SPEAKING
    call.voice("no", after=0, ms=700).waits(400)
    (commit, *_) = commits(call)
    assert commit.agent_text == DAYS and not commit.orders
    assert commit.decision is not None and "interrupted" in commit.decision.engine_note
    call.waits(15_000)
    assert not call.orders


def test_a_caller_who_goes_on_before_the_first_sound_drops_what_was_written() -> None:
    call = talk(written=((100, DAYS),), tts_ms=900)
    call.voice(ASKED, ms=900).waits(400)
    assert call.state.phase in (Phase.THINKING, Phase.LISTENING)
    call.voice("if it's opened", ms=900)
    call.understand = lambda text: answered(answer=("Opened items are taken back too.",))
    call.waits(8_000)
    (commit,) = commits(call)
    assert commit.customer_text == f"{ASKED} if it's opened"


def test_when_the_engine_breaks_off_the_other_one_goes_on_without_saying_it_again() -> None:
    fallen = answered(note="llm connection lost while writing")
    call = talk(
        written=((300, DAYS),),
        understand=lambda text: replace(fallen, engine="offline", answer=(DAYS, WRITE)),
    )
    call.voice(ASKED).waits(9_000)
    assert played(call) == [DAYS, WRITE]
    (commit,) = commits(call)
    assert commit.decision is not None
    assert (commit.decision.engine, commit.decision.engine_note) == ("offline", fallen.note)


def test_an_engine_that_never_decides_is_answered_for_from_what_was_known() -> None:
    call = talk(written=((300, DAYS),), engine_ms=60_000)
    call.voice(ASKED).waits(15_000)
    (commit,) = commits(call)
    assert commit.agent_text == f"{DAYS} {WRITE}" and commit.decision is not None
    assert commit.decision.engine_note == "the language model took too long"


def test_a_deed_is_undertaken_once_and_in_the_policys_words() -> None:
    wish = proposal(
        "send_details_email",
        engine="llm",
        document=POLICY,
        answer=(DAYS,),
        passages=(REFUNDS,),
        is_question=True,
    )
    call = talk(
        written=((200, DAYS), (300, "I've just sent it to bob@example.com.")), understand=lambda _text: wish
    )
    call.voice(ASKED).waits(9_000)
    (commit,) = commits(call)
    assert [order.to for order in commit.orders] == [KNOWN.email]
    assert played(call)[0] == DAYS and played(call).count(DAYS) == 1
    assert not any("bob" in sentence or "just sent" in sentence for sentence in played(call))


def test_a_long_wait_is_bridged_once_and_the_bridge_is_not_remembered() -> None:
    call = talk(engine_ms=4_000).voice(ASKED).waits(2_000)
    assert played(call) == [MOMENT] and not commits(call)
    call.waits(2_500).hears_all()
    assert played(call) == [MOMENT, DAYS, WRITE]
    (commit,) = commits(call)
    assert commit.agent_text == f"{DAYS} {WRITE}" and call.state.last_said == commit.agent_text
    assert call.all(fx.Settle)[-1].heard == commit.agent_text
    assert MOMENT not in [line.text for line in call.state.history]
    assert commit.timings["first_audio_ms"] > 3_500, "a bridge is no answer"


def test_an_engine_that_is_quick_needs_no_bridge() -> None:
    call = talk(written=((800, DAYS),), engine_ms=4_000).voice(ASKED).waits(5_000)
    assert MOMENT not in played(call)


def test_words_said_over_the_bridge_belong_to_the_same_turn() -> None:
    call = talk(engine_ms=3_500, understand=lambda _text: answered())
    call.voice(ASKED, ms=900).waits(1_600)
    assert played(call) == [MOMENT]
    call.voice("for an opened laptop", ms=1_500).waits(9_000)
    (commit,) = commits(call)
    assert commit.customer_text == f"{ASKED} for an opened laptop"
    assert commit.agent_turn == commit.customer_turn + 1 == call.state.turn


def test_a_nod_over_the_bridge_changes_nothing() -> None:
    call = talk(engine_ms=4_000).voice(ASKED, ms=900).waits(1_600)
    call.voice("mm-hm", ms=300).waits(9_000)
    (commit,) = commits(call)
    assert commit.customer_text == ASKED and commit.agent_text == f"{DAYS} {WRITE}"


def test_what_is_typed_over_the_bridge_waits_for_the_answer() -> None:
    call = talk(engine_ms=3_000, understand=lambda _text: answered())
    call.types(ASKED).waits(1_500)
    assert played(call) == [MOMENT]
    call.types("And refund of opened items?").waits(12_000)
    assert [one.customer_text for one in commits(call)] == [ASKED, "And refund of opened items?"]


def test_a_caller_who_hangs_up_in_the_middle_is_recorded_as_far_as_it_went() -> None:
    call = talk(written=((200, DAYS),), engine_ms=9_000).voice(ASKED).waits(1_200)
    call.does(ev.HungUp(at=call.state.at))
    (commit,) = commits(call)
    assert commit.agent_text == DAYS and not commit.orders
    kinds = [type(effect).__name__ for _, effect in call.effects]
    assert kinds.index("Commit", kinds.index("Play") + 2) < max(
        i for i, kind in enumerate(kinds) if kind == "Settle"
    )


def test_a_broken_line_keeps_the_answer_that_is_being_written() -> None:
    call = talk(written=((200, DAYS), (3_000, WRITE)), engine_ms=5_000).voice(ASKED).waits(1_200)
    call.does(ev.Lost(at=call.state.at)).waits(6_000)
    assert not commits(call)
    call.does(ev.Back(at=call.state.at)).waits(9_000)
    (commit,) = commits(call)
    assert commit.agent_text == f"{DAYS} {WRITE}"


def test_a_recipient_is_not_let_go_while_a_correction_is_being_understood() -> None:
    call = Talk(facts=Facts(lead_id="b")).waits(2_100).hears_all()
    call.caller_says("What is your refund policy?").hears_all()
    call.caller_says("send it by email").hears_all().caller_says("it's jane at example dot com").hears_all()
    call.engine_ms = 3_000
    call.voice("no, june at example dot com", after=3_000, ms=900).waits(2_000)
    assert not call.all(fx.Release), "four seconds have passed, but the caller has said something"
    call.waits(4_000)
    revoked = {key for one in call.all(fx.Revoke) for key in one.keys}
    assert len(revoked) == 1 and "jane@example.com" in next(iter(revoked))


def test_a_written_call_runs_again_exactly() -> None:
    call = Talk(
        written={ASKED: ((200, DAYS), (900, WRITE)), "": ()},
        engine_ms=2_000,
        understand=lambda _text: answered(),
    )
    seen: list[ev.Recorded] = []
    inner = call._step

    def keep(event: ev.Event) -> None:
        if call.state.phase is not Phase.ENDED:
            seen.append(ev.event_record(replace(event, at=max(event.at, call.state.at))))
        inner(event)

    call._step = keep  # type: ignore[method-assign]
    call.waits(2_100).hears_all().voice(ASKED).waits(1_500).voice("mm-hm", ms=200).waits(8_000)
    assert {"Sketched", "Drafted", "Proposed"} <= {one.kind for one in seen}
    again = call_open(playbook=call.state.playbook, facts=call.facts)
    for recorded in seen:
        again, _ = step(again, ev.event_replay(recorded))
    assert again == call.state
