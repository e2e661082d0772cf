"""One suite over every provider: whoever sends must tell the truth about what may have been sent."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leads.messengers import sendgrid as sendgrid_module
from leads.messengers import twilio as twilio_module
from leads.messengers.base import (
    Lookup,
    Messenger,
    OutgoingMessage,
    ProviderError,
)
from leads.messengers.outbox import OutboxMessenger
from tests.contracts.sending import mail, sendgrid, sendgrid_standin, text, twilio, twilio_standin
from tests.contracts.standins import (
    API_KEY,
    AUTH_TOKEN,
    Fault,
)

__all__ = ["sendgrid_standin", "twilio_standin"]
HOSTILE = "Ünïcode 👋🏽 \u202eright to left\u202c עברית\n.\nBcc: everyone@example.com\n" + "x" * 300


@dataclass(frozen=True, kw_only=True)
class Case:
    messenger: Messenger
    make: Callable[[str], Messenger]
    message: OutgoingMessage
    standin: Any


REAL = ["sendgrid", "twilio-sms", "twilio-whatsapp"]


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Case:
    name: str = request.param
    if name == "outbox":
        return Case(
            messenger=OutboxMessenger(), make=lambda _: OutboxMessenger(), message=mail(), standin=None
        )
    if name == "sendgrid":
        standin = request.getfixturevalue("sendgrid_standin")
        return Case(messenger=sendgrid(standin.url), make=sendgrid, message=mail(), standin=standin)
    standin = request.getfixturevalue("twilio_standin")
    message = text(name.removeprefix("twilio-"))
    return Case(messenger=twilio(standin.url), make=twilio, message=message, standin=standin)


every = pytest.mark.parametrize("case", ["outbox", *REAL], indirect=True)
real = pytest.mark.parametrize("case", REAL, indirect=True)


@every
def test_a_message_that_was_taken_has_an_id(case: Case) -> None:
    sent = case.messenger.send(case.message)
    assert sent.provider_id
    if case.standin:
        assert len(case.standin.accepted) == 1


@every
def test_two_messages_have_two_ids(case: Case) -> None:
    other = replace(case.message, id=str(uuid.uuid4()))
    assert case.messenger.send(case.message).provider_id != case.messenger.send(other).provider_id


@every
def test_only_the_outbox_says_that_it_only_pretends(case: Case) -> None:
    sent = case.messenger.send(case.message)
    assert case.messenger.simulated is (case.standin is None)
    assert all(receipt.simulated for receipt in sent.receipts) is True
    assert bool(sent.receipts) is case.messenger.simulated


@real
def test_emoji_and_right_to_left_text_arrive_as_they_are(case: Case) -> None:
    case.messenger.send(replace(case.message, body_text=HOSTILE))
    taken = case.standin.accepted[0]
    assert (taken["Body"] if "Body" in taken else taken["content"][0]["value"]) == HOSTILE


@real
def test_a_refusal_is_final(case: Case) -> None:
    with pytest.raises(ProviderError) as caught:
        case.messenger.send(replace(case.message, body_text="", body_html=""))
    assert (caught.value.retryable, caught.value.outcome_unknown) == (False, False)
    assert case.standin.accepted == []


@real
def test_wrong_credentials_are_final_and_not_repeated_in_the_error(case: Case) -> None:
    case.standin.faults.append(
        Fault(status=401, body='{"code": 20003, "message": "Authenticate", "status": 401}')
    )
    with pytest.raises(ProviderError) as caught:
        case.messenger.send(case.message)
    assert caught.value.retryable is False
    assert AUTH_TOKEN not in str(caught.value)
    assert API_KEY not in str(caught.value)


@real
def test_too_many_requests_may_be_repeated_after_the_time_the_provider_names(case: Case) -> None:
    case.standin.faults.append(Fault(status=429, headers={"Retry-After": "7"}, body="{}"))
    with pytest.raises(ProviderError) as caught:
        case.messenger.send(case.message)
    assert (caught.value.retryable, caught.value.retry_after) == (True, 7.0)


@real
@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_says_it_failed_may_be_asked_again(case: Case, status: int) -> None:
    case.standin.faults.append(Fault(status=status, body="<html>oops</html>"))
    with pytest.raises(ProviderError) as caught:
        case.messenger.send(case.message)
    assert (caught.value.retryable, caught.value.outcome_unknown) == (True, False)


@real
@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_that_lost_the_answer_leaves_the_outcome_unknown(case: Case, status: int) -> None:
    case.standin.faults.append(Fault(status=status, after=True))
    with pytest.raises(ProviderError) as caught:
        case.messenger.send(case.message)
    assert (caught.value.retryable, caught.value.outcome_unknown) == (False, True)


@real
def test_a_line_that_drops_after_the_request_leaves_the_outcome_unknown(case: Case) -> None:
    case.standin.faults.append(Fault(drop=True, after=True))
    with pytest.raises(ProviderError) as caught:
        case.messenger.send(case.message)
    assert (caught.value.retryable, caught.value.outcome_unknown) == (False, True)


@real
def test_an_answer_that_does_not_come_in_time_leaves_the_outcome_unknown(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (sendgrid_module, twilio_module):
        monkeypatch.setattr(module, "READ_TIMEOUT", 0.3)
    case.standin.faults.append(Fault(slow=True, after=True))
    with pytest.raises(ProviderError) as caught:
        case.messenger.send(case.message)
    assert (caught.value.retryable, caught.value.outcome_unknown) == (False, True)


@real
def test_a_provider_that_nobody_answers_for_may_be_asked_again(case: Case) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(ProviderError) as caught:
            case.make(url).send(case.message)
    assert (caught.value.retryable, caught.value.outcome_unknown) == (True, False)


@every
def test_what_was_taken_is_found_again_when_its_answer_was_lost(case: Case) -> None:
    assert isinstance(case.messenger, Lookup)
    sent = case.messenger.send(case.message)
    found = case.messenger.lookup(case.message, since=datetime.now(UTC) - timedelta(minutes=1), taken=())
    assert found is not None
    assert found.provider_id == sent.provider_id


@real
def test_what_was_never_taken_is_never_claimed_to_be_there(case: Case) -> None:
    assert isinstance(case.messenger, Lookup)
    try:
        found = case.messenger.lookup(case.message, since=datetime.now(UTC) - timedelta(minutes=1), taken=())
    except ProviderError as error:
        assert error.retryable is False  # A feed that lags cannot prove an absence, and says so.
    else:
        assert found is None
