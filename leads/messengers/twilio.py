"""Invariant: a message is asked for once, and what Twilio says of it afterwards is believed only with its
signature.

SMS and WhatsApp by Twilio: https://www.twilio.com/docs/messaging/api/message-resource
Webhooks: https://www.twilio.com/docs/usage/webhooks/messaging-webhooks

Twilio has no idempotency key and takes no reference of ours, but it lists what it has: a message whose
answer was lost is found by its recipient and its exact text among those made since.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlencode

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from leads.messengers.base import (
    CONNECT_TIMEOUT,
    READ_TIMEOUT,
    ForgedError,
    Inbound,
    OutgoingMessage,
    ProviderError,
    Receipt,
    Sent,
    WebhookCall,
    retry_after_seconds,
    storable,
)
from leads.status import Failure, News

#: Query parameter of the status callback: our id comes back with each status.
MESSAGE_PARAM: Final = "message"

_NEWS: Final[Mapping[str, News]] = {
    "accepted": News.SENT,
    "scheduled": News.SENT,
    "queued": News.SENT,
    "sending": News.SENT,
    "sent": News.SENT,
    "delivered": News.DELIVERED,
    "read": News.DELIVERED,
    "undelivered": News.FAILED,
    "failed": News.FAILED,
    "canceled": News.FAILED,
}
_API: Final = "https://api.twilio.com"
_ANSWER_LOST: Final = frozenset({502, 504})
#: "Attempt to send to unsubscribed recipient": they said STOP to the number, and the carrier remembers.
_UNSUBSCRIBED: Final = "21610"
#: What Twilio's codes mean to a program: https://www.twilio.com/docs/api/errors
_FAILURES: Final[Mapping[str, Failure]] = {
    **dict.fromkeys(("63016", "63049", "63051"), Failure.WINDOW_CLOSED),
    **dict.fromkeys(
        ("21211", "21214", "21217", "21401", "21407", "21421", "21614", "30005", "30006", "63003", "63024"),
        Failure.INVALID_NUMBER,
    ),
    **dict.fromkeys(("21408", "30004", "30007", "30032", "30034", "63018", "63032"), Failure.BLOCKED),
    "21610": Failure.OPTED_OUT,
    "21612": Failure.UNREACHABLE,
    "30003": Failure.UNREACHABLE,
    **dict.fromkeys(("21605", "21617", "63026"), Failure.TOO_LONG),
    **dict.fromkeys(("11200", "12300", "63019", "63021"), Failure.NO_DOCUMENT),
    **dict.fromkeys(("20003", "21212", "21606", "21656", "21659", "63007"), Failure.NOT_CONFIGURED),
    "30001": Failure.EXPIRED,  # Twilio's own queue overflowed
}


#: Advanced Opt-Out: words that were agreed with Twilio, which we don't know, are told apart by Twilio.
_WISHES: Final = {"STOP": "stop", "START": "start"}


class TwilioFailedError(Exception):
    """A request that got no answer at all. `certain`: it cannot have had an effect."""

    def __init__(self, kind: str, *, certain: bool) -> None:
        super().__init__(kind)
        self.certain = certain


class TwilioHttp(TwilioHttpClient):
    """Twilio's own client, pointed at another address when there is one, and keeping the last answer's
    headers: the SDK's exception leaves them out, and Retry-After is among them."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.timeout = (CONNECT_TIMEOUT, READ_TIMEOUT)  # requests takes the pair; the SDK's check does not
        self._base_url = base_url.rstrip("/")

    def request(
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        timeout: Any = None,
        allow_redirects: bool = False,
    ) -> Response:
        if self._base_url and url.startswith(_API):
            url = self._base_url + url.removeprefix(_API)
        try:
            response = super().request(method, url, params, data, headers, auth, None, allow_redirects)
        except requests.ConnectTimeout as error:
            raise TwilioFailedError("ConnectTimeout", certain=True) from error
        except requests.ConnectionError as error:
            reason = getattr(error.args[0] if error.args else None, "reason", None)
            raise TwilioFailedError(
                type(reason or error).__name__, certain=isinstance(reason, NewConnectionError)
            ) from error
        except requests.RequestException as error:
            raise TwilioFailedError(type(error).__name__, certain=False) from error
        if response.status_code == 429 or response.status_code >= 500:
            raise ProviderError(
                f"Twilio answered {response.status_code}: {_reason(response.text)}",
                retryable=True,
                retry_after=retry_after_seconds((response.headers or {}).get("Retry-After")),
                outcome_unknown=response.status_code in _ANSWER_LOST,
            )
        return response


