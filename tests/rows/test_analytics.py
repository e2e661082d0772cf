"""What a finished call amounts to: the numbers of the five stories, and those of calls that went otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from calls.analytics import call_analyse
from calls.models import Action, Call, Turn
from escalations.models import Agent, Escalation, Ticket
from leads.models import Message
from tests.rows.conftest import Talking, order

START = dt.datetime(2025, 10, 5, 9, 0, tzinfo=dt.UTC)


def at(seconds: float) -> dt.datetime:
    return START + dt.timedelta(seconds=seconds)


def turn(intent: str, mood: float = 0.0, *, ms: float = 420.0, **decision: Any) -> Turn:
    return Turn(
        role="customer",
        sentiment=mood,
        timings={"first_audio_ms": ms},
        decision={"intent": intent, "entities": {}, **decision},
    )


def did(*kinds: str, status: str = "done") -> list[Action]:
    return [Action(kind=kind, status=status) for kind in kinds]


def ticket(status: str = "resolved", issue: str = "delivery_delay", after: float | None = 8.0) -> Action:
    resolved = at(after) if after is not None and status == "resolved" else None
    return Action(
        kind="create_ticket",
        status="done",
        ticket=Ticket(issue_type=issue, status=status, resolved_at=resolved),
    )


def handed(after: float = 8.0, status: str = "offered", agent: bool = True) -> Action:
    row = Escalation(
        status=status,
        reason="Query outside knowledge base",
        created_at=at(after),
        agent=Agent(id="agent_45", name="John") if agent else None,
    )
    return Action(kind="escalate_to_human", status=status, escalation=row)


def analyse(turns: Sequence[Turn], actions: Sequence[Action] = (), length: float = 15.0) -> dict[str, Any]:
    call = Call(started_at=START, ended_at=at(length))
    agent = Turn(role="agent", text="…")
    return call_analyse(call=call, turns=[agent, *turns, agent], actions=list(actions))


POLICY = (
    [
        turn("policy_query", ms=2800, used_knowledge=True),
        turn("send_details_email"),
        turn("goodbye", 0.2, ms=2200),
    ],
    did("send_email"),
)
CALLBACK = (
    [turn("callback_request", needs_clarification=True), turn("callback_request"), turn("goodbye")],
    did("schedule_callback", "send_sms"),
)
CATALOG = (
    [
        turn("send_details_whatsapp", needs_clarification=True),
        turn("send_details_whatsapp"),
        turn("goodbye", 0.2),
    ],
    did("send_whatsapp", "fetch_product_catalog"),
)
LATE = (
    [turn("complaint", -1.0, needs_clarification=True), turn("complaint"), turn("order_status", 0.2), turn("goodbye", 0.4)],
    [ticket(), *did("lookup_order", "send_sms", "send_email", "update_ticket")],
)  # fmt: skip
OUTSIDE = (
    [turn("product_query", escalate_to_human=True), turn("human_request", escalate_to_human=True)],
    [handed()],
)


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (
            POLICY,
            {
                "intent": "policy_query",
                "knowledge_used": True,
                "response_times_ms": [2800, 420, 2200],
                "actions_executed": ["send_email"],
                "resolution": "autonomous",
                "satisfaction": "High",
                "ai_handling": "full",
            },
        ),
        (
            CALLBACK,
            {
                "intent": "callback_request",
                "knowledge_used": False,
                "actions_executed": ["schedule_callback", "send_sms"],
                "resolution": "autonomous",
            },
        ),
        (CATALOG, {"intent": "send_details_whatsapp", "resolution": "autonomous"}),
        (
            LATE,
            {
                "duration_s": 15.0,
                "intent": "complaint",
                "issue_type": "delivery_delay",
                "intent_label": "Complaint (Delivery Delay)",
                "resolution": "autonomous",
                "autonomous_resolution": True,
                "resolution_time_s": 8.0,
                "actions_executed": [
                    "create_ticket",
                    "lookup_order",
                    "send_sms",
                    "send_email",
                    "update_ticket",
                ],
                "sentiment": ["Angry", "Neutral", "Satisfied"],
                "sentiment_trajectory": "Angry → Neutral → Satisfied",
                "satisfaction": "Medium-High",
                "escalation_reason": None,
                "escalation_time_s": None,
            },
        ),
        (
            OUTSIDE,
            {
                "intent": "product_query",
                "resolution": "escalated",
                "autonomous_resolution": False,
                "ai_handling": "partial",
                "escalation_reason": "Query outside knowledge base",
                "escalation_time_s": 8.0,
                "escalated_to": "John",
            },
        ),
    ],
    ids=["a policy by mail", "a callback", "a catalog", "a late delivery", "beyond the documents"],
)
def test_the_stories_amount_to(story: tuple[list[Turn], list[Action]], expected: dict[str, Any]) -> None:
    found = analyse(*story)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("turns", "actions", "resolution"),
    [
        ([turn("complaint")], [ticket("open")], "open"),
        ([turn("complaint")], [ticket(), handed()], "escalated"),
        ([turn("complaint")], [ticket(), ticket("open", "billing")], "open"),
        ([turn("send_details_email")], did("send_email", status="failed"), "open"),
        ([turn("send_details_email")], did("send_email", status="cancelled"), "autonomous"),
        ([turn("order_status")], did("check_code", status="failed") + did("check_code"), "autonomous"),
        ([turn("callback_request", needs_clarification=True)], [], "unfinished"),
        ([turn("product_query", escalate_to_human=True), turn("goodbye")], [], "unanswered"),
        ([turn("product_query", used_knowledge=True, escalate_to_human=True)], [], "autonomous"),
        ([turn("complaint")], [handed(status="cancelled"), ticket()], "autonomous"),
        ([turn("small_talk"), turn("goodbye")], [], "none"),
        ([], [], "none"),
    ],
    ids=[
        "a ticket is left",
        "a person was wanted as well",
        "one of two tickets is left",
        "a mail that could not be sent",
        "a mail that the caller took back",
        "a code that was right the second time",
        "a caller who left in the middle",
        "a question without an answer",
        "an answer with a person offered on top",
        "a person who was not wanted after all",
        "nothing was asked for",
        "nothing was said",
    ],
)
def test_a_call_counts_as_resolved_only_if_it_was(
    turns: list[Turn], actions: list[Action], resolution: str
) -> None:
    found = analyse(turns, actions)
    assert (found["resolution"], found["autonomous_resolution"]) == (resolution, resolution == "autonomous")


@pytest.mark.parametrize(
    ("intents", "telling"),
    [
        (["policy_query", "send_details_email", "goodbye"], "policy_query"),
        (["product_query", "product_query", "complaint"], "complaint"),
        (["human_request", "human_request", "order_status"], "order_status"),
        (["human_request"], "human_request"),
        (["small_talk", "goodbye"], "small_talk"),
        ([], None),
    ],
)
def test_the_intent_is_the_one_that_says_most(intents: list[str], telling: str | None) -> None:
    assert analyse([turn(intent) for intent in intents])["intent"] == telling


@pytest.mark.parametrize(
    ("moods", "actions", "satisfaction"),
    [
        ([0.0, 0.4], [], "High"),
        ([0.0], [], "High"),
        ([-1.0, 0.0, 0.4], [], "Medium-High"),
        ([-1.0, 0.0], [], "Medium"),
        ([-1.0, -1.0], [], "Low"),
        ([0.0], did("send_email", status="failed"), "Low"),
        ([0.4], [ticket("open")], "High"),
        ([-0.3], [ticket("open")], "Medium"),
    ],
)
def test_satisfaction_is_predicted_from_how_it_went(
    moods: list[float], actions: list[Action], satisfaction: str
) -> None:
    found = analyse([turn("complaint", mood) for mood in moods], actions)
    assert found["satisfaction"] == satisfaction


def test_a_message_counts_by_what_became_of_it() -> None:
    actions = [
        Action(kind=f"send_{channel}", status="queued", message=Message(channel=channel, status=status))
        for channel, status in (("email", "delivered"), ("sms", "failed"), ("whatsapp", "cancelled"))
    ]
    found = analyse([turn("send_details_email")], actions)
    assert (found["actions_executed"], found["actions_failed"]) == (["send_email"], ["send_sms"])


@pytest.mark.django_db
def test_a_call_that_ends_has_its_figures_from_its_rows(begin: Any, jane: Any) -> None:
    talk: Talking = begin(jane)
    talk.exchange(
        "My laptop is late!", order("create_ticket", "t", issue_type="delivery_delay"), intent="complaint",
        sentiment=-1.0,
    )  # fmt: skip
    talk.exchange(
        "ORD98765",
        order("update_ticket", ticket="t", status="resolved", resolution="on its way"),
        intent="complaint",
    )
    talk.exchange("Thank you", intent="goodbye", sentiment=0.4)
    found = talk.finish()["analytics"]
    assert found["sentiment_trajectory"] == "Angry → Neutral → Satisfied"
    assert (found["resolution"], found["issue_type"]) == ("autonomous", "delivery_delay")
    assert 0 <= found["resolution_time_s"] <= found["duration_s"]
