"""What is written down of ramps, and which attempts they go by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import AttemptUpdate, Change, Event
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Stage
from hosted_ce.ramp.state import Direction, Mode, State, Step, StepCause, Word
from hosted_ce.store.database import Database
from hosted_ce.store.ramp_evidence import RampEvidence
from hosted_ce.store.ramps import RampStore
from tests.fakes.postgresql import ON_SQLITE
from tests.fakes.ramped_ce import RampedCe

WORDS = State(
    8, 100.5, after=7, carried=3, mode=Mode.PINNED, word=Word("rest:me", 99.0, "why"), falls=2, fell_at=50.0,
    rests_until=200.0, held_since=120.0,
)  # fmt: skip


@pytest.mark.parametrize("state", [WORDS, State(2, 1.0)])
async def test_where_it_stands_is_read_as_it_was_written(database: Database, state: State) -> None:
    store = RampStore(database)
    await store.save("default", State(4, 1.0), None)
    await store.save("default", state, None)
    await store.save("gpu", State(4, 1.0), None)
    assert await store.load() == {"default": state, "gpu": State(4, 1.0)}
    assert await store.steps("default", 10) == []


async def test_a_step_is_read_as_it_was_written_the_newest_first(database: Database) -> None:
    store = RampStore(database)
    made = [
        Step(at, Direction.UP, StepCause.PASSED, int(at), int(at) + 1, "engine", "why", {"failed": {"x": 1}})
        for at in (1.0, 2.0)
    ]
    for step in made:
        await store.save("default", State(step.after, step.at), step)
    assert await store.steps("default", 10) == made[::-1]
    assert await store.steps("default", 1) == made[1:]
    assert await store.steps("gpu", 10) == []


async def test_attempts_are_those_of_the_route_that_are_open_or_were_closed_of_late(
    database: Database, tmp_path: Path
) -> None:
    ce, asked = RampedCe(database, tmp_path, limits={"pilots": 100, "idle": 100}), RampEvidence(database)
    await ce.come(4)
    await ce.come(2, Purpose.TEST)
    await ce.come(1, Purpose.CHECK)
    await ce.router.tick()
    await ce.start()
    found, newest = await asked.attempts("default", 0, 0.0)
    assert (len(found), newest) == (4, 7)
    assert all(one.started_at == ce.clock() and one.closed_at is None for one in found)

    await ce.end(7, EndClass.NO_CVMFS)
    closed = ce.clock()
    ids = sorted(one.id for one in found)
    found, _ = await asked.attempts("default", ids[1], closed - 1)
    assert sorted(one.id for one in found) == ids[2:]
    assert {(one.what, one.closed_at) for one in found} == {(EndClass.NO_CVMFS, closed)}
    assert await asked.attempts("default", 0, closed) == ([], 7)
    assert await asked.attempts("gpu", 0, 0.0) == ([], 7)


@ON_SQLITE
async def test_those_that_are_over_are_found_by_when_they_were_closed(database: Database) -> None:
    plans: list[str] = []

    @sa.event.listens_for(database._reading, "before_cursor_execute")
    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plans.append(" ".join(row[-1] for row in cursor.fetchall()))

    await RampEvidence(database).attempts("default", 7, 100.0)
    open_, over = (plan for plan in plans if "pilots" in plan)
    assert "SCAN" not in open_
    assert "SEARCH attempts USING INDEX ix_attempts_closed_at_route (closed_at>?)" in over


async def test_attempts_that_never_start_are_told_by_the_batch_system_s_reason(
    database: Database, tmp_path: Path
) -> None:
    ce, asked = RampedCe(database, tmp_path, limits={"pilots": 100, "idle": 100}), RampEvidence(database)
    await ce.come(2)
    await ce.router.tick()
    sent = await ce.store.at_stage({Stage.SUBMITTING})
    for pilot, reason in zip(sent, ("PartitionTimeLimit", "Priority"), strict=True):
        facts: AttemptUpdate = {"submitted_at": ce.clock(), "site_reason": reason}
        await ce.store.apply([Change(pilot, {"stage": Stage.QUEUED}, facts, Event("submitted", "engine"))])
    found, _ = await asked.attempts("default", 0, 0.0)
    assert sorted(one.never for one in found) == [False, True]
