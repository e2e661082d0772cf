"""Model work is bounded, and what waits longest-promised goes first: a caller's final never queues behind a
guess.

A fixed set of threads takes jobs by priority, then by age. When the waiting line is full the newest call is
refused (Busy) at the door, and speculative work is dropped before anything that a caller is waiting for.
"""

import asyncio
import heapq
import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeVar

T = TypeVar("T")


class Busy(Exception):
    """The line of waiting jobs is full, or the executor is closed. Tell the caller politely."""


class Priority(IntEnum):
    """Lower runs first."""

    ANSWER = 0  # someone waits for this: final transcript, decision, first sentence
    LATER = 10  # second sentences, end-of-turn checks of calls that still speak
    SPECULATIVE = 20  # may be thrown away: partials, guesses, warming


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorStats:
    """Counts since the start; times in ms over all jobs that ran."""

    workers: int
    running: int
    waiting: int
    done: int
    failed: int
    cancelled: int
    refused: int
    shed: int  # speculative jobs pushed out by others
    waited_ms_mean: float
    waited_ms_max: float
    ran_ms_mean: float


@dataclass(order=True, slots=True)
class _Job:
    priority: int
    number: int
    call: Callable[[], Any] = field(compare=False)
    future: "Future[Any]" = field(compare=False)
    queued_at: float = field(compare=False)


class ModelExecutor:
    """`workers` threads, at most `depth` waiting jobs. Safe from any thread and any event loop."""

    def __init__(self, workers: int, depth: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        if workers < 1 or depth < 1:
            raise ValueError("an executor needs at least one worker and room for one waiting job")
        self._depth = depth
        self._clock = clock
        self._jobs: list[_Job] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._running = self._done = self._failed = self._cancelled = self._refused = self._shed = 0
        self._waited_total = self._waited_max = self._ran_total = 0.0
        self._threads = [
            threading.Thread(target=self._work, name=f"model-{index}", daemon=True)
            for index in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self, fn: Callable[..., T], *args: Any, priority: int = Priority.ANSWER, **kwargs: Any
    ) -> "Future[T]":
        """Queue a job from a thread. Raises Busy when full; cancelling the future before it starts drops the
        job."""
        future: Future[T] = Future()
        with self._changed:
            if self._closed:
                raise Busy("the model executor is closed")
            self._drop_cancelled()
            if len(self._jobs) >= self._depth and not self._shed_one(priority):
                self._refused += 1
                raise Busy(f"{len(self._jobs)} jobs are waiting for a model")
            job = _Job(priority, next(self._numbers), lambda: fn(*args, **kwargs), future, self._clock())
            heapq.heappush(self._jobs, job)
            self._changed.notify()
        return future

    async def run(
        self, fn: Callable[..., T], *args: Any, priority: int = Priority.ANSWER, **kwargs: Any
    ) -> T:
        """Await `fn(*args)` in a model thread. Raises Busy when full or when shed before it began.

        A cancelled await drops a job that has not begun; one that runs goes on, its result unused.
        """
        return await asyncio.wrap_future(self.submit(fn, *args, priority=priority, **kwargs))

    def stats(self) -> ExecutorStats:
        with self._changed:
            ran = self._done + self._failed
            taken = ran + self._running
            return ExecutorStats(
                workers=len(self._threads),
                running=self._running,
                waiting=sum(not job.future.cancelled() for job in self._jobs),
                done=self._done,
                failed=self._failed,
                cancelled=self._cancelled + sum(job.future.cancelled() for job in self._jobs),
                refused=self._refused,
                shed=self._shed,
                waited_ms_mean=1000 * self._waited_total / taken if taken else 0.0,
                waited_ms_max=1000 * self._waited_max,
                ran_ms_mean=1000 * self._ran_total / ran if ran else 0.0,
            )

    def close(self, *, timeout_s: float = 5.0) -> None:
        """Refuse new jobs, cancel waiting ones, and wait for those that run. Idempotent."""
        with self._changed:
            self._closed = True
            waiting, self._jobs = self._jobs, []
            self._cancelled += len(waiting)
            self._changed.notify_all()
        for job in waiting:
            job.future.cancel()
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _drop_cancelled(self) -> None:
        kept = [job for job in self._jobs if not job.future.cancelled()]
        if len(kept) != len(self._jobs):
            self._cancelled += len(self._jobs) - len(kept)
            heapq.heapify(kept)
            self._jobs = kept

    def _shed_one(self, priority: int) -> bool:
        """Push the newest least urgent job out, if it is speculative and less urgent than what arrives."""
        last = max(self._jobs)
        if last.priority < Priority.SPECULATIVE or last.priority <= priority:
            return False
        self._jobs.remove(last)
        heapq.heapify(self._jobs)
        self._shed += 1
        if last.future.set_running_or_notify_cancel():
            last.future.set_exception(Busy("made room for work that someone waits for"))
        return True

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._jobs and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                job = heapq.heappop(self._jobs)
                if not job.future.set_running_or_notify_cancel():
                    self._cancelled += 1
                    continue
                begun = self._clock()
                self._running += 1
                waited = begun - job.queued_at
                self._waited_total += waited
                self._waited_max = max(self._waited_max, waited)
            result, error = _outcome(job.call)
            with self._changed:
                self._running -= 1
                self._ran_total += self._clock() - begun
                self._done += error is None
                self._failed += error is not None
            try:
                if error is None:
                    job.future.set_result(result)
                else:
                    job.future.set_exception(error)
            except InvalidStateError:  # its event loop ended meanwhile: nobody listens
                continue


def _outcome(call: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return call(), None
    except BaseException as error:  # noqa: BLE001 - handed to whoever awaits; the thread must outlive it
        return None, error
