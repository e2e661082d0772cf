"""What the page of allowed actions says would happen instead is what the policy does."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from calls.core.decision import ACTIONS, Proposal
from calls.core.known import CallbackFact
from calls.rules.shipped import action_notes, phrases_shipped
from tests.core.desk import CATALOG, JANE, NOW, PLAYBOOK, Desk
from tests.core.talk import POLICY, proposal

WISHES: dict[str, tuple[str, Proposal]] = {
    "send_email": ("email me the refund policy", proposal("send_details_email", document=POLICY)),
    "send_sms": ("text me the refund policy", proposal("send_details_sms", document=POLICY)),
    "send_whatsapp": ("send the catalog on WhatsApp", proposal("send_details_whatsapp", document=CATALOG)),
    "schedule_callback": ("call me back tomorrow at ten", proposal("callback_request")),
    "cancel_callback": (
        "cancel my callback",
        proposal("callback_request", cancel=True, entities={"change": "cancel"}),
    ),
    "lookup_order": ("where is my order ORD98765?", proposal("order_status")),
    "escalate_to_human": ("I want to talk to a person", proposal("human_request")),
}


def test_every_action_has_a_label_and_says_what_happens_instead() -> None:
    assert set(action_notes()) == set(ACTIONS)
    for name, note in action_notes().items():
        assert note.label
        assert bool(note.instead) != bool(note.then), name
        assert set(note.instead) <= set(phrases_shipped())
    assert {name for name, note in action_notes().items() if note.instead} == set(WISHES)


@pytest.mark.parametrize("action", WISHES)
def test_instead_of_what_is_forbidden_the_agent_says_what_the_page_says(action: str) -> None:
    text, meant = WISHES[action]
    coming = CallbackFact(key="earlier", due=NOW + dt.timedelta(days=1), phone=JANE.phone)
    desk = Desk(playbook=replace(PLAYBOOK, allowed=PLAYBOOK.allowed - {action}))
    desk.known = replace(desk.known, callbacks=(coming,))
    desk.says(text, meant)
    for name in action_notes()[action].instead:
        assert phrases_shipped()[name].partition("{")[0].strip() in desk.words
    assert action not in desk.did


@pytest.mark.parametrize("action", WISHES)
def test_the_same_wish_is_met_where_it_is_allowed(action: str) -> None:
    text, meant = WISHES[action]
    coming = CallbackFact(key="earlier", due=NOW + dt.timedelta(days=1), phone=JANE.phone)
    desk = Desk()
    desk.known = replace(desk.known, callbacks=(coming,))
    desk.says(text, meant)
    assert phrases_shipped()["cant_do"] not in desk.words
