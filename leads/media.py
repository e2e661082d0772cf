"""Invariant: an address of a document opens that one document, for a while, and nothing else.

The address carries the document and the message it was made for, signed together with the time. Guessing
one means guessing a signature; changing one breaks it.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner

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
    """The absolute, signed address of a document for the receiver of one message. Short, for it goes into
    an SMS."""
    message = urlsafe_b64encode(message_id.bytes).rstrip(b"=").decode("ascii")
    signed = TimestampSigner(salt=_SALT).sign(f"{message}.{document_id}")
    base = settings.PUBLIC_BASE_URL or settings.SERVER_URL
    return f"{base.rstrip('/')}{MEDIA_PATH}{signed}"


def media_open(signed: str) -> MediaTarget:
    """What the address opens. Raises MediaRefusedError."""
    try:
        value = TimestampSigner(salt=_SALT).unsign(signed, max_age=MEDIA_LIFETIME)
    except SignatureExpired as error:
        raise MediaRefusedError("This link has expired.") from error
    except BadSignature as error:
        raise MediaRefusedError("This link is not valid.") from error
    message, _, document_id = value.rpartition(".")
    return MediaTarget(document_id=int(document_id), message_id=UUID(bytes=urlsafe_b64decode(f"{message}==")))
