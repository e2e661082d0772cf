"""One suite over every provider: whoever sends must tell the truth about what may have been sent."""

from __future__ import annotations

import base64
import socket
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from leads.messengers import sendgrid as sendgrid_module
from leads.messengers import twilio as twilio_module
from leads.messengers.base import (
    ApprovedContent,
    Attachment,
    Lookup,
    Messenger,
    OutgoingMessage,
    ProviderError,
    WebhookCall,
)
from leads.messengers.outbox import OutboxMessenger
from leads.messengers.sendgrid import SendgridMessenger
from leads.messengers.twilio import TwilioMessenger
from leads.status import Failure
from tests.contracts.standins import (
    ACCOUNT_SID,
    API_KEY,
    AUTH_TOKEN,
    Fault,
    SendgridStandIn,
    StandIn,
    TwilioStandIn,
    running,
)

HOSTILE = "Ünïcode 👋🏽 \u202eright to left\u202c עברית\n.\nBcc: everyone@example.com\n" + "x" * 300
LONG = "y" * 10_000


@dataclass(frozen=True, kw_only=True)
class Case:
    messenger: Messenger
    make: Callable[[str], Messenger]
    message: OutgoingMessage
    standin: Any


def mail(**other: Any) -> OutgoingMessage:
    fields: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "channel": "email",
        "to": "jane@example.com",
        "subject": "Acme Refund Policy",
        "body_text": "Hello",
        "body_html": "<p>Hello</p>",
    }
    return OutgoingMessage(**{**fields, **other})


def text(channel: str = "sms", **other: Any) -> OutgoingMessage:
    fields: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "channel": channel,
        "to": "+919876543210",
        "body_text": "Hello",
    }
    return OutgoingMessage(**{**fields, **other})


def twilio(url: str) -> TwilioMessenger:
    return TwilioMessenger(
        account_sid=ACCOUNT_SID,
        auth_token=AUTH_TOKEN,
        sms_from="+15005550006",
        whatsapp_from="whatsapp:+15005550007",
        base_url=url,
        status_callback="https://voice.example.com/twilio/status/",
    )


def sendgrid(url: str) -> SendgridMessenger:
    return SendgridMessenger(api_key=API_KEY, sender="support@example.com", sender_name="Acme", base_url=url)


@pytest.fixture
def twilio_standin() -> Iterator[StandIn]:
    with running(TwilioStandIn()) as standin:
        yield standin


@pytest.fixture
def sendgrid_standin() -> Iterator[StandIn]:
    with running(SendgridStandIn()) as standin:
        yield standin


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


def test_a_mail_carries_our_id_both_texts_and_its_attachment(sendgrid_standin: SendgridStandIn) -> None:
    message = mail(
        body_text=LONG,
        attachments=(
            Attachment(file_name="refund policy é.pdf", mime="application/pdf", content=b"%PDF-1.7"),
        ),
    )
    sendgrid(sendgrid_standin.url).send(message)
    taken = sendgrid_standin.accepted[0]
    assert taken["custom_args"] == {"message_id": message.id}
    assert taken["from"] == {"email": "support@example.com", "name": "Acme"}
    assert taken["subject"] == "Acme Refund Policy"
    assert [part["type"] for part in taken["content"]] == ["text/plain", "text/html"]
    assert taken["content"][0]["value"] == LONG
    [file] = taken["attachments"]
    assert base64.b64decode(file["content"]) == b"%PDF-1.7"
    assert (file["filename"], file["type"], file["disposition"]) == (
        "refund policy é.pdf",
        "application/pdf",
        "attachment",
    )


def test_a_plan_without_the_activity_feed_cannot_tell(sendgrid_standin: SendgridStandIn) -> None:
    sendgrid_standin.has_activity = False
    with pytest.raises(ProviderError) as caught:
        sendgrid(sendgrid_standin.url).lookup(mail(), since=datetime.now(UTC), taken=())
    assert caught.value.retryable is False


def test_a_whatsapp_message_names_both_ends_and_its_document(twilio_standin: TwilioStandIn) -> None:
    message = text(
        "whatsapp",
        attachments=(
            Attachment(
                file_name="a.pdf",
                mime="application/pdf",
                content=b"%PDF",
                url="https://voice.example.com/media/d/x",
            ),
        ),
    )
    twilio(twilio_standin.url).send(message)
    taken = twilio_standin.accepted[0]
    assert (taken["To"], taken["From"]) == ("whatsapp:+919876543210", "whatsapp:+15005550007")
    assert taken["media"] == ["https://voice.example.com/media/d/x"]
    assert taken["StatusCallback"] == f"https://voice.example.com/twilio/status/?message={message.id}"


def test_a_lookup_leaves_what_belongs_to_another_message(twilio_standin: TwilioStandIn) -> None:
    messenger = twilio(twilio_standin.url)
    taken = messenger.send(text()).provider_id
    assert messenger.lookup(text(), since=datetime.now(UTC) - timedelta(minutes=1), taken={taken}) is None


