"""What is one provider's own: how it takes a message, what it says, and why it refuses."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from leads.messengers import sendgrid as sendgrid_module
from leads.messengers.base import (
    ApprovedContent,
    Attachment,
    OutgoingMessage,
    ProviderError,
    WebhookCall,
)
from leads.messengers.sendgrid import SendgridMessenger
from leads.status import Failure
from tests.contracts.sending import LONG, mail, sendgrid, sendgrid_standin, text, twilio, twilio_standin
from tests.contracts.standins import (
    API_KEY,
    AUTH_TOKEN,
    Fault,
    SendgridStandIn,
    TwilioStandIn,
)

__all__ = ["sendgrid_standin", "twilio_standin"]


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
