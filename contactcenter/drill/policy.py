"""What an operator would set so that a drill's many messages in few minutes are allowed, and whom they may be written to.

The limits themselves are tested elsewhere; here they must not stand between a promise and its proof.
"""

from __future__ import annotations

import datetime as dt

from leads.messengers.base import Inbound
from leads.models import Limits
from leads.services import inbound_receive

PLENTY = 1_000_000


def limits_lift() -> None:
    """Caps and the daily spend limit high enough for the drill, and no quiet hours, whenever it runs."""
    counts = dict.fromkeys(
        ("per_call", "per_caller_day", "per_number_day", "per_prefix_hour", "per_hour", "per_day"), PLENTY
    )
    Limits.objects.update_or_create(
        id=Limits.ONLY,
        defaults={**counts, "spend_day": PLENTY, "quiet_from": dt.time(), "quiet_until": dt.time()},
    )


def window_open(*, phone: str) -> None:
    """The person writes to us in WhatsApp, so that free text may go there. Once, however often it is repeated."""
    inbound_receive(
        inbound=Inbound(provider_id=f"SM-drill-{phone}", channel="whatsapp", sender=phone, body="Hello")
    )
