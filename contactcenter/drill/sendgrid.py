"""SendGrid as a stand-in: mail gets an X-Message-Id, is shown later by the activity feed, and told of by signed events.

https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send, …/email-activity and …/tracking-events/event
The activity feed is an add-on: it can be off, and it lags.
"""

from __future__ import annotations

import base64
import json
import random
import re
import threading
import time
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from contactcenter.drill.faults import Fault
from contactcenter.drill.news import Post, Postman
from contactcenter.drill.serving import Answer, Ids, Request

EVENT_STEPS: Final = (("processed", 0.5), ("delivered", 2.0))
#: The activity feed shows a mail this many seconds after it was accepted.
FEED_LAG: Final = 3.0
_ASKED: Final = re.compile(r'unique_args\["(\w+)"\]="([^"]*)"')


class Sendgrid:
    """``mails``: every mail that was accepted, in order, as it was given."""

    def __init__(self, *, key: str, postman: Postman, seed: int, feed: bool = True) -> None:
        self.key, self.postman, self.feed = key, postman, feed
        self.events_url = ""
        self.mails: list[dict[str, Any]] = []
        self._signer = ec.generate_private_key(ec.SECP256R1())
        self._forger = ec.generate_private_key(ec.SECP256R1())
        self._ids = Ids(seed)
        self._chance = random.Random(seed + 1)
        self._lock = threading.Lock()

    @property
    def public_key(self) -> str:
        """The line that the product is given to verify events with."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return base64.b64encode(
            self._signer.public_key().public_bytes(serialization.Encoding.DER, form)
        ).decode()

    def answer(self, request: Request) -> Answer:
        if request.authorization != f"Bearer {self.key}":
            return _error(401, "The provided authorization grant is invalid, expired, or revoked")
        if request.method == "POST" and request.path == "/v3/mail/send":
            return self._accept(json.loads(request.body))
        if request.method == "GET" and request.path == "/v3/messages":
            return self._activity(request.query.get("query", ""))
        return _error(404, "Not Found")

    def trouble(self, fault: Fault, *, retry_after: int) -> Answer:
        if fault is Fault.BUSY:
            answer = _error(429, "too many requests")
            reset = {"X-RateLimit-Reset": str(int(time.time()) + retry_after), "X-RateLimit-Remaining": "0"}
            return Answer(status=429, body=answer.body, headers=reset)
        return _error(502 if fault is Fault.GATEWAY else 500, "internal error")

    def _accept(self, mail: dict[str, Any]) -> Answer:
        if not mail.get("subject"):
            return _error(400, "The subject is required.")
        if any(not content["value"] for content in mail["content"]):
            return _error(400, "The content value must be a string at least one character in length.")
        with self._lock:
            mail["id"] = self._ids.make("")[:22]
            mail["made"] = time.time()
            self.mails.append(mail)
            self._news(mail)
        return Answer(status=202, headers={"X-Message-Id": mail["id"]})

    def _activity(self, query: str) -> Answer:
        if not self.feed:
            return _error(403, "access forbidden")
        asked = _ASKED.search(query)
        if asked is None:
            return _error(400, "invalid query")
        shown = time.time() - FEED_LAG
        with self._lock:
            rows = [
                {
                    "msg_id": f"{mail['id']}.recvd-5f",
                    "from_email": mail["from"]["email"],
                    "to_email": recipient_of(mail),
                    "subject": mail["subject"],
                    "status": "delivered",
                    "opens_count": 0,
                    "clicks_count": 0,
                    "last_event_time": "2026-01-01T00:00:00Z",
                }
                for mail in self.mails
                if mail["made"] < shown and arguments_of(mail).get(asked[1]) == asked[2]
            ]
        return Answer(status=200, body=json.dumps({"messages": rows}))

    def _news(self, mail: Mapping[str, Any]) -> None:
        told = {
            "email": recipient_of(mail),
            "smtp-id": f"<{mail['id']}@ismtpd>",
            "sg_message_id": f"{mail['id']}.recvd-5f",
            **arguments_of(mail),
        }
        steps = [(name, after * self._chance.uniform(0.3, 1.0)) for name, after in EVENT_STEPS]
        if self._chance.random() < 0.2:
            steps.append(("open", 3.0))
        for name, after in steps:
            event = {**told, "event": name, "sg_event_id": self._ids.make(""), "timestamp": int(mail["made"])}
            bounce = {**event, "event": "bounce", "reason": "550", "sg_event_id": self._ids.make("")}
            # Now and then several in one post, as SendGrid does: this one and one told before.
            self.postman.repeatedly(
                self._post([event]),
                after=after,
                forgery=self._post([bounce], signer=self._forger),
            )

    def _post(
        self, events: list[dict[str, Any]], *, signer: ec.EllipticCurvePrivateKey | None = None
    ) -> Post:
        def make() -> tuple[str, dict[str, str], bytes]:
            body, stamp = json.dumps(events).encode(), str(int(time.time()))
            signed = (signer or self._signer).sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
            headers = {
                "Content-Type": "application/json;charset=utf-8",
                "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signed).decode(),
                "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
                "User-Agent": "SendGrid Event API",
            }
            return self.events_url, headers, body

        return Post(make=make, tries=0 if signer else 60, forged=signer is not None)


def arguments_of(mail: Mapping[str, Any]) -> dict[str, str]:
    """The custom arguments of a mail, wherever they were put."""
    found = dict(mail.get("custom_args") or {})
    for part in mail.get("personalizations", ()):
        found |= part.get("custom_args") or {}
    return found


def recipient_of(mail: Mapping[str, Any]) -> str:
    return str(mail["personalizations"][0]["to"][0]["email"])


def _error(status: int, message: str) -> Answer:
    body = json.dumps({"errors": [{"message": message, "field": None, "help": None}]})
    return Answer(status=status, body=body)
