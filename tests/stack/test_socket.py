"""The public contract of the call's socket, held against the real server: who may call, bad frames, losses, moments."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import Any

import pytest

from tests.bootstrap.product import until

from .calling import Wire, refused, wav
from .whole import Whole

QUESTION = "What is your refund policy?"  # answered in three sentences
SHORT = "How long is the warranty on a laptop?"  # answered in one


# --- frames ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "start",
    [
        '{"type":"start","site":"\\u0000"}',
        '{"type":"start","site":"\\ud800"}',
        '{"type":"start","language":"\\u0000"}',
        '{"type":"start","language":"\\ud800"}',
        '{"type":"start","lead":{"name":"\\ud800","phone":"\\u0000","email":[]}}',
        '{"type":"start","sample_rate":1e999}',
        '{"type":"start","sample_rate":true}',
        '{"type":"start","call":"\\u0000","resume":"é"}',
        '{"type":"start","token":"\\u0000.\\ud800.é"}',
    ],
)
async def test_a_strange_start_gets_a_clear_answer(product: Whole, start: str) -> None:
    async with Wire(product.url) as wire:
        await wire.raw(start)
        first = await wire._next()
        assert first["type"] in {"error", "ready"}, first
        assert "Traceback" not in str(first)


async def test_nothing_goes_before_the_start_and_that_harms_nothing(product: Whole) -> None:
    async with Wire(product.url) as wire:
        for frame in (b"\0\0" * 320, '{"type":"text","text":"hello"}', "{", b"\0"):
            await wire.raw(frame)
            assert (await wire.until("error"))["code"] == "bad_frame"
        await wire.started()
        await wire.hangs_up()


async def test_bad_frames_in_a_call_are_answered_and_the_call_goes_on(product: Whole) -> None:
    async with Wire(product.url) as wire:
        ready = await wire.started()
        bad: list[str | bytes] = [
            "not json",
            "[]",
            '{"type":"text"}',
            '{"type":"text","text":"' + "x" * 100_000 + '"}',
            '{"type":"played","turn":-1,"ms":"x"}',
            '{"type":"dtmf","digit":"55"}',
            '{"type":"start"}',
            b"\0\0\0",
            b"\0" * 1_000_000,
        ]
        for frame in bad:
            await wire.raw(frame)
            assert (await wire.until("error"))["code"] == "bad_frame", frame[:40]
        await wire.send(type="telepathy", thought="unknown types are ignored")
        errors = len([one for one in wire.came if one["type"] == "error"])
        assert "two-year" in await wire.asks(SHORT)
        assert len([one for one in wire.came if one["type"] == "error"]) == errors
        await wire.hangs_up()
    assert product.call_over(ready["call"])["end_reason"] == "hangup"


async def test_one_clients_garbage_does_not_touch_another_clients_call(product: Whole) -> None:
    chance = random.Random(7)
    async with Wire(product.url) as good, Wire(product.url) as bad:
        await good.started()
        await bad.started()

        async def garbage() -> None:
            for _ in range(100):
                noise = chance.randbytes(chance.randrange(1, 400))
                await bad.raw(noise if chance.random() < 0.5 else noise.decode("latin-1"))

        reading = asyncio.create_task(bad._read_on())
        answer, _ = await asyncio.gather(good.asks(SHORT), garbage())
        assert "two-year" in answer
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading
        assert "two-year" in await bad.asks(SHORT), "and the client itself may come to its senses"
        await bad.hangs_up()
        await good.hangs_up()


# --- turns -----------------------------------------------------------------------------------------------------------------


async def at_rate(product: Whole, rate: int, name: str) -> dict[str, Any]:
    """What the question becomes when it is spoken at this rate by somebody who doesn't wait for the greeting."""
    async with Wire(product.url) as wire:
        ready = await wire.started(sample_rate=rate)
        answered = asyncio.Event()
        speaking = asyncio.create_task(wire.speak(name, rate, until=answered.is_set))
        first = await wire.until("audio", state="start")
        answered.set()
        await speaking
        await wire.hangs_up()
    product.call_over(ready["call"])
    assert first["turn"] == 2, "the caller spoke first: no greeting, an answer"
    (turn,) = product.turns(ready["call"])
    return turn


