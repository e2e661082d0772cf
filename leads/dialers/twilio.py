"""Invariant: a call is ordered once, and what Twilio says of it afterwards is believed only with its signature.

Calls by Twilio: https://www.twilio.com/docs/voice/api/call-resource
Their news: https://www.twilio.com/docs/voice/api/call-resource#statuscallbackevent

Twilio has no idempotency key here either, but it lists its calls: one whose answer was lost is found by the number that was
called among those made since. That is certain because we never have two calls to one number under way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final, Self, TypeVar
from urllib.parse import parse_qsl

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from leads.dialers.base import CallNews, CallReport, Placed, ProviderError, Ringing, WebhookCall
from leads.messengers.twilio import TwilioFailedError, TwilioHttp, twilio_explained, twilio_verified
from leads.status import Failure

_NEWS: Final[Mapping[str, CallNews]] = {
    "queued": CallNews.PLACED,
    "initiated": CallNews.PLACED,
    "ringing": CallNews.RINGING,
    "in-progress": CallNews.ANSWERED,
    "completed": CallNews.COMPLETED,
    "busy": CallNews.BUSY,
    "no-answer": CallNews.NO_ANSWER,
    "canceled": CallNews.NO_ANSWER,
    "failed": CallNews.FAILED,
}
_EVENTS: Final = ("initiated", "ringing", "answered", "completed")
#: What codes mean for a call; others mean what they mean for a text.
_FAILURES: Final[Mapping[int, Failure]] = {
    **dict.fromkeys((13223, 13224, 13225), Failure.INVALID_NUMBER),
    **dict.fromkeys((13227, 21215, 21216), Failure.BLOCKED),
    **dict.fromkeys((21205, 21210, 21213, 21219), Failure.NOT_CONFIGURED),
}
_T = TypeVar("_T")


class TwilioDialer:
    """Orders calls, parses their news, looks up. One instance may be used by many threads: no state after the start."""

    name = "twilio"
    simulated = False

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        voice_from: str,
        base_url: str = "",
        ring_seconds: int = 25,
    ) -> None:
        self._account_sid = account_sid
        self._auth_token = auth_token
        self._from = voice_from
        self._base_url = base_url
        self._ring_seconds = ring_seconds
        self._validator = RequestValidator(auth_token) if account_sid and auth_token else None

    @classmethod
    def from_settings(cls, settings: Any) -> Self:
        """Made from `TWILIO_*` and `CALLBACK_RING_SECONDS`."""
        return cls(
            account_sid=settings.TWILIO_ACCOUNT_SID,
            auth_token=settings.TWILIO_AUTH_TOKEN,
            voice_from=settings.TWILIO_VOICE_FROM,
            base_url=settings.TWILIO_API_BASE_URL,
            ring_seconds=settings.CALLBACK_RING_SECONDS,
        )

    def call(self, ringing: Ringing) -> Placed:
        """201 with a SID, or ProviderError."""
        fields: dict[str, Any] = {"to": ringing.to, "from_": self._from, "timeout": self._ring_seconds}
        if ringing.answer_url:
            fields |= {"url": ringing.answer_url, "method": "POST"}
        else:
            fields["twiml"] = ringing.answer_twiml
        if ringing.status_url:
            fields |= {
                "status_callback": ringing.status_url,
                "status_callback_method": "POST",
                "status_callback_event": list(_EVENTS),
            }
        made = self._asked(lambda client: client.calls.create(**fields))
        return Placed(provider_id=str(made.sid))

    def lookup(self, ringing: Ringing, *, since: datetime, taken: Collection[str]) -> CallReport | None:
        """Look for the call among those made to this number since. None: Twilio does not have it."""
        # Newest first. Not by the time it started: what waits in Twilio's own queue has none yet.
        rows = self._told(lambda client: client.calls.list(to=ringing.to, from_=self._from, limit=50))
        for row in rows:
            if row.sid not in taken and (row.date_created is None or row.date_created >= since):
                return self._report(ringing, row)
        return None

    def look(self, ringing: Ringing, *, provider_id: str) -> CallReport:
        """The call with this id, as it stands."""
        return self._report(ringing, self._told(lambda client: client.calls(provider_id).fetch()))

    def parse_status(self, call: WebhookCall) -> CallReport | None:
        """The status in a signed webhook call. Raises ForgedError."""
        fields = twilio_verified(self._validator, call)
        query = dict(parse_qsl(call.url.partition("?")[2]))
        mark = query.get("callback", ""), query.get("attempt", "")
        sid, status = fields.get("CallSid", ""), fields.get("CallStatus", "")
        if not sid or status not in _NEWS or not all(one.isdecimal() and len(one) < 19 for one in mark):
            return None
        code = fields.get("ErrorCode") or fields.get("SipResponseCode", "")
        return self._made(
            int(mark[0]), int(mark[1]), sid, status, f"Twilio said {code}"[:100] if code else ""
        )

    def _report(self, ringing: Ringing, row: Any) -> CallReport:
        return self._made(ringing.callback_id, ringing.attempt, str(row.sid), str(row.status), "")

    def _made(self, callback_id: int, attempt: int, sid: str, status: str, detail: str) -> CallReport:
        return CallReport(
            event_id=f"{sid}:{status}"[:200],
            # A status that is new to us is not the end of a call.
            news=_NEWS.get(status, CallNews.PLACED),
            provider=self.name,
            callback_id=callback_id,
            attempt=attempt,
            provider_id=sid[:128],
            detail=detail,
        )

    def _asked(self, ask: Callable[[Client], _T]) -> _T:
        # Not shared between threads: requests does not promise that of its sessions.
        client = Client(self._account_sid, self._auth_token, http_client=TwilioHttp(self._base_url))
        try:
            return ask(client)
        except (TwilioException, TwilioFailedError, ValueError) as error:
            explained = twilio_explained(error)
            code = error.code if isinstance(error, TwilioRestException) else None
            if isinstance(code, int) and code in _FAILURES:
                explained.failure = _FAILURES[code]
            raise explained from error

    def _told(self, ask: Callable[[Client], _T]) -> _T:
        """Asking has no effect, so asking again is always allowed."""
        try:
            return self._asked(ask)
        except ProviderError as error:
            raise ProviderError(str(error), error.retryable or error.outcome_unknown) from error
