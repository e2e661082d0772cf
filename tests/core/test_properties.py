"""No order of events can wedge a call, make it send to an address that wasn't let stand, or make it live for ever."""

from __future__ import annotations

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calls.core import effects as fx
from calls.core import events as ev
from calls.core.known import Facts
from calls.core.machine import next_deadline
from calls.core.state import Phase
from tests.core.talk import ANSWER, UNDERSTOOD, Talk

UTTERANCES = (*UNDERSTOOD, "(noise)", "mm-hm", "stop")

LIES = ("You have ninety days.", "I've sent it to eve@example.com.", '{"intent": "goodbye"}', "Sure!")

moves = st.lists(
    st.one_of(
        st.tuples(st.just("voice"), st.sampled_from(UTTERANCES), st.integers(60, 3_000)),
        st.tuples(st.just("type"), st.sampled_from(UTTERANCES), st.just(0)),
        st.tuples(st.just("wait"), st.just(""), st.integers(1, 15_000)),
        st.tuples(st.just("lose"), st.just(""), st.integers(0, 25_000)),
        st.tuples(st.just("digit"), st.sampled_from("0123456789#*"), st.just(0)),
        st.tuples(st.just("fail"), st.sampled_from(("stt", "engine", "commit")), st.just(0)),
        st.tuples(st.just("stray"), st.just(""), st.integers(0, 40)),
        st.tuples(st.just("receipt"), st.sampled_from(("sent", "delivered", "failed")), st.just(0)),
        st.tuples(st.just("close"), st.just(""), st.just(0)),
    ),
    max_size=14,
)
worlds = st.fixed_dictionaries(
    {
        "stt_ms": st.sampled_from((5, 150, 1_500, 20_000)),
        "judge_ms": st.sampled_from((1, 40, 5_000)),
        "engine_ms": st.sampled_from((1, 20, 2_000, 60_000)),
        "tts_ms": st.sampled_from((0, 60, 900, 30_000)),
        "acks": st.booleans(),
        "turn_over": st.sampled_from((0.0, 0.5, 1.0)),
        "written": st.dictionaries(
            st.sampled_from([words.lower() for words in UTTERANCES]),
            st.lists(st.tuples(st.integers(2, 3_000), st.sampled_from((*ANSWER, *LIES))), max_size=3).map(
                tuple
            ),
            max_size=3,
        ),
        "facts": st.sampled_from(
            (
                Facts(),
                Facts(lead_id="a", verified=True, email="a@example.com", phone="+911"),
                Facts(lead_id="b"),
            )
        ),
    }
)


def play(call: Talk, script: list[tuple[str, str, int]]) -> Talk:
    for kind, text, number in script:
        if call.state.phase is Phase.ENDED:
            break
        at = call.state.at
        match kind:
            case "voice":
                call.voice(text, ms=number)
            case "type":
                call.types(text)
            case "wait":
                call.waits(number)
            case "lose":
                call.does(ev.Lost(at=at)).waits(number)
                call.does(ev.Back(at=call.state.at))
            case "digit":
                call.does(ev.Dtmf(at=at, digit=text))
            case "fail":
                call.does(ev.Failed(at=at, revision=call.state.revision, stage=text))
            case "stray":
                call.does(ev.Played(at=at, turn=number, ms=number * 100))
                call.does(ev.Voiced(at=at, revision=number, index=number % 3, ms=500))
                call.does(ev.Heard(at=at, revision=number, text="stray"))
            case "receipt":
                for order in call.orders:
                    call.does(ev.Receipt(at=call.state.at, key=order.key, kind=order.kind, status=text))
            case "close":
                call.does(ev.Closing(at=at))
    return call


def sees(call: Talk) -> None:
    """What must hold of a finished call, whatever happened in it."""
    commits = call.all(fx.Commit)
    numbers = [n for one in commits for n in (one.customer_turn, one.agent_turn) if n]
    assert numbers == sorted(set(numbers)), "turns are numbered once, upwards"
    released = {key for one in call.all(fx.Release) for key in one.keys}
    revoked = {key for one in call.all(fx.Revoke) for key in one.keys}
    held = {order.key for order in call.orders if order.hold}
    assert not released & revoked, "nothing is both let go and taken back"
    assert held == released | revoked, "everything held is decided in the end"
    for order in call.orders:
        if order.channel and not order.hold:
            assert order.to in {call.facts.email, call.facts.phone} and call.facts.verified
    settled = [one.turn for one in call.all(fx.Settle)]
    assert len(settled) == len(set(settled)), "a turn is heard once"
    assert len(call.all(fx.Close)) == 1
    assert not [one.text for one in call.all(fx.Play) if one.text in LIES[:-1]], (
        "nothing is said that nothing bears out"
    )
    begun = [(play.turn, play.index) for play in call.all(fx.Play)]
    for turn in {turn for turn, _ in begun}:
        order = [index for other, index in begun if other == turn]
        assert all(after in {before + 1, 0} for before, after in itertools.pairwise(order)), (
            "sentences come in their order"
        )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(moves, worlds)
def test_every_call_comes_to_an_end_and_keeps_its_promises(
    script: list[tuple[str, str, int]], world: dict
) -> None:
    call = play(Talk(**world), script)
    if call.state.phase is not Phase.ENDED:
        assert next_deadline(call.state) is not None
        call.run_out()
    assert call.state.phase is Phase.ENDED
    pace = call.state.playbook.pace
    assert call.state.at <= pace.longest_call + pace.last_words + pace.lost_for
    sees(call)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(moves, worlds)
def test_a_recorded_call_runs_again_exactly(script: list[tuple[str, str, int]], world: dict) -> None:
    from calls.core.events import event_record, event_replay
    from calls.core.machine import call_open, step

    call = Talk(**world)
    seen: list[ev.Recorded] = []
    inner = call._step

    def keep(event: ev.Event) -> None:
        before = call.state.at
        if call.state.phase is not Phase.ENDED:
            seen.append(
                event_record(event if event.at >= before else type(event)(**_fields(event) | {"at": before}))
            )
        inner(event)

    call._step = keep  # type: ignore[method-assign]
    play(call, script)
    again = call_open(playbook=call.state.playbook, facts=call.facts)
    for recorded in seen:
        again, _ = step(again, event_replay(recorded))
    assert again == call.state


def _fields(event: ev.Event) -> dict:
    return {name: getattr(event, name) for name in event.__dataclass_fields__}
