"""Counts who is at the site, for the limits, and what became of attempts of late, for the throttle.

Limits hold for every pilot. How test pilots and checks end says nothing about the route's pilots.
"""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import AT_SITE, Stage
from hosted_ce.routing.limits import MINUTE_S, Usage
from hosted_ce.routing.occupancy import Occupancy, Occupied
from hosted_ce.routing.throttle import WINDOW_S, Recent
from hosted_ce.store.tables import attempts, pilots

UNKNOWN = "unknown"

# As ix_pilots_occupancy has them, from its first column on: so neither the pilots themselves are read, nor
# those that are over, and nothing is sorted.
_KINDS = (pilots.c.stage, pilots.c.route, pilots.c.cluster, pilots.c.vo, pilots.c.purpose)
_AT_SITE = (
    sa.select(*_KINDS, sa.func.count(), sa.func.sum(pilots.c.cores))
    .where(pilots.c.stage.in_(sorted(stage.value for stage in AT_SITE)))
    .group_by(*_KINDS)
)
_last_minute = sa.case((attempts.c.created_at > sa.bindparam("minute"), 1), else_=0)
_of_pilots = pilots.c.id == attempts.c.pilot_id
_sent = sa.case((pilots.c.purpose == Purpose.PILOT.value, 1), else_=0)
_BEGUN = (
    sa.select(attempts.c.route, sa.func.sum(_sent), sa.func.sum(_last_minute))
    .select_from(attempts.join(pilots, _of_pilots))
    .where(attempts.c.created_at > sa.bindparam("window"))
    .group_by(attempts.c.route)
)
_failed = sa.case((attempts.c.failed.is_(True), _sent), else_=0)
_CLOSED = (
    sa.select(attempts.c.route, sa.func.sum(_sent), sa.func.sum(_failed))
    .select_from(attempts.join(pilots, _of_pilots))
    .where(attempts.c.closed_at > sa.bindparam("window"))
    .group_by(attempts.c.route)
)


_IN_USE = (
    sa.select(pilots.c.stage, pilots.c.cluster, sa.func.count())
    .where(pilots.c.stage.in_(sorted(set(Stage) - {Stage.WAITING, Stage.DONE})))
    .group_by(pilots.c.stage, pilots.c.cluster)
)


def clusters_in_use(connection: sa.Connection) -> dict[str, int]:
    """How many pilots have an attempt that is not over, by cluster."""
    found = Counter[str]()
    for _, cluster, number in connection.execute(_IN_USE):
        if cluster is not None:
            found[cluster] += number
    return dict(found)


def occupancy_of(connection: sa.Connection, now: float) -> Occupancy:
    """Pilots at the site by route, cluster and VO; and what became of attempts of late, by route."""
    counted = Occupancy.of(
        Occupied(route, cluster, vo or UNKNOWN, _usage(Purpose(purpose), number, cores or 0, Stage(stage)))
        for stage, route, cluster, vo, purpose, number, cores in connection.execute(_AT_SITE)
    )
    since = {"window": now - WINDOW_S, "minute": now - MINUTE_S}
    for route, begun, submits in connection.execute(_BEGUN, since):
        counted.routes[route] = counted.of_route(route) + Usage(submits=submits)
        counted.recent[route] = Recent(begun=begun)
    for route, closed, failed in connection.execute(_CLOSED, {"window": since["window"]}):
        begun = counted.recent_of(route).begun
        counted.recent[route] = Recent(begun, failed, closed - failed)
    return counted


def _usage(purpose: Purpose, number: int, cores: int, stage: Stage) -> Usage:
    idle, tests = 0 if stage is Stage.RUNNING else number, 0 if purpose.counts else number
    return Usage(number, idle, cores, tests=tests)
