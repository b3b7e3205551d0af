"""Many pilots written down at once: all or none, once for each key, with few statements."""

from __future__ import annotations

import asyncio
import itertools
import weakref
from collections.abc import Sequence
from dataclasses import replace

import pytest

from hosted_ce.pilots.pilot import Change
from hosted_ce.pilots.states import Stage, State
from hosted_ce.store.arrivals import AT_ONCE, KeyReused, NewPilot
from hosted_ce.store.database import Database
from hosted_ce.store.pilots import TOLD_AT_ONCE, PilotStore
from hosted_ce.store.queries import PilotQueries
from hosted_ce.store.writer import GROUP_MAX
from tests.fakes.clock import Clock
from tests.fakes.database import writer_held

MANY = AT_ONCE + 20
WITHIN_S = 60


def new(number: int, digest: str = "d") -> NewPilot:
    attributes = {"xcount": number, "GlideinEntryName": "E"}
    return NewPilot({"attributes": attributes}, "rest", "vo", digest, f"k-{number}", account="osg01")


async def test_many_are_as_each_would_be_by_itself(
    store: PilotStore, database: Database, clock: Clock
) -> None:
    added = await store.add_many([new(number) for number in range(MANY)])
    alone, _ = await store.add(replace(new(7), idempotency_key="alone"))
    assert all(created for _, created in added)
    assert [pilot.attributes["xcount"] for pilot, _ in added] == list(range(MANY))
    assert [pilot.door_key for pilot, _ in added] == [f"k-{number}" for number in range(MANY)]
    assert await store.get_many([pilot.id for pilot, _ in added]) == sorted(
        (pilot for pilot, _ in added), key=lambda pilot: pilot.id
    )
    assert replace(added[7][0], id=alone.id, door_key="alone") == alone
    queries = PilotQueries(database)
    for pilot in (added[7][0], added[-1][0]):
        assert await queries.history(pilot.id) == await queries.history(alone.id) != []
    assert (await queries.counts())[State.IDLE] == MANY + 1


async def test_listeners_hear_of_all_new_ones_at_once_and_of_no_others(store: PilotStore) -> None:
    heard: list[list[Change]] = []
    await store.add_many([new(1), new(2)])
    store.subscribe(lambda changes: heard.append(list(changes)))
    added = await store.add_many([new(number) for number in range(4)])
    assert [created for _, created in added] == [True, False, False, True]
    assert [[change.pilot for change in changes] for changes in heard] == [[added[0][0], added[3][0]]]
    assert heard[0][0].update == {"stage": Stage.WAITING, "state": State.IDLE}
    await store.add_many([new(number) for number in range(4)])
    assert len(heard) == 1, "nothing new, nothing told"


async def test_one_reused_key_and_none_is_written(store: PilotStore, database: Database) -> None:
    [(pilot, _)] = await store.add_many([new(3)])
    with pytest.raises(KeyReused, match="'k-3'") as caught:
        await store.add_many([new(number, digest="other") for number in range(5)])
    assert caught.value.pilot_id == pilot.id
    assert sum((await PilotQueries(database).counts()).values()) == 1


async def test_a_known_pilot_is_given_as_it_is_now(store: PilotStore) -> None:
    [(pilot, _)] = await store.add_many([new(1)])
    await store.apply([Change(pilot, {"reason": "changed"})])
    [(again, created), _] = await store.add_many([new(1), new(2)])
    assert (again.id, again.reason, created) == (pilot.id, "changed", False)


async def test_the_same_many_at_the_same_time_are_written_once(store: PilotStore, database: Database) -> None:
    many = [new(number) for number in range(20)]
    answers = await asyncio.gather(*(store.add_many(many) for _ in range(5)), store.add(many[0]))
    assert sum((await PilotQueries(database).counts()).values()) == 20
    ids = {tuple(pilot.id for pilot, _ in answer) for answer in answers[:-1]}  # type: ignore[union-attr]
    assert len(ids) == 1


async def test_many_leave_their_commit_to_few_others(store: PilotStore, database: Database) -> None:
    """What comes behind many such requests is not written with all of them."""
    before, size = database.commits, GROUP_MAX
    with writer_held(database):
        asking = [
            asyncio.create_task(store.add_many([new(size * part + each) for each in range(size)]))
            for part in range(3)
        ]
        await asyncio.sleep(0)  # all are in the queue
    await asyncio.gather(*asking)
    assert database.commits - before == 1 + len(asking)


async def test_owners_have_keys_of_their_own(store: PilotStore) -> None:
    [(one, _)] = await store.add_many([new(1)])
    [(other, created)] = await store.add_many([replace(new(1), owner="another")])
    assert created
    assert other.id != one.id


async def test_the_number_of_statements_does_not_grow_with_the_pilots(
    store: PilotStore, statements: list[str]
) -> None:
    """On PostgreSQL each is a way to the server and back."""
    for many in (10, 400):
        statements.clear()
        await store.add_many([new(number) for number in range(1000 * many, 1001 * many)])
        assert len(statements) <= 8, statements


async def test_listeners_hear_of_many_in_several_turns_of_the_loop(store: PilotStore) -> None:
    """They take 40 ms for 10,000 pilots, in which the loop would do nothing else."""
    turns, told = itertools.count(), list[tuple[int, int]]()

    async def turning() -> None:
        while True:
            next(turns)
            await asyncio.sleep(0)

    store.subscribe(lambda changes: told.append((next(turns), len(changes))))
    others = asyncio.create_task(turning())
    await store.add_many([new(number) for number in range(2 * TOLD_AT_ONCE + 1)])
    others.cancel()
    assert [number for _, number in told] == [TOLD_AT_ONCE, TOLD_AT_ONCE, 1]
    heard = [at for at, _ in told]
    assert all(later - earlier > 1 for earlier, later in itertools.pairwise(heard)), "others had their turn"


async def test_listeners_hear_of_all_although_who_asked_has_gone(store: PilotStore) -> None:
    told: list[int] = []
    asking: asyncio.Task[object]

    def heard(changes: Sequence[Change]) -> None:
        told.append(len(changes))
        asking.cancel()

    store.subscribe(heard)
    asking = asyncio.create_task(store.add_many([new(number) for number in range(3 * TOLD_AT_ONCE)]))
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert told == [TOLD_AT_ONCE] * 3


async def test_what_was_written_is_not_kept(database: Database) -> None:
    """The writer waits for what comes next, maybe for long."""

    def work(connection: object) -> None:
        """Stands for many pilots."""

    kept = weakref.ref(work)
    await database.write(work)
    del work
    async with asyncio.timeout(WITHIN_S):
        while kept():
            await asyncio.sleep(0)
