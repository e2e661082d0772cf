"""Twilio and SendGrid on loopback, behaving as their documentation and captured answers say, faults included.

A stand-in keeps what it accepted, because that is what the tests count: an error it answered with may or
may not have come after the effect, exactly as with the real ones.
"""

from __future__ import annotations

import base64
import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "a-token-of-the-tests"
API_KEY = "SG.a-key-of-the-tests"


@dataclass(kw_only=True)
class Fault:
    """What to do instead of answering: `status` with `body` and `headers`; `drop` the line; or be `slow`
    until the test is over. `after` says that the effect happens first."""

    status: int = 0
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    slow: bool = False
    after: bool = False


class StandIn:
    """A provider: what it accepted, and the faults that come next."""

    def __init__(self) -> None:
        self.accepted: list[dict[str, Any]] = []
        self.faults: deque[Fault] = deque()
        self.released = threading.Event()
        self.lock = threading.Lock()
        self.url = ""

    def accept(self, handler: _Handler) -> tuple[int, dict[str, str], str]:
        raise RuntimeError("each provider has its own")

    def listing(self, handler: _Handler) -> tuple[int, dict[str, str], str]:
        raise RuntimeError("each provider has its own")


class TwilioStandIn(StandIn):
    """https://www.twilio.com/docs/messaging/api/message-resource"""

    def _resource(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "sid": row["sid"],
            "account_sid": ACCOUNT_SID,
            "to": row["To"],
            "from": row["From"],
            "body": row.get("Body") or row.get("rendered", ""),
            "status": row.get("status", "queued"),
            "error_code": None,
            "error_message": None,
            "direction": "outbound-api",
            "date_created": row["at"],
            "date_sent": row["at"],
            "date_updated": row["at"],
            "num_media": str(len(row["media"])),
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "api_version": "2010-04-01",
            "messaging_service_sid": None,
            "uri": f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{row['sid']}.json",
            "subresource_uris": {},
        }

    def _denied(self, handler: _Handler) -> bool:
        wanted = base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()
        return handler.headers.get("Authorization") != f"Basic {wanted}"

    def accept(self, handler: _Handler) -> tuple[int, dict[str, str], str]:
        if self._denied(handler):
            return 401, {}, _twilio_error(20003, "Authenticate", 401)
        pairs = parse_qsl(handler.body.decode(), keep_blank_values=True)
        row: dict[str, Any] = dict(pairs)
        row["media"] = [value for name, value in pairs if name == "MediaUrl"]
        if row.get("ContentSid"):
            # Twilio renders the approved text itself; here it is only known which one it was.
            variables = json.loads(row.get("ContentVariables") or "{}")
            if any(not value or "\n" in value for value in variables.values()):
                return 400, {}, _twilio_error(21656, "The ContentVariables Parameter is invalid", 400)
            row["rendered"] = f"[{row['ContentSid']}] " + " ".join(variables.values())
        elif not row.get("Body"):
            return 400, {}, _twilio_error(21602, "Message body is required.", 400)
        if len(row.get("Body", "")) > 1600:
            return (
                400,
                {},
                _twilio_error(21617, "The concatenated message body exceeds the 1600 character limit.", 400),
            )
        with self.lock:
            row["sid"] = f"SM{len(self.accepted):032x}"
            row["at"] = format_datetime(datetime.now(UTC))
            self.accepted.append(row)
        return 201, {}, json.dumps(self._resource(row))

    def listing(self, handler: _Handler) -> tuple[int, dict[str, str], str]:
        if self._denied(handler):
            return 401, {}, _twilio_error(20003, "Authenticate", 401)
        to = parse_qs(urlsplit(handler.path).query).get("To", [""])[0]
        rows = [self._resource(row) for row in reversed(self.accepted) if row["To"] == to]
        page = {
            "messages": rows,
            "page": 0,
            "page_size": 50,
            "next_page_uri": None,
            "start": 0,
            "end": len(rows),
        }
        return 200, {}, json.dumps(page)


