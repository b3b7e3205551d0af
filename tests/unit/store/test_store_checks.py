"""Runs of checks are kept with their results, and what was known before is found."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from hosted_ce.checks.result import Result
from hosted_ce.checks.run import Asked, Run, RunState, Worse, counted, worsened
from hosted_ce.checks.verdict import Verdict
from hosted_ce.daemon.checks.digest import EVERY_RUN
from hosted_ce.store import checks
from hosted_ce.store.checks import CheckStore
from hosted_ce.store.database import Database
from hosted_ce.store.tables import check_results

PASS, WARN, FAIL, SKIPPED = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED
ASKED = Asked(nodes=("n1", "n2"), sample=3)
FOUND = (
    Result("SSH-2", PASS, "taken after 2 ms", "login:22", {"seconds": 0.002}),
    Result("OS-4", WARN, "an hour off"),
)


async def done(store: CheckStore, *found: Result, cluster: str = "main") -> Run:
    run = await store.begin(cluster, ASKED, "rest:operator", 5.0)
    run = replace(run, state=RunState.DONE, ended_at=9.0, results=found, counts=counted(found))
    await store.end(run)
    return run


async def test_a_run_comes_back_as_it_was(database: Database) -> None:
    store = CheckStore(database)
    run = await done(store, *FOUND)
    assert await store.get(run.id) == run
    [latest] = await store.latest(5)
    assert latest == replace(run, results=None)
    assert latest.verdict is WARN
    assert await store.get(run.id + 1) is None


async def test_what_is_known_in_the_middle_is_kept_and_replaced(database: Database) -> None:
    store = CheckStore(database)
    run = await store.begin("main", Asked(login_only=True), "schedule", 5.0)
    await store.save(run.id, FOUND[:1])
    await store.save(run.id, FOUND)
    found = await store.get(run.id)
    assert found is not None
    assert (found.results, found.state) == (FOUND, RunState.RUNNING)


async def test_a_run_that_a_stop_cut_off_is_interrupted(database: Database) -> None:
    store = CheckStore(database)
    over, cut = await done(store, *FOUND), await store.begin("main", ASKED, "schedule", 20.0)
    await store.interrupt(30.0)
    found = await store.get(cut.id)
    assert found is not None
    assert (found.state, found.ended_at, found.problem) == (RunState.INTERRUPTED, 30.0, checks.STOPPED)
    assert (await store.get(over.id)) == over


async def test_what_was_last_known_passes_over_runs_that_did_not_tell(database: Database) -> None:
    store = CheckStore(database)
    await done(store, Result("OS-4", WARN, ""), Result("BS-2", PASS, "", "a"), Result("BS-2", FAIL, "", "b"))
    await done(store, Result("OS-4", SKIPPED, ""), Result("BS-2", FAIL, "", "a"))
    await done(store, Result("OS-4", FAIL, ""), cluster="other")
    last = await store.begin("main", ASKED, "schedule", 20.0)
    known = await store.known("main", last.id)
    assert known == {("OS-4", None): WARN, ("BS-2", "a"): FAIL, ("BS-2", "b"): FAIL}


async def test_old_runs_are_forgotten_with_their_results(database: Database) -> None:
    store = CheckStore(database)
    first = await done(store, *FOUND)
    other = await done(store, *FOUND, cluster="other")
    for _ in range(checks.KEPT):
        await store.begin("main", ASKED, "schedule", 5.0)
    assert await store.get(first.id) is None
    assert await store.get(other.id) == other
    rows = await database.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(check_results)))
    assert rows == len(FOUND)


async def test_secrets_are_masked(database: Database) -> None:
    said = "sbatch --export=PASSWORD=hunter2 refused"
    run = await done(CheckStore(database), Result("BS-4", FAIL, said, "main", {"todo": said, "jobs": [said]}))
    found = await CheckStore(database).get(run.id)
    assert "hunter2" not in str(found)


def test_what_is_worse_than_it_was() -> None:
    before = {("OS-4", None): PASS, ("BS-2", "a"): FAIL, ("AC-4", None): WARN}
    now = [
        Result("OS-4", WARN, "an hour off"), Result("BS-2", FAIL, "", "a"), Result("AC-4", PASS, ""),
        Result("CL-1", FAIL, "new"), Result("AC-4", SKIPPED, ""),
    ]  # fmt: skip
    assert worsened(before, now) == (Worse("OS-4", None, PASS, WARN, "an hour off"),)


async def test_when_each_node_was_looked_at_last(database: Database) -> None:
    store = CheckStore(database)
    await done(store, Result("WN-6", PASS, "", "n1"), Result("WN-6", PASS, "", "n2"))
    last = await done(store, Result("WN-6", FAIL, "", "n1"), Result("WN-6", SKIPPED, "", "n2"))
    await done(store, Result("WN-6", PASS, "", "n9"), cluster="other")
    assert await store.looked_at("main") == {"n1": float(last.id), "n2": float(last.id - 1)}


async def test_what_is_known_of_every_run_can_be_asked_of_each_database(database: Database) -> None:
    assert await CheckStore(database).known("main", EVERY_RUN) == {}
