"""The stand-ins answer the official SDKs as the real ones do, lose answers without losing effects, and sign what they tell."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from sendgrid.helpers.eventwebhook import EventWebhook
from twilio.request_validator import RequestValidator

from contactcenter.drill.faults import EFFECT_RATES, Fault, Faults, Weather
from contactcenter.drill.news import Postman
from contactcenter.drill.sendgrid import Sendgrid
from contactcenter.drill.serving import Server
from contactcenter.drill.twilio import Twilio

ACCOUNT, TOKEN, KEY = "AC" + "1" * 32, "a token", "SG.key"


class Scripted(Faults):
    """The next requests meet these faults, the others none."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(0)
        self.coming = list(faults)

    def draw(self, *, effect: bool) -> Weather:
        fault = self.coming.pop(0) if self.coming else Fault.NONE
        return Weather(fault=fault, latency=0.0, retry_after=3)


class Hook:
    """Somebody's webhook: keeps what is posted."""

    def __init__(self) -> None:
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.more = threading.Condition()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with hook.more:
                    hook.came.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                    hook.more.notify_all()
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def wait(self, count: int) -> None:
        with self.more:
            enough = self.more.wait_for(lambda: len(self.came) >= count, timeout=15)
        assert enough, f"{len(self.came)} of {count} came"


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


@pytest.fixture
def postman() -> Iterator[Postman]:
    postman = Postman(1)
    yield postman
    postman.close()


@pytest.fixture
def twilio(postman: Postman) -> Twilio:
    return Twilio(account=ACCOUNT, token=TOKEN, postman=postman, seed=1)


def ask(server: Server, kind: str = "Messages", **fields: str) -> requests.Response:
    fields = {"To": "+919812345678", "From": "+15005550006", **fields}
    return requests.post(
        f"{server.url}/2010-04-01/Accounts/{ACCOUNT}/{kind}.json",
        data=fields,
        auth=(ACCOUNT, TOKEN),
        timeout=5,
    )


def listed(server: Server, **query: str) -> list[dict[str, Any]]:
    url = f"{server.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    return list(requests.get(url, params=query, auth=(ACCOUNT, TOKEN), timeout=5).json()["messages"])


def test_a_text_is_made_fetched_and_listed_by_its_receiver(twilio: Twilio) -> None:
    server = Server(twilio, Scripted(), patience=1)
    try:
        made = ask(server, Body="Hello").json()
        assert made["sid"].startswith("SM")
        assert len(made["sid"]) == 34
        assert made["status"] == "queued"
        assert [row["sid"] for row in listed(server, To="+919812345678")] == [made["sid"]]
        assert listed(server, To="+919812345679") == []
        one = f"{server.url}/2010-04-01/Accounts/{ACCOUNT}/Messages/{made['sid']}.json"
        assert requests.get(one, auth=(ACCOUNT, TOKEN), timeout=5).json()["body"] == "Hello"
        assert requests.get(one, auth=(ACCOUNT, "another"), timeout=5).status_code == 401
        assert ask(server, Body="").json()["code"] == 21602
        assert ask(server, Body="x", MediaUrl="http://a.example/x").json()["sid"].startswith("MM")
    finally:
        server.close()


def test_a_text_is_listed_by_date_only_when_it_has_been_sent(twilio: Twilio) -> None:
    server = Server(twilio, Scripted(), patience=1)
    try:
        ask(server, Body="Hello")
        row = twilio.messages[0]
        early = {"To": "+919812345678", "DateSent>": "2026-01-01T00:00:00Z"}
        row["steps"] = [("sent", time.time() + 60)]
        assert listed(server, **early) == []
        row["steps"] = [("sent", time.time() - 1)]
        assert len(listed(server, **early)) == 1
        assert listed(server, **{**early, "DateSent>": "2126-01-01T00:00:00Z"}) == []
    finally:
        server.close()


@pytest.mark.parametrize(
    ("fault", "effects"),
    [
        (Fault.BUSY, 0),
        (Fault.BROKEN, 0),
        (Fault.CUT_BEFORE, 0),
        (Fault.CUT_AFTER, 1),
        (Fault.GATEWAY, 1),
        (Fault.SLOW, 1),
    ],
)
def test_a_fault_has_its_effect_or_has_none(twilio: Twilio, fault: Fault, effects: int) -> None:
    server = Server(twilio, Scripted(fault), patience=0.1)
    try:
        answer: requests.Response | None = None
        try:
            answer = ask(server, Body="Hello")
        except requests.RequestException:
            assert fault in {Fault.CUT_BEFORE, Fault.CUT_AFTER}
        if fault is Fault.BUSY:
            assert answer is not None
            assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
        assert len(twilio.messages) == effects
    finally:
        server.close()


