"""Tasks that were cancelled while they waited: their array is there without them, and nothing else tells."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bosco.batch.model import Phase
from hosted_ce.engine.array_left import STATE
from hosted_ce.pilots.pilot import Outcome, Pilot
from hosted_ce.pilots.queue_words import ARRAY_WITHOUT_IT
from hosted_ce.pilots.states import Stage, State
from tests.fakes.arrays import WarmBench
from tests.fakes.batch import Accounting
from tests.fakes.bench import attempt_of, stamp_of


@pytest.fixture
async def ce(url: str) -> AsyncIterator[WarmBench]:
    made = WarmBench(url, window=8)
    try:
        yield made
    finally:
        await made.stop()


async def array(ce: WarmBench) -> list[Pilot]:
    """Four pilots in one."""
    ids = [await ce.add() for _ in range(4)]
    await ce.open()
    await ce.router.tick()
    await ce.submit()
    [stamps] = ce.site.arrays
    assert len(stamps) == 4
    return [await ce.pilot(one) for one in ids]


@pytest.mark.parametrize("accounting", [Accounting.UP, Accounting.DISABLED])
async def test_SL27_a_task_that_its_array_is_there_without_was_cancelled(
    ce: WarmBench, accounting: Accounting
) -> None:
    ce.site.accounting_is = accounting
    pilot, *others = await array(ce)
    ce.site.vanish(stamp_of(pilot))
    await ce.rounds(2)
    seen = await ce.pilot(pilot.id)
    assert (seen.stage, attempt_of(seen).site_reason) == (Stage.QUEUED, ARRAY_WITHOUT_IT)
    await ce.rounds(4)
    seen = await ce.pilot(pilot.id)
    attempt = attempt_of(seen)
    assert (seen.state, attempt.outcome, attempt.site_state) == (State.REMOVED, Outcome.CANCELLED, STATE)
    assert attempt.started_at is None
    assert ARRAY_WITHOUT_IT in (attempt.outcome_evidence or "")
    assert {(await ce.pilot(other.id)).stage for other in others} == {Stage.QUEUED}


async def test_SL27_what_a_listing_said_of_the_array_holds_when_slurm_has_forgotten_it(ce: WarmBench) -> None:
    ce.site.accounting_is = Accounting.DISABLED
    pilots = await array(ce)
    ce.site.vanish(stamp_of(pilots[0]))
    await ce.rounds(1)
    for other in pilots[1:]:
        ce.site.vanish(stamp_of(other))
    await ce.rounds(6)
    first, *others = [await ce.pilot(pilot.id) for pilot in pilots]
    assert first.state is State.REMOVED
    assert {other.state for other in others} == {State.LOST}


async def test_SL27_accounting_that_has_the_array_is_enough_after_the_time_of_grace(ce: WarmBench) -> None:
    ce.site.batch.min_job_age = 0.0
    pilot, *others = await array(ce)
    ce.site.vanish(stamp_of(pilot))
    for other in others:
        ce.site.start(stamp_of(other))
        ce.site.finish(stamp_of(other))
    await ce.rounds(1)
    seen = await ce.pilot(pilot.id)
    assert (seen.stage, attempt_of(seen).site_reason) == (Stage.QUEUED, ARRAY_WITHOUT_IT)
    await ce.rounds(6)
    assert (await ce.pilot(pilot.id)).state is State.REMOVED
    assert {(await ce.pilot(one.id)).state for one in others} == {State.COMPLETED}


@pytest.mark.parametrize(("goal", "state"), [("remove", State.REMOVED), ("hold", State.HELD)])
async def test_SL27_what_we_cancelled_is_believed_at_once(ce: WarmBench, goal: str, state: State) -> None:
    pilot, *_ = await array(ce)
    await (ce.remove if goal == "remove" else ce.hold)(pilot.id)
    await ce.rounds(2)  # it is cancelled in the first, and listed in the second
    seen = await ce.pilot(pilot.id)
    assert (seen.state, attempt_of(seen).outcome) == (state, Outcome.CANCELLED)


async def test_SL27_what_we_cancelled_waits_for_its_grace_where_accounting_alone_has_the_array(
    ce: WarmBench,
) -> None:
    """The records of a task that ran after all may be late: they are waited for."""
    ce.site.batch.min_job_age = 0.0
    pilot, *others = await array(ce)
    for other in others:
        ce.site.start(stamp_of(other))
        ce.site.finish(stamp_of(other))
    await ce.remove(pilot.id)
    await ce.rounds(2)
    assert (await ce.pilot(pilot.id)).stage is Stage.QUEUED
    await ce.rounds(5)
    seen = await ce.pilot(pilot.id)
    assert (seen.state, attempt_of(seen).outcome) == (State.REMOVED, Outcome.CANCELLED)


async def test_SL27_one_that_is_held_and_released_runs_once(ce: WarmBench) -> None:
    pilot, *_ = await array(ce)
    await ce.hold(pilot.id)
    await ce.rounds(2)
    await ce.release(pilot.id)
    await ce.rounds(1)
    seen = await ce.pilot(pilot.id)
    assert (seen.stage, attempt_of(seen).number) == (Stage.QUEUED, 2)
    assert stamp_of(seen) != stamp_of(pilot)


@pytest.mark.parametrize("held", [True, False])
async def test_SL27_in_an_emptied_spool_the_lack_of_a_start_record_proves_nothing(
    ce: WarmBench, held: bool
) -> None:
    """It ran, and the record of that went with the old spool: it must not be submitted again."""
    ce.site.accounting_is = Accounting.DISABLED
    pilot, *_ = await array(ce)
    ce.site.start(stamp_of(pilot))  # between two listings, and it is forgotten before the next one
    ce.site.finish(stamp_of(pilot))
    ce.clock.advance(1000)
    ce.site.wipe()
    await ce.spool.accept("an operator says so")
    if held:
        await ce.hold(pilot.id)
    await ce.rounds(8)
    if held:
        await ce.release(pilot.id)
        await ce.rounds(3)
    seen = await ce.pilot(pilot.id)
    assert (seen.state, attempt_of(seen).outcome) == (State.LOST, Outcome.VANISHED)
    assert attempt_of(seen).number == 1


async def test_an_array_that_is_gone_as_a_whole_is_lost(ce: WarmBench) -> None:
    pilots = await array(ce)
    for pilot in pilots:
        ce.site.vanish(stamp_of(pilot))
    await ce.rounds(8)
    assert {(await ce.pilot(pilot.id)).state for pilot in pilots} == {State.LOST}


async def test_a_task_that_had_begun_is_lost_all_the_same(ce: WarmBench) -> None:
    """Its own record says that it began: it was not cancelled while it waited."""
    pilot, *_ = await array(ce)
    ce.site.start(stamp_of(pilot))  # between two listings
    ce.site.vanish(stamp_of(pilot))
    await ce.rounds(8)
    seen = await ce.pilot(pilot.id)
    assert (seen.state, attempt_of(seen).outcome) == (State.LOST, Outcome.VANISHED)


async def test_one_that_is_listed_again_is_no_more_called_gone(ce: WarmBench) -> None:
    pilot, *_ = await array(ce)
    job = ce.site.job(stamp_of(pilot))
    job.gone_at = ce.clock()
    await ce.rounds(1)
    job.gone_at = None
    await ce.rounds(1)
    attempt = attempt_of(await ce.pilot(pilot.id))
    assert (attempt.absences, attempt.site_reason) == (0, "Priority")


async def test_what_was_noted_in_an_earlier_absence_says_nothing_of_the_next(ce: WarmBench) -> None:
    ce.site.accounting_is = Accounting.DISABLED
    pilots = await array(ce)
    job = ce.site.job(stamp_of(pilots[0]))
    job.gone_at = ce.clock()
    await ce.rounds(1)
    job.gone_at = None
    ce.site.batch.change(job, phase=Phase.UNKNOWN, site_state="STRANGE")
    await ce.rounds(1)
    for pilot in pilots:
        ce.site.vanish(stamp_of(pilot))
    await ce.rounds(8)
    assert {(await ce.pilot(pilot.id)).state for pilot in pilots} == {State.LOST}
