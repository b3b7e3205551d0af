"""Step: fetch. Brings the outputs of ended jobs here; only then a pilot is called completed."""

from __future__ import annotations

import asyncio

import structlog

from bosco.errors import BoscoError
from bosco.outputs import Output
from hosted_ce.correlation import bound
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.hints import Hint
from hosted_ce.engine.judge import attempt_of, finished
from hosted_ce.engine.ports import Clock, OutputStore, Site, Store
from hosted_ce.engine.quarantine import Quarantine
from hosted_ce.pilots.ends import classified
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.states import Stage

log = structlog.get_logger(__name__)
INTERVAL_S = 5.0
AT_ONCE = 200
SIDE_BY_SIDE = 8
SETTLE_S = 60.0
"""How long outputs may be shorter at the login node than the job wrote them: network file systems lag."""
NAMES = ("stdout", "stderr")


class Fetcher:
    """Fetches for one cluster, several pilots side by side."""

    def __init__(self, cluster: Cluster, store: Store, outputs: OutputStore, hint: Hint, now: Clock):
        self._cluster, self._store, self._outputs = cluster, store, outputs
        self._hint, self._now = hint, now
        self._slots = asyncio.Semaphore(SIDE_BY_SIDE)
        self.quarantine = Quarantine("fetch", store, now)
        self._short_since: dict[int, float] = {}  # by our clock: the site's may be off

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            if not await self.tick():
                await self._hint.wait(INTERVAL_S)

    async def tick(self) -> bool:
        """Fetches what is there to fetch; whether there may be more at once."""
        limit = AT_ONCE + self.quarantine.parked
        found = await self._store.at_stage({Stage.ENDED}, cluster=self._cluster.name, limit=limit)
        pilots = [pilot for pilot in found if self.quarantine.admits(pilot.id)][:AT_ONCE]
        if not pilots:
            return False
        try:
            expected = await self._expected(pilots)
        except BoscoError as error:
            log.warning("cannot fetch outputs", cluster=self._cluster.name, problem=str(error))
            return False
        done = await asyncio.gather(*(self._alone(pilot, expected[pilot.id]) for pilot in pilots))
        return all(done) and len(pilots) == AT_ONCE

    async def _expected(self, pilots: list[Pilot]) -> dict[int, dict[str, int]]:
        """The sizes that the jobs themselves recorded."""
        stamps = {pilot.id: attempt_of(pilot).stamp for pilot in pilots}
        evidence = await self._cluster.site.evidence(list(stamps.values()))
        return {pilot_id: dict(evidence[stamp].job.sizes) for pilot_id, stamp in stamps.items()}

    async def _alone(self, pilot: Pilot, expected: dict[str, int]) -> bool:
        try:
            with bound(pilot=pilot.id, cluster=self._cluster.name):
                done = await self._one(pilot, expected)
        except OSError:  # our own disk: all of them would fail
            raise
        except Exception as error:  # whatever is wrong with this one, the others must go on
            self.quarantine.failed(pilot.id, error)
            await self.quarantine.tell(pilot)
            return False
        self.quarantine.passed(pilot.id)
        return done

    async def _one(self, pilot: Pilot, expected: dict[str, int]) -> bool:
        async with self._slots:
            try:
                outputs = {name: await self._output(pilot, name) for name in NAMES}
            except BoscoError as error:
                log.warning("cannot fetch outputs", pilot=pilot.id, problem=str(error))
                return False
            missing = [name for name in NAMES if (outputs[name].size or 0) < expected.get(name, 0)]
            if missing and self._now() < self._short_since.setdefault(pilot.id, self._now()) + SETTLE_S:
                return False
            self._short_since.pop(pilot.id, None)
            for name, output in outputs.items():
                await self._outputs.put(pilot.id, attempt_of(pilot).number, name, output.data)
            sizes = {name: output.size for name, output in outputs.items()}
            note = _note(outputs, missing)
            stdout, stderr = (outputs[name].data for name in NAMES)
            end = classified(attempt_of(pilot), pilot.goal, stdout, stderr)
            await self._store.apply([finished(pilot, sizes, note, self._now(), end)])
            return True

    async def _output(self, pilot: Pilot, name: str) -> Output:
        site: Site = self._cluster.site
        return await site.output(attempt_of(pilot).stamp, name, self._cluster.output_limit)


def _note(outputs: dict[str, Output], missing: list[str]) -> str | None:
    notes = [f"{name} at the site is shorter than the job wrote it" for name in missing]
    for name, output in outputs.items():
        if output.size is None:
            notes.append(f"there was no {name} at the site")
        elif output.size > len(output.data):
            notes.append(f"{name} was {output.size} bytes: its last {len(output.data)} are kept")
    return "; ".join(notes) or None
