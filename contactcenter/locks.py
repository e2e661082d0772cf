"""Invariant: of two schedulers that tick at once, one does the round; the other finds it taken and costs one statement.

Nobody relies on it to be right: rows are claimed one by one. It keeps a second round from being paid for.
"""

from __future__ import annotations

from django.db import connection


def round_take(name: str) -> bool:
    """Whether this transaction does the round of this name; it is given back when the transaction ends, however it ends."""
    if not connection.in_atomic_block:
        raise RuntimeError("a round is taken within a transaction")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"round:{name}"])
        (taken,) = cursor.fetchone()
    return bool(taken)
