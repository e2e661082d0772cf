"""What the caller says reaches the server unharmed, and what the server says is played, counted and stopped exactly."""

from __future__ import annotations

import time
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soxr
from playwright.sync_api import Page

from .driving import Launch, begin, open_page, until
from .mock_server import MockCall, MockServer, tone

SPEECH = Path(__file__).resolve().parents[1] / "audio" / "refund_slt.wav"
RAW_MICROPHONE = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = (wish) => {
  window.__wish = wish;
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 };
  return ask(window.__processed ? wish : { audio: plain });
};
"""
BLOCK = 128  # samples that an AudioWorklet puts out at once
OUTPUTS = pytest.mark.parametrize("output", ["direct", "loopback"])


def samples(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16000, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float64)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of silence, then the sentence, as a 48 kHz sound card would give it."""
    path = tmp_path_factory.mktemp("microphone") / "speech.wav"
    speech = soxr.resample(samples(SPEECH), 16000, 48000)
    whole = np.concatenate([np.zeros(2 * 48000), speech, np.zeros(3 * 48000)])
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48000, 0, "NONE", ""))
        file.writeframes(np.clip(np.round(whole), -32768, 32767).astype("<i2").tobytes())
    return path


def test_what_is_spoken_arrives_as_the_same_sound_at_16_khz(
    launch: Launch, spoken: Path, server: MockServer
) -> None:
    context = launch(f"--use-file-for-fake-audio-capture={spoken}%noloop").new_context()
    context.add_init_script(RAW_MICROPHONE)
    page = open_page(context)
    call = begin(page, server)
    truth = samples(SPEECH)
    until(lambda: len(call.heard()) > 2 * (len(truth) + 3 * 16000), "the sentence was sent", 15, page)
    context.close()
    got = np.frombuffer(call.heard(), "<i2").astype(np.float64)

    # Quarter seconds, each where it fits best: a busy machine's fake microphone skips a block now and then, which
    # moves what follows and says nothing about the widget. A wrong rate or an alias would spoil every piece.
    pieces = [
        truth[i : i + 4000] for i in range(0, len(truth) - 4000, 4000) if np.std(truth[i : i + 4000]) > 300
    ]
    likeness, gain = np.array([best_match(got, piece) for piece in pieces]).T
    assert len(pieces) >= 4
    assert np.median(likeness) > 0.99, likeness.round(4)
    assert np.median(gain) == pytest.approx(1, abs=0.01)


def heard(call: MockCall, turn: int) -> int:
    return max((ack["ms"] for ack in call.sent("played") if ack["turn"] == turn), default=0)


def heard_whole(page: Page, call: MockCall, turn: int, ms: int) -> None:
    """Waits until the turn is told to have been heard to its end.

    The wait ends by what the sound thread put out since it was last told to start or go on, because a starved one plays
    at a fraction of the clock's speed; seconds only limit a thread that stands still.
    """
    seen: dict[str, int] = {}

    def look() -> bool:
        if {"type": "played", "turn": turn, "ms": ms} in call.sent("played"):
            return True
        seen.update(page.evaluate("({ blocks: __sound.since.blocks, rate: __sound.rate })"))
        put_out = seen["blocks"] * BLOCK * 1000 / max(1, seen["rate"])
        assert put_out < ms + 6000, f"{ms} ms were long put out, {heard(call, turn)} told: {seen}"
        return False

    until(look, f"turn {turn} was heard to its end at {ms} ms", 90, page)


def best_match(whole: np.ndarray, piece: np.ndarray) -> tuple[float, float]:
    """Correlation (1 = the same) and gain of `piece` where it fits `whole` best."""
    size = 1 << (len(whole) + len(piece)).bit_length()
    match = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(piece, size)), size)
    at = int(np.argmax(match[: len(whole) - len(piece)]))
    part = whole[at : at + len(piece)]
    return float(part @ piece / np.sqrt((part @ part) * (piece @ piece))), float(
        np.sqrt((part @ part) / (piece @ piece))
    )


