"""The call's socket: frames in, frames out. It checks and converts; the session decides.

Invariant: ``receive`` never waits for a model or the database once a call is on, since Channels hands over one message at a
time; a bad frame gets an answer and harms nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import secrets
import uuid
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

import structlog
from channels.generic.websocket import AsyncWebsocketConsumer

from calls import services
from calls.admission import Admitted, Refused, caller_admit, origin_is_listed, origin_is_own
from calls.core import events as ev
from calls.core.known import Facts
from calls.core.machine import call_open
from calls.database import database_run
from calls.ports import ports_build
from calls.runtime import RUNTIME
from calls.session import Session
from calls.speech.resample import Resampler
from calls.wire import (
    BadFrame,
    Start,
    audio_check,
    dtmf_parse,
    message_parse,
    played_parse,
    start_parse,
    text_parse,
)
from leads.selectors import lead_get

log = structlog.get_logger(__name__)

START_WITHIN_S = 15.0
BAD_FRAMES = 50
# Servers may send 1000 and 3000 to 4999 only (RFC 6455, 7.4.2); ours are the standard's own, in the private range.
NORMAL, GOING_AWAY, POLICY, TRY_AGAIN = 1000, 4001, 4008, 4013


class CallConsumer(AsyncWebsocketConsumer):
    """One WebSocket of one caller."""

    session: Session | None = None
    starting = False
    bad_frames = 0
    resampler: Resampler
    sample_rate = 16_000
    patience: asyncio.Task[None] | None = None

    # --- the socket -----------------------------------------------------------------------------------------------------

    async def connect(self) -> None:
        self.origin, self.host = _header(self.scope, b"origin"), _header(self.scope, b"host")
        known = not self.origin or origin_is_own(self.origin, self.host)
        if not known and not await database_run(origin_is_listed, self.origin):
            log.info("origin_refused")
            await self.close()  # before accept: HTTP 403
            return
        await self.accept()
        self.patience = asyncio.get_running_loop().create_task(self._expect_start())

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.session is not None and self.session.line.connection is not self:
            await self.close(GOING_AWAY)  # the call went on over another connection
            return
        try:
            if bytes_data is not None:
                self._audio(bytes_data)
            else:
                await self._message(message_parse(text_data or ""))
        except BadFrame as error:
            await self._bad_frame(str(error))

    async def disconnect(self, code: int) -> None:
        if self.patience is not None:
            self.patience.cancel()
        session = self.session
        if session is None:
            return
        with contextlib.suppress(Exception):  # the layer may be gone; the group expires by itself
            await self.channel_layer.group_discard(_group(session.call_id), self.channel_name)
        if session.line.connection is self:
            if code == NORMAL:
                session.post(ev.HungUp(at=session.now()))
            session.lose()

    # --- as the session sees it -------------------------------------------------------------------------------------------

    async def send_json(self, message: Mapping[str, Any]) -> None:
        await self.send(text_data=json.dumps(message, ensure_ascii=False))

    async def send_audio(self, pcm: bytes) -> None:
        await self.send(bytes_data=pcm)

    async def hang_up(self) -> None:
        await self.close(NORMAL)

    async def call_receipt(self, event: Mapping[str, Any]) -> None:
        """A worker's word on a message of this call, by the channel layer."""
        session = self.session
        if session is not None and session.line.connection is self:
            key = str(event["action_key"]).removeprefix(f"{session.call_id}:")
            session.post(
                ev.Receipt(
                    at=session.now(),
                    key=key,
                    kind=event["kind"],
                    status=event["status"],
                    label=event.get("label", ""),
                    simulated=bool(event.get("simulated")),
                    failure=str(event.get("failure") or ""),
                )
            )

    # --- frames -----------------------------------------------------------------------------------------------------------

    def _audio(self, data: bytes) -> None:
        if self.session is None:
            raise BadFrame('Audio comes after "start".')
        self.session.audio(self.resampler.push(audio_check(data, self.sample_rate)))

    async def _message(self, message: Mapping[str, Any]) -> None:
        session = self.session
        kind = message["type"]
        if kind == "start":
            await self._start(message)
        elif session is None:
            raise BadFrame('A call begins with "start".')
        elif kind == "text":
            session.post(ev.Typed(at=session.now(), text=text_parse(message)))
        elif kind == "played":
            turn, ms = played_parse(message)
            session.post(ev.Played(at=session.now(), turn=turn, ms=ms))
        elif kind == "dtmf":
            session.post(ev.Dtmf(at=session.now(), digit=dtmf_parse(message)))
        elif kind == "hangup":
            session.post(ev.HungUp(at=session.now()))

    async def _bad_frame(self, words: str) -> None:
        self.bad_frames += 1
        if self.bad_frames <= BAD_FRAMES:
            await self.send_json({"type": "error", "code": "bad_frame", "message": words})
        if self.bad_frames == BAD_FRAMES and self.session is None:
            await self.close(POLICY)

    # --- starting -----------------------------------------------------------------------------------------------------------

    async def _start(self, message: Mapping[str, Any]) -> None:
        if self.session is not None or self.starting:
            raise BadFrame("This call has started already.")
        start = start_parse(message)
        self.starting = True
        try:
            if start.call:
                await self._go_on(start)
            else:
                await self._begin(start)
        except Refused as refused:
            await self.send_json({"type": "error", "code": refused.code, "message": refused.message})
            await self.close(TRY_AGAIN if refused.code == "busy" else POLICY)
        finally:
            self.starting = False

    async def _begin(self, start: Start) -> None:
        _check_room()
        admitted = await database_run(
            caller_admit, start=start, origin=self.origin, host=self.host, loopback=_is_loopback(self.scope)
        )
        call_id, resume = uuid.uuid4(), secrets.token_urlsafe(24)
        facts = await database_run(_open, call_id, admitted, start, resume)
        playbook = await database_run(RUNTIME.playbook_now, start.language)
        ports = ports_build(runtime=RUNTIME, call_id=call_id, language=start.language)
        await self.channel_layer.group_add(_group(str(call_id)), self.channel_name)
        session = Session(state=call_open(playbook=playbook, facts=facts), ports=ports, call_id=str(call_id))
        await self._ready(session, start, resume, ports.rate)
        RUNTIME.add(session, resume)
        log.info("call_started", call=session.call_id, verified=admitted.verified)

    async def _go_on(self, start: Start) -> None:
        """The same call over a new connection, for whoever knows its secret."""
        session = RUNTIME.sessions.get(start.call)
        expected = RUNTIME.resume.get(start.call, "")
        known = hmac.compare_digest(expected.encode(), start.resume.encode())
        if session is None or not expected or not known:
            raise Refused("bad_token", "That call can't be gone on with: it has ended, or it isn't yours.")
        await self.channel_layer.group_add(_group(start.call), self.channel_name)
        if start.heard is not None:
            turn, ms = start.heard
            session.post(ev.Played(at=session.now(), turn=turn, ms=ms))
        await self._ready(session, start, start.resume, session.rate)
        log.info("call_resumed", call=session.call_id)

    async def _ready(self, session: Session, start: Start, resume: str, rate: int) -> None:
        self.sample_rate = start.sample_rate
        self.resampler = Resampler(start.sample_rate)
        if self.patience is not None:
            self.patience.cancel()
        await self.send_json(
            {"type": "ready", "call": session.call_id, "sample_rate": rate, "resume": resume}
        )
        self.session = session
        session.attach(self)

    async def _expect_start(self) -> None:
        await asyncio.sleep(START_WITHIN_S)
        if self.session is None and not self.starting:
            await self.send_json({"type": "error", "code": "bad_frame", "message": 'No "start" came.'})
            await self.close(POLICY)


