"""What probes found is kept: the last one of each cluster, if it is in the form that is known."""

from __future__ import annotations

import sqlalchemy as sa

from hosted_ce.capabilities.record import FORMAT, CapabilityRecord
from hosted_ce.store.capabilities import CapabilityStore
from hosted_ce.store.database import Database
from hosted_ce.store.tables import capabilities as table
from tests.fakes.capabilities import capabilities

RECORD = CapabilityRecord(5.0, capabilities())


async def test_a_cluster_that_was_never_probed(database: Database) -> None:
    assert await CapabilityStore(database).get("main") is None


async def test_the_last_one_of_each_cluster_is_kept(database: Database) -> None:
    store = CapabilityStore(database)
    later = CapabilityRecord(9.0, capabilities(host="login2"))
    await store.put("main", RECORD)
    await store.put("other", RECORD)
    await store.put("main", later)
    assert await store.get("main") == later
    assert await store.get("other") == RECORD


async def test_what_another_version_wrote_is_no_record(database: Database) -> None:
    store = CapabilityStore(database)
    for values in ({"format": FORMAT + 1}, {"format": FORMAT, "found": {"batch": 3}}):
        await store.put("main", RECORD)
        change = sa.update(table).values(values)
        await database.write(lambda connection, change=change: connection.execute(change))
        assert await store.get("main") is None
