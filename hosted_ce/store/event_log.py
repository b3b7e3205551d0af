"""The events of all pilots in the order in which they were committed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hosted_ce.pilots.states import State
from hosted_ce.store.database import Database
from hosted_ce.store.tables import attempts, events, pilots


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event, and whose it is; what is said of its pilot is as of now. `at`: seconds since the epoch."""

    id: int
    pilot_id: int
    at: float
    what: str
    actor: str
    state: State
    reason: str | None
    data: dict[str, Any]
    entry: str | None
    factory: str | None
    factory_job: str | None
    door_key: str | None
    route: str | None
    cluster: str | None
    stamp: str | None
    batch_id: str | None


_latest = sa.and_(attempts.c.pilot_id == pilots.c.id, attempts.c.number == pilots.c.attempt)
_BEHIND = (
    sa.select(
        events.c.id, events.c.pilot_id, events.c.at, events.c.what, events.c.actor, events.c.state,
        events.c.reason, events.c.data, pilots.c.entry, pilots.c.factory, pilots.c.factory_job,
        pilots.c.idempotency_key.label("door_key"), pilots.c.route, pilots.c.cluster, attempts.c.stamp,
        attempts.c.batch_id,
    )
    .select_from(events.join(pilots, pilots.c.id == events.c.pilot_id).outerjoin(attempts, _latest))
    .where(events.c.id > sa.bindparam("after"))
    .order_by(events.c.id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)  # fmt: skip


class EventLog:
    """Reads it. Ids ascend in the order of the commits: one writer writes them."""

    def __init__(self, database: Database):
        self._database = database

    async def newest(self) -> int:
        """The id of the newest event; 0: there is none."""
        select = sa.select(sa.func.max(events.c.id))
        return await self._database.read(lambda connection: connection.scalar(select)) or 0

    async def behind(self, after: int, limit: int) -> list[LoggedEvent]:
        """The first events with ids above `after`."""
        given = {"after": after, "limit": limit}
        rows = await self._database.read(lambda connection: connection.execute(_BEHIND, given).all())
        return [LoggedEvent(**{**row._mapping, "state": State(row.state)}) for row in rows]
