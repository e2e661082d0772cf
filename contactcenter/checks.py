"""`manage.py check` and `migrate` refuse what would only fail at the first call, with words that say what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

OLDEST_POSTGRES = 150000


@register()
def channel_layer_check(**_: Any) -> list[CheckMessage]:
    """The channel layer waits in a blocking pop; a socket timeout would close idle WebSockets."""
    config: Any = settings.CHANNEL_LAYERS["default"]["CONFIG"]
    hosts = config.get("hosts", [])
    if all(isinstance(host, dict) and host.get("socket_timeout", 0) is None for host in hosts):
        return []
    return [
        Error(
            "The channel layer's Redis connections have a socket timeout.",
            hint='Set "socket_timeout": None for each of CHANNEL_LAYERS\' hosts.',
            id="contactcenter.E001",
        )
    ]


@register(Tags.database)
def database_check(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """A database that was named by `DATABASE_URL` must be PostgreSQL 15+ with pgvector at hand; run by ``migrate``."""
    from django.db import connections

    found: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            version = int(cursor.fetchone()[0])
            cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")
            vector = cursor.fetchone()
        if version < OLDEST_POSTGRES:
            found.append(Error("PostgreSQL is too old.", hint="Use 15 or newer.", id="contactcenter.E002"))
        if vector is None:
            found.append(
                Error(
                    "The database server has no pgvector.",
                    hint="Install its package there (Debian: postgresql-NN-pgvector), then start again.",
                    id="contactcenter.E003",
                )
            )
    return found
