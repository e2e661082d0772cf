"""What every page's frame needs to know."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def demo_mode() -> bool:
    """Whether this is a trial at home: not reachable for the public, with demo logins."""
    return not settings.PUBLIC_BASE_URL


def company(_request: HttpRequest) -> dict[str, object]:
    """The company's name and whether this is a demo, for templates."""
    return {"company_name": settings.COMPANY_NAME, "demo_mode": demo_mode()}
