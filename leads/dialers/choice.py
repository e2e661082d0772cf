"""Invariant: a demo lead's telephone never rings, nor anybody's where no credentials are set."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.core.signals import setting_changed

from contactcenter.registry import DIALERS, resolve
from leads.dialers.base import Dialer
from leads.messengers.choice import OUTBOX


@cache
def dialer_for(provider: str) -> Dialer:
    """The dialer that the registry knows by this name, made once. Raises KeyError for no such name."""
    dialer: Dialer = resolve(DIALERS[provider]).from_settings(settings)
    return dialer


def dialer_choose(*, demo: bool) -> str:
    """Which provider calls people with the settings there are."""
    ready = settings.TWILIO_ACCOUNT_SID and settings.TWILIO_AUTH_TOKEN and settings.TWILIO_VOICE_FROM
    return "twilio" if ready and not demo else OUTBOX


def _forget(**_: object) -> None:
    dialer_for.cache_clear()


setting_changed.connect(_forget, dispatch_uid="leads.dialers.choice")
