"""A session with scripted ports: models that answer as told, rows kept in lists, a connection that remembers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from calls.core import effects as fx
from calls.core import events as ev
from calls.core.decision import Proposal
from calls.core.known import Facts, Known
from calls.core.machine import call_open
from calls.core.playbook import Playbook
from calls.engines.base import Request
from calls.hearing import FRAME, RATE, Audio, Change
from calls.session import Ports, Session, Words
from tests.core.talk import PHRASES, UNDERSTOOD, proposal

PCM_RATE = 22_050
PLAYBOOK = Playbook(company="Acme", phrases=PHRASES)
FRAME_S = FRAME / RATE


class LoudGate:
    """Loud samples are voice; 128 ms of quiet ends it."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.voice, self.quiet, self.voiced = False, 0, 0

    def push(self, frame: Audio) -> Change | None:
        loud = bool(np.abs(frame).max() > 0.1)
        self.quiet = 0 if loud else self.quiet + 32
        self.voiced += 32 if loud else 0
        if loud and not self.voice:
            self.voice = True
            return Change(voice=True)
        if self.voice and self.quiet >= 128:
            self.voice, voiced, self.voiced = False, self.voiced, 0
            return Change(voice=False, quiet_ms=128, voiced_ms=voiced)
        return None


@dataclass
class Browser:
    """A connection that plays what it gets in real time and acknowledges it; every message has its time."""

    session: Session | None = None
    acks: bool = True
    messages: list[tuple[float, Mapping[str, Any]]] = field(default_factory=list)
    audio: list[tuple[float, int]] = field(default_factory=list)
    hung_up: bool = False
    turn: int = 0
    received: dict[int, int] = field(default_factory=dict)

    async def send_json(self, message: Mapping[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        self.messages.append((loop.time(), message))
        if message["type"] == "audio" and message["state"] == "start":
            self.turn = message["turn"]
            self.received.setdefault(self.turn, message.get("from_ms", 0) * 2 * PCM_RATE // 1000)
        if (
            message["type"] == "audio"
            and message["state"] == "end"
            and self.acks
            and self.session is not None
        ):
            ms = self.received.get(message["turn"], 0) * 1000 // (2 * PCM_RATE)
            session, turn = self.session, message["turn"]
            loop.call_later(0.2, lambda: session.post(ev.Played(at=session.now(), turn=turn, ms=ms)))

    async def send_audio(self, pcm: bytes) -> None:
        self.audio.append((asyncio.get_running_loop().time(), len(pcm)))
        self.received[self.turn] = self.received.get(self.turn, 0) + len(pcm)

    async def hang_up(self) -> None:
        self.hung_up = True

    def all(self, kind: str) -> list[Mapping[str, Any]]:
        return [message for _, message in self.messages if message["type"] == kind]


@dataclass
class World:
    """The ports. ``words`` are what speech to text hears, one utterance after the other."""

    words: list[str] = field(default_factory=list)
    latency: float = 0.05
    seconds_a_sentence: float = 1.0
    breaks: set[str] = field(default_factory=set)
    commits: list[fx.Commit] = field(default_factory=list)
    settled: list[fx.Settle] = field(default_factory=list)
    recorded: list[ev.Recorded] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    heard: list[Audio] = field(default_factory=list)
    drafts: list[tuple[float, str]] = field(default_factory=list)
    drafted: list[str] = field(default_factory=list)
    _heard_at: int = 0

    def ports(self) -> Ports:
        return Ports(
            gate=LoudGate(),
            rate=PCM_RATE,
            transcribe=self.transcribe,
            judge=self.judge,
            propose=self.propose,
            look_up=self.look_up,
            synthesise=self.synthesise,
            commit=self.commit,
            settle=self._keep(self.settled),
            release=self._keep_all(self.released),
            revoke=self._keep_all(self.revoked),
            record=self._keep_all(self.recorded),
            finish=self._keep(self.finished),
            draft=self.draft if self.drafts else None,
        )

    async def transcribe(self, audio: Audio, partial: bool) -> Words:
        await self._work("transcribe")
        self.heard.append(audio)
        return Words(text=self.words[0] if self.words else "")

    async def judge(self, audio: Audio) -> float:
        await self._work("judge")
        return 0.9

    async def propose(self, request: Request) -> Proposal:
        await self._work("propose")
        return UNDERSTOOD.get(request.text.lower(), proposal("small_talk"))

    async def draft(self, request: Request, base: Proposal, sentence: Callable[[str], None]) -> Proposal:
        """Write ``drafts``, each after its seconds; ``drafted`` says what was done and whether it was let finish."""
        try:
            for seconds, text in self.drafts:
                await asyncio.sleep(seconds)
                sentence(text)
                self.drafted.append(text)
        except asyncio.CancelledError:
            self.drafted.append("(withdrawn)")
            raise
        self.drafted.append("(done)")
        return base

    async def look_up(self, request: Request) -> tuple[Known, Playbook]:
        return Known(), PLAYBOOK

    async def synthesise(self, text: str, first: bool) -> bytes:
        await self._work("synthesise")
        return b"\1\0" * int(PCM_RATE * self.seconds_a_sentence)

    async def commit(self, effect: fx.Commit) -> Sequence[tuple[str, str, str, str]]:
        await self._work("commit")
        if effect.customer_turn and effect.spoken and self.words:
            self.words.pop(0)
        self.commits.append(effect)
        return [(order.key, order.kind, "queued", order.label) for order in effect.orders]

    async def _work(self, name: str) -> None:
        await asyncio.sleep(self.latency)
        if name in self.breaks:
            raise RuntimeError(f"{name} is broken")

    @staticmethod
    def _keep(where: list[Any]) -> Any:
        async def keep(one: Any) -> None:
            where.append(one)

        return keep

    @staticmethod
    def _keep_all(where: list[Any]) -> Any:
        async def keep(many: Sequence[Any]) -> None:
            where.extend(many)

        return keep


def session_of(world: World, facts: Facts | None = None) -> Session:
    facts = facts or Facts(lead_id="user_1", verified=True, email="ann@example.com")
    return Session(state=call_open(playbook=PLAYBOOK, facts=facts), ports=world.ports(), call_id="c")


async def sound(session: Session, seconds: float, *, loud: bool) -> None:
    """Audio in real time, as a browser sends it."""
    for _ in range(round(seconds / FRAME_S)):
        session.audio(np.full(FRAME, 0.5 if loud else 0.0, dtype=np.float32))
        await asyncio.sleep(FRAME_S)
