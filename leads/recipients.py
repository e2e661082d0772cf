"""Invariant: an address that gets past here is one address, of the channel's own form, with nothing else in
it.

Pure but for the numbering plan that `phonenumbers` carries.
"""

from __future__ import annotations

import re

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from leads.status import Failure

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
#: Characters that turn the direction of text round: harmless in a body, a disguise in a name or a subject.
_BIDI = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class RecipientError(ValueError):
    """An address that cannot be sent to. The text says why, without repeating the address; `failure` says it to
    programs."""

    def __init__(self, why: str, failure: Failure = Failure.INVALID_NUMBER) -> None:
        super().__init__(why)
        self.failure = failure


def phone_normalise(value: str, *, region: str) -> str:
    """`value` as E.164. `region` is the two-letter country for numbers without one. Raises RecipientError."""
    if _CONTROL.search(value):
        raise RecipientError("the phone number has control characters in it")
    try:
        number = phonenumbers.parse(value.strip(), region or None)
    except phonenumbers.NumberParseException as error:
        raise RecipientError("that is not a phone number") from error
    if number.extension or not phonenumbers.is_valid_number(number):
        raise RecipientError("no such phone number can exist")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email_normalise(value: str) -> str:
    """`value` as one bare address with its domain in lower case. Raises RecipientError."""
    address = value.strip(" \t")
    if _CONTROL.search(address) or _BIDI.search(address):
        raise RecipientError("the e-mail address has control characters in it", Failure.INVALID_ADDRESS)
    try:
        validate_email(address)
    except ValidationError as error:
        raise RecipientError("that is not an e-mail address", Failure.INVALID_ADDRESS) from error
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def recipient_normalise(value: str, *, channel: str, region: str) -> str:
    """The address in the form that the channel sends to. Raises RecipientError."""
    if channel == "email":
        return email_normalise(value)
    return phone_normalise(value.removeprefix("whatsapp:"), region=region)


def header_clean(value: str, *, limit: int = 200) -> str:
    """`value` fit for a header or a greeting line: one line, no direction tricks, at most `limit`
    characters."""
    return " ".join(_BIDI.sub("", _CONTROL.sub(" ", value)).split())[:limit].rstrip()
