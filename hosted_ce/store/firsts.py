"""The pilots by which a session sees how far they come: the first ones since then, and the newest."""

from __future__ import annotations

import sqlalchemy as sa

from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Stage, State
from hosted_ce.store.database import Database
from hosted_ce.store.rows import pilot_of, select_pilots
from hosted_ce.store.tables import attempts, pilots

FIRST, NEWEST, LOOKED_AT = 5, 5, 2000
"""So many of each; and no more than so many are looked at for one that started or ended well."""


class FirstPilots:
    """Reads them. Times in seconds since the epoch."""

    def __init__(self, database: Database):
        self._database = database

    async def since(self, at: float, *, door: str | None) -> list[Pilot]:
        """Pilots that came since then, the newest first; those of one door only, if it is given.

        Among them are the first that came, the first that started, the first that ended well, and the newest.
        """
        return await self._database.read(lambda connection: _since(connection, at, door))


def _since(connection: sa.Connection, at: float, door: str | None) -> list[Pilot]:
    first = sa.select(sa.func.min(pilots.c.id)).where(pilots.c.created_at >= at).scalar_subquery()
    own = [pilots.c.id >= first, pilots.c.created_at >= at, pilots.c.purpose == Purpose.PILOT.value]
    if door is not None:
        own.append(pilots.c.door == door)
    came = sa.select(pilots.c.id).where(*own)
    latest = sa.and_(attempts.c.pilot_id == pilots.c.id, attempts.c.number == pilots.c.attempt)
    some = came.order_by(pilots.c.id).limit(LOOKED_AT).subquery()
    tried = sa.select(pilots.c.id).join(attempts, latest).where(pilots.c.id.in_(sa.select(some.c.id)))
    well = (
        pilots.c.state == State.COMPLETED.value, pilots.c.stage == Stage.DONE.value, attempts.c.exit_code == 0
    )  # fmt: skip
    ids: set[int] = set()
    for select in (
        came.order_by(pilots.c.id).limit(FIRST),
        came.order_by(pilots.c.id.desc()).limit(NEWEST),
        tried.where(attempts.c.started_at.is_not(None)).order_by(pilots.c.id).limit(1),
        tried.where(*well).order_by(pilots.c.id).limit(1),
    ):
        ids.update(connection.execute(select).scalars())
    found = connection.execute(select_pilots().where(pilots.c.id.in_(ids)).order_by(pilots.c.id.desc()))
    return [pilot_of(row) for row in found]
