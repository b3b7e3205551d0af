"""Numbers that are kept are those that counting would give."""

from __future__ import annotations

import random
from collections import Counter

import pytest
import sqlalchemy as sa

from hosted_ce.pilots.pilot import Change, Event, NewAttempt, Outcome
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import _NEXT, Stage, State
from hosted_ce.store.arrivals import NewPilot
from hosted_ce.store.database import Database
from hosted_ce.store.entries import EntryQueries, Which
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.tables import endings, pilots, tallies
from tests.fakes.clock import Clock

KEYS = ("entry", "factory", "route", "cluster", "vo", "account", "purpose", "state")


async def both(database: Database) -> tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]]]:
    """What is kept, and what is counted."""

    def look(connection: sa.Connection) -> tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]]]:
        kept = {tuple(row[:-2]): row.number for row in connection.execute(sa.select(tallies)) if row.number}
        rows = connection.execute(sa.select(*(pilots.c[key] for key in KEYS)))
        return Counter(kept), Counter(tuple(value or "" for value in row) for row in rows)

    return await database.read(look)


async def test_when_the_last_one_came_is_kept_as_well(
    store: PilotStore, database: Database, clock: Clock
) -> None:
    for _ in range(3):
        clock.advance(60)
        await store.add(NewPilot({"attributes": {}}, "test", "o", "d"))
    assert await database.read(lambda connection: connection.scalar(sa.select(tallies.c.last_at))) == clock()


@pytest.mark.parametrize("seed", range(5))
async def test_numbers_are_kept_through_every_change(
    store: PilotStore, database: Database, clock: Clock, seed: int
) -> None:
    dice = random.Random(seed)
    for number in range(12):
        attributes = {"glideinENTRYname": dice.choice(["A", "B"]), "GlideinFactory": "F"} if number else {}
        await store.add(
            NewPilot(
                {"attributes": attributes},
                "test",
                "o",
                "d",
                account=dice.choice(["a", None]),
                purpose=dice.choice(list(Purpose)),
            )
        )
    for _ in range(60):
        pilot = await store.get(dice.randrange(1, 13))
        assert pilot
        state = dice.choice([*_NEXT[pilot.state], pilot.state])
        begin = dice.random() < 0.3
        new = NewAttempt(f"h{dice.random()}", dice.choice("rs"), dice.choice("cd"), {"cpus": 1})
        vo = {"vo": dice.choice(["v", "w"])} if begin else {}
        change = Change(pilot, {"state": state, **vo}, event=Event("x", "t"), begin=new if begin else None)  # type: ignore[typeddict-item]
        await store.apply([change, change] if dice.random() < 0.2 else [change])
    kept, counted = await both(database)
    assert kept == counted
    assert sum(kept.values()) == 12


async def test_the_end_of_an_attempt_is_counted_once_in_its_hour(
    store: PilotStore, database: Database, clock: Clock
) -> None:
    await store.add(NewPilot({"attributes": {"GlideinEntryName": "A"}}, "test", "o", "d"))
    for code in (0, 3):
        pilot = await store.get(1)
        assert pilot
        new = NewAttempt(f"h{code}", "r", "c", {"cpus": 1})
        await store.apply([Change(pilot, {"stage": Stage.SUBMITTING}, event=Event("x", "t"), begin=new)])
        pilot = await store.get(1)
        assert pilot
        ended = Change(
            pilot, attempt={"closed_at": clock(), "outcome": Outcome.EXITED, "exit_code": code},
            event=Event("ended", "t"),
        )  # fmt: skip
        await store.apply([ended])
        pilot = await store.get(1)
        assert pilot
        await store.apply([Change(pilot, attempt={"swept_at": clock()}, event=Event("swept", "t"))])
    [entry] = await EntryQueries(database).entries(Which(), clock())
    assert (entry.outcomes, entry.nonzero) == ({Outcome.EXITED: 2}, 1)
    clock.advance(26 * 3600)
    [entry] = await EntryQueries(database).entries(Which(), clock())
    assert entry.outcomes == {}
    rows = await database.read(lambda connection: connection.execute(sa.select(endings)).all())
    assert [(row.outcome, row.number) for row in rows] == [("exited", 2)]


async def test_the_last_start_outlives_the_pilot_that_started(
    store: PilotStore, database: Database, clock: Clock
) -> None:
    began = clock()
    await store.add(NewPilot({"attributes": {"GlideinEntryName": "A"}}, "test", "o", "d"))
    for state in (State.RUNNING, State.COMPLETED):
        pilot = await store.get(1)
        assert pilot
        await store.apply([Change(pilot, {"state": state}, event=Event("x", "t"))])
        clock.advance(60)
    [entry] = await EntryQueries(database).entries(Which(), clock())
    assert (entry.last_started_at, entry.last_completed_at) == (began, began + 60)
