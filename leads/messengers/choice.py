"""Invariant: a demo lead's messages, and everybody's where no credentials are set, stay in the outbox."""

from __future__ import annotations

from functools import cache
from typing import Final

from django.conf import settings
from django.core.signals import setting_changed

from contactcenter.registry import MESSENGERS, resolve
from leads.messengers.base import Messenger

OUTBOX: Final = "outbox"


@cache
def messenger_for(provider: str) -> Messenger:
    """The messenger that the registry knows by this name, made once. Raises KeyError for no such name."""
    messenger: Messenger = resolve(MESSENGERS[provider]).from_settings(settings)
    return messenger


def provider_choose(*, channel: str, demo: bool) -> str:
    """Which provider carries a channel with the settings there are."""
    if demo:
        return OUTBOX
    twilio = bool(settings.TWILIO_ACCOUNT_SID and settings.TWILIO_AUTH_TOKEN)
    ready = {
        "email": ("sendgrid", bool(settings.SENDGRID_API_KEY and settings.EMAIL_FROM)),
        "sms": ("twilio", twilio and bool(settings.TWILIO_SMS_FROM)),
        "whatsapp": ("twilio", twilio and bool(settings.TWILIO_WHATSAPP_FROM)),
    }
    provider, configured = ready[channel]
    return provider if configured else OUTBOX


def _forget(**_: object) -> None:
    messenger_for.cache_clear()


setting_changed.connect(_forget, dispatch_uid="leads.messengers.choice")
