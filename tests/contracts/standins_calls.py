"""Twilio's calls on loopback: ordered, fetched and listed as its documentation says.

https://www.twilio.com/docs/voice/api/call-resource
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from tests.contracts.standins import ACCOUNT_SID, TwilioStandIn, _Handler, _twilio_error

UNLISTED = "+15005550001"  # Twilio's own magic number for "not a valid number"


class CallsStandIn(TwilioStandIn):
    """``accepted``: every call that was ordered, with the fields it was ordered with; ``status`` of one may be set."""

    def call_resource(self, row: dict[str, Any]) -> dict[str, Any]:
        begun = row.get("status", "queued") in {"in-progress", "completed"}
        return {
            "sid": row["sid"],
            "account_sid": ACCOUNT_SID,
            "to": row["To"],
            "from": row["From"],
            "status": row.get("status", "queued"),
            "direction": "outbound-api",
            "date_created": row["at"],
            "date_updated": row["at"],
            "start_time": row["at"] if begun else None,
            "end_time": None,
            "duration": None,
            "price": None,
            "price_unit": "USD",
            "api_version": "2010-04-01",
            "answered_by": None,
            "parent_call_sid": None,
            "uri": f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/{row['sid']}.json",
            "subresource_uris": {},
        }

    def accept(self, handler: _Handler) -> tuple[int, dict[str, str], str]:
        if self._denied(handler):
            return 401, {}, _twilio_error(20003, "Authenticate", 401)
        pairs = parse_qsl(handler.body.decode(), keep_blank_values=True)
        row: dict[str, Any] = dict(pairs)
        row["events"] = [value for name, value in pairs if name == "StatusCallbackEvent"]
        if row["To"] == UNLISTED:
            said = f"The phone number you are attempting to call, {row['To']}, is not valid."
            return 400, {}, _twilio_error(21211, said, 400)
        if not row.get("Url") and not row.get("Twiml"):
            return 400, {}, _twilio_error(21205, "Url parameter is required.", 400)
        with self.lock:
            row["sid"] = f"CA{len(self.accepted):032x}"
            row["at"] = format_datetime(datetime.now(UTC))
            self.accepted.append(row)
        return 201, {}, json.dumps(self.call_resource(row))

    def listing(self, handler: _Handler) -> tuple[int, dict[str, str], str]:
        if self._denied(handler):
            return 401, {}, _twilio_error(20003, "Authenticate", 401)
        address = urlsplit(handler.path)
        last = address.path.rsplit("/", 1)[-1].removesuffix(".json")
        if last != "Calls":
            one = next((row for row in self.accepted if row["sid"] == last), None)
            if one is None:
                return (
                    404,
                    {},
                    _twilio_error(20404, f"The requested resource {address.path} was not found", 404),
                )
            return 200, {}, json.dumps(self.call_resource(one))
        query = parse_qs(address.query)
        rows = [
            self.call_resource(row)
            for row in reversed(self.accepted)
            if all(row[name] == query[name][0] for name in ("To", "From") if name in query)
        ]
        if "StartTime>" in query:  # what has not begun has no time to be later than another
            rows = [row for row in rows if row["start_time"]]
        page = {
            "calls": rows,
            "page": 0,
            "page_size": 50,
            "next_page_uri": None,
            "start": 0,
            "end": len(rows),
        }
        return 200, {}, json.dumps(page)
