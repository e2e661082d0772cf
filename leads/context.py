"""What every page's frame needs to know."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest

#: The groups of people who take calls.
ROLES: Final = ("agent", "supervisor", "admin")


def demo_mode() -> bool:
    """Whether this is a trial at home: not reachable for the public, with demo logins."""
    return not settings.PUBLIC_BASE_URL


def works_here(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether somebody takes calls or runs the place."""
    return bool(user.is_staff or user.groups.filter(name__in=ROLES).exists())  # type: ignore[union-attr]


def company(request: HttpRequest) -> dict[str, object]:
    """The company's name, whether this is a demo, and (asked only where it is used) whether the user works here."""
    return {
        "company_name": settings.COMPANY_NAME,
        "demo_mode": demo_mode(),
        "works_here": lambda: works_here(request.user),
    }