class TwilioCallsStandIn(TwilioStandIn):
    """https://www.twilio.com/docs/voice/api/call-resource; a row's `status` is what the telephone does, set by the test."""

    def _call(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "sid": row["sid"],
            "account_sid": ACCOUNT_SID,
            "to": row["To"],
            "from": row["From"],
            "status": row.get("status", "queued"),
            "direction": "outbound-api",
            "date_created": row["at"],
            "date_updated": row["at"],
            "start_time": None,  # what waits in Twilio's queue has none
            "end_time": None,
            "duration": None,
            "answered_by": None,
            "parent_call_sid": None,
            "price": None,
            "price_unit": "USD",
            "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/{row['sid']}.json",
            "subresource_uris": {},
        }

    def accept(self, handler: _Handler) -> tuple[int, dict[str, str], str]:
        if not urlsplit(handler.path).path.endswith("/Calls.json"):
            return super().accept(handler)
        if self._denied(handler):
            return 401, {}, _twilio_error(20003, "Authenticate", 401)
        pairs = parse_qsl(handler.body.decode(), keep_blank_values=True)
        row: dict[str, Any] = dict(pairs)
        row["events"] = [value for name, value in pairs if name == "StatusCallbackEvent"]
        if row["To"] == "+15005550001":  # Twilio's own magic number
            return 400, {}, _twilio_error(21217, "Phone number does not appear to be valid", 400)
        if not row.get("Url") and not row.get("Twiml"):
            return 400, {}, _twilio_error(21205, "Url parameter is required.", 400)
        with self.lock:
            row["sid"] = f"CA{len(self.accepted):032x}"
            row["at"] = format_datetime(datetime.now(UTC))
            self.accepted.append(row)
        return 201, {}, json.dumps(self._call(row))

    def listing(self, handler: _Handler) -> tuple[int, dict[str, str], str]:
        parts = urlsplit(handler.path)
        if "/Calls" not in parts.path:
            return super().listing(handler)
        if self._denied(handler):
            return 401, {}, _twilio_error(20003, "Authenticate", 401)
        if "/Calls/" in parts.path:
            sid = parts.path.rpartition("/")[2].removesuffix(".json")
            found = [row for row in self.accepted if row["sid"] == sid]
            if not found:
                return 404, {}, _twilio_error(20404, "The requested resource was not found", 404)
            return 200, {}, json.dumps(self._call(found[0]))
        wanted = parse_qs(parts.query)
        rows = [
            self._call(row)
            for row in reversed(self.accepted)
            if all(row[name] == wanted[name][0] for name in ("To", "From") if name in wanted)
        ]
        page = {
            "calls": rows,
            "page": 0,
            "page_size": 50,
            "next_page_uri": None,
            "start": 0,
            "end": len(rows),
        }
        return 200, {}, json.dumps(page)


class SendgridStandIn(StandIn):
    """https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send"""

    #: The activity feed is an add-on; without it the answer is 403.
    has_activity = True

    def accept(self, handler: _Handler) -> tuple[int, dict[str, str], str]:
        if handler.headers.get("Authorization") != f"Bearer {API_KEY}":
            return (
                401,
                {},
                _sendgrid_error("The provided authorization grant is invalid, expired, or revoked"),
            )
        mail = json.loads(handler.body)
        for content in mail["content"]:
            if not content["value"]:
                return (
                    400,
                    {},
                    _sendgrid_error("The content value must be a string at least one character in length."),
                )
        if not mail.get("subject"):
            return 400, {}, _sendgrid_error("The subject is required.")
        with self.lock:
            mail["id"] = f"sg-{len(self.accepted):020d}"
            self.accepted.append(mail)
        return 202, {"X-Message-Id": mail["id"]}, ""

    def listing(self, handler: _Handler) -> tuple[int, dict[str, str], str]:
        if not self.has_activity:
            return 403, {}, _sendgrid_error("access forbidden")
        query = parse_qs(urlsplit(handler.path).query)["query"][0]
        rows = [
            {
                "msg_id": mail["id"],
                "to_email": mail["personalizations"][0]["to"][0]["email"],
                "subject": mail["subject"],
                "status": "delivered",
            }
            for mail in self.accepted
            if f'"{_custom_args(mail)["message_id"]}"' in query
        ]
        return 200, {}, json.dumps({"messages": rows})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    standin: StandIn
    body: bytes

    def do_POST(self) -> None:
        self._serve(self.standin.accept)

    def do_GET(self) -> None:
        self._serve(self.standin.listing)

    def _serve(self, work: Any) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.standin.faults.popleft() if self.standin.faults else None
        if fault is None:
            self._answer(*work(self))
            return
        if fault.after:
            work(self)
        if fault.slow:
            self.standin.released.wait(30)
        if fault.slow or fault.drop:
            self.close_connection = True
            return
        self._answer(fault.status, fault.headers, fault.body)

    def _answer(self, status: int, headers: dict[str, str], body: str) -> None:
        data = body.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def running(standin: StandIn) -> Iterator[StandIn]:
    """The stand-in at a free port of loopback, until the end of the block."""
    handler = type("Handler", (_Handler,), {"standin": standin})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    standin.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield standin
    finally:
        standin.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def _custom_args(mail: dict[str, Any]) -> dict[str, str]:
    return mail.get("custom_args") or mail["personalizations"][0].get("custom_args", {})


def _twilio_error(code: int, message: str, status: int) -> str:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return json.dumps({"code": code, "message": message, "more_info": more, "status": status})


def _sendgrid_error(message: str) -> str:
    return json.dumps({"errors": [{"message": message, "field": None, "help": None}]})
