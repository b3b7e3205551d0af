"""Step: sweep. Removes our own folders at the site when they are done with, and nothing else."""

from __future__ import annotations

import asyncio

import structlog

from bosco.errors import BoscoError
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.ports import Clock, SweepStore

log = structlog.get_logger(__name__)
INTERVAL_S = 30.0
AT_ONCE = 200


class Sweeper:
    """Sweeps one cluster."""

    def __init__(self, cluster: Cluster, store: SweepStore, now: Clock, *, interval: float = INTERVAL_S):
        self._cluster, self._store, self._now, self._interval = cluster, store, now, interval

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            try:
                more = await self.tick()
            except BoscoError as error:
                log.warning("cannot sweep", cluster=self._cluster.name, problem=str(error))
                more = False
            if not more:
                await asyncio.sleep(self._interval)

    async def tick(self) -> bool:
        """Sweeps once; whether there may be more. Raises what the site raises."""
        before = self._now() - self._cluster.keep_folders
        over = await self._store.sweepable(self._cluster.name, before, AT_ONCE)
        if not over:
            return False
        stayed = await self._cluster.site.remove([attempt.stamp for attempt in over])
        for stamp, why in stayed.items():
            log.warning("cannot remove a folder at the site", stamp=stamp, problem=why)
        await self._store.swept([attempt.attempt_id for attempt in over if attempt.stamp not in stayed])
        return len(over) == AT_ONCE and not stayed
