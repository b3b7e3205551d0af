"""The routing decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hosted_ce.routing.aim import ANYWHERE, Aim
from hosted_ce.routing.applied import NO_RULES, Applicant, Applicants, CannotRoute
from hosted_ce.routing.htcondor.candidates import why_not_selected
from hosted_ce.routing.htcondor.router import Router
from hosted_ce.routing.limits import Admission, fullness, ramped, too_soon
from hosted_ce.routing.model import Ask, ClusterRules, Decision, Trial
from hosted_ce.routing.occupancy import Occupancy, vo_of
from hosted_ce.routing.route import Language, Route, Table
from hosted_ce.routing.throttle import throttled


def decide(
    attributes: Mapping[str, Any],
    table: Table,
    occupancy: Occupancy,
    *,
    now: float,
    account: str | None = None,
    environment: Mapping[str, str] | None = None,
    aim: Aim = ANYWHERE,
    test: bool = False,
    applicants: Applicants | None = None,
) -> Decision:
    """The first route, in order, that takes a pilot with these attributes.

    When it is full the pilot waits for it, unless the route says that others may have it. `account` is what
    the pilot's submitter is mapped to; None: any. `environment` is the pilot's own. `now` is in seconds since
    the epoch. `aim`: which of the routes may take it, and what it asks for besides. A `test` is kept back by
    no ramp. `applicants`: of the same look at the queue.
    """
    pilot = (applicants or Applicants()).of(attributes, account, environment or {}, table)
    vo = vo_of(attributes, table.vos, account)
    return _Deciding(pilot, table, _Room(table, occupancy, vo, now, test=test), aim).decide()


class _Room:
    """What room the routes of a table have for a pilot of one VO."""

    def __init__(self, table: Table, occupancy: Occupancy, vo: str, now: float, *, test: bool):
        self.vo = vo
        self._clusters, self._occupied, self._now = table.clusters, occupancy, now
        self._ramps: Mapping[str, Admission] = {} if test else table.ramps

    def full(self, route: Route, cores: int | None = None) -> str | None:
        """Which limit leaves none; `cores` as in fullness."""
        used, limits = self._occupied.of_route(route.name), route.limits
        of_vo = self._occupied.of_vo(route.name, self.vo)
        of_cluster = self._occupied.of_cluster(route.cluster)
        return (
            ramped(self._ramps.get(route.name), used)
            or fullness(limits.at(self._now), used, "its", cores)
            or fullness(limits.of_vo(self.vo), of_vo, f"{self.vo}'s", cores)
            or fullness(self.rules(route).caps, of_cluster, f"cluster {route.cluster}'s", cores)
            or too_soon(limits, used)
            or throttled(limits.failure_rate, self._occupied.recent_of(route.name), used.pilots)
        )

    def rules(self, route: Route) -> ClusterRules:
        """Those of the route's cluster."""
        return self._clusters.get(route.cluster, NO_RULES)


class _Deciding:
    """One pilot before the routes of a table."""

    def __init__(self, pilot: Applicant, table: Table, room: _Room, aim: Aim):
        self._pilot, self._table, self._room, self._aim = pilot, table, room, aim
        self._unseen: dict[int, str | None] = {}
        self._notes: tuple[str, ...] = ()

    def decide(self) -> Decision:
        trials: list[Trial] = []
        for route in filter(self._aim.takes, self._table.routes):
            if obstacle := self._why_not(route):
                trials.append(Trial(route.name, obstacle))
                continue
            ask, trial = self._take(route)
            trials.append(trial)
            if ask:
                return Decision(route.name, route.cluster, ask, tuple(trials), self._room.vo, self._notes)
            if not (trial.full and route.falls_through):
                break
        return Decision(None, None, None, tuple(trials or self._no_such_route()), self._room.vo)

    def _no_such_route(self) -> Iterator[Trial]:
        if self._aim.route:
            yield Trial(self._aim.route, "the site file has no such route")
        elif self._aim.cluster:
            yield Trial(f"any of cluster {self._aim.cluster}", "the site file has no such route")

    def _why_not(self, route: Route) -> str | None:
        """Why the route is not for the pilot, whether it has room or not."""
        if self._aim.route:
            return None
        account = self._room.rules(route).account
        own = self._pilot.account
        if own is not None and account not in (None, own):
            return f"is for account {account}, and the pilot's is {own}"
        if obstacle := self._pilot.obstacle(route):
            return obstacle
        return self._why_unseen(route.router) if route.language is Language.HTCONDOR else None

    def _why_unseen(self, router: Router) -> str | None:
        """Why HTCondor's query over its queue, by the routes that have room, would not find the pilot."""
        if id(router) not in self._unseen:
            own = (route for route in self._table.routes if route.router is router)
            able = [route.program for route in own if not self._room.full(route)]
            self._unseen[id(router)] = why_not_selected(router.constraint, able, self._pilot.ad)
        return self._unseen[id(router)]

    def _take(self, route: Route) -> tuple[Ask | None, Trial]:
        """What is asked for, if there is room."""
        if full := self._room.full(route):
            return None, Trial(route.name, full, full=True)
        try:
            routed = self._pilot.routed(route)
        except CannotRoute as error:
            return None, Trial(route.name, str(error), failed=True)
        self._notes, ask = routed.notes, self._aim.shaped(routed.ask)
        full = self._room.full(route, ask.cpus)
        return (None if full else ask), Trial(route.name, full, full=full is not None)
