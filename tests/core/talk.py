"""A call on virtual time: the core, and a world that does what it is asked after a while. No clock, no I/O.

``Talk`` keeps a heap of things that will happen. What the core asks for (transcribe, judge, decide, synthesise, play)
comes back as events, each after its latency; what it tells, commits, releases and closes is collected.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from calls.core import effects as fx
from calls.core import events as ev
from calls.core.decision import DocumentRef, Passage, Proposal
from calls.core.known import NOTHING_KNOWN, Facts, Known
from calls.core.machine import call_open, next_deadline, step
from calls.core.playbook import Pace, Playbook
from calls.core.state import CallState, Phase

PHRASES = yaml.safe_load((Path(__file__).parents[2] / "calls" / "phrases.yaml").read_text())
POLICY = DocumentRef(document_id="7", title="Refund Policy", kind="policy")
ANSWER = ("You have thirty days.", "Just write to us.")
MS_A_CHARACTER = 60


def proposal(intent: str, **fields: Any) -> Proposal:
    defaults: dict[str, Any] = {"intent": intent, "confidence": 0.9, "engine": "scripted", "complete": 0.9}
    return Proposal(**(defaults | fields))


def question(**fields: Any) -> Proposal:
    passage = Passage(
        document_id="7",
        document="Refund Policy",
        heading="",
        text="",
        similarity=0.9,
        clears=True,
        kind="policy",
        answer=ANSWER,
    )
    return proposal(
        "policy_query",
        **({"answer": ANSWER, "passages": (passage,), "document": POLICY, "is_question": True} | fields),
    )


UNDERSTOOD: dict[str, Proposal] = {
    "what is your refund policy?": question(),
    "send it by email": proposal("send_details_email"),
    "no, that's all, thank you": proposal("goodbye", reply="no", thanks=True),
    "yes": proposal("small_talk", reply="yes"),
    "no": proposal("small_talk", reply="no"),
    "okay": proposal("small_talk", reply="yes"),
    "pardon?": proposal("small_talk", repeat=True),
    "do you sell submarines?": proposal("product_query", is_question=True),
    "it's jane at example dot com": proposal(
        "small_talk", entities={"email": "jane@example.com", "email_display": "jane@example.com"}
    ),
    "no, june at example dot com": proposal(
        "small_talk",
        reply="no",
        correction=True,
        entities={"email": "june@example.com", "email_display": "june@example.com"},
    ),
    "that is wrong": proposal("small_talk", reply="no", correction=True),
    "banana": proposal("small_talk", confidence=0.2),
    "my number is": proposal("small_talk", confidence=0.2, complete=0.05),
    "i want to talk to a person": proposal("human_request"),
}

KNOWN = Facts(lead_id="user_1", verified=True, name="Ann", email="ann@example.com", phone="+4930123456")
PACE = Pace()


@dataclass
class Talk:
    """One call. ``understand`` maps the caller's words to proposals; latencies are milliseconds.

    ``written``: for the caller's words, the sentences that an engine drafts before its proposal, each with its delay.
    """

    facts: Facts = KNOWN
    understand: Callable[[str], Proposal] | None = None
    known: Known = NOTHING_KNOWN
    pace: Pace = PACE
    stt_ms: int = 150
    judge_ms: int = 40
    engine_ms: int = 20
    tts_ms: int = 60
    acks: bool = True
    turn_over: float = 0.9
    written: dict[str, tuple[tuple[int, str], ...]] = field(default_factory=dict)
    state: CallState = field(init=False)
    effects: list[tuple[int, fx.Effect]] = field(default_factory=list)
    _coming: list[tuple[int, int, Callable[[int], None]]] = field(default_factory=list)
    _order: Any = field(default_factory=itertools.count)
    _words: str = ""

    def __post_init__(self) -> None:
        playbook = Playbook(company="Acme", phrases=PHRASES, pace=self.pace)
        self.state = call_open(playbook=playbook, facts=self.facts)

    # --- what the caller does ----------------------------------------------------------------------------------------

    def caller_says(self, words: str, *, after: int = 500, ms: int = 1200) -> Talk:
        """After a pause, ``ms`` of voice that speech to text will hear as ``words``. Returns when it is answered."""
        self.voice(words, after=after, ms=ms)
        return self.run_until(lambda: self.state.phase is Phase.SPEAKING, within=15_000)

    def voice(self, words: str, *, after: int = 0, ms: int = 1200) -> Talk:
        """Voice from ``after`` ms on, for ``ms``; time passes only up to its end and the short silence behind it."""
        begin = self.state.at + after
        self._at(begin, lambda at: self._begin_voice(words, at))
        self._event(ev.VoiceOff(at=begin + ms + 120, quiet_ms=120, voiced_ms=ms))
        return self.run(after + ms + 121)

    def types(self, words: str, *, after: int = 0) -> Talk:
        self._event(ev.Typed(at=self.state.at + after, text=words))
        return self.run(after + 200)

    def hears_all(self) -> Talk:
        """Time passes until the agent's turn has been heard to its end."""
        return self.run_until(lambda: self.state.mouth is None, within=60_000)

    def does(self, event: ev.Event) -> Talk:
        self._step(event)
        return self

    def waits(self, ms: int) -> Talk:
        return self.run(ms)

    # --- what came of it --------------------------------------------------------------------------------------------

    def all(self, kind: type[Any]) -> list[Any]:
        return [effect for _, effect in self.effects if isinstance(effect, kind)]

    @property
    def said(self) -> list[str]:
        """The agent's turns, whole, as begun."""
        return [commit.agent_text for commit in self.all(fx.Commit) if commit.agent_turn]

    @property
    def orders(self) -> list[fx.Order]:
        return [order for commit in self.all(fx.Commit) for order in commit.orders]

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [dict(tell.message) for tell in self.all(fx.Tell) if tell.message["type"] == kind]

    # --- the world ----------------------------------------------------------------------------------------------------

    def run(self, ms: int) -> Talk:
        until = self.state.at + ms
        self._run(until, lambda: False)
        if self.state.phase is not Phase.ENDED and self.state.at < until:
            self._step(ev.Tick(at=until))
        return self

    def run_until(self, true: Callable[[], bool], *, within: int) -> Talk:
        assert self._run(self.state.at + within, true), (
            f"did not happen within {within} ms: {self.state.phase}"
        )
        return self

    def run_out(self, most: int = 10_000_000) -> Talk:
        """Nothing more happens from outside: the call must come to its end by itself."""
        self._run(self.state.at + most, lambda: self.state.phase is Phase.ENDED)
        return self

    def _run(self, until: int, true: Callable[[], bool]) -> bool:
        while not true():
            if self.state.phase is Phase.ENDED:
                return False
            deadline = next_deadline(self.state)
            assert deadline is not None, "a call that isn't over waits for something"
            due = max(deadline, self.state.at)
            if self._coming and self._coming[0][0] <= due:
                at, _, happen = self._coming[0]
                if at > until:
                    return False
                heapq.heappop(self._coming)
                happen(at)
            elif due > until:
                return False
            else:
                self._step(ev.Tick(at=due))
        return True

    def _begin_voice(self, words: str, at: int) -> None:
        self._words = f"{self._words} {words}".strip()
        self._step(ev.VoiceOn(at=at))

    def _at(self, at: int, happen: Callable[[int], None]) -> None:
        heapq.heappush(self._coming, (at, next(self._order), happen))

    def _event(self, event: ev.Event) -> None:
        self._at(event.at, lambda _at: self._step(event))

    def _step(self, event: ev.Event) -> None:
        if self.state.phase is Phase.ENDED:
            return
        self.state, effects = step(self.state, replace(event, at=max(event.at, self.state.at)))
        for effect in effects:
            self.effects.append((self.state.at, effect))
            self._perform(effect)

    def _perform(self, effect: fx.Effect) -> None:
        now = self.state.at
        match effect:
            case fx.Transcribe():
                heard = "" if self._words.startswith("(") else self._words
                at = now + self.stt_ms
                self._event(ev.Heard(at=at, revision=effect.revision, text=heard, partial=effect.partial))
            case fx.Judge():
                at = now + self.judge_ms
                self._event(ev.Judged(at=at, revision=effect.revision, probability=self.turn_over))
            case fx.Decide():
                meant = (self.understand or _look_up)(effect.text)
                at = now + self.engine_ms
                if self.written:
                    self._event(
                        ev.Sketched(at=now + 1, revision=effect.revision, proposal=meant, known=self.known)
                    )
                for place, (after, text) in enumerate(self.written.get(effect.text.lower().strip(), ())):
                    self._event(ev.Drafted(at=now + after + place, revision=effect.revision, text=text))
                    at = max(at, now + after + place + 1)
                self._event(ev.Proposed(at=at, revision=effect.revision, proposal=meant, known=self.known))
            case fx.Synthesise():
                ms = len(effect.text) * MS_A_CHARACTER
                at = now + self.tts_ms
                self._event(ev.Voiced(at=at, revision=effect.revision, index=effect.index, ms=ms))
            case fx.Forget():
                self._words = ""
            case fx.Commit():
                self._words = "" if effect.customer_turn else self._words
                for order in effect.orders:
                    self._event(ev.Receipt(at=now + 5, key=order.key, kind=order.kind, status="queued"))
            case fx.Play(last=True) | fx.Complete():
                self._event(ev.Sent(at=now, turn=effect.turn))
                if self.acks:
                    self._at(now + 200, lambda at: self._acknowledge(effect.turn, at))

    def _acknowledge(self, turn: int, at: int) -> None:
        """The client plays in real time and says so; a hushed turn stands still."""
        mouth = self.state.mouth
        if mouth is None or mouth.turn != turn or self.state.lost_at is not None:
            return
        if mouth.hushed_at is None:
            self._step(ev.Played(at=at, turn=turn, ms=max(0, at - mouth.began - mouth.hushed_ms)))
        self._at(at + 200, lambda later: self._acknowledge(turn, later))


def _look_up(text: str) -> Proposal:
    return UNDERSTOOD.get(text.lower().strip(), proposal("small_talk"))


def greeted(**fields: object) -> Talk:
    """A call whose greeting was heard."""
    return Talk(**fields).waits(2_200).hears_all()  # type: ignore[arg-type]


def after_policy(**fields: object) -> Talk:
    return greeted(**fields).caller_says("What is your refund policy?").hears_all()
