"""Many changes at once are written in few statements, and leave what they leave when they come one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import AttemptUpdate, Change, Event, NewAttempt, Outcome, Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Stage, State
from hosted_ce.store import changes as store_changes
from hosted_ce.store.arrivals import NewPilot, add_pilot
from hosted_ce.store.changes import apply_changes, apply_each
from hosted_ce.store.database import Database
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.rows import pilot_of, select_pilots
from hosted_ce.store.tables import metadata
from tests.fakes.clock import Clock
from tests.fakes.database import new_database, quick_folder

PILOTS, MANY = 6, 100
KEPT = ("pilots", "attempts", "events", "tallies", "endings", "rollups", "contributions")
NOW = 1_770_000_000.0
How = Callable[[sa.Connection, list[Change], float], list[Change]]
Batch = list[tuple[int, str, bool]]
"""Of which pilot, what happens, and whether the change builds on the one before it in the batch."""


def one_by_one(connection: sa.Connection, changes: list[Change], now: float) -> list[Change]:
    return [done for change in changes for done in apply_changes(connection, [change], now)]


def in_pairs(connection: sa.Connection, changes: list[Change], now: float) -> list[Change]:
    """As they come to the writer from several at once."""
    wanted = [changes[at : at + 2] for at in range(0, len(changes), 2)]
    return [done for applied in apply_each(connection, wanted, now) for done in applied]


def change_of(pilot: Pilot, what: str, number: int, now: float) -> Change:
    """A change of this name, with a stamp of its own if it begins an attempt."""
    new = NewAttempt(f"h{number}", "rs"[number % 2], "c", {"cpus": 2, "walltime_s": 3600})
    exited: AttemptUpdate = {
        "outcome": Outcome.EXITED, "outcome_class": EndClass.NORMAL, "exit_code": number % 2,
    }  # fmt: skip
    event = Event(what, "test", data={"number": number})
    known = {
        "noted": Change(pilot, {"reason": f"note {number}"}),
        "illegal": Change(pilot, {"state": State.LOST}),
        "routed": Change(pilot, {"vo": "vw"[number % 2], "cores": 2}, {}, event, new),
        "submitted": Change(pilot, {}, {"batch_id": str(number), "submitted_at": now - 8.0}, event),
        "running": Change(pilot, {"state": State.RUNNING}, {"started_at": now - 4.0}, event),
        "requeued": Change(pilot, {"state": State.IDLE}, {"started_at": None}, event),
        "ended": Change(
            pilot, {"stage": Stage.DONE}, {"ended_at": now - 1.0, "closed_at": now, **exited}, event
        ),
    }
    return known[what]


def asked(found: dict[int, Pilot], batch: Batch, begin: int, now: float) -> list[Change]:
    """The changes of a batch, all computed from what was found before it.

    None builds on the begin of an attempt, whose row nobody knows before it is read.
    """
    seen, begun, changes = dict(found), set[int](), []
    for number, (pilot_id, what, builds) in enumerate(batch, begin):
        changes.append(change_of(seen[pilot_id], what, number, now))
        if what == "routed":
            begun.add(pilot_id)
        if builds and pilot_id not in begun:
            seen[pilot_id] = replace(seen[pilot_id], version=seen[pilot_id].version + 1)
    return changes


def lived(how: How, batches: list[Batch]) -> dict[str, Any]:
    """What the tables have after these batches, and which changes were applied."""
    with quick_folder() as folder:
        engine = sa.create_engine(new_database(Path(folder)))
        with engine.begin() as connection:
            found = _after(connection, how, batches)
        engine.dispose()
    return found


def _after(connection: sa.Connection, how: How, batches: list[Batch]) -> dict[str, Any]:
    for number in range(PILOTS):
        attributes = {"GlideinEntryName": "AB"[number % 2], "GlideinFactory": "F"}
        purpose = Purpose.TEST if number == 0 else Purpose.PILOT
        add_pilot(connection, NewPilot({"attributes": attributes}, "t", "o", "d", purpose=purpose), None, NOW)
    applied, now = [], NOW
    for index, batch in enumerate(batches):
        now += 16.0
        pilots = {pilot.id: pilot for pilot in map(pilot_of, connection.execute(select_pilots()))}
        changes = asked(pilots, batch, 100 * index, now)
        applied.append([changes.index(change) for change in how(connection, changes, now)])
    rows = {name: sorted(map(repr, connection.execute(sa.select(metadata.tables[name])))) for name in KEPT}
    return {**rows, "applied": applied}


whats = st.sampled_from(["noted", "routed", "submitted", "running", "requeued", "illegal", "ended"])
batches = st.lists(
    st.lists(st.tuples(st.integers(1, PILOTS), whats, st.booleans()), min_size=1, max_size=20),
    min_size=1, max_size=5,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(batches)
def test_many_at_once_leave_what_they_leave_one_by_one(batches: list[Batch]) -> None:
    """Times are multiples of a power of two: so sums are the same in whatever order they are added."""
    expected = lived(one_by_one, batches)
    assert lived(apply_changes, batches) == expected
    assert lived(in_pairs, batches) == expected


def test_a_whole_life_leaves_rows_in_every_table_that_is_compared() -> None:
    """Else the test above could compare nothing with nothing."""
    life = ("routed", "submitted", "running", "ended")
    found = lived(apply_changes, [[(number, what, True) for number in range(1, PILOTS + 1)] for what in life])
    assert all(found[name] for name in KEPT)
    assert found["applied"] == [list(range(PILOTS))] * len(life)


async def test_parts_of_a_large_batch_are_all_written(
    store: PilotStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_changes, "AT_ONCE", 3)
    made = [(await store.add(NewPilot({"attributes": {}}, "t", "o", "d")))[0] for _ in range(8)]
    changes = [Change(pilot, {"reason": f"note {pilot.id}"}) for pilot in made]
    assert await store.apply(changes) == changes
    assert await store.apply(changes) == []


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """What the writer sends of changes; many rows of one statement are one."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(("SELECT pilots", "INSERT", "UPDATE", "DELETE", "SELECT count")):
            sent.append(statement)

    engine = database._writer._engine
    sa.event.listen(engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(engine, "before_cursor_execute", note)


async def test_changes_alike_cost_few_statements(
    store: PilotStore, statements: list[str], clock: Clock
) -> None:
    """As many for a hundred as for ten."""
    made = [(await store.add(NewPilot({"attributes": {}}, "t", "o", "d")))[0].id for _ in range(MANY)]
    for number, (what, most) in enumerate(
        {"routed": 6, "submitted": 6, "running": 7, "ended": 12, "noted": 2}.items()
    ):
        clock.advance(16)
        found = await store.at_stage(list(Stage))
        assert [pilot.id for pilot in found] == made
        changes = [change_of(pilot, what, 2 * (pilot.id + MANY * number), clock()) for pilot in found]
        statements.clear()
        assert await store.apply(changes) == changes
        assert len(statements) <= most, (what, statements)


async def test_an_outdated_change_among_many_is_dropped_with_what_follows(
    store: PilotStore, database: Database
) -> None:
    made = [(await store.add(NewPilot({"attributes": {}}, "t", "o", "d")))[0] for _ in range(5)]
    await store.apply([Change(made[2], {"reason": "first"})])
    new = [NewAttempt(f"h{pilot.id}", "r", "c", {"cpus": 1}) for pilot in made]
    changes = [Change(p, {}, event=Event("routed", "t"), begin=b) for p, b in zip(made, new, strict=True)]
    assert await store.apply(changes) == [*changes[:2], *changes[3:]]

    def look(connection: sa.Connection) -> list[int]:
        tables = (metadata.tables[name] for name in ("attempts", "events"))
        return [
            row.pilot_id
            for table in tables
            for row in connection.execute(sa.select(table).where(table.c.pilot_id == made[2].id))
        ]

    assert await database.read(look) == [made[2].id]  # "received" alone


async def test_a_kind_that_as_many_enter_as_leave_tells_when_the_last_came(
    store: PilotStore, database: Database, clock: Clock
) -> None:
    made = [(await store.add(NewPilot({"attributes": {}}, "t", "o", "d")))[0] for _ in range(2)]
    running = Change(made[0], {"state": State.RUNNING}, event=Event("running", "t"))
    await store.apply([running])
    first = await store.get(made[0].id)
    assert first
    clock.advance(16)
    back = Change(first, {"state": State.IDLE}, event=Event("requeued", "t"))
    await store.apply([replace(running, pilot=made[1]), back])
    rows = await database.read(
        lambda connection: connection.execute(sa.select(metadata.tables["tallies"])).all()
    )
    assert {(row.state, row.number, row.last_at) for row in rows} == {
        ("idle", 1, clock()),
        ("running", 1, clock()),
    }