class TwilioMessenger:
    """Sends SMS and WhatsApp messages, parses statuses and what people write to us, looks up."""

    name = "twilio"
    simulated = False

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        sms_from: str = "",
        whatsapp_from: str = "",
        base_url: str = "",
        status_callback: str = "",
    ) -> None:
        self._account_sid = account_sid
        self._auth_token = auth_token
        self._sms_from = sms_from
        self._whatsapp_from = whatsapp_from.removeprefix("whatsapp:")
        self._base_url = base_url
        self._status_callback = status_callback
        self._validator = RequestValidator(auth_token) if account_sid and auth_token else None

    @classmethod
    def from_settings(cls, settings: Any) -> Self:
        """Made from `TWILIO_*`; statuses come back where `PUBLIC_BASE_URL` is set."""
        base = settings.PUBLIC_BASE_URL.rstrip("/")
        return cls(
            account_sid=settings.TWILIO_ACCOUNT_SID,
            auth_token=settings.TWILIO_AUTH_TOKEN,
            sms_from=settings.TWILIO_SMS_FROM,
            whatsapp_from=settings.TWILIO_WHATSAPP_FROM,
            base_url=settings.TWILIO_API_BASE_URL,
            status_callback=f"{base}/twilio/status/" if base else "",
        )

    def send(self, message: OutgoingMessage) -> Sent:
        """201 with a SID, or ProviderError. WhatsApp carries its documents by address; an SMS has them in
        its text, and an approved template in its variables."""
        fields: dict[str, Any] = dict(self._ends(message))
        media = [attachment.url for attachment in message.attachments if attachment.url]
        if message.content is not None:
            fields["content_sid"] = message.content.sid
            fields["content_variables"] = json.dumps(dict(message.content.variables))
        else:
            fields["body"] = message.body_text
            if message.channel == "whatsapp" and media:
                fields["media_url"] = media
        if self._status_callback:
            fields["status_callback"] = f"{self._status_callback}?{urlencode({MESSAGE_PARAM: message.id})}"
        try:
            made = self._client().messages.create(**fields)
        except (TwilioException, TwilioFailedError, ValueError) as error:
            raise twilio_explained(error) from error
        return self._sent(made)

    def lookup(self, message: OutgoingMessage, *, since: datetime, taken: Collection[str]) -> Sent | None:
        """Look for the message among those made for its recipient since. None: Twilio does not have it."""
        ends = self._ends(message)
        try:
            # Newest first. Not by the date it was sent: what waits in Twilio's own queue has none yet.
            rows = self._client().messages.list(to=ends["to"], limit=200)
        except (TwilioException, TwilioFailedError, ValueError) as error:
            explained = twilio_explained(error)
            # Asking has no effect, so asking again is always allowed.
            raise ProviderError(str(explained), explained.retryable or explained.outcome_unknown) from error
        text = message.body_text if message.content is None else message.content.text
        ours = [
            row for row in rows if row.sid not in taken and row.direction != "inbound" and _since(row, since)
        ]
        for row in ours:
            # A trial account writes a line of its own before the text.
            if text and str(row.body or "").strip().endswith(text.strip()):
                return self._sent(row)
        if ours and message.content is not None:
            # How Twilio renders an approved text is not known to the letter: one of these may be it.
            raise ProviderError("Twilio has messages to this number, and any may be this one")
        return None

    def parse_receipt(self, call: WebhookCall) -> list[Receipt]:
        """The status in a signed webhook call. Raises ForgedError."""
        fields = twilio_verified(self._validator, call)
        sid = fields.get("MessageSid") or fields.get("SmsSid") or ""
        status = fields.get("MessageStatus") or fields.get("SmsStatus") or ""
        if not sid or not status:
            return []
        query = dict(parse_qsl(call.url.partition("?")[2]))
        code = fields.get("ErrorCode", "")
        return [
            Receipt(
                event_id=f"{sid}:{status}"[:200],
                news=_NEWS.get(status, News.NOTED),
                provider=self.name,
                message_id=query.get(MESSAGE_PARAM, ""),
                provider_id=sid,
                detail=f"Twilio error {code}" if code else "",
                failure=_failure(code) if _NEWS.get(status) is News.FAILED else None,
                opt_out=code == _UNSUBSCRIBED,
                raw={
                    name: fields[name]
                    for name in ("MessageSid", "MessageStatus", "ErrorCode")
                    if name in fields
                },
            )
        ]

    def parse_inbound(self, call: WebhookCall) -> Inbound:
        """The message in a signed webhook call. Raises ForgedError, also when it lacks its sender or its
        id."""
        fields = twilio_verified(self._validator, call)
        sid, sender = fields.get("MessageSid", ""), fields.get("From", "")
        if not sid or not sender:
            raise ForgedError("signed, but no message")
        return Inbound(
            provider_id=sid[:128],
            channel="whatsapp" if sender.startswith("whatsapp:") else "sms",
            sender=sender.removeprefix("whatsapp:")[:320],
            body=fields.get("Body", ""),
            wish=_WISHES.get(fields.get("OptOutType", ""), ""),
        )

    def _ends(self, message: OutgoingMessage) -> dict[str, str]:
        if message.channel == "whatsapp":
            return {"to": f"whatsapp:{message.to}", "from_": f"whatsapp:{self._whatsapp_from}"}
        return {"to": message.to, "from_": self._sms_from}

    def _client(self) -> Client:
        # Not shared between threads: requests does not promise that of its sessions.
        return Client(self._account_sid, self._auth_token, http_client=TwilioHttp(self._base_url))

    def _sent(self, row: Any) -> Sent:
        code = row.error_code
        return Sent(
            provider_id=str(row.sid),
            news=_NEWS.get(str(row.status), News.SENT),
            detail=f"Twilio error {code}" if code else "",
            failure=_failure(code) if _NEWS.get(str(row.status)) is News.FAILED else None,
        )


