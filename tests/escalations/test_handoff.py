"""The package for a person who takes a call over, from what is known."""

from __future__ import annotations

import pytest

from escalations.handoff import (
    LINES,
    PASSAGES,
    Person,
    Promise,
    Talk,
    Tried,
    Wanted,
    handoff_build,
    moods_collapse,
)
from escalations.wire import DESKS, SUPERVISORS, EscalationNews, desk_group, groups_of

JANE = Person(customer="user_123", verified=True, name="Jane Doe", company="Acme Corp", phone="+919876543210")

SILENT = Talk()


def build(person: Person = JANE, talk: Talk = SILENT, agent: str = "John", **wanted: str) -> dict:  # type: ignore[type-arg]
    return handoff_build(
        person=person, talk=talk, wanted=Wanted(**{"reason": "", **wanted}), company="Fernleigh", agent=agent
    )


def test_it_has_what_every_desk_relies_on() -> None:
    package = build(reason="Technical query outside knowledge base", query="Salesforce API v2.0 integration")
    assert {
        "customer",
        "conversation_history",
        "query",
        "customer_data",
        "ai_attempted",
        "reason",
        "summary",
        "verified_facts",
        "unverified_claims",
        "promises",
        "passages_tried",
        "sentiment",
        "suggested_first_sentence",
    } <= set(package)
    assert set(package["customer_data"]) == {"name", "company", "phone"}


@pytest.mark.parametrize(
    ("wanted", "talk", "agent", "sentence"),
    [
        (
            {"topic": "Salesforce integration", "skill": "technical"},
            Talk(intents=("product_query",)),
            "John",
            "Hi Jane, this is John from the Fernleigh technical team. "
            "I understand you have questions about Salesforce integration.",
        ),
        (
            {"query": "my late laptop", "skill": "general"},
            Talk(intents=("complaint", "human_request")),
            "John",
            "Hi Jane, this is John from Fernleigh. I understand this is about my late laptop.",
        ),
        (
            {},
            Talk(intents=("human_request",)),
            "John",
            "Hi Jane, this is John from Fernleigh. How can I help you?",
        ),
        ({}, Talk(), "", "Hi Jane, thank you for waiting. How can I help you?"),
    ],
)
def test_the_first_sentence_says_who_and_what(
    wanted: dict[str, str], talk: Talk, agent: str, sentence: str
) -> None:
    assert build(talk=talk, agent=agent, **wanted)["suggested_first_sentence"] == sentence


def test_a_name_that_is_only_claimed_is_not_used_to_greet() -> None:
    package = build(person=Person(name="Jane Doe"))
    assert package["suggested_first_sentence"].startswith("Hi, ")
    assert package["customer"] is None
    assert "identity not proven" in package["summary"]


def test_somebody_who_asks_for_a_person_at_once_was_not_helped_by_the_machine() -> None:
    assert not build(talk=Talk(intents=("small_talk", "human_request")))["ai_attempted"]
    assert build(talk=Talk(intents=("policy_query", "human_request")))["ai_attempted"]


def test_the_best_passages_come_first_each_once() -> None:
    tried = [Tried(document="FAQ", heading=str(n % 8), similarity=n / 20, clears=False) for n in range(12)]
    shown = build(talk=Talk(passages=tried))["passages_tried"]
    assert [one["similarity"] for one in shown] == [0.55, 0.5, 0.45, 0.4, 0.35]
    assert len({one["heading"] for one in shown}) == PASSAGES


def test_a_long_call_is_handed_over_by_its_end() -> None:
    lines = [("customer", f"line {number}") for number in range(LINES + 5)]
    history = build(talk=Talk(lines=lines))["conversation_history"]
    assert (len(history), history[-1]["text"]) == (LINES, f"line {LINES + 4}")


def test_the_summary_says_what_was_done_and_how_the_caller_sounds() -> None:
    talk = Talk(
        moods=("Angry", "Angry", "Neutral"),
        promises=(Promise(kind="send_sms", label="Tracking link by SMS", status="delivered"),),
        passages=(Tried(document="FAQ", heading="Ports", similarity=0.45, clears=False),),
    )
    summary = build(talk=talk, query="Where is my laptop?", reason="The caller asked for a person")["summary"]
    for words in (
        "Jane Doe of Acme Corp",
        "Tracking link by SMS (delivered)",
        "Angry → Neutral",
        "FAQ with 0.45",
    ):
        assert words in summary


def test_a_mood_that_stays_is_said_once() -> None:
    assert moods_collapse(["Angry", "Angry", "Neutral", "Angry"]) == ["Angry", "Neutral", "Angry"]
    assert moods_collapse([]) == []


def test_news_survives_the_layer_and_reaches_who_must_know() -> None:
    offered = EscalationNews(
        escalation_id=7, call_id="c", status="offered", agent_id="agent_45", headline="x"
    )
    waiting = EscalationNews(escalation_id=8, call_id="c", status="waiting")
    assert EscalationNews.from_event(offered.as_event()) == offered
    assert groups_of(offered) == (desk_group("agent_45"), SUPERVISORS)
    assert groups_of(waiting) == (DESKS, SUPERVISORS)


def test_an_agents_group_is_a_name_that_the_layer_takes_whatever_the_id_is() -> None:
    names = {desk_group(agent_id) for agent_id in ("agent_45", "José/Ünlü 7", "a" * 300, "José/Ünlü 8")}
    assert len(names) == 4
    assert all(
        len(name) < 100 and name.replace("desk.agent.", "").replace("_", "").isalnum() for name in names
    )
