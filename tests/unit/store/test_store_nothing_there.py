"""An empty answer is given again as long as nothing was written, and never when something was."""

from __future__ import annotations

import asyncio
from functools import partial

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.pilots.pilot import Change, Event
from hosted_ce.pilots.states import AT_SITE, Goal, Stage
from hosted_ce.store.arrivals import NewPilot
from hosted_ce.store.database import Database
from hosted_ce.store.nothing_there import LONGEST_S, NothingThere
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.tables import pilots
from tests.fakes.clock import Clock


class Reads:
    """Counts those of a database."""

    def __init__(self, database: Database):
        self.number = 0
        database.observe = self._observed

    def _observed(self, operation: str, seconds: float) -> None:
        self.number += operation == "read"


async def put(database: Database, **values: str) -> None:
    """All pilots are so now."""
    change = sa.update(pilots).values(values)
    await database.write(lambda connection: connection.execute(change))


async def _look(store: PilotStore) -> list[int]:
    """What an idle CE's workers ask."""
    found = [pilot.id for pilot in await store.at_stage({Stage.WAITING}, tests=False, limit=10)]
    found += [pilot.id for pilot in await store.at_stage(AT_SITE, cluster="main", spec=False)]
    found += [pilot.id for pilot in await store.at_stage({Stage.QUEUED}, cluster="main", ending=True)]
    found += await store.ids_at_stage(Stage.SUBMITTING, cluster="main", limit=10)
    return found + [pilot.id for pilot in await store.held_tests()]


async def test_an_idle_ce_asks_once(store: PilotStore, database: Database, clock: Clock) -> None:
    reads = Reads(database)
    assert await _look(store) == []
    assert reads.number == 5
    for _ in range(3):
        assert await _look(store) == []
    assert reads.number == 5
    clock.advance(LONGEST_S)
    assert await _look(store) == []
    assert reads.number == 10, "somebody else may have written"


async def test_who_was_told_of_a_pilot_finds_it(store: PilotStore, database: Database) -> None:
    assert await _look(store) == []
    found: list[int] = []

    async def look() -> None:
        found.extend(await _look(store))

    looks: list[asyncio.Task[None]] = []
    store.subscribe(lambda changes: looks.append(asyncio.create_task(look())))
    pilot, _ = await store.add(NewPilot({}, "test", "tester", "d"))
    await asyncio.gather(*looks)
    assert found == [pilot.id]
    await put(database, stage=Stage.QUEUED, cluster="main", goal=Goal.REMOVE)
    await store.apply([Change(pilot, event=Event("queued", "engine"))])
    await asyncio.gather(*looks)
    assert found == [pilot.id] * 3, "at the site, and to be ended"


async def test_another_question_is_another(store: PilotStore, database: Database) -> None:
    pilot, _ = await store.add(NewPilot({}, "test", "tester", "d"))
    await put(database, stage=Stage.SUBMITTING, cluster="a", route="osg")
    assert await store.ids_at_stage(Stage.SUBMITTING, cluster="b", limit=1) == []
    assert await store.ids_at_stage(Stage.SUBMITTING, cluster="a", limit=1, without=["osg"]) == []
    assert await store.ids_at_stage(Stage.SUBMITTING, cluster="a", limit=1) == [pilot.id]
    assert await store.at_stage({Stage.SUBMITTING}, cluster="a", after=pilot.id) == []
    assert len(await store.at_stage({Stage.SUBMITTING}, cluster="a")) == 1


async def test_what_somebody_else_wrote_is_found_after_a_while(
    store: PilotStore, database: Database, clock: Clock
) -> None:
    pilot, _ = await store.add(NewPilot({}, "test", "tester", "d"))
    assert await store.at_stage({Stage.DOUBTFUL}) == []
    other = Database(database.url)
    try:
        await put(other, stage=Stage.DOUBTFUL)
    finally:
        await other.close()
    clock.advance(LONGEST_S)
    assert [each.id for each in await store.at_stage({Stage.DOUBTFUL})] == [pilot.id]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 2)),
        st.tuples(st.just("clear"), st.integers(0, 2)),
        st.tuples(st.just("ask"), st.integers(0, 2)),
        st.tuples(st.just("ask, and write meanwhile"), st.integers(0, 2)),
        st.tuples(st.just("pass"), st.floats(0, 2 * LONGEST_S)),
    ),
    max_size=30,
)


@given(STEPS)
def test_whatever_is_asked_and_written_the_answer_is_what_is_there(steps: list[tuple[str, int]]) -> None:
    asyncio.run(_answers(steps))


async def _answers(steps: list[tuple[str, int]]) -> None:
    there, commits, clock = dict[int, list[str]](), [0], Clock()
    nothing = NothingThere(lambda: commits[0], clock)

    def write(question: int, rows: list[str]) -> None:
        there[question] = rows
        commits[0] += 1

    async def read(question: int, what: str) -> list[str]:
        found = there.get(question, [])
        if what != "ask":  # the transaction of this read began before
            write(question, ["late"])
            assert await nothing.ask("another", lambda: read(-1, "ask")) == []
        return found

    for what, which in steps:
        if what == "pass":
            clock.advance(which)
        elif what in ("write", "clear"):
            write(which, ["row"] if what == "write" else [])
        else:
            expected = there.get(which, [])
            assert await nothing.ask(which, partial(read, which, what)) == expected
