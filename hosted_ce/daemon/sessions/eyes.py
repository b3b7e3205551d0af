"""Sees how the site stands, for its session."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hosted_ce.api.services import SiteView
from hosted_ce.daemon.sessions import seen
from hosted_ce.engine.ports import Clock
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.session.facts import Facts, PilotSeen
from hosted_ce.store.filters import Filter
from hosted_ce.store.firsts import FirstPilots
from hosted_ce.store.queries import PilotQueries

DOOR = "condor"
MOST_TESTS = 50
KINDS = ("hello", "stress")


class SiteEyes:
    """See hosted_ce.daemon.sessions.keeper.Eyes."""

    def __init__(self, site: Callable[[], SiteView], queries: PilotQueries, firsts: FirstPilots, now: Clock):
        self._site, self._queries, self._firsts, self._now = site, queries, firsts, now

    async def facts(self, since: float) -> Facts:
        """What is known, of what began since then."""
        site = self._site()
        door = site.front_door
        wanted = Filter(purpose=Purpose.TEST, created_after=since)
        tests = (await self._queries.listing(wanted, limit=MOST_TESTS)).pilots
        came = await self._firsts.since(since, door=DOOR if door else None)
        problems = site.file.problems if site.file else ()
        return Facts(
            now=self._now(),
            places=tuple(seen.place(cluster) for cluster in site.clusters),
            file_problem=problems[0] if problems else None,
            file_since=site.file.loaded_at if site.file else None,
            door=door.address if door else None,
            tests=by_kind(tests),
            pilots=tuple(map(seen.pilot, came)),
        )


def by_kind(tests: list[Pilot]) -> Mapping[str, tuple[PilotSeen, ...]]:
    """Test pilots by what they do: their executables are called so."""
    found = [seen.pilot(test) for test in tests]
    return {kind: tuple(each for each in found if each.what == f"{kind}.sh") for kind in KINDS}
