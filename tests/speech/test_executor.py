"""Work waits in order of who waits for it; too much work is refused at the door."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError

import pytest

from calls.speech.executor import Busy, ModelExecutor, Priority


class Plug:
    """Holds the only worker until released, so that the line behind it can be arranged exactly."""

    def __init__(self, executor: ModelExecutor) -> None:
        self._release = threading.Event()
        begun = threading.Event()

        def hold() -> None:
            begun.set()
            assert self._release.wait(10)

        self.future = executor.submit(hold)
        assert begun.wait(10)

    def release(self) -> None:
        self._release.set()


@pytest.fixture
def executor() -> Iterator[ModelExecutor]:
    made = ModelExecutor(1, 3)
    yield made
    made.close()


def test_what_a_caller_waits_for_runs_before_a_guess_that_came_earlier(executor: ModelExecutor) -> None:
    plug, order = Plug(executor), []
    note: Callable[[str], None] = order.append
    jobs = [
        executor.submit(note, "guess", priority=Priority.SPECULATIVE),
        executor.submit(note, "first"),
        executor.submit(note, "second"),
    ]
    plug.release()
    for job in jobs:
        job.result(10)
    assert order == ["first", "second", "guess"]


def test_a_full_line_refuses_the_newest_and_keeps_those_waiting(executor: ModelExecutor) -> None:
    plug = Plug(executor)
    waiting = [executor.submit(lambda value=value: value) for value in range(3)]
    with pytest.raises(Busy):
        executor.submit(lambda: 99)
    plug.release()
    assert [job.result(10) for job in waiting] == [0, 1, 2]
    assert executor.stats().refused == 1


def test_a_guess_makes_room_for_an_answer_but_not_for_another_guess(executor: ModelExecutor) -> None:
    plug = Plug(executor)
    guesses = [executor.submit(int, priority=Priority.SPECULATIVE) for _ in range(3)]
    with pytest.raises(Busy):
        executor.submit(int, priority=Priority.SPECULATIVE)
    answer = executor.submit(lambda: "answer")
    plug.release()
    assert answer.result(10) == "answer"
    with pytest.raises(Busy):
        guesses[2].result(10)
    assert [guess.result(10) for guess in guesses[:2]] == [0, 0]
    assert executor.stats().shed == 1


def test_a_cancelled_job_never_runs_and_frees_its_place(executor: ModelExecutor) -> None:
    plug, ran = Plug(executor), []
    jobs = [executor.submit(ran.append, value) for value in range(3)]
    assert jobs[1].cancel()
    late = executor.submit(ran.append, 3)
    plug.release()
    late.result(10)
    assert ran == [0, 2, 3]
    with pytest.raises(CancelledError):
        jobs[1].result(10)


def test_a_failing_job_tells_its_caller_and_leaves_the_worker_alive(executor: ModelExecutor) -> None:
    with pytest.raises(ZeroDivisionError):
        executor.submit(lambda: 1 // 0).result(10)
    assert executor.submit(lambda: "alive").result(10) == "alive"
    stats = executor.stats()
    assert (stats.failed, stats.done) == (1, 1)


def test_awaiting_returns_the_result_and_a_cancelled_await_drops_the_job(executor: ModelExecutor) -> None:
    async def scene() -> list[int]:
        plug, ran = Plug(executor), []
        dropped = asyncio.create_task(executor.run(ran.append, 1))
        kept = asyncio.create_task(executor.run(ran.append, 2))
        await asyncio.sleep(0)
        dropped.cancel()
        await asyncio.gather(dropped, return_exceptions=True)
        plug.release()
        await kept
        return ran

    assert asyncio.run(scene()) == [2]


def test_closing_cancels_those_waiting_finishes_the_running_and_refuses_the_rest() -> None:
    executor = ModelExecutor(1, 3)
    plug = Plug(executor)
    waiting = executor.submit(int)
    plug.release()
    plug_done = plug.future
    executor.close()
    assert plug_done.done()
    assert waiting.done()
    with pytest.raises(Busy):
        executor.submit(int)
    executor.close()


def test_stats_count_what_happened_in_virtual_time() -> None:
    now = [0.0]
    executor = ModelExecutor(1, 3, clock=lambda: now[0])
    plug = Plug(executor)
    waiting = executor.submit(int)
    now[0] = 2.0
    plug.release()
    waiting.result(10)
    executor.close()
    stats = executor.stats()
    assert stats.waited_ms_max == 2000.0
    assert stats.done == 2
