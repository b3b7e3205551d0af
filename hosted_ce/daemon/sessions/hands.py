"""Starts what items of the checklist are about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import NamedTuple

from hosted_ce.api.ports.checks import SiteChecks
from hosted_ce.api.ports.explaining import Explainer
from hosted_ce.api.ports.operations import CannotProbe, Operations
from hosted_ce.api.ports.ramps import Ramps, UnknownRamp
from hosted_ce.api.ports.test_pilots import CannotTest, TestPilots
from hosted_ce.api.ports.verifier import Verifier
from hosted_ce.api.views import SiteView
from hosted_ce.checks.run import Asked
from hosted_ce.daemon.sessions import usual, verified
from hosted_ce.daemon.sessions.keeper import Started
from hosted_ce.ramp import acts as ramp_acts
from hosted_ce.ramp.state import Mode
from hosted_ce.routing.aim import ANYWHERE
from hosted_ce.session.errors import CannotRun
from hosted_ce.session.item import Act
from hosted_ce.test_pilots.errands import errand_of
from hosted_ce.test_pilots.kind import Kind

CONTACT_S = 60.0
VERIFIED_S = 7 * 86400.0


class Who(NamedTuple):
    """Who wants it: whose pilots they are, and the name in histories."""

    owner: str
    actor: str


Start = Callable[[Who], Awaitable[Started]]


class SiteHands:
    """See hosted_ce.daemon.sessions.keeper.Hands."""

    def __init__(
        self, site: Callable[[], SiteView], operations: Operations, explainer: Explainer, *,
        front_door: Callable[[], Awaitable[Started]], checks: SiteChecks, tests: TestPilots,
        ramps: Ramps, verifier: Verifier, batch: usual.Probed = lambda _: None,
    ):  # fmt: skip
        self._site, self._operations, self._explainer = site, operations, explainer
        self._front_door, self._checks = front_door, checks
        self._tests, self._ramps, self._verifier, self._batch = tests, ramps, verifier, batch
        self._starts: Mapping[Act, Start] = {
            Act.CONTACT: self._contact,
            Act.CHECK: self._check,
            Act.HELLO: partial(self._test, Kind.HELLO),
            Act.STRESS: partial(self._test, Kind.STRESS),
            Act.FRONT_DOOR: lambda _: self._front_door(),
            Act.ROUTE: self._route,
            Act.RAMP: self._ramp,
            Act.VERIFY: self._verify,
        }

    async def start(self, act: Act, *, owner: str, actor: str) -> Started:
        """Starts it. Raises CannotRun."""
        return await self._starts[act](Who(owner, actor))

    async def _contact(self, _: Who) -> Started:
        """Asks each cluster what it is: that needs everything which a pilot's submission needs."""
        names = [cluster.name for cluster in self._site().clusters]
        problems = await asyncio.gather(*map(self._asked, names))
        if wrong := [problem for problem in problems if problem]:
            return Started("; ".join(wrong), well=False, link="/site")
        return Started(f"asked {', '.join(names)}", well=True, link="/site")

    async def _asked(self, cluster: str) -> str | None:
        """What is in the way of asking it; None: it answered."""
        try:
            async with asyncio.timeout(CONTACT_S):
                await self._operations.probe(cluster)
        except CannotProbe as error:
            return str(error)
        except TimeoutError:
            return f"{cluster} has not answered within {CONTACT_S:.0f} s"
        return None

    async def _check(self, who: Who) -> Started:
        """All checks at every cluster, where none goes on already."""
        runs = [
            (await self._checks.begin(cluster.name, Asked(), actor=who.actor))[0]
            for cluster in self._site().clusters
        ]
        said = ", ".join(f"run {run.id} at {run.cluster}" for run in runs)
        return Started(f"begun: {said}", link=f"/site/checks/{runs[0].id}" if runs else "/site/checks")

    async def _test(self, kind: Kind, who: Who) -> Started:
        try:
            pilot, _ = await self._tests.submit(errand_of(kind, ANYWHERE), owner=who.owner)
        except CannotTest as error:
            raise CannotRun(str(error)) from error
        return Started(f"pilot {pilot.id} was sent", link=f"/pilots/{pilot.id}")

    async def _route(self, _: Who) -> Started:
        found = [
            (name, await self._explainer.of_spec(usual.spec_of(shape), None))
            for name, shape in usual.SHAPES.items()
        ]
        return usual.told(found, self._batch)

    async def _ramp(self, who: Who) -> Started:
        """Ramps that were paused go on. A pin is a decision, and stays."""
        paused = [view.route for view in self._ramps.views() if view.state.mode is Mode.PAUSED]
        for route in paused:
            try:
                await self._ramps.act(route, ramp_acts.Act.RESUME, actor=who.actor, reason="the live session")
            except (ramp_acts.CannotSteer, UnknownRamp) as error:
                raise CannotRun(f"route {route}: {error}") from error
        said = f"going on: {', '.join(paused)}" if paused else "no ramp was paused"
        return Started(said, link="/ramp")

    async def _verify(self, _: Who) -> Started:
        return verified.told(await self._verifier.reports(VERIFIED_S))
