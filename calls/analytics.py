"""What a finished call amounts to. Every figure says what it is made of, so that it can be traced to the call's rows."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from calls.models import Action, Call, Turn
from escalations.handoff import moods_collapse

_PASSING: Final = {"small_talk", "goodbye", "out_of_scope", ""}
_QUESTIONS: Final = {"product_query", "policy_query"}
_FAILED: Final = {"failed", "unknown"}
#: Taken back by the caller: neither done nor failed.
_WITHDRAWN: Final = {"cancelled"}
#: Proving who one is may take a second try; that is no failure of ours.
_PROOF: Final = {"send_code", "check_code"}
_DONE: Final = {"resolved", "closed"}
ARROW: Final = " → "


def call_analyse(*, call: Call, turns: Sequence[Turn], actions: Sequence[Action]) -> dict[str, Any]:
    """Duration, intent, knowledge, actions, resolution, sentiment and predicted satisfaction of one call.

    ``resolution`` is ``autonomous`` when something was asked for and all of it was settled in the call; ``escalated`` when a
    person was asked for; ``open`` when a ticket is left, or something failed; ``unanswered`` when the documents had no
    answer; ``unfinished`` when the caller left in the middle of a question of ours; ``none`` when nothing was asked for.
    ``resolution_time_s`` and ``escalation_time_s`` count from the call's start to the ticket's resolution and to the caller's
    yes to a person. ``sentiment`` is the mood's way without repetitions, ``sentiment_scores`` run from -1 to 1.
    """
    customer = [turn for turn in turns if turn.role == "customer"]
    intents = [str(turn.decision["intent"]) for turn in customer if turn.decision]
    moods = [turn.sentiment for turn in customer]
    gaps = [float(turn.timings["first_audio_ms"]) for turn in customer if "first_audio_ms" in turn.timings]
    executed = [action.kind for action in actions if _status(action) not in _FAILED | _WITHDRAWN]
    failed = [action.kind for action in actions if _status(action) in _FAILED and action.kind not in _PROOF]
    tickets = [action.ticket for action in actions if action.ticket is not None]
    wanted = [action.escalation for action in actions if action.escalation is not None]
    escalation = next((one for one in wanted if one.status not in _WITHDRAWN), None)
    resolution = _resolution(
        meant=_meant(intents),
        turns=customer,
        escalated=escalation is not None,
        left_open=bool(failed) or any(ticket.status not in _DONE for ticket in tickets),
    )
    resolved = [ticket.resolved_at for ticket in tickets if ticket.resolved_at is not None]
    intent, issue = _telling(intents), _issue(customer, tickets)
    trajectory = moods_collapse([mood_name(mood) for mood in moods])
    ended = call.ended_at or call.started_at
    return {
        "duration_s": _seconds(call, ended),
        "intent": intent,
        "issue_type": issue if intent == "complaint" else None,
        "intent_label": _label(intent, issue),
        "intents": intents,
        "turns": len(customer),
        "knowledge_used": any(bool(turn.decision.get("used_knowledge")) for turn in customer),
        "response_time_ms": round(sum(gaps) / len(gaps)) if gaps else None,
        "response_times_ms": [round(gap) for gap in gaps],
        "actions_executed": executed,
        "actions_failed": failed,
        "ai_handling": "partial" if escalation else "full",
        "resolution": resolution,
        "autonomous_resolution": resolution == "autonomous",
        "resolution_time_s": _seconds(call, max(resolved)) if resolved else None,
        "escalation_reason": escalation.reason if escalation else None,
        "escalation_time_s": _seconds(call, escalation.created_at) if escalation else None,
        "escalated_to": escalation.agent.name if escalation and escalation.agent else None,
        "sentiment": trajectory,
        "sentiment_trajectory": ARROW.join(trajectory),
        "sentiment_scores": moods,
        "satisfaction": _satisfaction(
            moods,
            failed=bool(failed),
            handed=resolution in {"escalated", "open"},
            asked=bool(_meant(intents)),
        ),
    }


def call_analysis(*, call: Call) -> dict[str, Any]:
    """What a call amounts to, as its rows stand."""
    actions = Action.objects.filter(call=call).select_related("message", "ticket", "escalation__agent")
    return call_analyse(call=call, turns=list(Turn.objects.filter(call=call)), actions=list(actions))


def mood_name(score: float) -> str:
    """The word for a sentiment from -1 to 1."""
    if score <= -0.5:
        return "Angry"
    if score < -0.1:
        return "Unhappy"
    return "Satisfied" if score >= 0.3 else "Neutral"


def _resolution(*, meant: Sequence[str], turns: Sequence[Turn], escalated: bool, left_open: bool) -> str:
    if escalated:
        return "escalated"
    if not meant:
        return "none"
    if left_open:
        return "open"
    decisions = [turn.decision for turn in turns if turn.decision]
    if decisions[-1].get("needs_clarification"):
        return "unfinished"
    if any(
        one.get("escalate_to_human") and one["intent"] in _QUESTIONS and not one.get("used_knowledge")
        for one in decisions
    ):
        return "unanswered"
    return "autonomous"


def _meant(intents: Sequence[str]) -> list[str]:
    return [intent for intent in intents if intent not in _PASSING]


def _telling(intents: Sequence[str]) -> str | None:
    """The one that says most about a call: a complaint, else what was asked for most, a person last of all."""
    meant = _meant(intents)
    if "complaint" in meant:
        return "complaint"
    about = [intent for intent in meant if intent != "human_request"] or meant
    if about:
        return Counter(about).most_common(1)[0][0]
    return intents[0] if intents else None


def _issue(turns: Sequence[Turn], tickets: Sequence[Any]) -> str | None:
    """What a complaint is about: as its ticket says, else as it was understood."""
    for ticket in tickets:
        if ticket.issue_type:
            return str(ticket.issue_type)
    said = [(turn.decision.get("entities") or {}).get("issue_type") for turn in turns]
    return next((str(issue) for issue in said if issue), None)


def _label(intent: str | None, issue: str | None) -> str | None:
    """As a report shows it: "Complaint (Delivery Delay)"."""
    if intent is None:
        return None
    words = intent.replace("_", " ").capitalize()
    return f"{words} ({issue.replace('_', ' ').title()})" if intent == "complaint" and issue else words


def _status(action: Action) -> str:
    return str(action.message.status) if action.message is not None else action.status


def _seconds(call: Call, moment: dt.datetime) -> float:
    return round((moment - call.started_at).total_seconds(), 1)


def _satisfaction(moods: Sequence[float], *, failed: bool, handed: bool, asked: bool) -> str:
    """Predicted, from how the call went, how it sounded at its end and at its worst; not a survey."""
    last, worst = (moods[-1], min(*moods, 0.0)) if moods else (0.0, 0.0)
    score = 0.55 + 0.35 * last + 0.25 * worst
    score += (0.15 if asked else 0.0) - (0.3 if failed else 0.0) - (0.1 if handed else 0.0)
    if score >= 0.65:
        return "High"
    if score >= 0.5:
        return "Medium-High"
    return "Medium" if score >= 0.35 else "Low"
