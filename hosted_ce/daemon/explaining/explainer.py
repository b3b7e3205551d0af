"""Explains where a pilot goes, and shows the batch job that it has or would get."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from bosco.batch.model import BatchRequest
from bosco.gateway import Rendered
from hosted_ce.api.ports.explaining import AdReading, Explanation, JobView, NotAnAd
from hosted_ce.api.times import rfc3339
from hosted_ce.daemon.explaining.words import job_view, trials_of, waited_for
from hosted_ce.engine.batch_request import batch_request
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.route import decision_for, request_of, routed_for
from hosted_ce.intake.condor.request import routing_attributes
from hosted_ce.pilots.pilot import Attempt, Pilot
from hosted_ce.pilots.spec import PilotSpec
from hosted_ce.pilots.stamps import STAMP_BYTES, stamp_from
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.routing.applied import CannotRoute, Routed
from hosted_ce.routing.htcondor.ad_text import AdTextError, read_ad
from hosted_ce.routing.htcondor.place import shown
from hosted_ce.routing.occupancy import Occupancy
from hosted_ce.routing.route import Route, Table

NO_STAMP = stamp_from(bytes(STAMP_BYTES))
"""In the scripts of jobs that were not begun."""
LONGEST_FAULT = 300


class Place(Protocol):
    """One cluster; hosted_ce.daemon.cluster.ClusterPart is the one in use."""

    @property
    def cluster(self) -> Cluster:
        """As the engine knows it."""

    def rendered(self, request: BatchRequest) -> Rendered:
        """How this job would be submitted."""

    def kept_back(self, route: str) -> Iterator[str]:
        """What keeps pilots of the route from being submitted now, in words."""


class Explainer:
    """See hosted_ce.api.ports.explaining. `table` gives the routes in force; `places` are by name."""

    def __init__(
        self,
        table: Callable[[], Table],
        places: Mapping[str, Place],
        occupancy: Callable[[], Awaitable[Occupancy]],
        now: Callable[[], float],
    ):
        self._table, self._places, self._occupancy, self._now = table, places, occupancy, now

    async def of_pilot(self, pilot: Pilot) -> Explanation:
        """Of a pilot of this CE."""
        return await self._explained(pilot)

    async def of_spec(self, spec: PilotSpec, account: str | None) -> Explanation:
        """Of a pilot that might come."""
        return replace(await self._explained(_imagined(spec, account)), pilot_id=None)

    def read_ad(self, text: str) -> AdReading:
        """An ad as text. Raises NotAnAd."""
        try:
            ad = read_ad(text, "line")
        except AdTextError as error:
            raise NotAnAd(shown(str(error), LONGEST_FAULT)) from error
        taken = routing_attributes({n: value for n in ad if (value := ad.literal(n)) is not None})
        kept = {name.lower() for name in taken}
        return AdReading(taken, tuple(name for name in ad if name.lower() not in kept))

    async def _explained(self, pilot: Pilot) -> Explanation:
        occupancy, table, now = await self._occupancy(), self._table(), self._now()
        decision = decision_for(pilot, table, occupancy, now)
        waits = waited_for(decision, table)
        route = table.named(decision.route) if decision.route else waits
        notes: list[str] = []
        made = _made(pilot, route, table, notes)
        job = self._job(pilot, route, made, notes)
        return Explanation(
            pilot_id=pilot.id,
            account=pilot.account,
            vo=decision.vo,
            route=decision.route,
            waits_for=waits.name if waits else None,
            cluster=route.cluster if route else None,
            reason=decision.reason,
            unroutable=decision.unroutable,
            trials=trials_of(decision, table, occupancy, now),
            kept_back=tuple(self._kept_back(pilot, route, now)),
            notes=tuple(notes),
            ad=made.ad.texts() if made else {},
            job=job,
        )

    def _kept_back(self, pilot: Pilot, route: Route | None, now: float) -> Iterator[str]:
        if pilot.state is State.HELD:
            yield "it is held"
        elif pilot.goal is not Goal.RUN:
            yield f"it is to be {_ENDS[pilot.goal]}"
        if pilot.next_attempt_at > now:
            yield f"its next attempt is not before {rfc3339(pilot.next_attempt_at)}"
        if route and (place := self._places.get(route.cluster)):
            yield from place.kept_back(route.name)

    def _job(
        self, pilot: Pilot, route: Route | None, made: Routed | None, notes: list[str]
    ) -> JobView | None:
        """Of the pilot's attempt, unless it waits for another one."""
        if pilot.attempt and pilot.stage is not Stage.WAITING:
            return self._rendered(pilot, pilot.attempt, notes)
        if route is None or made is None:
            return None
        place = self._places.get(route.cluster)
        ask = request_of(made.ask, place.cluster.left_out.of(route.name) if place else ())
        attempt = Attempt(0, pilot.id, 0, NO_STAMP, route.name, route.cluster, ask, self._now())
        return self._rendered(pilot, attempt, notes)

    def _rendered(self, pilot: Pilot, attempt: Attempt, notes: list[str]) -> JobView | None:
        try:
            place = self._places[attempt.cluster]
            request = batch_request(replace(pilot, attempt=attempt), place.cluster.scratch)
        except (KeyError, ValueError) as error:  # of before an update, or of a cluster that is gone
            notes.append(f"the batch script of attempt {attempt.number} cannot be shown: {error}")
            return None
        return job_view(attempt, place.rendered(request))


_ENDS = {Goal.REMOVE: "removed", Goal.HOLD: "held", Goal.RESTART: "begun anew when its batch job has ended"}


def _made(pilot: Pilot, route: Route | None, table: Table, notes: list[str]) -> Routed | None:
    if route is None:
        return None
    try:
        made = routed_for(pilot, route, table)
    except CannotRoute as error:
        notes.append(f"route {route.name}, when it has room: {error}")
        return None
    notes += made.notes
    return made


def _imagined(spec: PilotSpec, account: str | None) -> Pilot:
    return Pilot(
        id=0, version=0, state=State.IDLE, stage=Stage.WAITING, goal=Goal.RUN, reason=None,
        spec=spec.model_dump(), door="", owner="", created_at=0, changed_at=0, account=account,
    )  # fmt: skip
