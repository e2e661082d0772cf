"""Twilio as a stand-in: messages and calls are made, fetched, listed and changed as its REST API does.

https://www.twilio.com/docs/messaging/api/message-resource and https://www.twilio.com/docs/voice/api/call-resource
A message's status moves by itself and its news goes to the StatusCallback it was made with. Everybody answers the telephone.
"""

from __future__ import annotations

import base64
import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from twilio.request_validator import RequestValidator

from contactcenter.drill.faults import Fault
from contactcenter.drill.news import Post, Postman
from contactcenter.drill.serving import Answer, Ids, Request

VERSION: Final = "/2010-04-01/Accounts/"
#: Seconds after it was made at which a message has each status, at most. It has no date of sending before it was sent.
MESSAGE_STEPS: Final = (("sent", 0.5), ("delivered", 2.0))
#: Of the messages so many wait in Twilio's own queue, so many times as long as the others.
WAITING: Final = 0.02
WAITING_PACE: Final = 15.0
CALL_STEPS: Final = (("ringing", 0.5), ("in-progress", 1.5), ("completed", 3.0))
#: The name of each step in StatusCallbackEvent.
CALL_EVENTS: Final = {"ringing": "ringing", "in-progress": "answered", "completed": "completed"}
MAX_TEXT: Final = 1600


