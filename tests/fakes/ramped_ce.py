"""A CE's routing with ramps over a real database; the site's part is played by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hosted_ce.daemon.ramps.keeper import SiteRamps
from hosted_ce.daemon.ramps.sight import Sight
from hosted_ce.daemon.site_file.in_force import Compiled, SiteInForce, compiled
from hosted_ce.engine.hints import Hint
from hosted_ce.engine.route import Router
from hosted_ce.metrics import Metrics
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import AttemptUpdate, Change, Event, Outcome, PilotUpdate
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import AT_SITE, Stage, State
from hosted_ce.routing.compile import check_expression
from hosted_ce.site.source import read_source
from hosted_ce.store.arrivals import NewPilot
from hosted_ce.store.database import Database
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.ramp_evidence import RampEvidence
from hosted_ce.store.ramps import RampStore
from tests.fakes import sites
from tests.fakes.clock import Clock

RAMP = {"target": 16, "gates": {"ran_for": "10m"}}


class _Sight:
    """What the site shows of the route: all, as of now."""

    def __init__(self, clock: Clock):
        self._clock, self.lacks = clock, dict[str, str]()

    def of(self, route: str, lately_s: float) -> Sight:
        return Sight(self._clock(), self.lacks.get("refused"), self.lacks.get("blind"))


class RampedCe:
    """One route, `default`, with a ramp from 2 to 16 unless told otherwise."""

    def __init__(self, database: Database, folder: Path, **route: Any):
        self.folder, self.database, self.clock = folder, database, Clock()
        self.store, self.sight = PilotStore(database, now=self.clock), _Sight(self.clock)
        self.force = SiteInForce(self._file(route or {"ramp": RAMP}), 0.0)
        self.started()

    def started(self) -> None:
        """As after a start of the daemon; `load` comes next."""
        self.metrics, self.woken = Metrics(dict), 0
        self.ramps = SiteRamps(
            RampStore(self.database), RampEvidence(self.database), self.force, self.sight,
            metrics=self.metrics.ramps, now=self.clock, wake=self._wake,
        )  # fmt: skip
        self.router = Router(self.store, self.ramps.table, Hint(), self.clock)

    def reload(self, **route: Any) -> None:
        """Another site file is in force."""
        self.force.swap(self._file(route), self.clock(), ())

    def _file(self, route: dict[str, Any]) -> Compiled:
        given = {"limits": {"pilots": 100, "idle": 100}, **route}
        path = sites.write_site(self.folder / "site.yaml", sites.route("default", **given))
        return compiled(read_source(path, check_expression=check_expression))

    def _wake(self) -> None:
        self.woken += 1

    async def come(self, number: int, purpose: Purpose = Purpose.PILOT) -> None:
        """So many pilots come."""
        for _ in range(number):
            await self.store.add(NewPilot({}, "rest", "me", "d", purpose=purpose))

    async def goes(self) -> None:
        """Ramp and router look once."""
        await self.ramps.tick()
        await self.router.tick()

    async def at_site(self, purpose: Purpose = Purpose.PILOT) -> int:
        """How many are there, or may be."""
        found = await self.store.at_stage(AT_SITE)
        return sum(pilot.purpose is purpose for pilot in found)

    async def start(self) -> None:
        """All that were sent run."""
        for pilot in await self.store.at_stage({Stage.SUBMITTING}):
            now = self.clock()
            facts: AttemptUpdate = {"batch_id": str(pilot.id), "submitted_at": now, "started_at": now}
            update: PilotUpdate = {"stage": Stage.RUNNING, "state": State.RUNNING}
            await self.store.apply([Change(pilot, update, facts, Event("running", "engine"))])

    async def end(self, number: int, what: EndClass) -> None:
        """So many of those that run end like this, the newest first."""
        running = await self.store.at_stage({Stage.RUNNING})
        for pilot in running[::-1][:number]:
            now = self.clock()
            facts: AttemptUpdate = {
                "ended_at": now, "closed_at": now, "outcome": Outcome.EXITED, "outcome_class": what,
            }  # fmt: skip
            update: PilotUpdate = {"stage": Stage.DONE, "state": State.COMPLETED, "finished_at": now}
            event = Event("completed", "engine", data={"class": what.value})
            assert await self.store.apply([Change(replace(pilot), update, facts, event)])

    @property
    def cap(self) -> int:
        """How many pilots are admitted."""
        return self.ramps.table().ramps["default"].cap
