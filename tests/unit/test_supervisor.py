"""The supervisor: no task stays dead, none is restarted in a frenzy, and all of it is seen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import structlog

from hosted_ce.supervisor import FAILING, STEADY_S, Health, Supervisor
from tests.fakes.virtual_time import run

Worker = Callable[[], Awaitable[None]]


async def kept(worker: Worker, seconds: float) -> Health:
    """How a task is after it was kept for so long."""
    supervisor = Supervisor()
    keeping = asyncio.create_task(supervisor.keep("it", worker))
    await asyncio.sleep(seconds)
    assert not keeping.done()
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    return supervisor.health["it"]


class Lives:
    """A worker that lives for these times, in seconds, each ended by an exception, and then for ever."""

    def __init__(self, *lives: float, end: BaseException | None = None):
        self.began: list[float] = []
        self._lives = list(lives)
        self._end = end or RuntimeError("broken")

    async def __call__(self) -> None:
        self.began.append(asyncio.get_running_loop().time())
        if not self._lives:
            await asyncio.sleep(1e9)
        await asyncio.sleep(self._lives.pop(0))
        raise self._end


def test_a_task_that_lives_is_left_alone() -> None:
    worker = Lives()
    health = run(kept(worker, 1000))
    assert worker.began == [0]
    assert (health.ok, health.restarts, health.problem) == (True, 0, None)


def test_a_task_that_dies_starts_again_after_growing_pauses() -> None:
    worker = Lives(*[0] * 9)
    health = run(kept(worker, 400))
    pauses = [later - earlier for earlier, later in zip(worker.began, worker.began[1:], strict=False)]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert (health.restarts, health.deaths, health.ok) == (9, 9, False)
    assert health.problem == "RuntimeError: broken"


def test_it_counts_as_failing_after_some_deaths_in_a_row() -> None:
    assert run(kept(Lives(*[0] * (FAILING - 1)), 100)).ok
    assert not run(kept(Lives(*[0] * FAILING), 100)).ok


def test_a_task_that_lives_long_enough_is_well_again_while_it_lives() -> None:
    last_death = 1 + 2 + 4
    worker = Lives(*[0] * FAILING)
    assert not run(kept(worker, last_death + STEADY_S - 1)).ok
    worker = Lives(*[0] * FAILING)
    health = run(kept(worker, last_death + STEADY_S + 1))
    assert (health.ok, health.deaths, health.problem) == (True, 0, None)
    assert health.restarts == FAILING


def test_after_a_long_life_the_pauses_begin_anew() -> None:
    worker = Lives(0, 0, 0, STEADY_S + 10, 0)
    run(kept(worker, 1000))
    died = worker.began[3] + STEADY_S + 10
    assert worker.began[4] == died + 1
    assert worker.began[5] == died + 1 + 2


def test_a_short_life_is_no_recovery() -> None:
    worker = Lives(0, STEADY_S - 10, 0)
    health = run(kept(worker, 900))
    assert health.deaths == 0  # well at last
    assert worker.began[2] == worker.began[1] + STEADY_S - 10 + 2
    assert worker.began[3] == worker.began[2] + 4


def test_a_task_that_returns_has_died() -> None:
    async def returns() -> None:
        return

    health = run(kept(returns, 0.5))
    assert health.problem == "RuntimeError: it returned, which it never should"


def test_a_cancellation_that_is_not_ours_is_a_death_like_any_other() -> None:
    worker = Lives(0, end=asyncio.CancelledError())
    health = run(kept(worker, 10))
    assert worker.began == [0, 1]
    assert health.problem == "CancelledError: "


def test_a_group_of_errors_is_a_death() -> None:
    health = run(kept(Lives(0, end=ExceptionGroup("two", [ValueError("a"), KeyError("b")])), 10))
    assert health.problem == "ExceptionGroup: two (2 sub-exceptions)"


def test_a_cancellation_during_the_pause_ends_it() -> None:
    health = run(kept(Lives(0), 0.5))
    assert (health.deaths, health.ok) == (1, True)


def test_a_death_is_told_with_its_traceback() -> None:
    with structlog.testing.capture_logs() as logs:
        run(kept(Lives(0, end=ValueError("no such file")), 10))
    (line,) = logs
    assert (line["event"], line["task"], line["pause_s"]) == ("a task died; it starts again", "it", 1.0)
    assert isinstance(line["exc_info"], ValueError)
    assert line["exc_info"].__traceback__ is not None


def test_tasks_have_health_of_their_own() -> None:
    async def two() -> dict[str, Health]:
        supervisor = Supervisor()
        tasks = [
            asyncio.create_task(supervisor.keep("good", Lives())),
            asyncio.create_task(supervisor.keep("bad", Lives(*[0] * FAILING))),
        ]
        await asyncio.sleep(100)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return supervisor.health

    health = run(two())
    assert {name: one.ok for name, one in health.items()} == {"good": True, "bad": False}


def test_lines_of_a_task_have_its_name() -> None:
    seen: list[dict[str, object]] = []

    async def worker() -> None:
        seen.append(structlog.contextvars.get_contextvars())
        await asyncio.sleep(1e9)

    run(kept(worker, 1.0))
    assert seen == [{"task": "it"}]


def test_one_that_fails_while_it_is_ended_has_ended() -> None:
    """Else the daemon would wait for it for ever."""

    async def worker() -> None:
        try:
            await asyncio.sleep(1e9)
        finally:
            raise OSError("the disk is full")

    assert run(kept(worker, 5)).restarts == 0
