"""Invariant: an address of a document opens that one document, for a while, and nothing else.

The address carries the document and the message it was made for, signed together with the time. Guessing
one means guessing a signature; changing one breaks it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core import signing

#: Not reversed from the URL configuration: a worker would have to load every page of the product for it.
MEDIA_PATH: Final = "/media/d/"
_SALT: Final = "leads.media.document"
#: Long enough to open a message over a weekend.
MEDIA_LIFETIME: Final = timedelta(days=7)


class MediaRefusedError(Exception):
    """An address that is not ours, was changed, or is too old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaTarget:
    """What a signed address opens."""

    document_id: int
    message_id: UUID


def media_url(*, document_id: int, message_id: UUID) -> str:
    """The absolute, signed address of a document for the receiver of one message."""
    signed = signing.dumps([document_id, message_id.hex], salt=_SALT)
    base = settings.PUBLIC_BASE_URL or settings.SERVER_URL
    return f"{base.rstrip('/')}{MEDIA_PATH}{signed}"


def media_open(signed: str) -> MediaTarget:
    """What the address opens. Raises MediaRefusedError."""
    try:
        document_id, message_hex = signing.loads(signed, salt=_SALT, max_age=MEDIA_LIFETIME)
    except signing.SignatureExpired as error:
        raise MediaRefusedError("This link has expired.") from error
    except signing.BadSignature as error:
        raise MediaRefusedError("This link is not valid.") from error
    return MediaTarget(document_id=document_id, message_id=UUID(hex=message_hex))
