"""What is promised in a drill, and to whom: the same for the same seed.

Pure. Every promise goes to somebody of its own, except the twins: two texts alike to the last letter for one number, which is
the hardest case for a look-up.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

#: Out of a hundred promises, so many are of each kind.
MIX: Final = {"email": 28, "sms": 24, "whatsapp": 18, "callback": 16, "ticket": 14}
#: Of a hundred messages, so many are held until the caller has let the recipient stand.
HELD: Final = 15
#: Of a hundred exchanges, so many are committed again although they were committed.
AGAIN: Final = 30
#: Of a hundred texts, so many have a twin.
TWINS: Final = 12
_NAMESPACE: Final = uuid.UUID("6d1f7a5e-0c1b-4c2e-9a55-3f0f1c1d2e40")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One thing promised. ``key`` names it in the whole drill: the call and the order."""

    key: str
    order: str
    kind: str
    to: str
    held: bool = False
    #: Seconds from its commit to when a callback is due.
    due_in: float = 0.0
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One commit of a call: what was promised in one answer."""

    call: str
    turn: int
    lead: dict[str, str]
    promises: tuple[Promise, ...]
    #: How often it is committed again afterwards.
    again: int = 0


@dataclass(slots=True, kw_only=True)
class _Maker:
    seed: int
    chance: random.Random = field(init=False)
    calls: int = 0
    people: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def call(self) -> str:
        self.calls += 1
        return str(uuid.uuid5(_NAMESPACE, f"{self.seed}/{self.calls}"))

    def phone(self) -> str:
        self.people += 1
        # Indian mobile numbers; a step that has no divisor in common with 10^8 visits each once, spread over all prefixes.
        return f"+9198{(self.people * 76_543_211 + self.seed * 1_009) % 10**8:08d}"

    def lead(self) -> dict[str, str]:
        phone = self.phone()
        name = f"person{self.people}"
        return {
            "id": f"drill_{self.people}",
            "name": f"Person {self.people}",
            "phone": phone,
            "email": f"{name}@drill.example",
        }


def plan_make(*, actions: int, seed: int) -> list[Exchange]:
    """Exchanges that promise exactly ``actions`` things."""
    maker = _Maker(seed=seed)
    kinds = _kinds(maker.chance, actions)
    exchanges: list[Exchange] = []
    while kinds:
        together = [kinds.pop() for _ in range(min(len(kinds), maker.chance.choice((1, 1, 1, 2, 2, 3))))]
        call, lead = maker.call(), maker.lead()
        # A call promises in one exchange or in several; each kind once a call, since a key is made of call and kind.
        turns: list[list[str]] = [[]]
        for kind in together:
            if any(kind in turn for turn in turns):
                kinds.append(kind)
            elif turns[-1] and maker.chance.random() < 0.4:
                turns.append([kind])
            else:
                turns[-1].append(kind)
        for number, names in enumerate(turns):
            promises = tuple(_promise(maker, call, lead, kind) for kind in names)
            again = maker.chance.choice((1, 1, 2)) if maker.chance.randrange(100) < AGAIN else 0
            exchanges.append(
                Exchange(call=call, turn=1 + 2 * number, lead=lead, promises=promises, again=again)
            )
            twin = next((one for one in promises if one.kind == "sms" and one.words), None)
            if twin is not None and kinds and "sms" in kinds:
                kinds.remove("sms")
                exchanges.append(_twin(maker, lead, twin))
    maker.chance.shuffle(exchanges)
    # Turns of one call stay in their order.
    places: dict[str, list[int]] = {}
    for place, exchange in enumerate(exchanges):
        places.setdefault(exchange.call, []).append(place)
    for found in places.values():
        ordered = sorted((exchanges[place] for place in found), key=lambda one: one.turn)
        for place, exchange in zip(found, ordered, strict=True):
            exchanges[place] = exchange
    return exchanges


def promises_of(exchanges: Sequence[Exchange]) -> list[Promise]:
    return [promise for exchange in exchanges for promise in exchange.promises]


def request_of(exchange: Exchange, *, due: dict[str, str]) -> dict[str, Any]:
    """The exchange as the asking process gets it; ``due`` has the time of each callback."""
    return {
        "do": "exchange",
        "call": exchange.call,
        "turn": exchange.turn,
        "lead": exchange.lead,
        "orders": [
            {
                "key": promise.order,
                "kind": promise.kind,
                "to": promise.to,
                "held": promise.held,
                "words": promise.words,
                "due": due.get(promise.key, ""),
            }
            for promise in exchange.promises
        ],
    }


def _kinds(chance: random.Random, actions: int) -> list[str]:
    """``actions`` kinds in the proportions of the mix, every kind at least once where there is room."""
    kinds = [kind for kind, share in MIX.items() for _ in range(max(1, actions * share // 100))][:actions]
    kinds += chance.choices(list(MIX), weights=list(MIX.values()), k=actions - len(kinds))
    chance.shuffle(kinds)
    return kinds


def _promise(maker: _Maker, call: str, lead: dict[str, str], kind: str) -> Promise:
    chance = maker.chance
    to = lead["email"] if kind == "email" else lead["phone"]
    order = f"drill|{kind}"
    sends = kind in {"email", "sms", "whatsapp"}
    return Promise(
        key=f"{call}:{order}",
        order=order,
        kind=kind,
        to=to,
        held=sends and chance.randrange(100) < HELD,
        due_in=chance.uniform(2.0, 20.0) if kind == "callback" else 0.0,
        words=f"tomorrow at {chance.randrange(9, 18)}"
        if kind == "sms" and chance.randrange(100) < TWINS
        else "",
    )


def _twin(maker: _Maker, lead: dict[str, str], first: Promise) -> Exchange:
    call = maker.call()
    promise = Promise(
        key=f"{call}:{first.order}",
        order=first.order,
        kind="sms",
        to=first.to,
        words=first.words,
    )
    return Exchange(call=call, turn=1, lead=lead, promises=(promise,))
