"""One suite over every dialer: whoever calls people must tell the truth about whether a telephone may have rung."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from twilio.request_validator import RequestValidator

from leads.dialers.base import (
    CallLookup,
    CallNews,
    Dialer,
    ForgedError,
    ProviderError,
    Ringing,
    WebhookCall,
    stage_later,
)
from leads.dialers.outbox import OutboxDialer
from leads.dialers.twilio import TwilioDialer
from leads.dialers.twiml import after_twiml, greeting_twiml
from leads.messengers import twilio as twilio_module
from leads.status import Failure
from tests.contracts.standins import ACCOUNT_SID, AUTH_TOKEN, Fault, TwilioCallsStandIn, running

STATUS = "https://voice.example.com/twilio/voice/status/?callback=12&attempt=3"
RINGING = Ringing(
    callback_id=12,
    attempt=3,
    to="+919876543210",
    answer_url="https://voice.example.com/twilio/voice/callback/x/",
    status_url=STATUS,
)


@dataclass(frozen=True, kw_only=True)
class Case:
    dialer: Dialer
    make: Callable[[str], Dialer]
    standin: Any


def twilio(url: str = "") -> TwilioDialer:
    return TwilioDialer(
        account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, voice_from="+15005550008", base_url=url
    )


@pytest.fixture
def standin() -> Iterator[TwilioCallsStandIn]:
    with running(TwilioCallsStandIn()) as one:
        assert isinstance(one, TwilioCallsStandIn)
        yield one


@pytest.fixture(params=["outbox", "twilio"])
def case(request: pytest.FixtureRequest) -> Case:
    if request.param == "outbox":
        return Case(dialer=OutboxDialer(), make=lambda _: OutboxDialer(), standin=None)
    standin = request.getfixturevalue("standin")
    return Case(dialer=twilio(standin.url), make=twilio, standin=standin)


def test_an_order_that_was_taken_has_an_id_of_its_own(case: Case) -> None:
    first = case.dialer.call(RINGING).provider_id
    assert first
    assert case.dialer.call(replace(RINGING, attempt=4)).provider_id != first
    if case.standin:
        assert len(case.standin.accepted) == 2


def test_only_the_outbox_says_that_it_only_pretends(case: Case) -> None:
    placed = case.dialer.call(RINGING)
    assert case.dialer.simulated is (case.standin is None)
    assert bool(placed.reports) is case.dialer.simulated
    assert all(report.simulated for report in placed.reports)


def test_what_was_ordered_is_found_again_when_its_answer_was_lost(case: Case) -> None:
    assert isinstance(case.dialer, CallLookup)
    placed = case.dialer.call(RINGING)
    found = case.dialer.lookup(RINGING, since=datetime.now(UTC) - timedelta(minutes=1), taken=())
    assert found is not None
    assert (found.provider_id, found.callback_id, found.attempt) == (placed.provider_id, 12, 3)
    seen = case.dialer.look(RINGING, provider_id=placed.provider_id)
    assert (seen.provider_id, seen.news) == (placed.provider_id, found.news)


def test_the_order_names_both_ends_the_news_we_want_and_how_long_it_rings(
    standin: TwilioCallsStandIn,
) -> None:
    twilio(standin.url).call(RINGING)
    [row] = standin.accepted
    assert (row["To"], row["From"], row["Timeout"]) == ("+919876543210", "+15005550008", "25")
    assert (row["Url"], row["StatusCallback"]) == (RINGING.answer_url, STATUS)
    assert row["events"] == ["initiated", "ringing", "answered", "completed"]


def test_without_a_public_address_what_is_said_goes_with_the_order(standin: TwilioCallsStandIn) -> None:
    here = Ringing(callback_id=1, attempt=1, to="+919876543210", answer_twiml="<Response/>")
    twilio(standin.url).call(here)
    [row] = standin.accepted
    assert row["Twiml"] == "<Response/>"
    assert "Url" not in row
    assert "StatusCallback" not in row


def test_what_was_never_ordered_or_is_another_call_is_not_found(standin: TwilioCallsStandIn) -> None:
    dialer = twilio(standin.url)
    ago = datetime.now(UTC) - timedelta(minutes=1)
    assert dialer.lookup(RINGING, since=ago, taken=()) is None
    sid = dialer.call(RINGING).provider_id
    assert dialer.lookup(RINGING, since=ago, taken={sid}) is None
    assert dialer.lookup(RINGING, since=datetime.now(UTC) + timedelta(minutes=1), taken=()) is None
    assert dialer.lookup(replace(RINGING, to="+919876543211"), since=ago, taken=()) is None


def test_too_many_requests_may_be_repeated_after_the_time_the_provider_names(
    standin: TwilioCallsStandIn,
) -> None:
    standin.faults.append(Fault(status=429, headers={"Retry-After": "7"}, body="{}"))
    with pytest.raises(ProviderError) as caught:
        twilio(standin.url).call(RINGING)
    assert (caught.value.retryable, caught.value.retry_after) == (True, 7.0)
    assert standin.accepted == []


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_says_it_failed_may_be_asked_again(standin: TwilioCallsStandIn, status: int) -> None:
    standin.faults.append(Fault(status=status, body="<html>oops</html>"))
    with pytest.raises(ProviderError) as caught:
        twilio(standin.url).call(RINGING)
    assert (caught.value.retryable, caught.value.outcome_unknown) == (True, False)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=502, after=True),
        Fault(status=504, after=True),
        Fault(drop=True, after=True),
        Fault(slow=True, after=True),
        Fault(status=201, body="<html>a proxy says hello</html>", after=True),
    ],
    ids=["502", "504", "dropped", "slow", "no JSON"],
)
def test_an_answer_that_is_lost_leaves_it_open_whether_a_telephone_rang(
    standin: TwilioCallsStandIn, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_module, "READ_TIMEOUT", 0.3)
    standin.faults.append(fault)
    with pytest.raises(ProviderError) as caught:
        twilio(standin.url).call(RINGING)
    assert (caught.value.retryable, caught.value.outcome_unknown) == (False, True)
    assert len(standin.accepted) == 1


def test_nobody_at_the_other_end_rang_no_telephone() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(ProviderError) as caught:
            twilio(f"http://127.0.0.1:{closed.getsockname()[1]}").call(RINGING)
    assert (caught.value.retryable, caught.value.outcome_unknown) == (True, False)


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (21211, Failure.INVALID_NUMBER),
        (21217, Failure.INVALID_NUMBER),
        (13224, Failure.INVALID_NUMBER),
        (21215, Failure.BLOCKED),
        (21210, Failure.NOT_CONFIGURED),
        (20003, Failure.NOT_CONFIGURED),
        (99999, Failure.REFUSED),
    ],
)
def test_a_refusal_is_final_and_says_why(standin: TwilioCallsStandIn, code: int, failure: Failure) -> None:
    body = f'{{"code": {code}, "message": "no", "status": 400}}'
    standin.faults.append(Fault(status=400, body=body))
    with pytest.raises(ProviderError, match=str(code)) as caught:
        twilio(standin.url).call(RINGING)
    assert (caught.value.retryable, caught.value.outcome_unknown) == (False, False)
    assert caught.value.failure is failure
    assert AUTH_TOKEN not in str(caught.value)


def test_a_look_up_that_fails_may_be_repeated_unless_the_provider_says_no(
    standin: TwilioCallsStandIn,
) -> None:
    dialer = twilio(standin.url)
    for fault in (Fault(status=504), Fault(drop=True), Fault(status=429, body="{}")):
        standin.faults.append(fault)
        with pytest.raises(ProviderError) as caught:
            dialer.lookup(RINGING, since=datetime.now(UTC), taken=())
        assert caught.value.retryable
    with pytest.raises(ProviderError) as caught:
        dialer.look(RINGING, provider_id="CA" + "f" * 32)
    assert not caught.value.retryable


def told(status: str, *, url: str = STATUS, token: str = AUTH_TOKEN, **other: str) -> WebhookCall:
    fields = {"CallSid": "CA1", "CallStatus": status, "To": "+919876543210", **other}
    signature = RequestValidator(token).compute_signature(url, fields)
    return WebhookCall(url=url, headers={"x-twilio-signature": signature}, body=urlencode(fields).encode())


@pytest.mark.parametrize(
    ("status", "news"),
    [
        ("initiated", CallNews.PLACED),
        ("ringing", CallNews.RINGING),
        ("in-progress", CallNews.ANSWERED),
        ("completed", CallNews.COMPLETED),
        ("busy", CallNews.BUSY),
        ("no-answer", CallNews.NO_ANSWER),
        ("failed", CallNews.FAILED),
        ("canceled", CallNews.NO_ANSWER),
    ],
)
def test_a_signed_status_is_news_of_that_attempt(status: str, news: CallNews) -> None:
    report = twilio().parse_status(told(status))
    assert report is not None
    assert (report.news, report.callback_id, report.attempt, report.provider_id) == (news, 12, 3, "CA1")
    assert report.event_id == f"CA1:{status}"


def test_a_forged_or_unsigned_status_is_refused_and_one_about_nothing_is_none() -> None:
    with pytest.raises(ForgedError):
        twilio().parse_status(told("completed", token="another"))
    with pytest.raises(ForgedError):
        twilio().parse_status(replace(told("completed"), headers={}))
    with pytest.raises(ForgedError):
        twilio().parse_status(replace(told("completed"), url=STATUS.replace("12", "13")))
    with pytest.raises(ForgedError):
        TwilioDialer(account_sid="", auth_token="", voice_from="").parse_status(told("completed"))
    for url in ("https://voice.example.com/x", STATUS.replace("12", "-1"), STATUS.replace("=3", "=9e9")):
        assert twilio().parse_status(told("completed", url=url)) is None
    assert twilio().parse_status(told("something new")) is None


def test_stages_only_move_forward() -> None:
    assert stage_later("", CallNews.PLACED) == "placed"
    assert stage_later("ringing", CallNews.PLACED) == "ringing"
    assert stage_later("placed", CallNews.ANSWERED) == "answered"
    assert stage_later("completed", CallNews.RINGING) == "completed"


def test_who_picks_up_is_told_who_calls_and_is_connected_only_with_an_office_to_connect_to() -> None:
    fields: dict[str, Any] = {"company": "A & B <Ltd>", "caller_id": "+15005550008", "ring_seconds": 25}
    alone = ElementTree.fromstring(greeting_twiml(**fields, connect_to="", after_url=""))
    assert "this is A & B <Ltd>" in "".join(alone.itertext())
    assert "A colleague will be in touch" in "".join(alone.itertext())
    assert alone.find("Dial") is None
    through = ElementTree.fromstring(
        greeting_twiml(**fields, connect_to="+914412345678", after_url="https://x/")
    )
    dial = through.find("Dial")
    assert dial is not None
    assert (dial.text, dial.get("action"), dial.get("callerId")) == (
        "+914412345678",
        "https://x/",
        "+15005550008",
    )
    assert "in touch" in after_twiml(connected=False)
    assert "in touch" not in after_twiml(connected=True)
