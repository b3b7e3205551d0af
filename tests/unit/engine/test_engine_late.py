"""Batch jobs that appear when their attempts are over: there are never two for one pilot for long."""

from __future__ import annotations

from bosco.batch.model import Cause
from hosted_ce.engine.observe import IDLE_INTERVAL_S
from hosted_ce.pilots.states import Stage, State
from tests.fakes.bench import Bench, attempt_of, stamp_of
from tests.fakes.faults import Fault


async def abandoned(ce: Bench) -> tuple[int, str]:
    """A pilot whose first attempt was given up, and that has a second one; the first one's stamp."""
    ce.site.faults.plan("submit", Fault.SLOW)
    pilot = await ce.sent()
    await ce.rounds(12)
    assert attempt_of(await ce.pilot(pilot.id)).number == 2
    return pilot.id, stamp_of(pilot)


async def test_a_job_that_appears_after_its_absence_was_proven_is_ended(ce: Bench) -> None:
    pilot_id, stamp = await abandoned(ce)
    ce.site.deliver_late()
    await ce.observe()
    assert not ce.site.job(stamp).alive
    assert [found for found, _ in ce.late] == [stamp]
    assert "late_job" in await ce.words(pilot_id)
    second = await ce.pilot(pilot_id)
    assert ce.site.job(stamp_of(second)).alive


async def test_SL10_an_ended_job_that_is_started_again_by_the_site_is_ended_and_the_pilot_stays_over(
    ce: Bench,
) -> None:
    pilot = await ce.ended(3)
    await ce.fetcher.tick()
    ce.site.requeue(stamp_of(pilot))
    await ce.observe(after=IDLE_INTERVAL_S)
    assert not ce.site.job(stamp_of(pilot)).alive
    assert (await ce.pilot(pilot.id)).state is State.COMPLETED
    assert len(ce.late) == 1


async def test_EN10_it_is_cancelled_once_a_minute_and_told_once(ce: Bench) -> None:
    await abandoned(ce)
    ce.site.batch.stubborn = True
    ce.site.deliver_late()
    for _ in range(8):
        await ce.observe(after=20)
    assert len(ce.site.cancelled) == 3
    assert len(ce.late) == 1


async def test_jobs_of_others_in_the_same_account_are_left_alone(ce: Bench) -> None:
    await ce.sent()
    ce.site.duplicate("hanotherceshere")
    await ce.observe()
    await ce.observe()
    assert ce.site.cancelled == []
    assert ce.late == []


async def test_a_pilot_that_was_called_lost_and_is_not_gets_no_other_end(ce: Bench) -> None:
    pilot = await ce.running()
    stamp = stamp_of(pilot)
    gone = ce.site.job(stamp)
    gone.gone_at = ce.clock()
    await ce.rounds(8)
    assert (await ce.pilot(pilot.id)).state is State.LOST
    gone.gone_at = None
    await ce.observe(after=IDLE_INTERVAL_S)
    assert not gone.alive
    assert gone.now.cause is Cause.CANCELLED
    assert (await ce.pilot(pilot.id)).stage is Stage.DONE
