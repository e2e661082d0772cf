"""Invariant: an address of ours that a provider of calls is given names one attempt of one callback, and can't be made up."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.core.signing import BadSignature, Signer

from leads.dialers.base import Ringing
from leads.dialers.twiml import greeting_twiml

#: Not reversed from the URL configuration: a worker would have to load every page of the product for it.
ANSWER_PATH: Final = "/twilio/voice/callback/"
STATUS_PATH: Final = "/twilio/voice/status/"
_SALT: Final = "leads.voice.callback"


class VoiceRefusedError(Exception):
    """An address that is not ours, or was changed."""


def ringing_make(*, callback_id: int, attempt: int, to: str) -> Ringing:
    """An attempt to call ``to``, with the addresses at which the provider finds us."""
    base = settings.PUBLIC_BASE_URL.rstrip("/")
    if not base:
        return Ringing(callback_id=callback_id, attempt=attempt, to=to, answer_twiml=greeting(after_url=""))
    mark = urlencode({"callback": callback_id, "attempt": attempt})
    return Ringing(
        callback_id=callback_id,
        attempt=attempt,
        to=to,
        answer_url=f"{base}{ANSWER_PATH}{_sign(callback_id, attempt)}/",
        status_url=f"{base}{STATUS_PATH}?{mark}",
    )


def after_url(*, callback_id: int, attempt: int) -> str:
    """Where Twilio asks what to say once the office has hung up."""
    base = settings.PUBLIC_BASE_URL.rstrip("/")
    return f"{base}{ANSWER_PATH}{_sign(callback_id, attempt)}/after/"


def greeting(*, after_url: str) -> str:
    """What who picks up is told."""
    return greeting_twiml(
        company=settings.COMPANY_NAME,
        connect_to=settings.CALLBACK_CONNECT_TO,
        caller_id=settings.TWILIO_VOICE_FROM,
        ring_seconds=settings.CALLBACK_RING_SECONDS,
        after_url=after_url,
    )


def voice_open(signed: str) -> tuple[int, int]:
    """The callback and the attempt that an address names. Raises VoiceRefusedError."""
    try:
        callback_id, _, attempt = Signer(salt=_SALT).unsign(signed).partition(".")
    except BadSignature as error:
        raise VoiceRefusedError("not an address of ours") from error
    return int(callback_id), int(attempt)


def _sign(callback_id: int, attempt: int) -> str:
    return Signer(salt=_SALT).sign(f"{callback_id}.{attempt}")
