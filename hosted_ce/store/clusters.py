"""What is written down about clusters."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from hosted_ce.pilots.cluster import ClusterRecord, Pause
from hosted_ce.store.database import Database
from hosted_ce.store.tables import clusters


class ClusterStore:
    """Reads and writes one row for each cluster."""

    def __init__(self, database: Database):
        self._database = database

    async def get(self, name: str) -> ClusterRecord:
        """What is known of the cluster."""
        wanted = sa.select(clusters).where(clusters.c.name == name)
        row = await self._database.read(lambda connection: connection.execute(wanted).first())
        return _record(row) if row else ClusterRecord()

    async def pause(self, name: str, pause: Pause | None) -> None:
        """Writes down that the cluster is paused, or (None) that it is not."""
        since, actor, reason = (pause.since, pause.actor, pause.reason) if pause else (None, None, None)
        await self._set(name, paused_at=since, paused_by=actor, pause_reason=reason)

    async def spool(self, name: str, mark: str | None, since: float) -> None:
        """Writes down by what we know the spool, and since when it is ours."""
        await self._set(name, spool_mark=mark, spool_since=since)

    async def _set(self, name: str, **values: Any) -> None:
        def work(connection: sa.Connection) -> None:
            change = sa.update(clusters).where(clusters.c.name == name).values(values)
            if connection.execute(change).rowcount == 0:
                connection.execute(sa.insert(clusters), {"name": name, **values})

        await self._database.write(work)


def _record(row: sa.Row[Any]) -> ClusterRecord:
    paused = (
        Pause(row.paused_at, row.paused_by or "", row.pause_reason) if row.paused_at is not None else None
    )
    return ClusterRecord(paused, row.spool_mark, row.spool_since or 0.0)
