"""Step: cancel. Asks the site to end the jobs of pilots that are to end, until they have ended."""

from __future__ import annotations

import structlog

from bosco.errors import BoscoError
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.hints import Hint
from hosted_ce.engine.judge import attempt_of
from hosted_ce.engine.ports import Clock, Store
from hosted_ce.pilots.pilot import Change, Event, Pilot
from hosted_ce.pilots.states import Stage

log = structlog.get_logger(__name__)
INTERVAL_S = 15.0
FIRST_PAUSE_S = 60.0
LONGEST_PAUSE_S = 1800.0


class Canceller:
    """Cancels in bulk. Asking again is slow and bounded in rate: batch systems take time to kill."""

    def __init__(self, cluster: Cluster, store: Store, hint: Hint, now: Clock):
        self._cluster, self._store, self._hint, self._now = cluster, store, hint, now

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            try:
                await self.tick()
            except BoscoError as error:
                log.warning("cannot cancel", cluster=self._cluster.name, problem=str(error))
            await self._hint.wait(INTERVAL_S)

    async def tick(self) -> None:
        """Asks once for all that are due. Raises what the site raises."""
        stages = {Stage.QUEUED, Stage.RUNNING}
        pilots = await self._store.at_stage(stages, cluster=self._cluster.name, ending=True)
        due = [pilot for pilot in pilots if attempt_of(pilot).batch_id and self._due(pilot)]
        ids = [batch_id for pilot in due if (batch_id := attempt_of(pilot).batch_id)]
        if ids:
            await self._cluster.site.cancel(ids)
            await self._store.apply([self._asked(pilot) for pilot in due])

    def _due(self, pilot: Pilot) -> bool:
        attempt = attempt_of(pilot)
        if attempt.cancel_asked_at is None:
            return True
        pause: float = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(attempt.cancels - 1, 10))
        return self._now() >= attempt.cancel_asked_at + pause

    def _asked(self, pilot: Pilot) -> Change:
        attempt = attempt_of(pilot)
        return Change(
            pilot,
            {"reason": "being cancelled at the site"},
            {"cancel_asked_at": self._now(), "cancels": attempt.cancels + 1},
            Event("cancel_asked", "engine", data={"batch_id": attempt.batch_id}),
        )
