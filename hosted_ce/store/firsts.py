"""The pilots by which a session sees how far they come: the first ones since then, and the newest."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Stage, State
from hosted_ce.store.database import Database
from hosted_ce.store.rows import pilot_of, select_pilots
from hosted_ce.store.tables import attempts, pilots

FIRST, NEWEST, LOOKED_AT = 5, 5, 2000
"""So many of each. Of the first and of the newest pilots so many are looked at, whatever they are."""
_COLUMNS = [pilots.c[name] for name in ("id", "purpose", "door", "created_at", "state", "stage", "attempt")]


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
    oldest = sa.select(pilots.c.id).where(pilots.c.created_at >= at).order_by(pilots.c.created_at).limit(1)
    first = connection.scalar(oldest)
    if first is None:
        return []
    ids = {each for select in _wanted(first, at, door) for each in connection.execute(select).scalars()}
    found = connection.execute(select_pilots().where(pilots.c.id.in_(ids)).order_by(pilots.c.id.desc()))
    return [pilot_of(row) for row in found]


def _wanted(first: int, at: float, door: str | None) -> Iterator[sa.Select[tuple[int]]]:
    """Ids ascend with time, but for steps of the clock: hence the times are looked at, too."""
    old, new = (
        sa.select(*_COLUMNS).where(pilots.c.id >= first).order_by(order).limit(LOOKED_AT).subquery()
        for order in (pilots.c.id, pilots.c.id.desc())
    )
    yield sa.select(old.c.id).where(*_own(old, at, door)).order_by(old.c.id).limit(FIRST)
    yield sa.select(new.c.id).where(*_own(new, at, door)).order_by(new.c.id.desc()).limit(NEWEST)
    latest = sa.and_(attempts.c.pilot_id == old.c.id, attempts.c.number == old.c.attempt)
    tried = sa.select(old.c.id).join(attempts, latest).where(*_own(old, at, door)).order_by(old.c.id).limit(1)
    yield tried.where(attempts.c.started_at.is_not(None))
    over = (old.c.state == State.COMPLETED.value, old.c.stage == Stage.DONE.value)
    yield tried.where(*over, attempts.c.exit_code == 0)


def _own(some: sa.Subquery, at: float, door: str | None) -> Iterator[sa.ColumnElement[bool]]:
    yield some.c.created_at >= at
    yield some.c.purpose == Purpose.PILOT.value
    if door is not None:
        yield some.c.door == door
