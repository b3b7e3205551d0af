"""Looks at single pilots: those that are asked for while a look is under way are one look, the next.

Each read of the database takes a thread; what is in it is the least of it.
"""

from __future__ import annotations

import asyncio

from hosted_ce.engine.ports import Store
from hosted_ce.pilots.pilot import Pilot


class Looks:
    """What is found was not read before it was asked for."""

    def __init__(self, store: Store):
        self._store = store
        self._asked: dict[int, asyncio.Future[Pilot | None]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def at(self, pilot_id: int) -> Pilot | None:
        """One pilot, or None. Raises what the store does."""
        found = self._asked.get(pilot_id)
        if found is None:
            found = self._asked[pilot_id] = asyncio.get_running_loop().create_future()
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="looks")
        return await asyncio.shield(found)  # others may wait for it as well

    async def _look(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                await self._settle(asked)
        finally:
            self._looking = None

    async def _settle(self, asked: dict[int, asyncio.Future[Pilot | None]]) -> None:
        try:
            found = {pilot.id: pilot for pilot in await self._store.get_many(asked.keys())}
        except Exception as error:
            for each in asked.values():
                each.set_exception(error)
                each.exception()  # whoever asked may have gone
        else:
            for pilot_id, each in asked.items():
                each.set_result(found.get(pilot_id))
