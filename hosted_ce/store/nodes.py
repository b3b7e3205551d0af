"""What is written down about nodes: which are avoided, and how attempts ended on them of late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields

import sqlalchemy as sa

from hosted_ce.pilots.avoidance import Avoidance
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.nodes import WINDOW_S, Ended
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.store.database import Database
from hosted_ce.store.tables import attempts, avoidances, pilots

KEPT_S = 90 * 86400.0
"""How long an avoidance that is over is remembered."""
MOST_ENDS = 20_000
_COLUMNS = [avoidances.c[field.name] for field in fields(Avoidance)]
_SINCE = (
    sa.select(
        attempts.c.cluster, attempts.c.node, attempts.c.closed_at, attempts.c.outcome_class,
        attempts.c.started_at, attempts.c.ended_at,
    )
    .select_from(attempts.join(pilots, pilots.c.id == attempts.c.pilot_id))
    .where(attempts.c.closed_at > sa.bindparam("since"), pilots.c.purpose == Purpose.PILOT.value)
    .order_by(attempts.c.closed_at.desc())
    .limit(MOST_ENDS)
)  # fmt: skip


class NodeStore:
    """Reads and writes avoidances. Times in seconds since the epoch."""

    def __init__(self, database: Database):
        self._database = database

    async def since(self, at: float) -> list[Avoidance]:
        """Avoidances that were not over by then, in the order in which they began."""
        select = sa.select(*_COLUMNS).where(avoidances.c.until > at).order_by(avoidances.c.id)
        rows = await self._database.read(lambda connection: connection.execute(select).all())
        found = [Avoidance(**row._mapping) for row in rows]
        return [one for one in found if one.over_at > at]

    async def latest(self, limit: int) -> list[Avoidance]:
        """The newest ones, whether they are over or not; the newest first."""
        select = sa.select(*_COLUMNS).order_by(avoidances.c.id.desc()).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(select).all())
        return [Avoidance(**row._mapping) for row in rows]

    async def write(self, begun: Sequence[Avoidance], ended: Sequence[Avoidance] = ()) -> None:
        """Writes down those that begin, and of those that were ended when and by whom: all or nothing."""

        def work(connection: sa.Connection) -> None:
            for one in ended:
                connection.execute(_ending(one))
            if begun:
                before = min(one.since for one in begun) - KEPT_S
                connection.execute(sa.delete(avoidances).where(avoidances.c.until < before))
                connection.execute(sa.insert(avoidances), [asdict(one) for one in begun])

        await self._database.write(work)

    async def ends(self, now: float) -> list[tuple[str, str, Ended]]:
        """How the latest attempts ended, by cluster and node, oldest first: of six hours at most.

        Those of test pilots and checks are left out.
        """
        since = {"since": now - WINDOW_S}
        rows = await self._database.read(lambda connection: connection.execute(_SINCE, since).all())
        return [
            (row.cluster, row.node, _ended(row)) for row in reversed(rows) if row.node and row.outcome_class
        ]


def _ending(one: Avoidance) -> sa.Update:
    same = (
        avoidances.c.cluster == one.cluster,
        avoidances.c.node == one.node,
        avoidances.c.since == one.since,
    )
    return sa.update(avoidances).where(*same).values(ended_at=one.ended_at, ended_by=one.ended_by)


def _ended(row: sa.Row[tuple[object, ...]]) -> Ended:
    known = row.started_at is not None and row.ended_at is not None
    seconds = max(0.0, row.ended_at - row.started_at) if known else None
    return Ended(row.closed_at, EndClass(row.outcome_class), seconds)
