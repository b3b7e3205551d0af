"""What is written down about clusters."""

from __future__ import annotations

from hosted_ce.pilots.cluster import ClusterRecord, Pause
from hosted_ce.store.clusters import ClusterStore
from hosted_ce.store.database import Database


async def test_a_cluster_that_nothing_was_written_of(database: Database) -> None:
    assert await ClusterStore(database).get("main") == ClusterRecord()


async def test_pause_and_spool_are_kept_apart_and_by_cluster(database: Database) -> None:
    store, pause = ClusterStore(database), Pause(5.0, "rest:operator", "full\0")
    await store.spool("main", "hmmmmmmmmmmmmmm", 7.0)
    await store.pause("main", pause)
    await store.pause("other", Pause(1.0, "x", None))
    escaped = Pause(5.0, "rest:operator", "full\\x00")
    assert await ClusterStore(database).get("main") == ClusterRecord(escaped, "hmmmmmmmmmmmmmm", 7.0)
    await store.pause("main", None)
    await store.spool("main", None, 9.0)
    assert await store.get("main") == ClusterRecord(None, None, 9.0)
    assert (await store.get("other")).pause == Pause(1.0, "x", None)
