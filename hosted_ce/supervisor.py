"""Keeps the daemon's tasks alive: one that dies is started again, with a growing pause, and is seen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
STEADY_S = 300.0
"""A task that lived this long before it died starts again without a growing pause."""
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
        """Whether it is running, or died only once or twice."""
        return self.deaths < FAILING


class Supervisor:
    """Runs workers in a task group of its caller's. A worker is a coroutine function that never returns."""

    def __init__(self) -> None:
        self.health: dict[str, Health] = {}

    async def keep(self, name: str, worker: Callable[[], Awaitable[None]]) -> None:
        """Runs `worker` again and again until cancelled."""
        health = self.health.setdefault(name, Health(name))
        while True:
            began = time.monotonic()
            try:
                await worker()
                problem: BaseException = RuntimeError("it returned, which it never should")
            except Exception as error:
                problem = error
            if time.monotonic() - began >= STEADY_S:
                health.deaths = 0
            health.deaths += 1
            health.restarts += 1
            health.problem = f"{type(problem).__name__}: {problem}"
            pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(health.deaths - 1, 10))
            log.error("a task died; it starts again", task=name, pause_s=pause, exc_info=problem)
            await asyncio.sleep(pause)
