"""What an operator would set so that a drill's many messages in few minutes are allowed, and whom they may be written to.

The limits themselves are tested elsewhere; here they must not stand between a promise and its proof.
"""

from __future__ import annotations


def limits_lift() -> None:
    """Caps and the daily spend limit high enough for the drill."""


def windows_open(*, lead_id: str, phone: str) -> None:
    """The person has written to us in WhatsApp today, so that free text may go there."""
