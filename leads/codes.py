"""Invariant: a code proves the holder of a telephone in one call, for ten minutes, in three tries; the digits are nowhere.

What is kept is a keyed digest over the call, a salt and the digits: the row of another call, or a stolen
table without the key, proves nothing.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

LENGTH: Final = 6
LIFETIME: Final = timedelta(minutes=10)
TRIES: Final = 3
#: How many codes one call may ask for, and how many texts a lead gets in an hour and in a day, whoever asks.
CODES_A_CALL: Final = 3
CODES_AN_HOUR: Final = 5
CODES_A_DAY: Final = 10
_SALT: Final = "leads.codes"


def code_new() -> str:
    """Fresh digits."""
    return f"{secrets.randbelow(10**LENGTH):0{LENGTH}d}"


def salt_new() -> str:
    return secrets.token_urlsafe(16)


def code_digest(digits: str, *, salt: str, call_id: UUID) -> str:
    """What is kept of ``digits``."""
    return salted_hmac(_SALT, f"{call_id}:{salt}:{digits}", algorithm="sha256").hexdigest()


def code_matches(digits: str, *, digest: str, salt: str, call_id: UUID) -> bool:
    """Whether these are the digits, without telling by the time it takes."""
    return constant_time_compare(code_digest(digits, salt=salt, call_id=call_id), digest)
