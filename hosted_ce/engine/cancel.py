"""Step: cancel. Asks the site to end the jobs of pilots that are to end, until they have ended.

A running pilot is asked gently first: it gets SIGTERM and a time of grace. Any other is cancelled at once.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from bosco.errors import BoscoError, Failed, NotRun
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
        try:
            await self._ask([pilot for pilot in due if not _gently(pilot)], gentle=False)
        finally:  # one that the site will not cancel keeps nobody else from being asked
            await self._ask([pilot for pilot in due if _gently(pilot)], gentle=True)

    def _due(self, pilot: Pilot) -> bool:
        attempt = attempt_of(pilot)
        if attempt.cancel_asked_at is None or not attempt.cancels:
            return True
        return self._now() >= attempt.cancel_asked_at + self._pause(pilot)

    def _pause(self, pilot: Pilot) -> float:
        cancels = attempt_of(pilot).cancels
        if cancels == 1 and pilot.stage is Stage.RUNNING:
            return self._cluster.cancel_grace
        return float(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(cancels - 1, 10)))

    async def _ask(self, pilots: list[Pilot], *, gentle: bool) -> None:
        """Writes down first that it asks: if the answer is lost, the end is still known to be ours."""
        first = [pilot for pilot in pilots if attempt_of(pilot).cancel_asked_at is None]
        before = [pilot for pilot in pilots if attempt_of(pilot).cancel_asked_at is not None]
        written = [
            _written(c.pilot) for c in await self._store.apply([_asking(p, self._now()) for p in first])
        ]
        asked = [*written, *before]
        try:
            await self._cancel(
                [batch_id for p in asked if (batch_id := attempt_of(p).batch_id)], gentle=gentle
            )
        except NotRun:
            await self._store.apply([_asking(pilot, None) for pilot in written])
            raise
        await self._store.apply([self._asked(pilot, gentle=gentle) for pilot in asked])

    async def _cancel(self, ids: list[str], *, gentle: bool) -> None:
        if not ids:
            return
        try:
            await self._cluster.site.cancel(ids, gentle=gentle)
        except Failed as error:
            if not gentle:
                raise
            log.warning("cannot cancel gently", cluster=self._cluster.name, problem=str(error))
            await self._cluster.site.cancel(ids)

    def _asked(self, pilot: Pilot, *, gentle: bool) -> Change:
        attempt = attempt_of(pilot)
        reason = "being cancelled at the site"
        if gentle:
            reason = f"asked to end in order; cancelled in {self._cluster.cancel_grace:.0f} s if it does not"
        return Change(
            pilot,
            {"reason": reason},
            {"cancel_asked_at": self._now(), "cancels": attempt.cancels + 1},
            Event("cancel_asked", "engine", data={"batch_id": attempt.batch_id, "gentle": gentle}),
        )


def _asking(pilot: Pilot, at: float | None) -> Change:
    return Change(pilot, attempt={"cancel_asked_at": at})


def _written(pilot: Pilot) -> Pilot:
    """As it is after a change that was written."""
    return replace(pilot, version=pilot.version + 1)


def _gently(pilot: Pilot) -> bool:
    return pilot.stage is Stage.RUNNING and attempt_of(pilot).cancels == 0
