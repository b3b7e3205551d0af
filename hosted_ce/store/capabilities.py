"""What the last probe of each cluster found."""

from __future__ import annotations

import sqlalchemy as sa

from hosted_ce.capabilities import record
from hosted_ce.capabilities.record import CapabilityRecord
from hosted_ce.store.database import Database
from hosted_ce.store.tables import capabilities


class CapabilityStore:
    """Reads and writes one row for each cluster."""

    def __init__(self, database: Database):
        self._database = database

    async def get(self, cluster: str) -> CapabilityRecord | None:
        """The last one; None: there is none, or it was written by another version."""
        wanted = sa.select(capabilities).where(
            capabilities.c.cluster == cluster, capabilities.c.format == record.FORMAT
        )
        row = await self._database.read(lambda connection: connection.execute(wanted).first())
        found = record.read(row.found) if row else None
        return CapabilityRecord(row.taken_at, found) if row and found else None

    async def put(self, cluster: str, taken: CapabilityRecord) -> None:
        """Writes one down in place of the last."""
        values = {
            "taken_at": taken.taken_at, "format": record.FORMAT, "found": record.written(taken.found)
        }  # fmt: skip

        def work(connection: sa.Connection) -> None:
            connection.execute(sa.delete(capabilities).where(capabilities.c.cluster == cluster))
            connection.execute(sa.insert(capabilities), {"cluster": cluster, **values})

        await self._database.write(work)