def test_frames_are_20_ms_and_come_in_real_time(page: Page, server: MockServer) -> None:
    call = begin(page, server)
    until(lambda: len(call.audio) > 10, "frames", page=page)
    first = len(call.audio)
    until(lambda: len(call.audio) >= first + 200, "four more seconds", page=page)
    assert {len(data) for _, data in call.audio} == {640}
    # A busy machine makes a frame late and never early, so the least late of each half tells how fast they are made.
    late = [at - 0.02 * i for i, (at, _) in enumerate(call.audio[first : first + 200])]
    assert min(late[100:]) - min(late[:100]) > -0.15, "not faster than it is spoken"


def test_the_microphone_is_asked_for_with_echo_cancellation(page: Page, server: MockServer) -> None:
    page.add_init_script(RAW_MICROPHONE)
    begin(page, server)
    assert page.evaluate("__wish.audio") == {
        "echoCancellation": {"ideal": "all"},
        "noiseSuppression": True,
        "autoGainControl": True,
        "channelCount": 1,
    }


def test_muting_sends_silence_and_not_nothing(page: Page, server: MockServer) -> None:
    call = begin(page, server)
    until(lambda: any(any(data) for _, data in call.audio), "sound before muting", page=page)
    page.get_by_role("button", name="Mute", exact=True).click()
    page.get_by_text("You are muted").wait_for()
    before = len(call.audio)
    # 60 frames are longer than this microphone's pauses; frames from before may still be on their way.
    until(
        lambda: len(call.audio) > before + 60 and not any(any(data) for _, data in call.audio[-60:]),
        "silent frames while muted",
        page=page,
    )
    after = next(i for i, (_, data) in reversed([*enumerate(call.audio)]) if any(data)) + 1
    assert after - before < 50, "muted within a second, whatever was on its way"
    page.get_by_role("button", name="Unmute").click()
    after = len(call.audio)
    until(lambda: any(any(data) for _, data in call.audio[after:]), "sound after unmuting", page=page)


@OUTPUTS
def test_played_follows_the_sound_and_ends_on_its_length(page: Page, server: MockServer, output: str) -> None:
    page.add_init_script(
        "window.__acks = []; const send = WebSocket.prototype.send; WebSocket.prototype.send = function (data) {"
        " if (typeof data === 'string' && data.includes('\"played\"')) __acks.push(performance.now());"
        " return send.call(this, data); };"
    )
    call = begin(page, server, output=output)
    page.wait_for_timeout(1200 if output == "loopback" else 0)  # the loopback has settled
    began = time.monotonic()
    call.push(type="audio", turn=3, state="start")
    call.push_audio(tone(2.5))
    call.push(type="audio", turn=3, state="end")
    heard_whole(page, call, 3, 2500)
    page.wait_for_timeout(400)
    acks = [(at, ack["ms"]) for at, ack in call.messages if ack["type"] == "played"]
    assert [ack["turn"] for ack in call.sent("played")] == [3] * len(acks)
    assert [ms for _, ms in acks] == sorted(ms for _, ms in acks)
    assert acks[-1][1] == 2500
    for at, ms in acks:  # never ahead of the clock
        assert ms / 1000 <= at - began + 0.02
    told, ticks = page.evaluate("[__acks, __sound.ticks]")
    assert len(told) == len(acks)
    waits = [later - earlier - stall(ticks, earlier, later) for earlier, later in pairwise(told)]
    assert np.median(waits) <= 300, waits
    assert max(waits) <= 500, f"twice a second, whenever the page gets to it: {waits}"


def stall(ticks: list[float], since: float, until: float) -> float:
    """The longest time (ms) in which the page, being busy, heard nothing of its player."""
    moments = [since, *(tick for tick in ticks if since < tick < until), until]
    return max(later - earlier for earlier, later in pairwise(moments))


