"""What the site file wants of a cluster, in the numbers that a probe can be compared with."""

from __future__ import annotations

from dataclasses import dataclass

from hosted_ce.routing.applied import CannotRoute, routed
from hosted_ce.routing.model import Ask
from hosted_ce.routing.route import Table


@dataclass(frozen=True, slots=True)
class RouteWants:
    """What a route asks for a pilot that does not say anything itself."""

    route: str
    ask: Ask


@dataclass(frozen=True, slots=True)
class Wanted:
    """All of it, for one cluster. `poll_s`: how often the queue is listed."""

    poll_s: float
    pilots: int | None = None
    """How many there may be, waiting and running; None: there is no such limit."""
    routes: tuple[RouteWants, ...] = ()
    together: int = 1
    """How many pilots share a job array at most; 1: each is a job by itself."""


def wanted(table: Table, cluster: str, poll_s: float, together: int = 1) -> Wanted:
    """What these routes want of the cluster.

    A route that can make nothing of a pilot without attributes says nothing here.
    """
    asks = []
    for route in table.routes:
        if route.cluster != cluster:
            continue
        try:
            asks.append(RouteWants(route.name, routed(route, {}, table).ask))
        except CannotRoute:
            continue
    rules = table.clusters.get(cluster)
    return Wanted(poll_s, rules.caps.pilots if rules else None, tuple(asks), together)
