"""Keeps the daemon's tasks alive: one that dies is started again, with a growing pause, and is seen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from hosted_ce.correlation import bound

log = structlog.get_logger(__name__)
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
STEADY_S = 300.0
"""A task that has lived this long is well: its earlier deaths no longer count."""
FAILING = 3
"""Deaths in a row after which the task counts as failing."""


@dataclass(slots=True)
class Health:
    """How a task is doing. `restarts` counts its whole life, `deaths` those in a row."""

    name: str
    restarts: int = 0
    deaths: int = 0
    problem: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it has run steadily, or died only once or twice."""
        return self.deaths < FAILING

    def died(self, problem: BaseException) -> None:
        """It ended, which it never should."""
        self.deaths += 1
        self.restarts += 1
        self.problem = f"{type(problem).__name__}: {problem}"

    def recovered(self) -> None:
        """It has run for long enough."""
        self.deaths, self.problem = 0, None


class Supervisor:
    """Runs workers in a task group of its caller's. A worker is a coroutine function that never returns."""

    def __init__(self) -> None:
        self.health: dict[str, Health] = {}

    async def keep(self, name: str, worker: Callable[[], Awaitable[None]]) -> None:
        """Runs `worker` again and again until cancelled."""
        health = self.health.setdefault(name, Health(name))
        while True:
            steady = asyncio.get_running_loop().call_later(STEADY_S, health.recovered)
            try:
                with bound(task=name):
                    problem = await _end_of(worker)
            finally:
                steady.cancel()
            health.died(problem)
            pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(health.deaths - 1, 10))
            log.error("a task died; it starts again", task=name, pause_s=pause, exc_info=problem)
            await asyncio.sleep(pause)

    def forget(self, name: str) -> None:
        """The worker was ended for good: it is no longer watched."""
        self.health.pop(name, None)


async def _end_of(worker: Callable[[], Awaitable[None]]) -> BaseException:
    try:
        await worker()
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return error  # not ours: something that it waited for was cancelled
    except Exception as error:
        task = asyncio.current_task()
        if task and task.cancelling():  # what it did last failed: it is ended all the same
            log.warning("a task could not end as it should", exc_info=error)
            raise asyncio.CancelledError from error
        return error
    return RuntimeError("it returned, which it never should")
