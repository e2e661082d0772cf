"""Invariant: what is counted against the daily limit is never less than the table says it costs.

A text is paid by its parts: 160 characters of the telephone's own alphabet, 70 of any other, less where there are several.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import ceil
from types import MappingProxyType
from typing import Final

#: https://www.twilio.com/docs/glossary/what-is-gsm-7-character-encoding
_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE: Final = frozenset("^{}\\[~]|€\f")

#: (channel, country): what one costs; an empty country is any other. On the safe side where nobody has said otherwise.
PRICES: Final[Mapping[tuple[str, str], Decimal]] = MappingProxyType(
    {
        ("sms", ""): Decimal("0.1500"),
        ("whatsapp", ""): Decimal("0.1500"),
        ("email", ""): Decimal("0.0015"),
        ("call", ""): Decimal("0.5000"),
    }
)
_FALLBACK: Final = Decimal("0.5000")


def is_gsm(text: str) -> bool:
    """Whether the telephone's own alphabet has every letter of it."""
    return all(letter in _GSM or letter in _GSM_TWICE for letter in text)


def sms_parts(text: str) -> int:
    """How many messages a text is billed as; at least one."""
    if is_gsm(text):
        size = sum(2 if letter in _GSM_TWICE else 1 for letter in text)
        return 1 if size <= 160 else ceil(size / 153)
    size = len(text.encode("utf-16-le")) // 2
    return 1 if size <= 70 else ceil(size / 67)


def price_of(
    *, channel: str, country: str, text: str = "", prices: Mapping[tuple[str, str], Decimal] = PRICES
) -> Decimal:
    """What a message costs by the table: the country's own price, else the channel's, else a dear one."""
    table = {**PRICES, **prices}
    each = table.get((channel, country), table.get((channel, ""), _FALLBACK))
    return each * (sms_parts(text) if channel == "sms" else 1)
