"""Incidents as they are written down."""

from __future__ import annotations

from dataclasses import replace

from hosted_ce.incidents.cause import Cause
from hosted_ce.incidents.incident import Incident
from hosted_ce.store.database import Database
from hosted_ce.store.incidents import KEPT_S, IncidentStore

DAY_S = 86_400.0
ONE = Incident("main", Cause.BATCH_DOWN, 1000.0, 1200.0, "no answer", 7)


async def test_one_begins_and_is_over_under_the_same_number(database: Database) -> None:
    store = IncidentStore(database)
    began = await store.write(ONE)
    assert began == replace(ONE, id=1)
    assert await store.open() == [began]
    over = await store.write(replace(began, ended_at=5000.0))
    assert (await store.open(), await store.get(1)) == ([], over)
    assert (await store.since(4000.0), await store.since(5000.0)) == ([over], [])
    assert await store.get(2) is None


async def test_who_listens_gets_each_change_once_in_order(database: Database) -> None:
    store = IncidentStore(database)
    assert await store.newest() == 0
    first = await store.write(ONE)
    second = await store.write(replace(ONE, place="other", began_at=2000.0))
    seen = await store.behind(0)
    assert [(one.revision, one.incident) for one in seen] == [(1, first), (2, second)]
    over = await store.write(replace(first, ended_at=3000.0))
    assert [(one.revision, one.incident) for one in await store.behind(2)] == [(3, over)]
    assert (await store.newest(), await store.behind(3)) == (3, [])


async def test_old_ones_are_forgotten_and_open_ones_never(database: Database) -> None:
    store = IncidentStore(database)
    old = await store.write(replace(ONE, ended_at=2000.0))
    lasting = await store.write(replace(ONE, place="other"))
    new = await store.write(replace(ONE, began_at=2000.0 + KEPT_S + DAY_S))
    assert await store.since(0.0) == [lasting, new]
    assert old.id is not None
    assert await store.get(old.id) is None
