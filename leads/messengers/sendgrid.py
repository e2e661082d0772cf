"""Invariant: every mail carries our own id, so that every event finds its message even if the answer was
lost.

E-mail by SendGrid: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
Events: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event

SendGrid has no idempotency key: the same request twice is two mails. It can be asked afterwards (Email
Activity, an add-on): where that is not part of the plan it answers 4xx, and the message is `unknown`.
"""

from __future__ import annotations

import base64
import binascii
import json
import socket
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Self
from urllib.error import URLError

from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.eventwebhook import EventWebhook
from sendgrid.helpers.mail import (
    Attachment as MailAttachment,
)
from sendgrid.helpers.mail import (
    ContentId,
    CustomArg,
    Disposition,
    Email,
    FileContent,
    FileName,
    FileType,
    Header,
    Mail,
    ReplyTo,
    To,
)

from leads.messengers.base import (
    READ_TIMEOUT,
    ForgedError,
    OutgoingMessage,
    ProviderError,
    Receipt,
    Sent,
    WebhookCall,
    retry_after_seconds,
    storable,
)
from leads.status import Failure, News

#: The name under which our id travels with a mail and comes back with each event.
MESSAGE_ARG: Final = "message_id"

_NEWS: Final[Mapping[str, News]] = {
    "processed": News.SENT,
    "delivered": News.DELIVERED,
    "bounce": News.BOUNCED,
    "dropped": News.FAILED,
}
#: As the activity feed names them.
_ACTIVITY: Final[Mapping[str, News]] = {
    "processed": News.SENT,
    "processing": News.SENT,
    "delivered": News.DELIVERED,
    "not_delivered": News.BOUNCED,
}
#: Why SendGrid drops a mail without trying, by a word of its reason.
_DROPPED: Final = (
    ("unsubscribed", Failure.OPTED_OUT),
    ("spam report", Failure.OPTED_OUT),
    ("bounced", Failure.BOUNCED),
    ("invalid smtpapi", Failure.REFUSED),
    ("invalid", Failure.INVALID_ADDRESS),
    ("spam", Failure.BLOCKED),
)
_OPT_OUT: Final = frozenset({"unsubscribe", "group_unsubscribe", "spamreport"})
#: 401 and 403: the key, or a sender that is not verified. 413: too large.
_REFUSALS: Final[Mapping[int, Failure]] = {
    401: Failure.NOT_CONFIGURED,
    403: Failure.NOT_CONFIGURED,
    413: Failure.TOO_LONG,
}
#: Gateways that lost the answer of the server behind them; the mail may be on its way.
_ANSWER_LOST: Final = frozenset({502, 504})


