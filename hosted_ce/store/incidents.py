"""Incidents as they are written down. Each change has a revision, so that who listens misses none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from hosted_ce.incidents.cause import Cause
from hosted_ce.incidents.incident import Incident
from hosted_ce.store.database import Database
from hosted_ce.store.tables import incidents

KEPT_S = 3 * 366 * 86400.0
_NEXT = sa.select(sa.func.coalesce(sa.func.max(incidents.c.revision), 0) + 1)

_SAME = sa.select(incidents.c.id).where(
    incidents.c.place == sa.bindparam("at"), incidents.c.began_at == sa.bindparam("begun")
)


@dataclass(frozen=True, slots=True)
class Changed:
    """An incident as of its last change."""

    revision: int
    incident: Incident


class IncidentStore:
    """Reads and writes them. Times in seconds since the epoch."""

    def __init__(self, database: Database):
        self._database = database

    async def write(self, incident: Incident) -> Incident:
        """Writes down one that begins, or what became of one that is known; returns it with its number.

        One that began at the same place at the same time is the same one: its number may have been lost.
        """

        def work(connection: sa.Connection) -> int:
            values = _values(incident) | {"revision": connection.scalar(_NEXT)}
            known = incident.id or connection.scalar(
                _SAME, {"at": incident.place, "begun": incident.began_at}
            )
            if known is not None:
                connection.execute(sa.update(incidents).where(incidents.c.id == known).values(values))
                return int(known)
            connection.execute(sa.delete(incidents).where(incidents.c.ended_at < incident.began_at - KEPT_S))
            made = connection.execute(sa.insert(incidents), values).inserted_primary_key
            return int(made[0])  # type: ignore[index]

        return replace(incident, id=await self._database.write(work))

    async def open(self) -> list[Incident]:
        """Those that last, in the order in which they began."""
        return await self._some(incidents.c.ended_at.is_(None))

    async def since(self, at: float) -> list[Incident]:
        """Those that were not over by then, in the order in which they began."""
        return await self._some(sa.or_(incidents.c.ended_at.is_(None), incidents.c.ended_at > at))

    async def get(self, number: int) -> Incident | None:
        """One; None: there is none of this number."""
        found = await self._some(incidents.c.id == number)
        return found[0] if found else None

    async def newest(self) -> int:
        """The revision of the last change; 0: there was none."""
        select = sa.select(sa.func.max(incidents.c.revision))
        return await self._database.read(lambda connection: connection.scalar(select)) or 0

    async def behind(self, revision: int) -> list[Changed]:
        """Those that changed after this revision, in the order of their last changes."""
        select = sa.select(incidents).where(incidents.c.revision > revision).order_by(incidents.c.revision)
        rows = await self._database.read(lambda connection: connection.execute(select).all())
        return [Changed(row.revision, _incident(row)) for row in rows]

    async def _some(self, condition: sa.ColumnElement[bool]) -> list[Incident]:
        select = sa.select(incidents).where(condition).order_by(incidents.c.began_at, incidents.c.id)
        rows = await self._database.read(lambda connection: connection.execute(select).all())
        return [_incident(row) for row in rows]


def _values(incident: Incident) -> dict[str, Any]:
    return {
        "place": incident.place, "cause": incident.cause.value, "began_at": incident.began_at,
        "told_at": incident.told_at, "ended_at": incident.ended_at, "said": incident.said,
        "pilots": incident.pilots,
    }  # fmt: skip


def _incident(row: sa.Row[Any]) -> Incident:
    return Incident(
        row.place, Cause(row.cause), row.began_at, row.told_at, row.said, row.pilots, row.ended_at, row.id
    )
