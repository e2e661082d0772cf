"""Who may start a call: the origin, the token, and whether there is room. Every refusal has a code and plain words."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from calls.models import Site
from calls.tokens import TokenError, caller_token_redeem
from calls.wire import Start


class Refused(Exception):
    """The call isn't taken. ``code`` is for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """Who calls, from where. ``lead_id`` is set for a verified caller only."""

    site_key: str | None
    lead_id: str | None
    verified: bool


def origin_is_own(origin: str, host: str) -> bool:
    """Is the page that opens the socket one of ours: the same host, or the public address?

    A page can point its own host name at us (DNS rebinding), so the host must be one that we answer to.
    """
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return False
    parts = urlsplit(origin)
    own = urlsplit(settings.PUBLIC_BASE_URL) if settings.PUBLIC_BASE_URL else None
    return bool(parts.netloc) and (
        parts.netloc.lower() == host.lower()
        or (own is not None and (parts.scheme, parts.netloc.lower()) == (own.scheme, own.netloc.lower()))
    )


def origin_is_listed(origin: str) -> bool:
    """Does any active site list this origin? Which one it must be is known only when the call starts."""
    return any(origin in site.origins for site in Site.objects.filter(active=True).only("origins"))


def caller_admit(*, start: Start, origin: str, host: str, loopback: bool) -> Admitted:
    """Check a ``start`` against the contract. Raises :class:`Refused`. A token is used up by this."""
    site = Site.objects.filter(key=start.site, active=True).first() if start.site else None
    own = bool(origin) and origin_is_own(origin, host)
    if origin and not own and (site is None or origin not in site.origins):
        raise Refused(
            "bad_origin", "This website may not place calls here: its address isn't listed for the site key."
        )
    if start.site and site is None:
        raise Refused("bad_site", "There is no site with this key.")
    admitted = Admitted(site_key=site.key if site else None, lead_id=None, verified=False)
    if start.token:
        try:
            caller = caller_token_redeem(token=start.token)
        except TokenError as error:
            raise Refused("bad_token", str(error)) from error
        if site is not None and caller.site_key != site.key:
            raise Refused("bad_token", "This caller token was signed by another site.")
        admitted = Admitted(site_key=caller.site_key, lead_id=caller.lead_id, verified=True)
    elif not origin and not (loopback and not settings.PUBLIC_BASE_URL):
        raise Refused("bad_token", "A call from outside a web page needs a caller token.")
    return admitted
