"""A provider's news of what it did: signed, late, in any order, told more than once, and now and then forged.

Twilio does not tell a status again when nobody answered; SendGrid does, for a day. So do these.
"""

from __future__ import annotations

import heapq
import http.client
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

SENDERS = 3
TIMEOUT = 5.0
#: Of a thousand posts, so many are followed by a forgery.
FORGED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One request to the product. ``make`` signs it when it goes out: (address, headers, body)."""

    make: Callable[[], tuple[str, dict[str, str], bytes]]
    #: How often it is tried again when nobody answers as it should.
    tries: int
    pause: float = 1.0
    forged: bool = False
    #: Called with the answer's body when it was taken.
    answered: Callable[[bytes], None] | None = None


class Postman:
    """Posts when it is time, from threads of its own, until it is closed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._waiting: list[tuple[float, int, Post]] = []
        self._number = itertools.count()
        self._changed = threading.Condition()
        self._busy = 0
        self._closed = False
        self.counts: Counter[str] = Counter()
        self._threads = [
            threading.Thread(target=self._work, name=f"postman-{number}", daemon=True)
            for number in range(SENDERS)
        ]
        for thread in self._threads:
            thread.start()

    def post(self, post: Post, *, after: float) -> None:
        with self._changed:
            heapq.heappush(self._waiting, (time.monotonic() + after, next(self._number), post))
            self._changed.notify()

    def repeatedly(self, post: Post, *, after: float, forgery: Post | None = None) -> None:
        """Post it about ``after`` seconds from now, often twice, sometimes many times, and perhaps a forgery beside it."""
        with self._changed:
            times = self._chance.choices((1, 2, 3, 12), weights=(60, 25, 13, 2))[0]
            delays = [after * self._chance.uniform(0.3, 1.7) for _ in range(times)]
            forge = forgery is not None and self._chance.randrange(1000) < FORGED
        for delay in delays:
            self.post(post, after=delay)
        if forge and forgery is not None:
            self.post(forgery, after=after)

    def idle(self) -> bool:
        with self._changed:
            return not self._waiting and not self._busy

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(TIMEOUT + 1)

    def _work(self) -> None:
        while (post := self._next()) is not None:
            try:
                self._send(post)
            finally:
                with self._changed:
                    self._busy -= 1

    def _next(self) -> Post | None:
        with self._changed:
            while not self._closed:
                wait = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if wait is not None and wait <= 0:
                    self._busy += 1
                    return heapq.heappop(self._waiting)[2]
                self._changed.wait(wait)
        return None

    def _send(self, post: Post) -> None:
        status, body = _request(*post.make())
        if post.forged:
            with self._changed:
                self.counts["forgeries refused" if status == 403 else "forgeries unanswered"] += (
                    status == 403 or not 200 <= status < 300
                )
                self.counts["forgeries taken"] += 200 <= status < 300
            return
        if 200 <= status < 300:
            with self._changed:
                self.counts["told"] += 1
            if post.answered is not None:
                post.answered(body)
            return
        with self._changed:
            self.counts["refused" if 400 <= status < 500 else "unanswered"] += 1
        # A refusal is final for Twilio and SendGrid alike but for what a server that is starting says.
        if post.tries > 0:
            again = Post(
                make=post.make, tries=post.tries - 1, pause=min(post.pause * 1.5, 5.0), answered=post.answered
            )
            self.post(again, after=post.pause)


def _request(url: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """Status and body; 0 without an answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        connection.request(
            "POST", f"{parts.path}?{parts.query}" if parts.query else parts.path, body, headers
        )
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()
