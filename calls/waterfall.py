"""A call as a person reads it in a terminal: who said what, what was done, and where each turn's time went. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PARTS = (
    ("endpoint_wait_ms", "end of turn"),
    ("stt_ms", "speech to text"),
    ("retrieval_ms", "retrieval"),
    ("decision_ms", "decision"),
    ("tts_ms", "first sentence voiced"),
    ("first_audio_ms", "first sound"),
)
_MS_A_CELL = 20


def waterfall_draw(document: Mapping[str, Any]) -> str:
    """Lines for :func:`calls.selectors.call_document`'s document. Parts overlap: guesses run while the end is awaited."""
    call, lines = document["call"], []
    lines.append(f"Call {call['id']}  {call['status']} {call['end_reason'] or ''}".rstrip())
    if document["lead"]:
        proof = "verified" if call["verified"] else "claims to be"
        lines.append(f"Lead {document['lead']['id']} ({proof})")
    for turn in document["turns"]:
        lines += _turn(turn)
    if document["actions"]:
        lines.append("\nActions")
        lines += [f"  {one['kind']}: {one['status']}  {one['label']}" for one in document["actions"]]
    if document["analytics"]:
        shown = {name: value for name, value in document["analytics"].items() if name != "response_times_ms"}
        lines.append("\nAnalytics")
        lines += [f"  {name}: {value}" for name, value in shown.items()]
    return "\n".join(lines)


def _turn(turn: Mapping[str, Any]) -> list[str]:
    lines = [f"\n{turn['turn']:>3} {turn['role']}: {turn['text']}"]
    if turn["interrupted"]:
        lines.append(f"      heard: {turn['heard'] or '(nothing)'}")
    decision = turn["decision"]
    if decision:
        found = f"{decision['intent']} ({decision['confidence']:.2f}, {decision['engine']})"
        lines.append(f"      intent {found}  actions {', '.join(decision['actions']) or 'none'}")
    for passage in turn["passages"]:
        mark = "answers" if passage["clears"] else "below"
        lines.append(
            f"      {passage['similarity']:.2f} {mark:<8} {passage['document']} › {passage['heading']}"
        )
    for name, label in _PARTS:
        if name in turn["timings"]:
            ms = turn["timings"][name]
            lines.append(f"      {label:<22}{ms:>7.0f} ms {'█' * max(1, round(ms / _MS_A_CELL))}")
    return lines
