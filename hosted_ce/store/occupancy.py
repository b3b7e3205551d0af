"""Counts who is at the site, for the limits."""

from __future__ import annotations

import sqlalchemy as sa

from hosted_ce.pilots.states import AT_SITE, Stage
from hosted_ce.routing.limits import Usage
from hosted_ce.routing.occupancy import Occupancy, Occupied
from hosted_ce.store.tables import attempts, pilots

UNKNOWN = "unknown"

_running = pilots.c.stage == Stage.RUNNING.value
_AT_SITE = (
    sa.select(
        pilots.c.route, pilots.c.cluster, pilots.c.vo, _running, sa.func.count(), sa.func.sum(pilots.c.cores)
    )
    .where(pilots.c.stage.in_(sorted(stage.value for stage in AT_SITE)))
    .group_by(pilots.c.route, pilots.c.cluster, pilots.c.vo, _running)
)
_BEGUN = (
    sa.select(attempts.c.route, sa.func.count())
    .where(attempts.c.created_at > sa.bindparam("since"))
    .group_by(attempts.c.route)
)


def occupancy_of(connection: sa.Connection, since: float) -> Occupancy:
    """Pilots at the site by route, cluster and VO; and the attempts begun after `since`, by route."""
    rows = [
        Occupied(route, cluster, vo or UNKNOWN, Usage(number, 0 if runs else number, cores or 0))
        for route, cluster, vo, runs, number, cores in connection.execute(_AT_SITE)
    ]
    counted = Occupancy.of(rows)
    for route, begun in connection.execute(_BEGUN, {"since": since}):
        counted.routes[route] = counted.of_route(route) + Usage(submits=begun)
    return counted
