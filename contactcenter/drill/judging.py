"""Counts what was promised against what happened, and names whatever is not exactly once.

Pure. In doubt it judges against the product: what was still under way when the time was up counts as lost, and an effect that
nobody asked for as a duplicate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from contactcenter.drill.plan import Promise

#: What the row must say of a promise that was kept once.
KEPT = {
    "email": {"sent", "delivered"},
    "sms": {"sent", "delivered"},
    "whatsapp": {"sent", "delivered"},
    "callback": {"done"},
    "ticket": {"open"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What the database says of a promise."""

    id: str
    status: str
    error: str = ""
    attempts: int = 0


@dataclass(slots=True, kw_only=True)
class Verdict:
    sent: int = 0
    lost: int = 0
    duplicated: int = 0
    unknown: int = 0
    named: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        return f"sent={self.sent} lost={self.lost} duplicated={self.duplicated} unknown={self.unknown}"

    def passes(self, *, asked: int) -> bool:
        """None lost, none twice, and at most one in a hundred of which nobody can tell."""
        counted = self.sent + self.lost + self.duplicated + self.unknown
        return not self.lost and not self.duplicated and self.unknown * 100 <= asked <= counted


def judge(
    *,
    promises: Sequence[Promise],
    rows: Mapping[str, Row],
    effects: Mapping[str, int],
    strangers: Sequence[str] = (),
) -> Verdict:
    """``effects``: how often each promise, by its key, was seen to happen. ``strangers``: effects of no promise."""
    verdict = Verdict()
    effects = _alike_shared(promises, effects)
    for promise in promises:
        times, row = effects.get(promise.key, 0), rows.get(promise.key)
        status = row.status if row else "no row"
        what = f"{promise.kind} {row.id if row else promise.key} ({status}, effects at the provider: {times})"
        why = f": {row.error}" if row and row.error else ""
        if times > 1:
            verdict.duplicated += 1
            verdict.named.append(f"duplicated: {what}{why}")
        elif times == 1 and status in KEPT[promise.kind]:
            verdict.sent += 1
        elif times == 1 or status == "unknown":
            verdict.unknown += 1
            verdict.named.append(f"unknown: {what}{why}")
        else:
            verdict.lost += 1
            verdict.named.append(f"lost: {what}{why}")
    for stranger in strangers:
        verdict.duplicated += 1
        verdict.named.append(f"duplicated: {stranger} was asked for by nobody")
    return verdict


def _alike_shared(promises: Sequence[Promise], effects: Mapping[str, int]) -> dict[str, int]:
    """Texts that are alike to the last letter are one another's for whoever gets them: as many as were promised is right,
    whichever of the two a provider was asked for."""
    shared = dict(effects)
    alike: dict[tuple[str, str], list[str]] = {}
    for promise in promises:
        if promise.words:
            alike.setdefault((promise.to, promise.words), []).append(promise.key)
    for keys in alike.values():
        if sum(effects.get(key, 0) for key in keys) == len(keys):
            shared |= dict.fromkeys(keys, 1)
    return shared