def twilio_verified(validator: RequestValidator | None, call: WebhookCall) -> dict[str, str]:
    """The fields of a webhook call that Twilio has signed. Raises ForgedError."""
    if validator is None:
        raise ForgedError("no Twilio credentials are set")
    signature = call.headers.get("x-twilio-signature", "")
    try:
        body = call.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ForgedError("not UTF-8") from error
    if "bodySHA256=" in call.url:
        # JSON bodies are signed by their hash in the address.
        if not signature or not validator.validate(call.url, body, signature):
            raise ForgedError("wrong signature")
        try:
            fields = json.loads(body)
        except ValueError as error:
            raise ForgedError("signed, but no JSON") from error
        if not isinstance(fields, dict):
            raise ForgedError("signed, but no fields")
        # What is null in JSON would not be there in a form.
        return {str(name): str(storable(value)) for name, value in fields.items() if value is not None}
    fields = dict(parse_qsl(body, keep_blank_values=True))
    if not signature or not validator.validate(call.url, fields, signature):
        raise ForgedError("wrong signature")
    return {name: storable(value) for name, value in fields.items()}


def _since(row: Any, since: datetime) -> bool:
    return row.date_created is None or row.date_created >= since


def _failure(code: object) -> Failure:
    return _FAILURES.get(str(code or ""), Failure.REFUSED)


def twilio_explained(error: Exception) -> ProviderError:
    """An SDK's exception with its retry truth."""
    if isinstance(error, TwilioRestException):
        # 4xx: Twilio read it and said no. The text is Twilio's; its `uri` would hold our account.
        said = f"Twilio error {error.code or error.status}: {str(error.msg)[:300]}"
        return ProviderError(said, failure=_failure(error.code))
    if isinstance(error, TwilioFailedError):
        said = "is out of reach" if error.certain else "lost its answer"
        return ProviderError(f"Twilio {said}: {error}", error.certain, outcome_unknown=not error.certain)
    if isinstance(error, TwilioException):
        # The SDK says no more of a list that it was refused; only lists end like this, and asking has no effect.
        response = error.args[1] if len(error.args) > 1 else None
        return ProviderError(f"Twilio refused to list: {_reason(getattr(response, 'text', ''))}")
    # An answer that is no JSON came from something between us and Twilio.
    return ProviderError("Twilio's answer cannot be read", outcome_unknown=True)


def _reason(text: str) -> str:
    try:
        return str(json.loads(text).get("message", ""))[:300]
    except (ValueError, AttributeError):
        return "no reason given"
