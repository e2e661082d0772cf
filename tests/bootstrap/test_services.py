"""The services that the tests themselves run on are the real ones."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from redis import Redis


def test_the_database_is_postgresql_with_the_extensions_that_search_needs(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM pg_available_extensions WHERE name IN ('vector', 'pg_trgm', 'unaccent')"
        )
        assert {row[0] for row in cursor.fetchall()} == {"vector", "pg_trgm", "unaccent"}
        cursor.execute("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()")
        assert cursor.fetchone() == ("b", "C.UTF-8")


def test_redis_answers_with_its_password_and_refuses_without() -> None:
    with Redis.from_url(settings.CELERY_BROKER_URL) as client:
        assert client.ping()
        port = client.connection_pool.connection_kwargs["port"]
    with Redis(host="127.0.0.1", port=port) as stranger:
        try:
            stranger.ping()
        except Exception as error:  # noqa: BLE001 - its class differs between versions of the client
            assert "Authentication required" in str(error)
        else:
            raise AssertionError("it let a client without password in")
