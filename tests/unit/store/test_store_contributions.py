"""What the site gave: counted when a run ends, once, and so far while it goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import AttemptUpdate, Change, Event, NewAttempt, Outcome
from hosted_ce.pilots.states import Stage, State
from hosted_ce.rollups.buckets import DAY_S, HOUR_S
from hosted_ce.rollups.shares import Share, day_of
from hosted_ce.store import contributions as module
from hosted_ce.store.arrivals import NewPilot
from hosted_ce.store.contributions import (
    KEPT_DAYS,
    OTHERS,
    By,
    Contribution,
    Contributions,
    count_contributions,
)
from hosted_ce.store.database import Database
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.tables import contributions
from tests.fakes.clock import Clock

GRANTED = {"cpus": 8}


@pytest.fixture
def given(database: Database) -> Contributions:
    """What is asked."""
    return Contributions(database)


async def change(
    store: PilotStore, pilot_id: int, what: str, attempt: dict[str, Any] | None = None, **more: Any
) -> Change:
    pilot = await store.get(pilot_id)
    assert pilot
    if "end" in more:
        attempt = {**(attempt or {}), "outcome_class": EndClass(more.pop("end"))}
    begin = more.pop("begin", None)
    facts = AttemptUpdate(**(attempt or {}))  # type: ignore[typeddict-item]
    made = Change(pilot, more, facts, Event(what, "t"), begin)  # type: ignore[arg-type]
    assert await store.apply([made])
    return made


async def run(store: PilotStore, clock: Clock, *, entry: str = "E", vo: str = "osg", **facts: Any) -> int:
    """A pilot that runs since now, on eight cores although it asked for four, after 60 s in the queue."""
    attributes = {"GlideinEntryName": entry} if entry else {}
    pilot, _ = await store.add(NewPilot({"attributes": attributes}, "test", "o", "d"))
    new = NewAttempt(f"h{pilot.id}", "r", "c", {"cpus": 4, "walltime_s": 7200})
    await change(store, pilot.id, "routed", begin=new, stage=Stage.SUBMITTING, cores=4, vo=vo)
    await change(store, pilot.id, "submitted", {"submitted_at": clock()}, stage=Stage.QUEUED)
    clock.advance(60)
    started = {"started_at": clock(), "granted": GRANTED} | facts
    await change(store, pilot.id, "running", started, stage=Stage.RUNNING, state=State.RUNNING)
    return pilot.id


async def end(store: PilotStore, clock: Clock, pilot_id: int, kind: str = "normal", **facts: Any) -> None:
    ended = {"ended_at": clock(), "outcome": Outcome.EXITED, "user_cpu_s": 3000.0, "system_cpu_s": 600.0}
    await change(store, pilot_id, "ended", ended | facts, stage=Stage.ENDED)
    await change(
        store, pilot_id, "completed", {"closed_at": clock()}, end=kind, stage=Stage.DONE,
        state=State.COMPLETED,
    )  # fmt: skip


async def asked(given: Contributions, clock: Clock, by: By = By.VO, days: int = 30) -> list[Contribution]:
    today = day_of(clock())
    return list((await given.between(today - days, today, by, clock())).rows)


async def test_a_run_moves_from_so_far_to_what_is_over(
    store: PilotStore, given: Contributions, clock: Clock
) -> None:
    pilot_id = await run(store, clock)
    clock.advance(HOUR_S)
    [osg] = await asked(given, clock)
    assert (osg.name, osg.running, osg.running_s, osg.share) == ("osg", 1, 8 * HOUR_S, Share())
    ended_at = clock()
    await change(
        store, pilot_id, "ended", {"ended_at": ended_at, "outcome": Outcome.EXITED}, stage=Stage.ENDED
    )
    clock.advance(HOUR_S)  # its outputs are being fetched
    [osg] = await asked(given, clock)
    assert (osg.running, osg.running_s) == (1, 8 * HOUR_S)
    facts = {"closed_at": clock(), "user_cpu_s": 3000.0, "system_cpu_s": 600.0}
    await change(store, pilot_id, "completed", facts, end="normal", stage=Stage.DONE, state=State.COMPLETED)
    [osg] = await asked(given, clock)
    assert (osg.running, osg.running_s) == (0, 0)
    wanted = Share(
        ended=1, asked_s=4 * 7200, granted_s=8 * HOUR_S, used_s=3600, used_of_s=8 * HOUR_S, wait_s=60, waits=1
    )
    assert osg.share == pytest.approx(wanted)


async def test_by_what_it_is_summed_up(store: PilotStore, given: Contributions, clock: Clock) -> None:
    pilots = [
        await run(store, clock, entry=entry, vo=vo) for entry, vo in (("E", "osg"), ("", "osg"), ("F", "x"))
    ]
    clock.advance(HOUR_S)
    for pilot_id, kind in zip(pilots, ("normal", "no_cvmfs", "preempted"), strict=True):
        await end(store, clock, pilot_id, kind)
    by_entry = {each.name: each.share for each in await asked(given, clock, By.ENTRY)}
    assert set(by_entry) == {"E", "F", None}
    no_cvmfs, preempted = by_entry[None], by_entry["F"]
    assert (no_cvmfs.failed_s, no_cvmfs.early_s) == (no_cvmfs.granted_s, 0)
    assert (preempted.failed_s, preempted.early_s) == (0, preempted.granted_s)
    assert {each.name: each.share.ended for each in await asked(given, clock)} == {"osg": 2, "x": 1}
    for by, name in ((By.ROUTE, "r"), (By.CLUSTER, "c")):
        [whole] = await asked(given, clock, by)
        assert (whole.name, whole.share.ended) == (name, 3)


async def test_a_run_is_in_the_days_in_which_it_ran(
    store: PilotStore, given: Contributions, clock: Clock
) -> None:
    clock.advance(DAY_S - clock() % DAY_S - 60 - 2 * HOUR_S)  # two hours to midnight when it starts
    pilot_id = await run(store, clock)
    clock.advance(5 * HOUR_S)
    today = day_of(clock())
    for over in (False, True):
        if over:
            await end(store, clock, pilot_id)
        for day, hours in ((today - 1, 2), (today, 3)):
            [found] = (await given.between(day, day, By.VO, clock())).rows
            assert found.share.granted_s + found.running_s == pytest.approx(8 * hours * HOUR_S)
            assert found.share.ended == int(over and day == today)


@pytest.mark.parametrize(("facts", "ended"), [({"granted": None}, 1), ({"started_at": None}, 0)])
async def test_what_nobody_knows_is_told(
    store: PilotStore, given: Contributions, clock: Clock, facts: dict[str, Any], ended: int
) -> None:
    pilot_id = await run(store, clock, **facts)
    clock.advance(HOUR_S)
    [osg] = await asked(given, clock)
    assert (osg.running, osg.running_not_known) == (1, 1 - ended)
    await end(store, clock, pilot_id, user_cpu_s=None)
    [osg] = await asked(given, clock)
    assert (osg.share.ended, osg.share.not_known) == (ended, 1 - ended)
    assert (osg.share.granted_s, osg.share.assumed_s) == (4 * HOUR_S * ended, 4 * HOUR_S * ended)
    assert osg.share.used_of_s == 0


async def test_what_never_ran_gets_nothing(store: PilotStore, given: Contributions, clock: Clock) -> None:
    pilot_id = await run(store, clock, started_at=None)
    await end(store, clock, pilot_id, "removed_by_factory", outcome=Outcome.CANCELLED)
    [osg] = await asked(given, clock)
    assert osg.share == Share(never_ran=1)


async def test_one_that_vanished_ran_until_it_was_missed(
    store: PilotStore, given: Contributions, clock: Clock
) -> None:
    pilot_id = await run(store, clock)
    clock.advance(HOUR_S)
    await change(store, pilot_id, "missed", {"absent_since": clock()})
    clock.advance(HOUR_S)
    await end(store, clock, pilot_id, "vanished", outcome=Outcome.VANISHED, user_cpu_s=None)
    [osg] = await asked(given, clock)
    assert osg.share.granted_s == osg.share.early_s == 8 * HOUR_S


async def test_a_run_before_a_requeue_counts(store: PilotStore, given: Contributions, clock: Clock) -> None:
    pilot_id = await run(store, clock)
    clock.advance(HOUR_S)
    await change(
        store,
        pilot_id,
        "requeued",
        {"started_at": None, "granted": None},
        stage=Stage.QUEUED,
        state=State.IDLE,
    )
    [osg] = await asked(given, clock)
    assert (osg.share.granted_s, osg.share.early_s, osg.share.ended) == (8 * HOUR_S, 8 * HOUR_S, 0)


async def test_nothing_is_counted_twice_when_a_transaction_is_rolled_back_and_run_again(
    store: PilotStore, database: Database, given: Contributions, clock: Clock
) -> None:
    """Beside a work that fails, the others of its group run again."""
    pilot_id = await run(store, clock)
    clock.advance(HOUR_S)
    pilot = await store.get(pilot_id)
    assert pilot
    facts = AttemptUpdate(closed_at=clock(), outcome_class=EndClass.NORMAL)
    over = Change(pilot, {}, facts, Event("completed", "t"))

    def fails(connection: sa.Connection) -> None:
        count_contributions(connection, [over], clock())
        raise OSError("the process ends here")

    with pytest.raises(OSError, match="ends here"):
        await database.write(fails)

    results = await asyncio.gather(
        database.write(fails), store.apply([over]), store.apply([over]), database.write(fails),
        return_exceptions=True,
    )  # fmt: skip
    assert [len(each) if isinstance(each, list) else "failed" for each in results] == [
        "failed",
        1,
        0,
        "failed",
    ]
    [osg] = await asked(given, clock)
    assert (osg.share.ended, osg.share.granted_s) == (1, 8 * HOUR_S)


async def test_a_day_has_so_many_kinds_and_there_are_so_many_days(
    store: PilotStore, database: Database, given: Contributions, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_KINDS", 3)
    for number in range(6):
        pilot_id = await run(store, clock, entry=f"E{number}")
        await end(store, clock, pilot_id)
    found = {each.name: each.share.ended for each in await asked(given, clock, By.ENTRY)}
    assert found == {"E0": 1, "E1": 1, "E2": 1, OTHERS: 3}
    first = day_of(clock())
    clock.advance((KEPT_DAYS + 1) * DAY_S)
    await end(store, clock, await run(store, clock))
    days = await database.read(lambda connection: set(connection.scalars(sa.select(contributions.c.day))))
    assert days == {day_of(clock())}
    assert (await given.between(first, day_of(clock()), By.VO, clock())).first_day == day_of(clock())
