"""The rules in a database of their own, filled as at a first start."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from calls.rules.versions import rules_ensure


@pytest.fixture
def admin_user(db: None) -> User:
    """Without a password: hashing one takes longer than a test."""
    return User.objects.create(username="admin", is_staff=True, is_superuser=True)


@pytest.fixture
def rules(db: None) -> None:
    rules_ensure()


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
