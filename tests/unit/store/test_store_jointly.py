"""What comes to the writer at once is written together, and leaves what it leaves one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from hosted_ce.correlation import bound
from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.store.arrivals import REQUEST_ID, KeyReused, NewPilot, add_each, add_pilot
from hosted_ce.store.database import Database
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.queries import PilotQueries
from hosted_ce.store.tables import metadata
from tests.fakes.database import new_database, quick_folder, writer_held

MANY, NOW = 60, 1_770_000_000.0
KEPT = ("pilots", "events", "tallies")
Arrivals = list[tuple[NewPilot, str | None]]


def new(number: int, digest: str = "d", owner: str = "vo") -> NewPilot:
    return NewPilot({"attributes": {"xcount": number}}, "rest", owner, digest, f"k-{number}")


async def at_once(database: Database, *works: Callable[[], Any]) -> list[Any]:
    """What each gives or raises, all of them having waited for the same commit."""
    with writer_held(database):
        asking = [asyncio.ensure_future(work()) for work in works]
        await asyncio.sleep(0)  # all are in the queue
    return await asyncio.gather(*asking, return_exceptions=True)


async def test_single_arrivals_cost_few_statements(
    store: PilotStore, database: Database, statements: list[str]
) -> None:
    """As many for sixty as for two."""
    added = await at_once(database, *[lambda n=n: store.add(new(n)) for n in range(MANY)])
    assert len(statements) <= 10, statements
    assert [(pilot.attributes["xcount"], created) for pilot, created in added] == [
        (number, True) for number in range(MANY)
    ]
    assert await store.get_many([pilot.id for pilot, _ in added]) == [pilot for pilot, _ in added]


async def test_each_arrival_has_its_own_request_in_its_history(store: PilotStore, database: Database) -> None:
    async def ask(number: int) -> Pilot:
        with bound(request_id=f"r{number}"):
            return (await store.add(new(number)))[0]

    pilots = await at_once(database, *[lambda n=n: ask(n) for n in range(3)])
    for number, pilot in enumerate(pilots):
        [event] = await PilotQueries(database).history(pilot.id)
        assert (event.what, event.actor, event.data) == ("received", "rest:vo", {REQUEST_ID: f"r{number}"})


async def test_a_key_that_was_used_otherwise_refuses_its_own_request_alone(
    store: PilotStore, database: Database
) -> None:
    first, _ = await store.add(new(1))
    one, other, again, two = await at_once(
        database,
        lambda: store.add(new(0)),
        lambda: store.add(new(1, digest="other")),
        lambda: store.add(new(1)),
        lambda: store.add(new(2)),
    )
    assert isinstance(other, KeyReused)
    assert other.pilot_id == first.id
    assert (again[0].id, again[1]) == (first.id, False)
    assert [one[1], two[1]] == [True, True]
    assert sum((await PilotQueries(database).counts()).values()) == 3


async def test_a_request_that_is_repeated_at_once_gives_one_pilot(
    store: PilotStore, database: Database
) -> None:
    added = await at_once(database, *[lambda: store.add(new(7))] * 5)
    assert sorted(created for _, created in added) == [False] * 4 + [True]
    assert len({pilot.id for pilot, _ in added}) == 1


keys = st.sampled_from([None, "a", "b", "c", "d"])
arrivals = st.lists(
    st.tuples(st.sampled_from(["vo", "other"]), st.sampled_from(["rest", "condor"]), keys, keys), max_size=12
)


def left(how: Callable[[sa.Connection, Arrivals], list[tuple[Pilot, bool]]], wanted: Arrivals) -> Any:
    """The rows that these arrivals leave, and what was answered."""
    with quick_folder() as folder:
        engine = sa.create_engine(new_database(Path(folder)))
        with engine.begin() as connection:
            answered = how(connection, wanted)
            rows = {name: connection.execute(sa.select(metadata.tables[name])).all() for name in KEPT}
        engine.dispose()
    return answered, {name: sorted(map(repr, found)) for name, found in rows.items()}


@settings(max_examples=40, deadline=None)
@given(arrivals)
def test_arrivals_leave_what_they_leave_one_by_one(
    asked: list[tuple[str, str, str | None, str | None]],
) -> None:
    """Repeated keys, none at all, of several owners and doors, in any order."""
    wanted = [
        (replace(new(0, owner=owner), door=door, idempotency_key=key), by) for owner, door, key, by in asked
    ]
    alone = left(lambda connection, each: [add_pilot(connection, *one, NOW) for one in each], wanted)
    assert left(lambda connection, each: add_each(connection, each, NOW), wanted) == alone


async def test_single_changes_cost_few_statements_and_each_is_told_its_own(
    store: PilotStore, database: Database, statements: list[str]
) -> None:
    pilots = [pilot for pilot, _ in await store.add_many([new(number) for number in range(MANY)])]
    await store.apply([Change(pilots[5], {"reason": "first"})])
    changes = [[Change(pilot, {"reason": f"note {pilot.id}"})] for pilot in pilots]
    statements.clear()
    applied = await at_once(database, *[lambda each=each: store.apply(each) for each in changes])
    assert applied == [*changes[:5], [], *changes[6:]], "one was outdated"
    assert len(statements) <= 4, statements


async def test_changes_that_build_on_each_other_are_written_in_their_order(
    store: PilotStore, database: Database
) -> None:
    pilot, _ = await store.add(new(1))
    first = Change(pilot, {"reason": "first"})
    second = Change(replace(pilot, version=pilot.version + 1), {"reason": "second"})
    late = Change(pilot, {"reason": "late"})
    applied = await at_once(
        database, *[lambda each=each: store.apply([each]) for each in (first, second, late)]
    )
    assert applied == [[first], [second], []]
    found = await store.get(pilot.id)
    assert found
    assert found.reason == "second"