class Twilio:
    """``made``: every message and call that was accepted, in order, with the fields it was asked for with."""

    def __init__(self, *, account: str, token: str, postman: Postman, seed: int) -> None:
        self.account, self.token = account, token
        self.postman = postman
        self.messages: list[dict[str, Any]] = []
        self.calls: list[dict[str, Any]] = []
        self.twiml_fetched = 0
        self._ids = Ids(seed)
        self._chance = random.Random(seed + 1)
        self._validator = RequestValidator(token)
        self._lock = threading.Lock()

    # --- the API --------------------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        expected = "Basic " + base64.b64encode(f"{self.account}:{self.token}".encode()).decode()
        if request.authorization != expected:
            return _error(20003, "Authenticate", 401)
        base = f"{VERSION}{self.account}/"
        if not request.path.startswith(base):
            return _error(20404, f"The requested resource {request.path} was not found", 404)
        kind, _, sid = request.path.removeprefix(base).removesuffix(".json").partition("/")
        rows = {"Messages": self.messages, "Calls": self.calls}.get(kind)
        if rows is None:
            return _error(20404, f"The requested resource {request.path} was not found", 404)
        if sid:
            return self._one(request, kind, rows, sid)
        if request.method == "POST":
            return self._make(kind, parse_qsl(request.body.decode(), keep_blank_values=True))
        return self._list(request, kind, rows)

    def trouble(self, fault: Fault, *, retry_after: int) -> Answer:
        if fault is Fault.BUSY:
            answer = _error(20429, "Too Many Requests", 429)
            return Answer(status=429, body=answer.body, headers={"Retry-After": str(retry_after)})
        if fault is Fault.GATEWAY:
            return Answer(status=502, body="<html><body>502 Bad Gateway</body></html>")
        return _error(20500, "Internal Server Error", 500)

    def _make(self, kind: str, pairs: list[tuple[str, str]]) -> Answer:
        fields: dict[str, Any] = dict(pairs)
        for name in ("MediaUrl", "StatusCallbackEvent"):
            fields[name] = [value for key, value in pairs if key == name]
        if not fields.get("To"):
            return _error(21604, "A 'To' phone number is required.", 400)
        if kind == "Messages":
            refused = _text_refused(fields)
            if refused is not None:
                return refused
        elif not fields.get("Url") and not fields.get("Twiml"):
            return _error(21205, "Url parameter is required.", 400)
        with self._lock:
            now = time.time()
            steps = MESSAGE_STEPS if kind == "Messages" else CALL_STEPS
            pace = self._chance.uniform(0.3, 1.0)
            if kind == "Messages" and self._chance.random() < WAITING:
                pace = WAITING_PACE
            row = {
                "sid": self._ids.make("CA" if kind == "Calls" else "MM" if fields["MediaUrl"] else "SM"),
                "fields": fields,
                "made": now,
                "steps": [(name, now + after * pace) for name, after in steps],
            }
            (self.messages if kind == "Messages" else self.calls).append(row)
            if kind == "Messages":
                self._message_news(row, pace)
            else:
                self._call_news(row, pace)
        return Answer(status=201, body=json.dumps(self._resource(kind, row)))

    def _one(self, request: Request, kind: str, rows: list[dict[str, Any]], sid: str) -> Answer:
        with self._lock:
            row = next((row for row in rows if row["sid"] == sid), None)
        if row is None:
            return _error(20404, f"The requested resource {request.path} was not found", 404)
        if request.method == "POST" and b"Status=" in request.body:
            fields = dict(parse_qsl(request.body.decode()))
            row["steps"].append((fields.get("Status", "completed"), time.time()))
        return Answer(status=200, body=json.dumps(self._resource(kind, row)))

    def _list(self, request: Request, kind: str, rows: list[dict[str, Any]]) -> Answer:
        wanted = {name: request.query.get(name, "") for name in ("To", "From", "Status")}
        stamp = "date_sent" if kind == "Messages" else "start_time"
        after = request.query.get("DateSent>" if kind == "Messages" else "StartTime>", "")
        with self._lock:
            newest = list(reversed(rows))
        found = [self._resource(kind, row) for row in newest]
        for name, value in wanted.items():
            found = [one for one in found if not value or one[name.lower()] == value]
        if after:
            since = datetime.fromisoformat(after.replace("Z", "+00:00"))
            since = since if since.tzinfo else since.replace(tzinfo=UTC)
            # What has no date yet is not among what is later than one.
            found = [one for one in found if one[stamp] and parsedate_to_datetime(one[stamp]) >= since]
        page = {
            kind.lower(): found,
            "page": 0,
            "page_size": 50,
            "next_page_uri": None,
            "previous_page_uri": None,
            "first_page_uri": request.path,
            "uri": request.path,
            "start": 0,
            "end": max(0, len(found) - 1),
        }
        return Answer(status=200, body=json.dumps(page))

    def _resource(self, kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
        fields, now = row["fields"], time.time()
        reached = [(name, at) for name, at in row["steps"] if at <= now]
        status = reached[-1][0] if reached else "queued"
        common = {
            "sid": row["sid"],
            "account_sid": self.account,
            "to": fields["To"],
            "from": fields.get("From"),
            "status": status,
            "date_created": _date(row["made"]),
            "date_updated": _date(reached[-1][1] if reached else row["made"]),
            "direction": "outbound-api",
            "price": None,
            "price_unit": "USD",
            "api_version": "2010-04-01",
            "uri": f"{VERSION}{self.account}/{kind}/{row['sid']}.json",
            "subresource_uris": {},
        }
        if kind == "Calls":
            started = next((at for name, at in reached if name == "in-progress"), None)
            ended = next((at for name, at in reached if name == "completed"), None)
            return common | {
                "start_time": _date(started),
                "end_time": _date(ended),
                "duration": str(round(ended - started)) if ended and started else None,
                "answered_by": None,
                "parent_call_sid": None,
            }
        return common | {
            "body": fields.get("Body", ""),
            "date_sent": _date(reached[0][1] if reached else None),
            "error_code": None,
            "error_message": None,
            "num_media": str(len(fields["MediaUrl"])),
            "num_segments": "1",
            "messaging_service_sid": fields.get("MessagingServiceSid"),
        }

    # --- its news -------------------------------------------------------------------------------------------------------

    def _message_news(self, row: Mapping[str, Any], pace: float) -> None:
        address = row["fields"].get("StatusCallback")
        if not address:
            return
        told = {"MessageSid": row["sid"], "SmsSid": row["sid"], "AccountSid": self.account}
        told |= {name: str(row["fields"].get(name, "")) for name in ("To", "From")}
        for status, after in (("queued", 0.1), *MESSAGE_STEPS):
            fields = {**told, "MessageStatus": status, "SmsStatus": status}
            forged = {**told, "MessageStatus": "failed", "SmsStatus": "failed", "ErrorCode": "30008"}
            self.postman.repeatedly(
                self._post(address, fields),
                after=after * pace,
                forgery=self._post(address, forged, token="not the token"),
            )

    def _call_news(self, row: Mapping[str, Any], pace: float) -> None:
        fields = row["fields"]
        told = {"CallSid": row["sid"], "AccountSid": self.account, "Direction": "outbound-api"}
        told |= {name: str(fields.get(name, "")) for name in ("To", "From")}
        if fields.get("Url"):
            # Whoever answers hears what is said there.
            self.postman.post(
                self._post(fields["Url"], {**told, "CallStatus": "in-progress"}, answered=self._twiml_heard),
                after=CALL_STEPS[1][1] * pace,
            )
        wanted = set(fields["StatusCallbackEvent"]) or {"completed"}
        for number, (status, after) in enumerate(CALL_STEPS):
            if fields.get("StatusCallback") and CALL_EVENTS[status] in wanted:
                news = {
                    **told,
                    "CallStatus": status,
                    "SequenceNumber": str(number),
                    "Timestamp": _date(time.time()) or "",
                }
                if status == "completed":
                    news |= {"CallDuration": "2", "Duration": "1"}
                self.postman.repeatedly(
                    self._post(fields["StatusCallback"], news),
                    after=after * pace,
                    forgery=self._post(
                        fields["StatusCallback"], {**told, "CallStatus": "failed"}, token="not the token"
                    ),
                )

    def _post(
        self,
        address: str,
        fields: Mapping[str, str],
        *,
        token: str = "",
        answered: Callable[[bytes], None] | None = None,
    ) -> Post:
        def make() -> tuple[str, dict[str, str], bytes]:
            validator = RequestValidator(token) if token else self._validator
            headers = {
                "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
                "X-Twilio-Signature": validator.compute_signature(address, dict(fields)),
                "User-Agent": "TwilioProxy/1.1",
            }
            return address, headers, urlencode(fields).encode()

        return Post(make=make, tries=0 if token else 1, forged=bool(token), answered=answered)

    def _twiml_heard(self, body: bytes) -> None:
        if b"<Response" in body:
            with self._lock:
                self.twiml_fetched += 1


def _text_refused(fields: Mapping[str, Any]) -> Answer | None:
    body = fields.get("Body", "")
    if not body and not fields["MediaUrl"] and not fields.get("ContentSid"):
        return _error(21602, "Message body is required.", 400)
    if len(body) > MAX_TEXT:
        return _error(21617, "The concatenated message body exceeds the 1600 character limit.", 400)
    if not fields.get("From") and not fields.get("MessagingServiceSid"):
        return _error(21603, "A 'From' phone number is required.", 400)
    return None


def _date(at: float | None) -> str | None:
    return None if at is None else format_datetime(datetime.fromtimestamp(at, UTC))


def _error(code: int, message: str, status: int) -> Answer:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return Answer(
        status=status,
        body=json.dumps({"code": code, "message": message, "more_info": more, "status": status}),
    )
