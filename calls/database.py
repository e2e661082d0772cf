"""Database work off the event loop: a few threads of our own, each giving its connection back when it is done.

Channels' ``database_sync_to_async`` shares one thread a process; one slow query there delays every caller's next frame.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connections

T = TypeVar("T")

_THREADS = ThreadPoolExecutor(max_workers=6, thread_name_prefix="calls-db")


def connection_returned(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call ``function`` and give this thread's connection back to the pool."""
    try:
        return function(*args, **kwargs)
    finally:
        connections.close_all()


async def database_run(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """``function``'s result, from a thread; raises what it raises."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_THREADS, lambda: connection_returned(function, *args, **kwargs))
