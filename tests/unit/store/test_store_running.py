"""What the database sums up of runs that go on is what the runs are, one by one."""

from __future__ import annotations

import random
from collections import defaultdict
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from hosted_ce.pilots.pilot import Attempt, Outcome
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.rollups.buckets import DAY_S
from hosted_ce.rollups.runs import NoRun, Run, Verdict, run_of
from hosted_ce.rollups.shares import day_of, spread
from hosted_ce.store.database import Database
from hosted_ce.store.rows import attempt_of
from hosted_ce.store.running import running_by
from hosted_ce.store.tables import attempts, pilots

NOW = 1_770_000_000.0
TODAY = day_of(NOW)
STAGES = (Stage.RUNNING, Stage.ENDED, Stage.QUEUED, Stage.DONE)
PILOT = {
    "version": 1, "state": State.RUNNING, "goal": Goal.RUN, "spec": {}, "door": "t", "owner": "o",
    "request_digest": "d", "changed_at": NOW, "next_attempt_at": 0.0, "attempt": 1,
}  # fmt: skip


def some(dice: random.Random, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A pilot and its attempt, as odd as sites and clocks can make them."""

    def moment() -> float | None:
        return dice.choice([None, NOW - dice.uniform(-1, 12) * DAY_S, NOW - dice.uniform(0, 200) * DAY_S])

    created, cores = NOW - dice.uniform(0, 150) * DAY_S, dice.choice([None, 1, 8])
    pilot = PILOT | {
        "id": number, "stage": dice.choice(STAGES), "created_at": created, "cores": cores,
        "vo": dice.choice([None, "osg", "x"]), "entry": dice.choice([None, "E"]),
        "route": "r", "cluster": "c",
    }  # fmt: skip
    outcome = dice.choice([None, None, *(each.value for each in Outcome)])
    return pilot, {
        "pilot_id": number, "number": 1, "stamp": f"h{number}", "route": "r", "cluster": "c",
        "request": {"cpus": cores}, "created_at": created, "started_at": moment(), "ended_at": moment(),
        "absent_since": moment(), "outcome": outcome, "closed_at": dice.choice([None, None, NOW]),
        "granted": dice.choice([None, {}, {"cpus": 16}, {"memory_mb": 1}]), "absences": 0, "cancels": 0,
        "failed": False,
    }  # fmt: skip


def counted(rows: list[tuple[str, Attempt]], first: int, last: int) -> dict[str, tuple[int, float, int]]:
    """By the definition: number, core seconds, number of those not known."""
    found: dict[str, list[float]] = defaultdict(lambda: [0, 0.0, 0])
    for name, attempt in rows:
        run = run_of(attempt, NOW, Verdict.UNKNOWN)
        if run is NoRun.NEVER_RAN and attempt.outcome is not None:
            continue
        if isinstance(run, Run):
            if day_of(run.over_at) < first or run.begun_at >= (last + 1) * DAY_S:
                continue
            found[name][1] += sum(s.granted_s for day, s in spread(run).items() if first <= day <= last)
        else:
            found[name][2] += 1
        found[name][0] += 1
    return {name: (int(number), core_s, int(unknown)) for name, (number, core_s, unknown) in found.items()}


@pytest.mark.parametrize("seed", range(4))
async def test_they_are_the_same(database: Database, seed: int) -> None:
    dice = random.Random(seed)
    made = [some(dice, number) for number in range(1, 400)]

    def fill(connection: sa.Connection) -> None:
        connection.execute(sa.insert(pilots), [pilot for pilot, _ in made])
        connection.execute(sa.insert(attempts), [attempt for _, attempt in made])

    await database.write(fill)
    stored = await database.read(lambda connection: connection.execute(sa.select(attempts)).all())
    tried = {attempt.pilot_id: attempt for attempt in map(attempt_of, stored)}
    for by in ("vo", "entry", "route"):
        live = [
            (str(pilot[by] or ""), tried[pilot["id"]])
            for pilot, _ in made
            if pilot["stage"] in (Stage.RUNNING, Stage.ENDED) and tried[pilot["id"]].closed_at is None
        ]
        assert len(live) > 50
        for from_day, to_day in ((TODAY - 30, TODAY), (TODAY, TODAY), (TODAY - 9, TODAY - 3), (0, TODAY + 5)):
            first, end = from_day * float(DAY_S), (to_day + 1) * float(DAY_S)
            look = partial(running_by, by=by, first=first, end=end, now=NOW)
            found = await database.read(look)
            wanted = counted(live, from_day, to_day)
            numbers = {each.name: (each.number, each.not_known) for each in found}
            assert numbers == {name: (number, unknown) for name, (number, _, unknown) in wanted.items()}
            core_s = {name: core_s for name, (_, core_s, _) in wanted.items()}
            assert {each.name: each.core_s for each in found} == pytest.approx(core_s)
