"""Batch jobs that appear when their attempts are over: they are ended, and counted.

Nothing that we do makes one. But a batch system may show a job for the first time when it had been proven
absent, an operator may abandon what was not, and an administrator may start again what had ended.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import structlog

from bosco.batch.model import Listing, Observation, Phase
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.ports import Clock, Store
from hosted_ce.pilots.pilot import Change, Event

log = structlog.get_logger(__name__)
PAUSE_S = 60.0
"""Between two requests to cancel the same job."""
ALIVE = {Phase.PENDING, Phase.HELD, Phase.RUNNING}

OnLate = Callable[[str, str], None]


class LateJobs:
    """Looks for them in listings. `on_late` is told of each, by stamp and batch id."""

    def __init__(self, cluster: Cluster, store: Store, now: Clock, on_late: OnLate):
        self._cluster, self._store, self._now, self._on_late = cluster, store, now, on_late
        self._strangers: set[str] = set()  # stamps of other CEs that share the account
        self._asked: dict[str, float] = {}

    async def end(self, listing: Listing, open_stamps: Collection[str]) -> None:
        """Cancels the jobs of closed attempts that the listing shows alive. Raises what the site raises."""
        alive = {job.stamp: job for job in listing.observations if job.phase in ALIVE}
        self._strangers &= alive.keys()
        asked = alive.keys() - set(open_stamps) - self._strangers
        if not asked:
            return
        known = await self._store.whose(asked)
        self._strangers |= asked - known.keys()
        for stamp, pilot_id in known.items():
            if pilot_id is not None and self._due(stamp):
                await self._end(alive[stamp], pilot_id)

    def _due(self, stamp: str) -> bool:
        return self._now() >= self._asked.get(stamp, -PAUSE_S) + PAUSE_S

    async def _end(self, job: Observation, pilot_id: int) -> None:
        first = job.stamp not in self._asked
        self._asked[job.stamp] = self._now()
        await self._cluster.site.cancel([job.batch_id])
        if not first:
            return
        why = "a batch job of an attempt that is over was found alive, and is cancelled"
        log.error(why, pilot=pilot_id, stamp=job.stamp, batch_id=job.batch_id)
        self._on_late(job.stamp, job.batch_id)
        if pilot := await self._store.get(pilot_id):
            data = {"batch_id": job.batch_id, "stamp": job.stamp}
            await self._store.apply([Change(pilot, event=Event("late_job", "engine", why, data))])
