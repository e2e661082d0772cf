"""What a finished call amounts to. Every figure says what it is made of, so that it can be traced to the call's rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from calls.models import Action, Call, Turn

_PASSING = {"small_talk", "goodbye", "out_of_scope", ""}
_FAILED = {"failed", "unknown", "cancelled"}


def call_analyse(*, call: Call, turns: Sequence[Turn], actions: Sequence[Action]) -> dict[str, Any]:
    """Duration, intents, knowledge, actions, sentiment, autonomous resolution and predicted satisfaction of one call.

    ``autonomous_resolution`` is true when something was asked for, nothing was handed to a person, and nothing that was
    undertaken failed. Sentiments run from -1 (angry) to 1 (pleased).
    """
    customer = [turn for turn in turns if turn.role == "customer"]
    intents = [str(turn.decision["intent"]) for turn in customer if turn.decision]
    meant = [intent for intent in intents if intent not in _PASSING]
    moods = [turn.sentiment for turn in customer]
    gaps = [float(turn.timings["first_audio_ms"]) for turn in customer if "first_audio_ms" in turn.timings]
    failed = [action for action in actions if _status(action) in _FAILED]
    handed = any(action.kind in {"create_ticket", "escalate_to_human"} for action in actions)
    ended = call.ended_at or call.started_at
    return {
        "duration_s": round((ended - call.started_at).total_seconds(), 1),
        "intent": Counter(meant).most_common(1)[0][0] if meant else (intents[0] if intents else None),
        "intents": intents,
        "turns": len(customer),
        "knowledge_used": any(turn.decision.get("used_knowledge") for turn in customer),
        "response_time_ms": round(sum(gaps) / len(gaps)) if gaps else None,
        "response_times_ms": [round(gap) for gap in gaps],
        "actions_executed": [action.kind for action in actions if _status(action) not in _FAILED],
        "actions_failed": [action.kind for action in failed],
        "autonomous_resolution": bool(meant) and not handed and not failed,
        "sentiment": [_mood(mood) for mood in moods],
        "satisfaction": _satisfaction(moods, failed=bool(failed), handed=handed, answered=bool(meant)),
    }


def _status(action: Action) -> str:
    return str(action.message.status) if action.message is not None else action.status


def _mood(score: float) -> str:
    if score <= -0.5:
        return "Angry"
    if score < -0.1:
        return "Unhappy"
    return "Satisfied" if score >= 0.3 else "Neutral"


def _satisfaction(moods: Sequence[float], *, failed: bool, handed: bool, answered: bool) -> str:
    """Predicted, from how the call went and how it sounded at its end; not a survey."""
    last = moods[-1] if moods else 0.0
    score = (
        0.55 + 0.35 * last + (0.15 if answered else 0.0) - (0.3 if failed else 0.0) - (0.1 if handed else 0.0)
    )
    if score >= 0.65:
        return "High"
    if score >= 0.5:
        return "Medium-High"
    return "Medium" if score >= 0.35 else "Low"
