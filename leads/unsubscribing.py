"""Invariant: an address in a mail ends mails to that mail's receiver, and does nothing else for anybody.

It names the mail, signed; it has no end, since people look for it in mails of last year. https://www.rfc-editor.org/rfc/rfc8058
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

#: Not reversed from the URL configuration: a worker would have to load every page of the product for it.
UNSUBSCRIBE_PATH: Final = "/unsubscribe/"
#: What a mail program posts when somebody presses its own button.
ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")
_SALT: Final = "leads.unsubscribe"


class LinkRefusedError(Exception):
    """An address that is not ours, or was changed."""


def unsubscribe_url(message_id: UUID) -> str:
    """The address that a mail carries."""
    signed = Signer(salt=_SALT).sign(urlsafe_b64encode(message_id.bytes).rstrip(b"=").decode("ascii"))
    return f"{(settings.PUBLIC_BASE_URL or settings.SERVER_URL).rstrip('/')}{UNSUBSCRIBE_PATH}{signed}"


def unsubscribe_headers(message_id: UUID) -> Mapping[str, str]:
    """What lets a mail program show a button of its own that asks nothing more."""
    return {
        "List-Unsubscribe": f"<{unsubscribe_url(message_id)}>",
        "List-Unsubscribe-Post": "=".join(ONE_CLICK),
    }


def unsubscribe_open(signed: str) -> UUID:
    """The mail that an address is of. Raises LinkRefusedError."""
    try:
        value = Signer(salt=_SALT).unsign(signed)
        return UUID(bytes=urlsafe_b64decode(f"{value}=="))
    except (BadSignature, ValueError) as error:
        raise LinkRefusedError from error


def address_masked(address: str) -> str:
    """Enough of an address for its owner to know it."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}•••{at}{domain}" if at else f"•••{address[-4:]}"