def _open(call_id: uuid.UUID, admitted: Admitted, start: Start, resume: str) -> Facts:
    call = services.call_open(
        call_id=call_id,
        site_key=admitted.site_key,
        lead_id=admitted.lead_id,
        verified=admitted.verified,
        claims={} if admitted.verified else start.lead,
        language=start.language,
        worker=RUNTIME.worker,
        resume=resume,
    )
    if not admitted.verified or call.lead_id is None:
        return Facts(lead_id=call.lead_id or "", name=start.lead.get("name", ""))
    lead = lead_get(external_id=call.lead_id)
    if lead is None:
        return Facts(lead_id=call.lead_id, verified=True)
    return Facts(lead_id=lead.id, verified=True, name=lead.name, email=lead.email, phone=lead.phone)


def _check_room() -> None:
    if RUNTIME.closing:
        raise Refused("busy", "We are restarting. Please call again in a minute.")
    if RUNTIME.problem:
        raise Refused("busy", RUNTIME.problem)
    if len(RUNTIME.sessions) >= RUNTIME.most_calls:
        raise Refused("busy", "All lines are busy. Please call again in a few minutes.")


def _group(call_id: str) -> str:
    return f"call.{call_id}"


def _header(scope: Mapping[str, Any], name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _is_loopback(scope: Mapping[str, Any]) -> bool:
    address, _port = scope.get("client") or ("", 0)
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