async def test_the_same_words_are_understood_at_every_sample_rate(product: Whole) -> None:
    for rate, name in ((8_000, "refund_rms"), (44_100, "refund_slt"), (48_000, "refund_awb")):
        turn = await at_rate(product, rate, name)
        assert turn["decision"]["intent"] == "policy_query", (rate, turn["text"])
        assert turn["passages"][0]["clears"], rate


async def test_a_typed_turn_gets_its_words_back_and_is_answered_aloud(product: Whole) -> None:
    async with Wire(product.url) as wire:
        ready = await wire.started()
        words = await wire.asks(SHORT)
        assert "two-year" in words
        assert sum(one["bytes"] for one in wire.came if one["type"] == "pcm") > ready["sample_rate"]
        states = [one["state"] for one in wire.came if one["type"] == "state"]
        assert states[:2] == ["thinking", "speaking"]
        await wire.until("state", state="listening")
        await wire.hangs_up()
    (turn,) = product.turns(ready["call"])
    assert (turn["text"], turn["heard"]) == (SHORT, SHORT)


async def test_a_typed_turn_interrupts_at_once_and_only_heard_words_are_kept(product: Whole) -> None:
    async with Wire(product.url) as wire:
        ready = await wire.started()
        await wire.send(type="text", text=QUESTION)
        turn = (await wire.until("audio", state="start"))["turn"]
        await wire.until("pcm")
        await wire.send(type="played", turn=turn, ms=700)
        await wire.send(type="text", text=SHORT)
        assert (await wire.until("interrupt"))["turn"] == turn
        after = len(wire.came)
        answer = await wire.heard()
        assert answer[0] == turn + 2
        between = wire.came[after:]
        starts = next(number for number, one in enumerate(between) if one.get("state") == "start")
        assert not [one for one in between[:starts] if one["type"] == "pcm"], "nothing of the old answer"
        assert "warrant" in answer[1]
        await wire.hangs_up()
    product.call_over(ready["call"])
    interrupted = product.turns(ready["call"], "agent")[0]
    assert interrupted["interrupted"]
    assert interrupted["text"].startswith(interrupted["heard"])
    assert len(interrupted["heard"].split()) <= 5, "0.7 s are a few words"


async def test_a_spoken_stop_interrupts_and_a_hum_does_not(product: Whole) -> None:
    async with Wire(product.url) as wire:
        await wire.started(sample_rate=16_000)
        await wire.send(type="text", text=SHORT)
        turn = (await wire.until("audio", state="start"))["turn"]
        done = asyncio.Event()
        speaking = asyncio.create_task(wire.speak("mm_hm_en_us", 16_000, until=done.is_set))
        await wire.until("audio", turn=turn, state="end")
        done.set()
        await speaking
        assert not [one for one in wire.came if one["type"] == "interrupt"]
        await wire.send(type="text", text=QUESTION)
        turn = (await wire.until("audio", state="start"))["turn"]
        done.clear()
        speaking = asyncio.create_task(wire.speak("wait_slt", 16_000, until=done.is_set))
        assert (await wire.until("interrupt"))["turn"] == turn
        await wire.until("audio", state="start")
        done.set()
        await speaking
        await wire.hangs_up()


async def test_digits_of_the_keypad_are_read_back_and_can_be_taken_back(product: Whole) -> None:
    async with Wire(product.url) as wire:
        ready = await wire.started()
        await wire.send(type="text", text="Send me the refund policy by SMS")
        await wire.heard()
        for digit in "9876543210#":
            await wire.send(type="dtmf", digit=digit)
        said = await wire.until("transcript", role="customer")
        assert said["text"].replace(" ", "").endswith("9876543210")
        card = await wire.until("card")
        assert "98765" in card["text"]
        await wire.send(type="text", text=card["choices"][0]["say"])
        await wire.until("card", key=card["key"], status="closed")
        assert "98765" not in (await wire.heard())[1]
        await wire.hangs_up()
    product.call_over(ready["call"])
    message = product.row("SELECT * FROM messages WHERE call_id = %s", ready["call"])
    assert (message["channel"], message["to"], message["status"]) == ("sms", "+919876543210", "cancelled")


