"""The attempts of a route that its ramp goes by. Test pilots and checks are not among them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.never import never_starts
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import AT_SITE, Stage
from hosted_ce.ramp.evidence import Seen
from hosted_ce.store.database import Database
from hosted_ce.store.tables import attempts, pilots

_latest = sa.and_(attempts.c.pilot_id == pilots.c.id, attempts.c.number == pilots.c.attempt)
_COLUMNS = (
    attempts.c.id, attempts.c.created_at, attempts.c.submitted_at, attempts.c.started_at,
    attempts.c.ended_at, attempts.c.closed_at, attempts.c.outcome_class, attempts.c.site_reason,
)  # fmt: skip
_OPEN = (
    sa.select(*_COLUMNS)
    .select_from(pilots.join(attempts, _latest))
    .where(pilots.c.stage.in_(sorted(stage.value for stage in {*AT_SITE, Stage.ENDED})))
    .where(pilots.c.route == sa.bindparam("route"), pilots.c.purpose == Purpose.PILOT.value)
    .where(attempts.c.closed_at.is_(None))
)
_beyond = attempts.c.id + 0 > sa.bindparam("after")
"""A sum has no index: SQLite would search the ids, and so read every attempt since the last step."""
_OVER = (
    sa.select(*_COLUMNS)
    .select_from(attempts.join(pilots, pilots.c.id == attempts.c.pilot_id))
    .where(attempts.c.closed_at > sa.bindparam("since"), attempts.c.route == sa.bindparam("route"))
    .where(_beyond, pilots.c.purpose == Purpose.PILOT.value)
)
_NEWEST = sa.select(sa.func.max(attempts.c.id))


class RampEvidence:
    """Asks the database."""

    def __init__(self, database: Database):
        self._database = database

    async def attempts(self, route: str, after: int, since: float) -> tuple[list[Seen], int]:
        """All that are open, those with ids above `after` that were closed since, and the newest id of all.

        In one look: what begins later has a higher id.
        """

        def work(connection: sa.Connection) -> tuple[list[Seen], int]:
            newest = connection.scalar(_NEWEST) or 0
            open_ = connection.execute(_OPEN, {"route": route}).all()
            over = connection.execute(_OVER, {"route": route, "after": after, "since": since}).all()
            return [_seen(row) for row in (*open_, *over)], newest

        return await self._database.read(work)


def _seen(row: Any) -> Seen:
    what = EndClass(row.outcome_class) if row.outcome_class else None
    return Seen(
        row.id, row.created_at, row.submitted_at, row.started_at, row.ended_at, row.closed_at, what,
        never=never_starts(row.site_reason),
    )  # fmt: skip
