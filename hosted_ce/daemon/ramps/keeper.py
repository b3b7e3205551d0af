"""The ramps of the site's routes: looks at what became of their pilots, and moves their caps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import structlog

from hosted_ce.api.ports.ramps import RampView, UnknownRamp
from hosted_ce.daemon.ramps.rules import rules_of
from hosted_ce.daemon.ramps.sight import Sight
from hosted_ce.daemon.site_file.in_force import SiteInForce
from hosted_ce.engine.ports import Clock
from hosted_ce.metric_groups.ramps import RampMetrics
from hosted_ce.ramp import acts
from hosted_ce.ramp.controller import begun, step
from hosted_ce.ramp.evidence import Evidence, evidence_of
from hosted_ce.ramp.outlook import outlook
from hosted_ce.ramp.rules import Rules
from hosted_ce.ramp.state import Direction, State, Step, Word
from hosted_ce.rollups.points import Series
from hosted_ce.rollups.watch import Lasting, Sample
from hosted_ce.routing.limits import Admission
from hosted_ce.routing.route import Table
from hosted_ce.site import SiteFile
from hosted_ce.store.ramp_evidence import RampEvidence
from hosted_ce.store.ramps import RampStore

log = structlog.get_logger(__name__)
INTERVAL_S = 5.0


class Seer(Protocol):
    """Tells what the site shows; hosted_ce.daemon.ramps.sight.RampSight is the one in use."""

    def of(self, route: str, lately_s: float) -> Sight:
        """Of a route; what the site said within the last `lately_s` seconds still counts."""


class SiteRamps:
    """`load` it before anything is routed. `wake` has the router look again. Times are since the epoch."""

    def __init__(
        self, store: RampStore, attempts: RampEvidence, force: SiteInForce, sight: Seer, *,
        metrics: RampMetrics, now: Clock, wake: Callable[[], None],
    ):  # fmt: skip
        self._store, self._attempts, self._force, self._sight = store, attempts, force, sight
        self._metrics, self._now, self._wake = metrics, now, wake
        self._states: dict[str, State] = {}
        self._evidence: dict[str, Evidence] = {}
        self._table: tuple[Table, Table] | None = None
        self._turn = asyncio.Lock()

    async def load(self) -> None:
        """What is written down."""
        self._states = await self._store.load()

    def table(self) -> Table:
        """The routes in force, with the caps of their ramps."""
        inforce = self._force.table
        if self._table is None or self._table[0] is not inforce:
            self._table = (inforce, self.into(self._force.site, inforce))
        return self._table[1]

    def into(self, site: SiteFile, table: Table) -> Table:
        """The routes of a site file, with the caps that their ramps have now, or would begin with."""
        return replace(
            table, ramps={name: self._admission(name, rules) for name, rules in rules_of(site, table).items()}
        )

    def _admission(self, route: str, rules: Rules) -> Admission:
        state = self._states.get(route)
        return Admission(min(rules.floor if state is None else state.cap, rules.target), rules.target)

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            await self.tick()
            await asyncio.sleep(INTERVAL_S)

    async def tick(self) -> None:
        """Looks at every route that has a ramp once."""
        async with self._turn:
            rules = self._rules()
            for route in rules:
                await self._look(route, rules[route])
        self._metrics.set({view.route: (view.state, view.rules) for view in self.views()})

    def views(self) -> list[RampView]:
        """Where each ramp stands, in the order of the routes; those not looked at yet are left out."""
        now = self._now()
        return [
            RampView(route, rules, state, evidence, outlook(state, evidence, rules, now))
            for route, rules in self._rules().items()
            if (state := self._states.get(route)) and (evidence := self._evidence.get(route))
        ]

    async def steps(self, route: str, limit: int) -> Sequence[Step]:
        """The latest steps of a route, the newest first. Raises UnknownRamp."""
        if route not in self._states and route not in self._rules():
            raise UnknownRamp(route, sorted(self._rules()))
        return await self._store.steps(route, limit)

    async def act(
        self, route: str, what: acts.Act, *, actor: str, reason: str | None, cap: int | None = None
    ) -> RampView:
        """An operator does this to a ramp. Raises UnknownRamp, CannotSteer."""
        async with self._turn:
            rules = self._rules().get(route)
            if rules is None:
                raise UnknownRamp(route, sorted(self._rules()))
            await self._look(route, rules)
            state, evidence = self._states[route], self._evidence[route]
            asked = acts.Asked(what, Word(actor, self._now(), reason), cap)
            await self._save(route, *acts.done(asked, state, evidence, rules))
            self._evidence[route] = await self._seen(route, rules)
        view = next((view for view in self.views() if view.route == route), None)
        if view is None:  # another site file came into force meanwhile
            raise UnknownRamp(route, sorted(self._rules()))
        return view

    def sample(self) -> Sample:
        """Caps, targets and pilots at the site, for charts."""
        return {
            Lasting(Series.RAMP, view.route, kind): float(value)
            for view in self.views()
            for kind, value in (
                ("cap", view.state.cap), ("target", view.rules.target), ("at_site", view.evidence.at_site),
            )
        }  # fmt: skip

    def _rules(self) -> Mapping[str, Rules]:
        return rules_of(self._force.site, self._force.table)

    async def _look(self, route: str, rules: Rules) -> None:
        evidence = await self._seen(route, rules)
        state, now = self._states.get(route), self._now()
        after, made = begun(evidence, rules, now) if state is None else step(state, evidence, rules, now)
        if made or after != state:
            await self._save(route, after, made)
        self._evidence[route] = evidence if made is None else await self._seen(route, rules)

    async def _seen(self, route: str, rules: Rules) -> Evidence:
        state, now = self._states.get(route), self._now()
        after = state.after if state else 0
        attempts, newest = await self._attempts.attempts(route, after, now - rules.window_s)
        sight = self._sight.of(route, rules.ran_for_s)
        return await asyncio.to_thread(  # of 50,000 open attempts it takes 0.2 s
            evidence_of, attempts, rules, state, now, newest=newest,
            looked_at=sight.looked_at, refused=sight.refused, blind=sight.blind,
        )  # fmt: skip

    async def _save(self, route: str, state: State, made: Step | None) -> None:
        """Written down first: what was admitted is never more than what a restart would admit."""
        await self._store.save(route, state, made)
        self._states[route], self._table = state, None
        if made is None:
            return
        self._metrics.stepped(route, made)
        told = log.warning if made.direction is Direction.DOWN else log.info
        told(
            "the ramp of a route made a step", route=route, direction=made.direction.value,
            cause=made.cause.value, before=made.before, after=made.after, actor=made.actor,
            reason=made.reason,
        )  # fmt: skip
        if made.direction is Direction.UP:
            self._wake()