# --- losses and ends ---------------------------------------------------------------------------------------------------------


async def test_a_broken_connection_goes_on_with_the_same_call(product: Whole) -> None:
    async with Wire(product.url) as wire:
        ready = await wire.started(token=product.token("user_123"))
        await wire.send(type="text", text=SHORT)
        turn = (await wire.until("audio", state="start"))["turn"]
        await wire.until("pcm")
        await wire.send(type="played", turn=turn, ms=300)
        wire.socket.transport.abort()
    async with Wire(product.url) as thief:
        assert await refused(thief, call=ready["call"], resume="x" * 32) == "bad_token"
    async with Wire(product.url) as wire:
        again = await wire.started(
            call=ready["call"], resume=ready["resume"], heard={"turn": turn, "ms": 300}
        )
        assert again["call"] == ready["call"]
        start = await wire.until("audio", state="start", turn=turn)
        assert start["from_ms"] >= 300, "it goes on where it was not heard any more"
        await wire.until("audio", state="end", turn=turn)
        await wire.send(type="played", turn=turn, ms=3_600_000)
        assert await wire.asks("Okay, can you send me the full policy on email?")
        await wire.told("action", kind="send_email", status="delivered")
        await wire.hangs_up()
    product.call_over(ready["call"])
    assert [one["decision"]["intent"] for one in product.turns(ready["call"])] == [
        "policy_query",
        "send_details_email",
    ]
    assert (
        product.turns(ready["call"], "agent")[0]["heard"] == product.turns(ready["call"], "agent")[0]["text"]
    )


async def test_a_call_can_be_taken_over_from_a_socket_that_is_only_half_dead(product: Whole) -> None:
    async with Wire(product.url) as old, Wire(product.url) as new:
        ready = await old.started()
        again = await new.started(call=ready["call"], resume=ready["resume"])
        assert again["call"] == ready["call"]
        with contextlib.suppress(Exception):
            await old.send(type="text", text="Words that come too late.")
        assert "two-year" in await new.asks(SHORT)
        await new.hangs_up()
    product.call_over(ready["call"])
    assert [one["text"] for one in product.turns(ready["call"])] == [SHORT]


@pytest.mark.parametrize("moment", ["at once", "greeting", "thinking", "answer", "speech"])
async def test_hanging_up_at_any_moment_ends_the_call_in_its_row(product: Whole, moment: str) -> None:
    async with Wire(product.url) as wire:
        ready = await wire.started()
        if moment == "greeting":
            await wire.until("pcm")
        elif moment == "thinking":
            await wire.send(type="text", text=QUESTION)
        elif moment == "answer":
            await wire.send(type="text", text=QUESTION)
            await wire.until("pcm")
        elif moment == "speech":
            await wire.raw(wav("long_slt")[:16_000].tobytes())
        await wire.hangs_up()
    call = product.call_over(ready["call"])
    assert call["end_reason"] == "hangup"
    # What it amounted to is a worker's job, a moment later.
    until(lambda: product.call(ready["call"])["analytics"], "the call was analysed", 30)
    call = product.call(ready["call"])
    assert call["analytics"]["turns"] == len(product.turns(ready["call"]))


async def test_a_closed_tab_is_a_caller_who_has_hung_up(product: Whole) -> None:
    async with Wire(product.url) as wire:
        ready = await wire.started()
        await wire.socket.close(1000)
    assert product.call_over(ready["call"])["end_reason"] == "hangup"
    async with Wire(product.url) as wire:
        assert await refused(wire, call=ready["call"], resume=ready["resume"]) == "bad_token"
