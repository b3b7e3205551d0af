"""Sees how the site stands, for its session."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hosted_ce.api.ports.checks import SiteChecks
from hosted_ce.api.ports.ramps import Ramps
from hosted_ce.api.views import SiteView
from hosted_ce.checks.run import Run
from hosted_ce.daemon.sessions import seen
from hosted_ce.engine.ports import Clock
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.session.facts import CheckRun, Facts, PilotSeen
from hosted_ce.site import SiteFile
from hosted_ce.site.units import format_duration
from hosted_ce.store.filters import Filter
from hosted_ce.store.firsts import FirstPilots
from hosted_ce.store.queries import PilotQueries

DOOR = "condor"
MOST_TESTS, MOST_RUNS = 50, 50
KINDS = ("hello", "stress")


class SiteEyes:
    """See hosted_ce.daemon.sessions.keeper.Eyes. `file` gives the site file in force."""

    def __init__(
        self, site: Callable[[], SiteView], file: Callable[[], SiteFile], *, checks: SiteChecks,
        ramps: Ramps, queries: PilotQueries, firsts: FirstPilots, now: Clock,
    ):  # fmt: skip
        self._site, self._file, self._checks, self._ramps = site, file, checks, ramps
        self._queries, self._firsts, self._now = queries, firsts, now

    async def facts(self, since: float) -> Facts:
        """What is known, of what began since then."""
        site, file = self._site(), self._file()
        door, problems = site.front_door, site.file.problems if site.file else ()
        return Facts(
            now=self._now(),
            places=tuple(seen.place(cluster) for cluster in site.clusters),
            file_problem=problems[0] if problems else None,
            file_since=site.file.loaded_at if site.file else None,
            contacts=file.contacts,
            door=door.address if door else None,
            checks=await self._runs(since),
            tests=await self._tests(since),
            pilots=tuple(map(seen.pilot, await self._firsts.since(since, door=DOOR if door else None))),
            ramps=tuple(map(seen.ramp, self._ramps.views())),
            checks_every=format_duration(file.checks.every) if file.checks else None,
        )

    async def _runs(self, since: float) -> tuple[CheckRun, ...]:
        """The newest of each cluster that looks at all that there is."""
        found: dict[str, list[Run]] = {}
        for run in await self._checks.latest(MOST_RUNS):
            if run.begun_at < since or run.asked.login_only:
                continue
            if whole := await self._checks.get(run.id):
                found.setdefault(run.cluster, []).append(whole)
        return tuple(seen.check_run(newest, before) for newest, *before in found.values())

    async def _tests(self, since: float) -> Mapping[str, tuple[PilotSeen, ...]]:
        wanted = Filter(purpose=Purpose.TEST, created_after=since)
        return by_kind((await self._queries.listing(wanted, limit=MOST_TESTS)).pilots)


def by_kind(tests: list[Pilot]) -> Mapping[str, tuple[PilotSeen, ...]]:
    """Test pilots by what they do: their executables are called so."""
    found = [seen.pilot(test) for test in tests]
    return {kind: tuple(each for each in found if each.what == f"{kind}.sh") for kind in KINDS}
