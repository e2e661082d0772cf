"""Who is calling: a host site signs it with its own secret, for five minutes and one call.

Invariant: a token is accepted once, from the site that signed it, and never with this installation's SECRET_KEY.
Format: JWT (RFC 7519), HS256; ``iss`` site key, ``sub`` lead external id, ``aud`` "contactcenter", ``exp``, ``iat``, ``jti``.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

import jwt
from django.db import IntegrityError, transaction
from django.utils import timezone

from calls.models import Site, TokenUse
from leads.models import Lead

AUDIENCE = "contactcenter"
LIFE = dt.timedelta(minutes=5)
CLOCK_SKEW = dt.timedelta(seconds=10)


class TokenError(ValueError):
    """The token can't be trusted; the message may be shown to whoever sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whom a good token names."""

    lead_id: str
    site_key: str


def caller_token_mint(*, site: Site, lead_id: str, life: dt.timedelta = LIFE) -> str:
    """A signed token that says ``lead_id`` is calling from ``site``; good for ``life`` (5 min at most) and one call."""
    now = timezone.now()
    claims = {
        "iss": site.key,
        "sub": lead_id,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + min(life, LIFE),
        "jti": secrets.token_urlsafe(16),
    }
    return jwt.encode(claims, site.secret, algorithm="HS256")


def caller_token_redeem(*, token: str) -> Caller:
    """Who is calling, by ``token``, which is used up by this. Raises :class:`TokenError`."""
    try:
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        named = isinstance(issuer, str) and issuer.isprintable()  # a NUL would be an error of the database's
        site = Site.objects.filter(key=issuer, active=True).first() if named else None
        if site is None:
            raise TokenError("This caller token is not from a site that we know.")
        claims = jwt.decode(
            token,
            site.secret,
            algorithms=["HS256"],
            audience=AUDIENCE,
            issuer=site.key,
            leeway=CLOCK_SKEW,
            options={"require": ["exp", "iat", "sub", "aud", "iss", "jti"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise TokenError("This caller token has expired.") from error
    except (jwt.PyJWTError, ValueError) as error:
        if isinstance(error, TokenError):
            raise
        raise TokenError("This caller token is not valid.") from error
    if claims["exp"] - claims["iat"] > LIFE.total_seconds():
        raise TokenError("This caller token lives too long: five minutes is the most.")
    if (
        not isinstance(claims["jti"], str)
        or not claims["jti"].isprintable()
        or not 8 <= len(claims["jti"]) <= 200
    ):
        raise TokenError("This caller token has no usable id (jti).")
    lead_id = claims["sub"]
    if (
        not isinstance(lead_id, str)
        or not lead_id.isprintable()
        or not Lead.objects.filter(id=lead_id).exists()
    ):
        raise TokenError("This caller token names nobody that we know.")
    try:
        with transaction.atomic():
            expires = dt.datetime.fromtimestamp(claims["exp"], tz=dt.UTC)
            TokenUse.objects.create(jti=f"{site.key}:{claims['jti']}", expires_at=expires)
    except IntegrityError as error:
        raise TokenError("This caller token was used before.") from error
    return Caller(lead_id=lead_id, site_key=site.key)
