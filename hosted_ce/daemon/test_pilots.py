"""Sends test pilots and checks, and gives up those that do not begin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bosco.batch.left_out import NODE
from hosted_ce.api.ports.test_pilots import CannotTest
from hosted_ce.engine.ports import Clock
from hosted_ce.engine.removal import removal
from hosted_ce.intake.rest import RestDoor
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.states import Stage
from hosted_ce.routing.aim import Aim
from hosted_ce.routing.route import Table
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.queries import PilotQueries
from hosted_ce.test_pilots.errand import PATIENCE, PATIENCE_S, Errand

INTERVAL_S = 10.0
MOST = 50
"""Tests and checks that are not over: they are to look at the site, not to fill it."""
_NOT_BEGUN = {Stage.WAITING, Stage.SUBMITTING, Stage.DOUBTFUL, Stage.QUEUED}


class TestPilots:
    """See hosted_ce.api.ports.test_pilots.TestPilots. `table` gives the routes in force."""

    __test__ = False  # tells pytest what it is not

    def __init__(
        self, door: RestDoor, store: PilotStore, queries: PilotQueries, table: Callable[[], Table], now: Clock
    ):
        self._door, self._store, self._queries = door, store, queries
        self._table, self._now = table, now
        self._turn = asyncio.Lock()

    async def submit(self, errand: Errand, *, owner: str, key: str | None = None) -> tuple[Pilot, bool]:
        """Raises CannotTest, KeyReused."""
        _check(errand.aim, self._table())
        try:
            document = errand.document()
        except ValueError as error:
            raise CannotTest(str(error)) from error
        async with self._turn:  # nobody comes between the count and the pilot
            number = await self._queries.tests()
            if number >= MOST and not (key and await self._queries.has_key(owner, key)):
                raise CannotTest(
                    f"{number} tests and checks are not over yet, and {MOST} may be: wait, or remove some; "
                    "`hosted-ce pilots list --purpose test` has them"
                )
            uploads, purpose = errand.uploads(), errand.purpose
            return await self._door.take(document, uploads, owner=owner, key=key, purpose=purpose)

    async def run(self) -> None:
        """Removes those that have not begun in time. Runs for ever."""
        while True:
            await self.tick()
            await asyncio.sleep(INTERVAL_S)

    async def tick(self) -> None:
        """Looks at all of them once."""
        now, waiting = self._now(), await self._store.at_stage(_NOT_BEGUN, tests=True)
        held = await self._store.held_tests()  # who sent a check removes it
        late = [(pilot, patience_of(pilot)) for pilot in (*waiting, *held)]
        changes = [
            removal(pilot, "engine", f"it has not begun within {patience / 60:.0f} min", now)
            for pilot, patience in late
            if now - pilot.created_at > patience
        ]
        await self._store.apply([change for change in changes if change])


def patience_of(pilot: Pilot) -> float:
    """How long it may take until it begins, in seconds."""
    return float(pilot.spec.get(PATIENCE, PATIENCE_S))


def _check(aim: Aim, table: Table) -> None:
    routes = table.routes
    if aim.route is not None and table.named(aim.route) is None:
        raise CannotTest(f"there is no route {aim.route!r}; there are: {', '.join(r.name for r in routes)}")
    clusters = sorted({route.cluster for route in routes})
    if aim.cluster is not None and aim.cluster not in clusters:
        raise CannotTest(f"no route goes to a cluster {aim.cluster!r}, but to: {', '.join(clusters)}")
    if not any(aim.takes(route) for route in routes):
        raise CannotTest(f"route {aim.route} does not go to cluster {aim.cluster}")
    if aim.node is not None and not NODE.match(aim.node):
        raise CannotTest(f"{aim.node!r} is not the name of a node")
