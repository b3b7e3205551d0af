"""Step: remind. A doubt that lasts too long is told to an operator; nothing is guessed."""

from __future__ import annotations

from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.hints import Hint
from hosted_ce.engine.judge import ENGINE, attempt_of
from hosted_ce.engine.ports import Clock, Store
from hosted_ce.pilots.pilot import Change, Event, Pilot
from hosted_ce.pilots.states import Stage

INTERVAL_S = 30.0


class Reminder:
    """Watches the doubts of one cluster. `overdue` is how many have lasted too long."""

    def __init__(self, cluster: Cluster, store: Store, now: Clock):
        self._cluster, self._store, self._now = cluster, store, now
        self.overdue = 0
        self.oldest: float | None = None
        """Since when the oldest doubt is open."""

    async def run(self) -> None:
        """Runs for ever."""
        hint = Hint()
        while True:
            await self.tick()
            await hint.wait(INTERVAL_S)

    async def tick(self) -> None:
        """Looks once."""
        doubtful = await self._store.at_stage({Stage.DOUBTFUL}, cluster=self._cluster.name)
        since = [attempt.doubt_since for p in doubtful if (attempt := p.attempt) and attempt.doubt_since]
        late = [pilot for pilot in doubtful if self._is_overdue(pilot)]
        self.overdue, self.oldest = len(late), min(since, default=None)
        await self._store.apply([self._told(p) for p in late if attempt_of(p).overdue_since is None])

    def _is_overdue(self, pilot: Pilot) -> bool:
        since = attempt_of(pilot).doubt_since
        return since is not None and self._now() - since >= self._cluster.policy.doubt_deadline

    def _told(self, pilot: Pilot) -> Change:
        hours = self._cluster.policy.doubt_deadline / 3600
        why = (
            f"whether the site took it has been unknown for over {hours:.1f} h: an operator may settle it "
            f"with hosted-ce pilots adopt {pilot.id} or hosted-ce pilots abandon {pilot.id}"
        )
        return Change(pilot, {"reason": why}, {"overdue_since": self._now()}, Event("overdue", ENGINE, why))
