"""Step: route. Gives waiting pilots an attempt, as routes and their limits allow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Any

import structlog

from hosted_ce.engine.families import alone
from hosted_ce.engine.hints import Hint
from hosted_ce.engine.ports import Clock, Store
from hosted_ce.engine.quarantine import Quarantine
from hosted_ce.engine.submission import gone
from hosted_ce.pilots.pilot import Change, Event, NewAttempt, Pilot
from hosted_ce.pilots.states import Stage, State
from hosted_ce.routing.aim import Aim
from hosted_ce.routing.applied import Applicants, Routed, routed
from hosted_ce.routing.decide import decide
from hosted_ce.routing.model import Ask, Decision
from hosted_ce.routing.occupancy import Occupancy
from hosted_ce.routing.route import Route, Table
from hosted_ce.test_pilots.errand import AIM
from hosted_ce.written import written

log = structlog.get_logger(__name__)
PAGE = 200
INTERVAL_S = 10.0


class Router:
    """The only one who begins attempts, so that limits hold exactly. `table` gives the routes now in force.

    `refusal` says why a site takes no pilots of a route at present; None: it does. `left_out` gives the nodes
    that an attempt must not run on, `stamp` its stamp. All get the names of the route and its cluster.
    """

    def __init__(
        self, store: Store, table: Callable[[], Table], hint: Hint, now: Clock, *,
        refusal: Callable[[str, str], str | None] = lambda route, cluster: None,
        left_out: Callable[[str, str], Sequence[str]] = lambda route, cluster: (),
        stamp: Callable[[str, str], str] = alone,
    ):  # fmt: skip
        self._store, self._table, self._hint, self._now = store, table, hint, now
        self._refusal, self._left_out, self._stamp = refusal, left_out, stamp
        self.quarantine = Quarantine("route", store, now)
        self.turn = asyncio.Lock()
        """Held during a tick. Who holds it may change what `routes` gives: no attempt is begun meanwhile."""

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            async with self.turn:
                await self.tick()
            await self._hint.wait(INTERVAL_S)

    async def tick(self) -> None:
        """Looks at every waiting pilot once, oldest first; tests and checks go ahead of the others."""
        occupancy, applicants = None, Applicants()
        async for page in self._waiting():
            # Counted when somebody waits, and once: only we add to it.
            occupancy = occupancy or await self._store.occupancy()
            route = partial(self._route, occupancy, applicants)
            await self._store.apply(await self.quarantine.each(page, route))

    async def _waiting(self) -> AsyncIterator[Sequence[Pilot]]:
        if tests := await self._store.at_stage({Stage.WAITING}, tests=True, limit=PAGE):
            yield tests
        after = 0
        while page := await self._store.at_stage({Stage.WAITING}, tests=False, after=after, limit=PAGE):
            yield page
            after = page[-1].id
            if len(page) < PAGE:
                break

    def _route(self, occupancy: Occupancy, applicants: Applicants, pilot: Pilot) -> Change | None:
        if pilot.goal.ends_attempt:
            return gone(pilot, self._now())
        if pilot.next_attempt_at > self._now():
            return None
        decision = decision_for(pilot, self._table(), occupancy, self._now(), applicants)
        if decision.route is None or decision.cluster is None or decision.ask is None:
            since = (pilot.unroutable_since or self._now()) if decision.unroutable else None
            return _waits(pilot, decision.reason, since)
        if refusal := self._refusal(decision.route, decision.cluster):
            return _waits(pilot, refusal, None)
        occupancy.take(
            decision.route, decision.cluster, decision.vo, decision.ask.cpus, test=not pilot.purpose.counts
        )
        place = decision.route, decision.cluster
        # A test goes alone, ahead of others: it takes no place in an array.
        stamp = (self._stamp if pilot.purpose.counts else alone)(*place)
        return _begin(pilot, decision, stamp, self._left_out(*place))


def decision_for(
    pilot: Pilot, table: Table, occupancy: Occupancy, now: float, applicants: Applicants | None = None
) -> Decision:
    """Where the pilot would go now. `applicants`: of the same look at the queue."""
    environment = pilot.spec.get("environment", {})
    return decide(
        pilot.attributes, table, occupancy, now=now, account=pilot.account, environment=environment,
        test=not pilot.purpose.counts,
        aim=aim_of(pilot), applicants=applicants,
    )  # fmt: skip


def routed_for(pilot: Pilot, route: Route, table: Table) -> Routed:
    """What the route would make of the pilot, if it took it. Raises CannotRoute."""
    environment = pilot.spec.get("environment", {})
    found = routed(route, pilot.attributes, table, account=pilot.account, environment=environment)
    return replace(found, ask=aim_of(pilot).shaped(found.ask))


def aim_of(pilot: Pilot) -> Aim:
    """Where it is to go; anywhere, unless it is a test."""
    return Aim.read(pilot.spec.get(AIM, {}))


def request_of(ask: Ask, left_out: Sequence[str]) -> dict[str, Any]:
    """What an attempt asks the site for, to be written down: a stamp always asks for the same."""
    known = ((part.name, getattr(ask, part.name)) for part in fields(ask))
    asked = {name: value for name, value in known if (name, value) != ("node", None)}
    if left_out and ask.node is None:  # who names a node means it, also one that is avoided
        asked["left_out"] = list(left_out)
    return asked


def _waits(pilot: Pilot, reason: str, unroutable_since: float | None) -> Change | None:
    """Why it waits, and since when nothing here matches it. None: nothing new."""
    if written(reason) == pilot.reason and unroutable_since == pilot.unroutable_since:
        return None
    return Change(pilot, {"reason": reason, "unroutable_since": unroutable_since})


def _begin(pilot: Pilot, decision: Decision, stamp: str, left_out: Sequence[str]) -> Change:
    if decision.route is None or decision.cluster is None or decision.ask is None:
        raise ValueError("a pilot without a route has no attempt")
    return Change(
        pilot,
        {
            "stage": Stage.SUBMITTING,
            "state": State.IDLE,
            "reason": f"route {decision.route}: being submitted",
            "unroutable_since": None,
            "vo": decision.vo,
            "cores": decision.ask.cpus,
        },
        event=Event("routed", "engine", decision.reason, {"stamp": stamp, "cluster": decision.cluster}),
        begin=NewAttempt(stamp, decision.route, decision.cluster, request_of(decision.ask, left_out)),
    )
