"""The same exchange written by two hands at the same moment is written once; different calls don't disturb each other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from calls.core import effects as fx
from calls.models import Action, Turn
from calls.services import exchange_commit
from escalations.models import Agent, Escalation, Ticket
from leads.models import Callback, Conversation, Lead, Message, Order, VerificationCode
from leads.services import code_send
from tests.rows.conftest import Talking, codes_see_to, order, text, tomorrow

pytestmark = pytest.mark.django_db(transaction=True)
Begin = Callable[..., Talking]


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run all of ``works`` at once, each with a connection of its own; their results, or the error that one raised."""
    start, results = threading.Barrier(len(works)), [None] * len(works)
    errors: list[Exception] = []

    def run(number: int) -> None:
        try:
            start.wait(timeout=10)
            results[number] = works[number]()
        except Exception as error:  # noqa: BLE001 - given back below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not errors, errors
    return results


def everything() -> fx.Commit:
    return fx.Commit(
        customer_turn=1,
        customer_text="Everything at once",
        agent_turn=2,
        agent_text="All right.",
        orders=(
            order("schedule_callback", "cb", to="+919876543210", due=tomorrow().isoformat()),
            text("sms", "callback", "+919876543210", when="tomorrow at 10 AM"),
            order("create_ticket", "tk", issue_type="billing"),
            order("update_ticket", "up", ticket="tk", status="resolved"),
            order("escalate_to_human", "es", reason="…", skill="technical"),
            order("send_code", "co", order_id="ORD98765"),
        ),
    )


def test_two_hands_write_one_exchange_once(
    begin: Begin, jane: Lead, laptop: Order, agents: dict[str, Agent]
) -> None:
    talk, commit = begin(), everything()
    first, *others = together(*[lambda: exchange_commit(call_id=talk.id, commit=commit)] * 4)
    assert all(other == first for other in others)
    assert [status for _key, _kind, status, _label in first] == [
        "scheduled",
        "queued",
        "done",
        "done",
        "offered",
        "done",
    ]
    counts = {
        model.__name__: model.objects.count()
        for model in (Turn, Conversation, Action, Callback, Ticket, Escalation, VerificationCode)
    }
    assert counts == {
        "Turn": 2,
        "Conversation": 2,
        "Action": 6,
        "Callback": 1,
        "Ticket": 1,
        "Escalation": 1,
        "VerificationCode": 1,
    }
    assert Message.objects.count() == 1
    assert Lead.objects.filter(verified=False).count() == 1


def test_callers_who_want_a_person_at_the_same_moment_get_different_ones(
    begin: Begin, jane: Lead, agents: dict[str, Agent]
) -> None:
    talks = [begin() for _ in range(6)]
    wish = order("escalate_to_human", "es", reason="…", skill="technical")
    together(*[lambda talk=talk: talk.exchange("A person, please", wish) for talk in talks])
    taken = Escalation.objects.exclude(agent=None).values_list("agent_id", flat=True)
    assert sorted(taken) == ["agent_45", "agent_46"]
    assert Escalation.objects.filter(status="waiting").count() == 4


def test_tries_at_the_same_moment_are_each_counted(begin: Begin, jane: Lead, laptop: Order) -> None:
    talk = begin()
    talk.exchange("It's ORD98765", order("send_code", "co", order_id="ORD98765"))
    codes_see_to()
    digits = Message.objects.get().body_text[:6]
    guess = f"{(int(digits) + 1) % 1_000_000:06d}"
    tries = [
        fx.Commit(
            customer_turn=number,
            customer_text=guess,
            agent_turn=0,
            agent_text="",
            orders=(order("check_code", f"check|{number}", code=guess),),
        )
        for number in (11, 12, 13, 14, 15)
    ]
    together(*[lambda one=one: exchange_commit(call_id=talk.id, commit=one) for one in tries])
    assert VerificationCode.objects.get().tries == 3
    assert not talk.row.verified


def test_codes_asked_for_at_the_same_moment_stay_within_the_leads_measure(
    begin: Begin, jane: Lead, laptop: Order
) -> None:
    talks = [begin() for _ in range(8)]
    wish = order("send_code", "co", order_id="ORD98765")
    for talk in talks:
        talk.exchange("It's mine", wish)
    codes = VerificationCode.objects.values_list("id", flat=True)
    together(*[lambda code_id=code_id: code_send(code_id=code_id) for code_id in [*codes, *codes]])
    assert Message.objects.count() == 5