@OUTPUTS
def test_the_tone_comes_out_at_its_own_pitch_without_breaks(
    page: Page, server: MockServer, output: str
) -> None:
    call = begin(page, server, output=output)
    page.wait_for_timeout(1200)
    call.say(1, "A tone.", 2.0, hertz=440)
    heard_whole(page, call, 1, 2000)
    page.wait_for_timeout(300)
    heard = np.array(page.evaluate("__sound.samples()"))
    loud = np.flatnonzero(np.abs(heard) > 0.02)
    body = heard[loud[0] : loud[-1] + 1]
    rate = page.evaluate("__sound.rate")
    # The loopback's jitter buffer drops or repeats periods of a tone to keep up with a busy machine's packets.
    assert len(body) / rate == pytest.approx(2.0, abs=0.06 if output == "direct" else 0.3)
    middle = body[rate // 4 : -rate // 4]
    peak = np.argmax(np.abs(np.fft.rfft(middle * np.hanning(len(middle))))) * rate / len(middle)
    assert peak == pytest.approx(440, abs=2)
    if output == "direct":  # the loopback's codec is not transparent to the sample
        assert np.max(np.abs(np.diff(body))) < 0.4 * 2 * np.pi * 440 / rate * 1.2, "a click"


def since(page: Page, what: str, blocks: int) -> int:
    """Waits until the player's worklet, told `what`, has put out so many blocks; returns how many samples were loud."""

    def look() -> dict[str, object] | None:
        seen = page.evaluate("__sound.since")
        return seen if seen["what"] == what and seen["blocks"] >= blocks else None

    return until(look, f"{blocks} blocks after {what}", page=page)["loud"]


def quiet(page: Page, blocks: int = 40) -> int:
    """Waits until the last blocks at the end of the sound path were silent; returns how many blocks came in all."""
    look = f"__sound.kept.length > {blocks} && !__sound.loud(-{blocks}, 0.01)"
    until(lambda: page.evaluate(look), "silence", page=page)
    return page.evaluate("__sound.kept.length")


@OUTPUTS
def test_an_interrupt_is_silence_at_once(page: Page, server: MockServer, output: str) -> None:
    """Stated in samples and tasks, which no machine is too slow for."""
    call = begin(page, server, output=output)
    page.wait_for_timeout(1200)
    page.evaluate(
        """() => { window.__told = []; window.__posted = [];
        const post = MessagePort.prototype.postMessage; MessagePort.prototype.postMessage = function (data, ...rest) {
          __posted.push(data?.type); return post.call(this, data, ...rest); };
        const parse = JSON.parse; JSON.parse = (text, ...rest) => {
          const value = parse(text, ...rest);
          if (value && value.type === 'interrupt') {
            const posted = __posted.length;
            queueMicrotask(() => __told.push({  // the end of the very task that learnt of it
              flushed: __posted.includes('flush', posted), muted: window.__element?.muted }));
          }
          return value; }; }"""
    )
    for turn in (5, 7, 9):
        call.say(turn, "A long answer.", 12.0)
        until(lambda t=turn: heard(call, t) > 600, "some was heard", page=page)
        call.push(type="interrupt", turn=turn)
        call.push_audio(tone(1.0))  # late frames of the old turn
        call.push(type="transcript", turn=turn + 1, role="customer", text=f"Stop {turn}.", final=True)
        page.get_by_text(f"Stop {turn}.").wait_for()  # and so everything before it has been taken in
        told = page.evaluate("__told.at(-1)")
        assert told["flushed"]
        assert told["muted"] is (True if output == "loopback" else None)
        assert since(page, "flush", 250) <= BLOCK, "nothing of the old turn but its dying away"
        quiet(page)
        if output == "loopback":  # and stays so until there is something new, however much was still inside
            assert page.evaluate("__element.muted")
        assert 600 < heard(call, turn) < 12000
        assert call.sent("played")[-1] == {"type": "played", "turn": turn, "ms": heard(call, turn)}
    # The next turn is heard again, from its first sound.
    before = quiet(page)
    call.say(11, "Shorter.", 0.5)
    heard_whole(page, call, 11, 500)
    quiet(page)
    assert page.evaluate(f"__sound.loud({before}) / __sound.rate") > 0.4


@OUTPUTS
def test_a_pause_holds_the_answer_and_a_resume_goes_on_with_it(
    page: Page, server: MockServer, output: str
) -> None:
    call = begin(page, server, output=output)
    page.wait_for_timeout(1200)
    call.say(5, "An answer.", 5.0)
    until(lambda: heard(call, 5) > 300, "some was heard", page=page)
    call.push(type="pause", turn=5)
    assert since(page, "hold", 250) <= BLOCK
    still = quiet(page)
    assert since(page, "hold", 500) <= BLOCK
    assert page.evaluate(f"__sound.loud({still}, 0.005)") == 0
    assert heard(call, 5) < 4900
    call.push(type="resume", turn=5)
    heard_whole(page, call, 5, 5000)
    until(lambda: page.evaluate(f"__sound.loud({still})"), "sound again", page=page)


def test_two_turns_in_a_row_are_both_acknowledged_whole(page: Page, server: MockServer) -> None:
    call = begin(page, server)
    call.say(1, "One.", 0.6)
    call.say(2, "Two.", 0.7)
    heard_whole(page, call, 2, 700)
    order = [ack["turn"] for ack in call.sent("played")]
    assert order == sorted(order)
    assert {"type": "played", "turn": 1, "ms": 600} in call.sent("played")


def test_a_stutter_of_the_network_is_waited_out_and_not_counted(page: Page, server: MockServer) -> None:
    call = begin(page, server, output="direct")
    call.push(type="audio", turn=1, state="start")
    call.push_audio(tone(0.5))
    until(lambda: any(ack["ms"] >= 450 for ack in call.sent("played")), "the first part", page=page)
    page.wait_for_timeout(500)
    assert call.sent("played")[-1]["ms"] <= 500
    call.push_audio(tone(0.5))
    call.push(type="audio", turn=1, state="end")
    heard_whole(page, call, 1, 1000)


def test_a_person_who_joined_is_heard_without_turns(page: Page, server: MockServer) -> None:
    call = begin(page, server, output="direct")
    call.push(type="human", name="John")
    call.push(type="state", state="human")
    call.push_audio(tone(3.0), paced=True, wait=False)
    page.get_by_text("John is speaking").wait_for()
    until(lambda: page.evaluate("__sound.loudness(performance.now() - 300)") > 0.1, "the voice", page=page)
    assert call.sent("played") == []


def test_on_chromium_the_voice_goes_through_an_audio_element_by_itself(
    page: Page, server: MockServer
) -> None:
    """So that every version's echo canceller has it in its reference, unless the browser says it cancels all."""
    call = begin(page, server)
    call.say(1, "Hello.", 1.0)
    until(lambda: page.evaluate("__sound.loudness(0)") > 0.02, "sound through the element", page=page)
    assert page.evaluate("__element.srcObject.getAudioTracks()[0].readyState") == "live"
    assert page.evaluate("__element.paused") is False


def test_an_unplugged_microphone_is_replaced_or_named(page: Page, server: MockServer) -> None:
    page.add_init_script(
        "const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);"
        "navigator.mediaDevices.getUserMedia = async (wish) => { if (window.__none) throw Object.assign(new Error(),"
        " {name: 'NotFoundError'}); return (window.__stream = await ask(wish)); };"
        "window.__unplug = () => { const [t] = __stream.getAudioTracks(); t.stop(); t.dispatchEvent(new Event('ended')); }"
    )
    call = begin(page, server)
    until(lambda: any(any(data) for _, data in call.audio), "sound", page=page)
    page.evaluate("__none = true; __unplug()")
    page.get_by_text("Your microphone was unplugged").wait_for()
    seen = len(call.audio)
    until(lambda: len(call.audio) > seen + 25, "silence goes on", page=page)
    page.evaluate("__none = false; navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    page.get_by_text("Your microphone was unplugged").wait_for(state="detached")
    seen = len(call.audio)
    until(lambda: any(any(data) for _, data in call.audio[seen:]), "sound again", page=page)


def test_the_sound_path_is_released_with_the_call(page: Page, server: MockServer) -> None:
    page.add_init_script(RAW_MICROPHONE.replace("return ask", "return window.__asked = ask"))
    begin(page, server)
    page.get_by_role("button", name="Hang up").click()
    page.get_by_text("Call ended").wait_for()
    assert page.evaluate("__asked.then((stream) => stream.getTracks().map((t) => t.readyState))") == ["ended"]