def test_a_text_too_long_for_sms_is_refused_for_good(twilio_standin: TwilioStandIn) -> None:
    with pytest.raises(ProviderError, match="21617") as caught:
        twilio(twilio_standin.url).send(text(body_text=LONG))
    assert caught.value.retryable is False


def test_an_answer_that_is_no_json_leaves_the_outcome_unknown(twilio_standin: TwilioStandIn) -> None:
    twilio_standin.faults.append(Fault(status=201, body="<html>a proxy says hello</html>", after=True))
    with pytest.raises(ProviderError) as caught:
        twilio(twilio_standin.url).send(text())
    assert caught.value.outcome_unknown is True


def content(channel: str = "whatsapp", said: str = "") -> OutgoingMessage:
    approved = ApprovedContent(sid="HX" + "0" * 32, variables={"1": "Jane"}, text=said)
    return text(channel, content=approved)


def test_an_approved_text_whose_wording_is_not_known_is_never_claimed_to_be_missing(
    twilio_standin: TwilioStandIn,
) -> None:
    messenger = twilio(twilio_standin.url)
    since = datetime.now(UTC) - timedelta(minutes=1)
    assert messenger.lookup(content(), since=since, taken=()) is None
    sent = messenger.send(content())
    with pytest.raises(ProviderError) as caught:
        messenger.lookup(content(), since=since, taken=())
    assert caught.value.retryable is False
    said = f"[HX{'0' * 32}] Jane"
    found = messenger.lookup(content(said=said), since=since, taken=())
    assert found is not None
    assert found.provider_id == sent.provider_id


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (63016, Failure.WINDOW_CLOSED),
        (21211, Failure.INVALID_NUMBER),
        (21614, Failure.INVALID_NUMBER),
        (30007, Failure.BLOCKED),
        (21610, Failure.OPTED_OUT),
        (30003, Failure.UNREACHABLE),
        (99999, Failure.REFUSED),
    ],
)
def test_twilios_codes_say_why_in_the_answer_and_in_a_status(
    twilio_standin: TwilioStandIn, code: int, failure: Failure
) -> None:
    messenger = twilio(twilio_standin.url)
    body = f'{{"code": {code}, "message": "no", "status": 400}}'
    twilio_standin.faults.append(Fault(status=400, body=body))
    with pytest.raises(ProviderError) as caught:
        messenger.send(text())
    assert caught.value.failure is failure
    url = "https://voice.example.com/twilio/status/"
    fields = {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": str(code)}
    signature = RequestValidator(AUTH_TOKEN).compute_signature(url, fields)
    call = WebhookCall(url=url, headers={"x-twilio-signature": signature}, body=urlencode(fields).encode())
    assert [receipt.failure for receipt in messenger.parse_receipt(call)] == [failure]


@pytest.mark.parametrize(
    ("event", "failure"),
    [
        ({"event": "bounce", "type": "bounce"}, Failure.BOUNCED),
        ({"event": "bounce", "type": "blocked"}, Failure.BLOCKED),
        ({"event": "dropped", "reason": "Bounced Address"}, Failure.BOUNCED),
        ({"event": "dropped", "reason": "Unsubscribed Address"}, Failure.OPTED_OUT),
        ({"event": "dropped", "reason": "Spam Reporting Address"}, Failure.OPTED_OUT),
        ({"event": "dropped", "reason": "Invalid SMTPAPI header"}, Failure.REFUSED),
        ({"event": "dropped", "reason": "Invalid"}, Failure.INVALID_ADDRESS),
        ({"event": "delivered"}, None),
    ],
)
def test_sendgrids_events_say_why(event: dict[str, str], failure: Failure | None) -> None:
    assert sendgrid_module._failure(event) is failure


def test_a_mail_says_where_answers_go_and_how_to_end_it(sendgrid_standin: SendgridStandIn) -> None:
    messenger = SendgridMessenger(
        api_key=API_KEY,
        sender="support@example.com",
        reply_to="Help desk <help@example.com>",
        base_url=sendgrid_standin.url,
    )
    messenger.send(mail(headers={"List-Unsubscribe": "<https://voice.example.com/u/x>"}))
    [taken] = sendgrid_standin.accepted
    assert taken["reply_to"] == {"email": "help@example.com", "name": "Help desk"}
    assert taken["headers"] == {"List-Unsubscribe": "<https://voice.example.com/u/x>"}


def test_a_list_that_twilio_refuses_is_an_answer_and_not_an_accident(twilio_standin: TwilioStandIn) -> None:
    twilio_standin.faults.append(Fault(status=401, body='{"code": 20003, "message": "Authenticate"}'))
    with pytest.raises(ProviderError, match="Authenticate") as caught:
        twilio(twilio_standin.url).lookup(text(), since=datetime.now(UTC), taken=())
    assert caught.value.retryable is False
