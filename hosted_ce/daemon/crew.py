"""The tasks of the daemon's parts: they begin and end with their part."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from hosted_ce.supervisor import Supervisor

Worker = tuple[str, Callable[[], Awaitable[None]]]


class Crew:
    """Keeps the workers of each part alive until it ends."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._tasks: dict[str, dict[str, asyncio.Task[None]]] = {}

    def begin(self, part: str, workers: Iterable[Worker]) -> None:
        """Starts the workers of a part that has none."""
        if part in self._tasks:
            raise ValueError(f"part {part!r} has its workers already")
        self._tasks[part] = {
            name: asyncio.create_task(self._supervisor.keep(name, work), name=name) for name, work in workers
        }

    def has(self, part: str) -> bool:
        """Whether the part has workers."""
        return part in self._tasks

    async def end(self, part: str) -> None:
        """Ends the workers of a part, and returns when they have ended, also when it is cancelled.

        Who went on before could begin a part's successor beside it.
        """
        ending = asyncio.create_task(self._end(part), name=f"end {part}")
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:
            await asyncio.wait({ending})
            raise

    async def end_all(self) -> None:
        """Ends the workers of all parts."""
        await asyncio.gather(*(self.end(part) for part in list(self._tasks)))

    async def _end(self, part: str) -> None:
        tasks = self._tasks.get(part, {})
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        self._tasks.pop(part, None)
        for name in tasks:
            self._supervisor.forget(name)