def test_news_of_a_text_is_signed_and_goes_to_where_it_was_asked_for(twilio: Twilio, hook: Hook) -> None:
    server = Server(twilio, Scripted(), patience=1)
    address = f"{hook.url}/twilio/status/?message=abc"
    try:
        sid = ask(server, Body="Hello", StatusCallback=address).json()["sid"]
        hook.wait(3)
        told = set()
        for path, headers, body in hook.came:
            fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
            assert path == "/twilio/status/?message=abc"
            assert fields["MessageSid"] == sid
            assert RequestValidator(TOKEN).validate(address, fields, headers["x-twilio-signature"])
            told.add(fields["MessageStatus"])
        assert told <= {"queued", "sent", "delivered"}
    finally:
        server.close()


def test_whoever_is_called_answers_hears_the_twiml_and_the_news_says_so(twilio: Twilio, hook: Hook) -> None:
    server = Server(twilio, Scripted(), patience=1)
    try:
        made = ask(
            server,
            "Calls",
            Url=f"{hook.url}/twiml",
            StatusCallback=f"{hook.url}/status",
            StatusCallbackEvent="completed",
        ).json()
        assert made["sid"].startswith("CA")
        hook.wait(2)
        fields = {path: dict(parse_qsl(body.decode())) for path, _, body in hook.came}
        assert fields["/twiml"]["CallStatus"] == "in-progress"
        assert fields["/status"]["CallStatus"] == "completed"
        assert ask(server, "Calls").json()["code"] == 21205
    finally:
        server.close()


def test_a_mail_gets_an_id_is_in_the_feed_later_and_its_events_are_signed(
    postman: Postman, hook: Hook
) -> None:
    sendgrid = Sendgrid(key=KEY, postman=postman, seed=1)
    sendgrid.events_url = f"{hook.url}/sendgrid/events/"
    server = Server(sendgrid, Scripted(), patience=1)
    mail = {
        "from": {"email": "a@b.example"},
        "personalizations": [{"to": [{"email": "c@d.example"}]}],
        "subject": "Hello",
        "content": [{"type": "text/plain", "value": "Hello"}],
        "custom_args": {"message_id": "abc"},
    }
    headers = {"Authorization": f"Bearer {KEY}"}
    query = {"query": '(unique_args["message_id"]="abc")', "limit": "10"}
    try:
        made = requests.post(f"{server.url}/v3/mail/send", json=mail, headers=headers, timeout=5)
        assert (made.status_code, made.text) == (202, "")
        feed = f"{server.url}/v3/messages"
        assert requests.get(feed, params=query, headers=headers, timeout=5).json() == {"messages": []}
        sendgrid.mails[0]["made"] -= 60
        [row] = requests.get(feed, params=query, headers=headers, timeout=5).json()["messages"]
        assert row["msg_id"].partition(".")[0] == made.headers["X-Message-Id"]
        hook.wait(2)
        for _, sent, body in hook.came:
            genuine = EventWebhook(sendgrid.public_key).verify_signature(
                body.decode(),
                sent["x-twilio-email-event-webhook-signature"],
                sent["x-twilio-email-event-webhook-timestamp"],
            )
            assert genuine
            assert json.loads(body)[0]["message_id"] == "abc"
        assert base64.b64decode(sendgrid.public_key)
        sendgrid.feed = False
        assert requests.get(feed, params=query, headers=headers, timeout=5).status_code == 403
    finally:
        server.close()


def test_faults_come_as_often_as_they_should_and_an_outage_has_no_effects() -> None:
    faults = Faults(4)
    drawn = [faults.draw(effect=True).fault for _ in range(20_000)]
    for fault, rate in EFFECT_RATES.items():
        assert drawn.count(fault) / 20 == pytest.approx(rate, rel=0.5)
    faults.outage(True)
    assert {faults.draw(effect=True).fault for _ in range(50)} == {Fault.BROKEN}
