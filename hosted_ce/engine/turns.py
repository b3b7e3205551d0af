"""Pilots on their way to the site: each in one turn at a time, and not more turns than the window allows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from hosted_ce.correlation import bound
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.pace import Pace
from hosted_ce.engine.ports import Clock, Store
from hosted_ce.engine.quarantine import Quarantine
from hosted_ce.pilots.pilot import Change
from hosted_ce.pilots.states import Stage

log = structlog.get_logger(__name__)
STORE_REST_S = 30.0
"""After the store failed as well."""

Send = Callable[[], Awaitable[Sequence[Change]]]
"""Has the site take the pilots of a turn; gives what follows for them."""


class Turns:
    """Those of one cluster. After `room`, `begin` a turn or `yield_room`."""

    def __init__(self, cluster: Cluster, store: Store, now: Clock):
        self._cluster, self._store = cluster, store
        self.quarantine = Quarantine("submit", store, now)
        self.pace = Pace(cluster)
        self._busy: set[int] = set()
        self._quiet = asyncio.Event()
        self._quiet.set()

    async def quiet(self) -> None:
        """Returns when none is under way."""
        await self._quiet.wait()

    async def new(self, most: int) -> list[int]:
        """Pilots that a turn may begin with, the oldest first."""
        busy = set(self._busy)  # as of now: one that ends while we read is still SUBMITTING in what we read
        limit = len(busy) + self.quarantine.parked + most
        found = await self._store.ids_at_stage(
            Stage.SUBMITTING, cluster=self._cluster.name, limit=limit, without=self._cluster.pushback.paused()
        )
        return [one for one in found if one not in busy and self.quarantine.admits(one)]

    async def room(self) -> None:
        """Returns when one more may begin, and keeps its place."""
        self.pace.slow_start()
        await self.pace.window.acquire()

    def yield_room(self) -> None:
        """None begins after all."""
        self.pace.window.release()

    def begin(self, tasks: asyncio.TaskGroup, pilot_ids: Sequence[int], send: Send) -> None:
        """One turn, for all of these."""
        self._busy.update(pilot_ids)
        self._quiet.clear()
        tasks.create_task(self._turn(pilot_ids, send), name=f"submit-{pilot_ids[0]}")

    async def _turn(self, pilot_ids: Sequence[int], send: Send) -> None:
        alone = {"pilot": pilot_ids[0]} if len(pilot_ids) == 1 else {}
        try:
            with bound(**alone, cluster=self._cluster.name):
                await self._store.apply(await self._sent(send))
            for pilot_id in pilot_ids:
                self.quarantine.passed(pilot_id)
        except Exception as error:  # one that cannot be handled must not keep the others from the site
            for pilot_id in pilot_ids:  # which of them it is shows when each goes alone
                self.quarantine.failed(pilot_id, error)
                await self._tell(pilot_id)
        finally:
            self._end(pilot_ids)

    async def _sent(self, send: Send) -> Sequence[Change]:
        try:
            return await send()
        finally:
            self.pace.window.release()

    async def _tell(self, pilot_id: int) -> None:
        try:
            if pilot := await self._store.get(pilot_id):
                await self.quarantine.tell(pilot)
        except Exception:  # the store may be what fails; the log has the pilot's own error
            log.exception("cannot write down that a pilot is parked", pilot=pilot_id)
            await asyncio.sleep(STORE_REST_S)

    def _end(self, pilot_ids: Sequence[int]) -> None:
        self._busy.difference_update(pilot_ids)
        if not self._busy:
            self._quiet.set()
