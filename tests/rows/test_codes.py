"""One-time codes: who is proven by them, who isn't, and that nobody can tell which."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calls.engines.base import Request
from calls.knowing import known_read
from calls.models import Action
from escalations.models import Ticket
from leads.codes import CODES_A_CALL, CODES_AN_HOUR, LIFETIME, TRIES
from leads.models import Callback, Conversation, Lead, Message, Order, VerificationCode
from leads.services import code_send, codes_sweep
from tests.rows.conftest import Talking, codes_see_to, order, tomorrow

pytestmark = pytest.mark.django_db
Begin = Callable[..., Talking]


def ask(talk: Talking, key: str = "send_code|1", **claim: str) -> list[tuple[str, str, str, str]]:
    receipts = talk.exchange("It's my order", order("send_code", key, label="One-time code", **claim))
    codes_see_to()
    return receipts


def sent() -> str:
    """The digits of the newest text."""
    found = re.match(r"\d{6}", Message.objects.filter(template="code").latest("created_at").body_text)
    assert found is not None
    return found.group()


def wrong(digits: str) -> str:
    return f"{(int(digits) + 1) % 1_000_000:06d}"


def say(talk: Talking, digits: str) -> Any:
    """What the rows make of the digits before anything is written."""
    return known_read(call_id=talk.id, request=Request(text=f"It's {digits}", asked="code"))


def check(talk: Talking, digits: str) -> str:
    """One try, as the turn that spoke it commits it."""
    receipts = talk.exchange(digits, order("check_code", f"check_code|{talk.turn}", code=digits))
    return receipts[0][2]


def test_the_code_goes_to_the_number_on_file_and_the_right_one_proves_the_caller(
    begin: Begin, laptop: Order
) -> None:
    talk = begin(None, name="Somebody")
    ask(talk, order_id="ord98765")
    message = Message.objects.get()
    assert (message.to, message.lead_id, message.channel) == ("+919876543210", "user_123", "sms")
    assert "TechCorp code" in message.body_text
    assert "10 minutes" in message.body_text
    known = say(talk, sent())
    assert known.code == "right"
    assert (known.proven.lead_id, known.proven.verified, known.proven.email) == (
        "user_123",
        True,
        "user@example.com",
    )
    assert [one.order_id for one in known.proven_orders] == ["ORD98765"]
    assert known.orders == ()
    assert check(talk, sent()) == "done"
    call = talk.row
    assert (call.verified, call.lead_id, call.claims) == (True, "user_123", {"name": "Somebody"})
    assert [one.order_id for one in say(talk, "").orders] == ["ORD98765"]


def test_looking_does_not_count_and_three_wrong_tries_do(begin: Begin, laptop: Order) -> None:
    talk = begin()
    ask(talk, order_id="ORD98765")
    right = sent()
    for _ in range(5):
        assert say(talk, wrong(right)).code == "wrong"
    for _ in range(TRIES):
        assert check(talk, wrong(right)) == "failed"
    assert say(talk, right).code == "spent"
    assert check(talk, right) == "failed"
    assert not talk.row.verified
    assert VerificationCode.objects.get().tries == TRIES


def test_a_try_that_is_written_again_counts_once(begin: Begin, laptop: Order) -> None:
    talk = begin()
    ask(talk, order_id="ORD98765")
    check(talk, wrong(sent()))
    talk.again()
    assert VerificationCode.objects.get().tries == 1


def test_a_code_is_worth_nothing_after_its_time(begin: Begin, laptop: Order) -> None:
    talk = begin()
    ask(talk, order_id="ORD98765")
    VerificationCode.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert say(talk, sent()).code == "spent"
    assert check(talk, sent()) == "failed"
    assert not talk.row.verified


def test_the_code_of_another_call_proves_nothing(begin: Begin, laptop: Order) -> None:
    first, second = begin(), begin()
    ask(first, order_id="ORD98765")
    theirs = sent()
    ask(second, order_id="ORD98765")
    mine = sent()
    if theirs != mine:  # one in a million
        assert say(second, theirs).code == "wrong"
        assert check(second, theirs) == "failed"
    row = (
        VerificationCode.objects.filter(call_id=second.id)
        .values("salt", "digest", "lead_id", "expires_at")
        .get()
    )
    third = begin()
    assert say(third, mine).code == "wrong"
    assert check(third, mine) == "failed"
    VerificationCode.objects.create(call_id=third.id, **row)  # by somebody who can write rows, but has no key
    assert check(third, mine) == "failed"
    assert not third.row.verified


def test_a_code_works_once(begin: Begin, laptop: Order) -> None:
    talk = begin()
    ask(talk, order_id="ORD98765")
    assert check(talk, sent()) == "done"
    talk.row.__class__.objects.filter(id=talk.id).update(verified=False, lead=None)
    assert check(talk, sent()) == "failed"
    assert not talk.row.verified


@pytest.mark.parametrize(
    "claim",
    [
        {"order_id": "ORD00000"},
        {"phone": "+919811111111"},
        {"email": "nobody@example.com"},
        {"order_id": "ORD98765", "email": "nobody@example.com"},
        {"phone": "not a number"},
        {},
    ],
    ids=str,
)
def test_a_claim_that_fits_nobody_looks_the_same_from_outside(
    begin: Begin, laptop: Order, claim: dict[str, str]
) -> None:
    real, made_up = begin(), begin()
    receipts = ask(real, order_id="ORD98765")
    assert ask(made_up, **claim) == receipts
    assert Message.objects.count() == 1
    actions = [
        {name: value for name, value in talk.document()["actions"][0].items() if name != "at"}
        for talk in (real, made_up)
    ]
    assert actions[0] == actions[1]
    guess = wrong(sent())
    assert (
        [(say(real, guess).code, check(real, guess)) for _ in range(TRIES + 1)]
        == [(say(made_up, guess).code, check(made_up, guess)) for _ in range(TRIES + 1)]
        == [("wrong", "failed")] * TRIES + [("spent", "failed")]
    )


def test_what_the_call_writes_and_reads_does_not_depend_on_whom_there_is(begin: Begin, laptop: Order) -> None:
    queries = []
    for order_id in ("ORD98765", "ORD00000"):
        talk = begin()
        with CaptureQueriesContext(connection) as captured:
            talk.exchange("It's mine", order("send_code", "send_code|1", order_id=order_id))
        codes_see_to()
        with CaptureQueriesContext(connection) as more:
            say(talk, "000000")
            check(talk, "000000")
        values = re.compile(r"'[^']*'|s\d+_x\d+|\b\d+\b")
        queries.append([values.sub("?", one["sql"]) for one in [*captured, *more]])
    assert queries[0] == queries[1]
    assert Message.objects.count() == 1


def test_a_worker_that_is_asked_again_sends_no_second_code(begin: Begin, laptop: Order) -> None:
    ask(begin(), order_id="ORD98765")
    code_send(code_id=VerificationCode.objects.get().id)
    assert Message.objects.count() == 1


def test_a_code_that_no_worker_has_seen_is_asked_for_again_while_it_is_worth_it(
    begin: Begin, laptop: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr("leads.doorbell.ring", lambda _task, row_id: rung.append(row_id) or True)
    begin().exchange("Mine", order("send_code", order_id="ORD98765"))
    row = VerificationCode.objects.get()
    asked = row.created_at
    codes_sweep(now=asked)
    assert rung == []
    codes_sweep(now=asked + dt.timedelta(seconds=10))
    assert rung == [row.id]
    codes_sweep(now=asked + LIFETIME)
    code_send(code_id=row.id, now=asked + LIFETIME)
    assert rung == [row.id]
    assert not Message.objects.exists()
    code_send(code_id=row.id)
    codes_sweep(now=asked + dt.timedelta(seconds=20))
    assert rung == [row.id]
    assert Message.objects.count() == 1


def test_what_the_caller_went_by_is_not_kept(begin: Begin, laptop: Order) -> None:
    ask(begin(), phone="+919811111111", email="x@example.com")
    assert VerificationCode.objects.get().claim == {}


def test_no_receipt_of_the_text_reaches_the_call(begin: Begin, laptop: Order) -> None:
    talk = begin()
    ask(talk, order_id="ORD98765")
    assert Message.objects.get().call_id is None
    assert Action.objects.get().message is None
    assert "98765 43210" not in str(talk.document())
    assert "+919876543210" not in str(talk.document())


def test_a_number_that_two_leads_share_proves_neither(begin: Begin, laptop: Order) -> None:
    Lead.objects.create(id="wife", phone="+919876543210")
    talk = begin()
    ask(talk, phone="98765 43210")
    assert not Message.objects.exists()
    ask(talk, "send_code|2", phone="98765 43210", order_id="ORD98765")
    assert Message.objects.get().lead_id == "user_123"


def test_a_lead_that_somebody_made_up_is_nobody_to_prove(begin: Begin) -> None:
    Lead.objects.create(id="made_up", phone="+919811111111", verified=False)
    ask(begin(), phone="+919811111111")
    assert not Message.objects.exists()


def test_a_call_may_ask_for_three_codes_and_the_last_one_counts(begin: Begin, laptop: Order) -> None:
    talk = begin()
    for number in range(CODES_A_CALL + 3):
        ask(talk, f"send_code|{number}", order_id="ORD98765")
    assert Message.objects.count() == CODES_A_CALL
    assert check(talk, sent()) == "done"


def test_nobody_is_flooded_with_codes_whoever_asks(begin: Begin, laptop: Order) -> None:
    receipts = [ask(begin(), order_id="ORD98765") for _ in range(CODES_AN_HOUR + 3)]
    assert Message.objects.count() == CODES_AN_HOUR
    assert all(receipt == receipts[0] for receipt in receipts)
    VerificationCode.objects.update(created_at=timezone.now() - dt.timedelta(hours=2))
    ask(begin(), order_id="ORD98765")
    assert Message.objects.count() == CODES_AN_HOUR + 1


def test_the_digits_are_kept_nowhere_but_in_the_text(begin: Begin, laptop: Order) -> None:
    talk = begin()
    ask(talk, order_id="ORD98765")
    row = VerificationCode.objects.values().get()
    assert sent() not in " ".join(str(row[name]) for name in ("salt", "digest", "key"))


def test_administrators_see_that_a_code_was_sent_and_not_which(
    begin: Begin, laptop: Order, admin_client: Client
) -> None:
    talk = begin()
    ask(talk, order_id="ORD98765")
    digits = sent()
    row = VerificationCode.objects.get()
    for page in (
        "/admin/leads/verificationcode/",
        f"/admin/leads/verificationcode/{row.id}/change/",
        f"/admin/leads/message/{Message.objects.get().id}/change/",
    ):
        response = admin_client.get(page)
        assert response.status_code == 200
        assert digits not in response.content.decode()
        assert row.digest not in response.content.decode()


def test_what_was_promised_before_the_proof_belongs_to_the_proven_lead(begin: Begin, laptop: Order) -> None:
    talk = begin(None, name="Jane")
    talk.exchange(
        "Call me tomorrow, my laptop is late",
        order("schedule_callback", "cb", to="+919811111111", due=tomorrow().isoformat()),
        order("create_ticket", "tk", issue_type="delivery_delay", words="late"),
    )
    made_up = talk.row.lead_id
    assert made_up not in (None, "user_123")
    ask(talk, order_id="ORD98765")
    check(talk, sent())
    assert Callback.objects.get().lead_id == Ticket.objects.get().lead_id == "user_123"
    assert set(Conversation.objects.values_list("lead_id", flat=True)) == {"user_123"}
    assert not Lead.objects.filter(id=made_up).exists()
    jane = Lead.objects.get(id="user_123")
    assert (jane.next_action_time, jane.phone) == (tomorrow(), "+919876543210")