class SendgridMessenger:
    """Sends mail, parses events, looks up. One instance may be used by many threads: no state after the
    start."""

    name = "sendgrid"
    simulated = False

    def __init__(
        self,
        *,
        api_key: str,
        sender: str,
        sender_name: str = "",
        reply_to: str = "",
        base_url: str = "",
        webhook_public_key: str = "",
    ) -> None:
        self._api_key = api_key
        self._base_url = base_url.rstrip("/") or "https://api.sendgrid.com"
        self._sender = Email(sender, sender_name or None)
        # The SDK takes "Support <support@example.com>" apart by itself.
        self._reply_to = ReplyTo(reply_to) if reply_to else None
        self._verifier = EventWebhook(webhook_public_key) if webhook_public_key else None

    @classmethod
    def from_settings(cls, settings: Any) -> Self:
        """Made from `SENDGRID_*`, `EMAIL_FROM`, `EMAIL_REPLY_TO` and `COMPANY_NAME`."""
        return cls(
            api_key=settings.SENDGRID_API_KEY,
            sender=settings.EMAIL_FROM,
            sender_name=settings.COMPANY_NAME,
            reply_to=settings.EMAIL_REPLY_TO,
            base_url=settings.SENDGRID_API_BASE_URL,
            webhook_public_key=settings.SENDGRID_WEBHOOK_PUBLIC_KEY,
        )

    def send(self, message: OutgoingMessage) -> Sent:
        """202 with a message id, or ProviderError."""
        mail = Mail(
            from_email=self._sender,
            to_emails=To(message.to),
            subject=message.subject,
            plain_text_content=message.body_text,
            html_content=message.body_html or None,
        )
        mail.add_custom_arg(CustomArg(MESSAGE_ARG, message.id))
        if self._reply_to is not None:
            mail.reply_to = self._reply_to
        for name, value in message.headers.items():
            mail.add_header(Header(name, value))
        for number, attachment in enumerate(message.attachments):
            mail.add_attachment(
                MailAttachment(
                    FileContent(base64.b64encode(attachment.content).decode("ascii")),
                    FileName(attachment.file_name),
                    FileType(attachment.mime.partition(";")[0].strip()),
                    Disposition("attachment"),
                    ContentId(f"document-{number}"),
                )
            )
        response = _asked(lambda: self._client().send(mail))
        return Sent(provider_id=str(response.headers.get("X-Message-Id") or f"accepted-{message.id}"))

    def lookup(self, message: OutgoingMessage, *, since: datetime, taken: Collection[str]) -> Sent | None:
        """Ask the activity feed by our own id. It lags, so that an empty answer proves nothing: it cannot
        tell."""
        query = f'(unique_args["{MESSAGE_ARG}"]="{message.id}")'
        response = _asked(
            lambda: self._client().client.messages.get(query_params={"query": query, "limit": 10})
        )
        try:
            found = [row for row in json.loads(response.body)["messages"] if row["to_email"] == message.to]
            if found:
                return Sent(provider_id=found[0]["msg_id"], news=_ACTIVITY.get(found[0]["status"], News.SENT))
        except (ValueError, KeyError, TypeError) as error:
            raise ProviderError("SendGrid's activity feed gave an answer that cannot be read") from error
        raise ProviderError("SendGrid's activity feed does not show it (yet)")

    def parse_receipt(self, call: WebhookCall) -> list[Receipt]:
        """The events in a signed webhook call. What is no event of a mail of ours is left out. Raises
        ForgedError."""
        self._verify(call)
        try:
            events = storable(json.loads(call.body))
        except ValueError as error:
            raise ForgedError("signed, but no JSON") from error
        if not isinstance(events, list):
            raise ForgedError("signed, but no list of events")
        return [receipt for event in events if (receipt := self._receipt(event)) is not None]

    def _receipt(self, event: Any) -> Receipt | None:
        if not isinstance(event, dict) or not event.get("sg_event_id"):
            return None
        message_id = event.get(MESSAGE_ARG)
        # `sg_message_id` is the X-Message-Id with the name of the machine that worked on it behind a dot.
        provider_id = str(event.get("sg_message_id") or "").partition(".")[0]
        if not isinstance(message_id, str) and not provider_id:
            return None
        stamp = event.get("timestamp")
        kept = (
            "event",
            "type",
            "reason",
            "status",
            "response",
            "sg_event_id",
            "sg_message_id",
            "timestamp",
            "attempt",
        )
        return Receipt(
            event_id=str(event["sg_event_id"])[:200],
            news=_NEWS.get(str(event.get("event")), News.NOTED),
            provider=self.name,
            message_id=message_id if isinstance(message_id, str) else "",
            provider_id=provider_id,
            detail=str(event.get("reason") or event.get("event") or "")[:1000],
            failure=_failure(event),
            at=datetime.fromtimestamp(stamp, UTC) if isinstance(stamp, int) and 0 < stamp < 2**32 else None,
            opt_out=event.get("event") in _OPT_OUT,
            raw={name: event[name] for name in kept if name in event},
        )

    def _verify(self, call: WebhookCall) -> None:
        signature = call.headers.get("x-twilio-email-event-webhook-signature", "")
        stamp = call.headers.get("x-twilio-email-event-webhook-timestamp", "")
        if self._verifier is None:
            raise ForgedError("no SendGrid verification key is set")
        try:
            genuine = self._verifier.verify_signature(call.body.decode("utf-8"), signature, stamp)
        except (binascii.Error, ValueError) as error:
            raise ForgedError("unreadable signature") from error
        if not genuine:
            raise ForgedError("wrong signature")

    def _client(self) -> SendGridAPIClient:
        # The SDK's client keeps the timeout on a path object that it copies only at the root: set it there,
        # each time.
        client = SendGridAPIClient(self._api_key, host=self._base_url)
        client.client.timeout = READ_TIMEOUT
        return client


def _failure(event: Mapping[str, Any]) -> Failure | None:
    """What an event that says no means: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event"""
    kind, reason = event.get("event"), str(event.get("reason") or "").casefold()
    if kind == "bounce":
        # A "blocked" bounce is about us (reputation, content); any other one is about the mailbox.
        return Failure.BLOCKED if event.get("type") == "blocked" else Failure.BOUNCED
    if kind != "dropped":
        return None
    for word, failure in _DROPPED:
        if word in reason:
            return failure
    return Failure.REFUSED


def _asked(request: Any) -> Any:
    """Run one SDK request and give its errors their retry truth."""
    try:
        return request()
    except HTTPError as error:
        status = int(error.status_code)
        raise ProviderError(
            f"SendGrid answered {status}: {_reason(error.body)}",
            retryable=status == 429 or status >= 500,
            retry_after=retry_after_seconds(_retry_after(error.headers)),
            outcome_unknown=status in _ANSWER_LOST,
            failure=_REFUSALS.get(status, Failure.REFUSED),
        ) from error
    except URLError as error:
        refused = isinstance(error.reason, ConnectionRefusedError | socket.gaierror)
        raise ProviderError(
            f"SendGrid is out of reach: {type(error.reason).__name__}",
            retryable=refused,
            outcome_unknown=not refused,
        ) from error
    except (OSError, EOFError) as error:
        # Connected and asked; then the line went or the time was up.
        raise ProviderError(
            f"SendGrid's answer was lost: {type(error).__name__}", outcome_unknown=True
        ) from error


def _retry_after(headers: Any) -> str | None:
    if headers is None:
        return None
    value = headers.get("Retry-After")
    if value is None and (reset := headers.get("X-RateLimit-Reset")):
        try:
            return str(max(0.0, float(reset) - datetime.now(UTC).timestamp()))
        except ValueError:
            return None
    return None if value is None else str(value)


def _reason(body: Any) -> str:
    """The texts of SendGrid's error list; never the body itself, which may quote an address."""
    try:
        errors = json.loads(body)["errors"]
        return "; ".join(str(error.get("message", ""))[:200] for error in errors)[:500]
    except (ValueError, KeyError, TypeError, AttributeError):
        return "no reason given"
