"""Invariant: a message or a call goes only to an ordinary telephone in a country that was allowed.

Numbers that cost whoever reaches them (premium rate, shared cost, the personal numbers that forward at the other's price)
are how somebody earns from making us send: they are refused whatever the country.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import PhoneNumberType as Kind
from phonenumbers.timezone import time_zones_for_number

from leads.allowed.verdict import YES, Refusal, Verdict, no

_ORDINARY: Final = frozenset({Kind.MOBILE, Kind.FIXED_LINE, Kind.FIXED_LINE_OR_MOBILE, Kind.VOIP})
#: Satellite and international services belong to no country.
_NOWHERE: Final = "001"
ANYWHERE: Final = "*"
#: A range is what is left of a number without these: carriers give out, and fraudsters rent, blocks of ten thousand.
_RANGE_DIGITS: Final = 4


def number_allow(number: str, *, countries: Collection[str]) -> Verdict:
    """Whether ``number`` (E.164) may be sent to or called at all. ``countries`` are two-letter codes, or ``*`` for any."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return no(Refusal.NOT_A_NUMBER)
    if not phonenumbers.is_valid_number(parsed):
        return no(Refusal.NOT_A_NUMBER)
    country = phonenumbers.region_code_for_number(parsed) or _NOWHERE
    if phonenumbers.number_type(parsed) not in _ORDINARY or country == _NOWHERE:
        return no(Refusal.KIND)
    if country not in countries and ANYWHERE not in countries:
        return no(Refusal.COUNTRY)
    return YES


def number_country(number: str) -> str:
    """The two-letter country of a number, or nothing."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number, None)) or ""
    except phonenumbers.NumberParseException:
        return ""


def number_range(number: str) -> str:
    """What a number has in common with those beside it."""
    return number[:-_RANGE_DIGITS]


def number_zones(number: str, *, otherwise: ZoneInfo) -> tuple[ZoneInfo, ...]:
    """The time zones that a number may be in; ``otherwise`` for an address that says nothing of it."""
    try:
        names = time_zones_for_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return (otherwise,)
    zones = []
    for name in names:
        try:
            zones.append(ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError):
            continue
    known = tuple(zone for zone in zones if not str(zone).startswith("Etc/"))
    return known or (otherwise,)
