"""A job that is in no listing: when it has ended, when it is lost, when its absence proves nothing."""

from __future__ import annotations

import pytest

from bosco.batch.model import Cause, Listing
from bosco.errors import NotRun
from hosted_ce.pilots.pilot import Outcome, Pilot
from hosted_ce.pilots.states import Stage, State
from tests.fakes.batch import Accounting
from tests.fakes.bench import Bench, attempt_of, stamp_of
from tests.fakes.faults import Fault


async def test_a_job_that_left_the_listing_is_ended_by_accounting(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.kill(stamp_of(pilot), Cause.WALLTIME, signal=15)
    await ce.rounds(1, after=ce.site.batch.min_job_age + 1)
    pilot = await ce.pilot(pilot.id)
    assert attempt_of(pilot).outcome is Outcome.WALLTIME
    assert attempt_of(pilot).ended_at == ce.clock() - ce.site.batch.min_job_age - 1


async def ended_by_a_signal(ce: Bench, code: int = 143) -> Pilot:
    """One whose job wrote that down, and is not listed any more: PBS lists what waits and runs."""
    ce.site.batch.min_job_age = 0.0
    pilot = await ce.running()
    ce.site.leave_record(stamp_of(pilot), code)
    ce.site.kill(stamp_of(pilot), Cause.WALLTIME, signal=15)
    return pilot


async def test_whose_signal_ended_a_pilot_is_what_accounting_knows(ce: Bench) -> None:
    pilot = await ended_by_a_signal(ce)
    await ce.rounds(1)
    attempt = attempt_of(await ce.pilot(pilot.id))
    assert (attempt.outcome, attempt.exit_code) == (Outcome.WALLTIME, 143)


@pytest.mark.parametrize("accounting", [Accounting.DOWN, Accounting.DISABLED])
async def test_without_accounting_it_has_exited_with_the_signals_code(
    ce: Bench, accounting: Accounting
) -> None:
    ce.site.accounting_is = accounting
    pilot = await ended_by_a_signal(ce)
    await ce.rounds(1)
    attempt = attempt_of(await ce.pilot(pilot.id))
    assert (attempt.outcome, attempt.exit_code) == (Outcome.EXITED, 143)


async def test_accounting_that_lags_behind_the_jobs_own_record_is_not_waited_for(ce: Bench) -> None:
    ce.site.batch.lag = 10_000.0
    pilot = await ended_by_a_signal(ce)
    await ce.rounds(1)
    assert (await ce.pilot(pilot.id)).state is State.COMPLETED


async def test_a_pilot_that_exited_by_itself_costs_accounting_no_question(
    ce: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(since: float, **wanted: object) -> Listing:
        raise AssertionError(f"asked for {wanted}")

    monkeypatch.setattr(ce.site, "accounting", never)
    pilot = await ended_by_a_signal(ce, code=7)
    await ce.rounds(1)
    assert attempt_of(await ce.pilot(pilot.id)).exit_code == 7


async def test_SL5_accounting_that_lags_is_waited_for(ce: Bench) -> None:
    ce.site.batch.min_job_age, ce.site.batch.lag = 0.0, 45.0
    pilot = await ce.running()
    ce.site.kill(stamp_of(pilot), Cause.MEMORY, code=0, signal=9)
    await ce.observe(after=10)  # accounting still says that it runs
    assert (await ce.pilot(pilot.id)).state is State.RUNNING
    await ce.rounds(3)
    assert attempt_of(await ce.pilot(pilot.id)).outcome is Outcome.MEMORY


async def test_SL3_a_job_that_vanished_is_lost_and_never_called_completed(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.vanish(stamp_of(pilot))
    for absences in range(1, 5):
        await ce.observe()
        seen = await ce.pilot(pilot.id)
        assert (seen.stage, attempt_of(seen).absences) == (Stage.RUNNING, absences)
    await ce.rounds(1)  # 120 s since the first absence
    pilot = await ce.pilot(pilot.id)
    assert (pilot.state, attempt_of(pilot).outcome) == (State.LOST, Outcome.VANISHED)
    assert attempt_of(pilot).exit_code is None
    assert (await ce.words(pilot.id))[-2:] == ["vanished", "lost"]
    assert State.COMPLETED not in {event.state for event in await ce.history(pilot.id)}


async def test_three_absences_are_needed_however_long_the_grace_is_over(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.vanish(stamp_of(pilot))
    await ce.observe(after=10_000)
    await ce.observe(after=10_000)
    assert (await ce.pilot(pilot.id)).stage is Stage.RUNNING
    await ce.observe(after=1)
    assert (await ce.pilot(pilot.id)).stage is Stage.ENDED


async def test_a_job_that_is_seen_again_begins_anew(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.accounting_is = Accounting.DISABLED
    ce.site.faults.plan("list", Fault.EMPTY, Fault.EMPTY)
    await ce.observe(after=500)
    await ce.observe(after=500)
    assert attempt_of(await ce.pilot(pilot.id)).absences == 2
    await ce.observe()
    attempt = attempt_of(await ce.pilot(pilot.id))
    assert (attempt.absences, attempt.absent_since) == (0, None)
    ce.site.faults.plan("list", Fault.EMPTY, Fault.EMPTY)
    await ce.observe(after=500)
    await ce.observe(after=500)
    assert (await ce.pilot(pilot.id)).state is State.RUNNING


async def test_SL26_an_empty_listing_with_exit_code_0_is_not_believed_against_accounting(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.faults.plan("list", *[Fault.EMPTY] * 20)
    for _ in range(20):
        await ce.observe()
    pilot = await ce.pilot(pilot.id)
    assert (pilot.state, attempt_of(pilot).absences) == (State.RUNNING, 0)


@pytest.mark.parametrize("fault", [Fault.INCOMPLETE, Fault.COMMAND_FAILED])
async def test_SL2_a_listing_that_is_not_complete_counts_no_absence_and_closes_the_gate(
    ce: Bench, fault: Fault
) -> None:
    pilot = await ce.running()
    ce.site.vanish(stamp_of(pilot))
    ce.site.faults.plan("list", *[fault] * 20)
    for _ in range(20):
        await ce.observe()
    seen = await ce.pilot(pilot.id)
    assert (seen.stage, attempt_of(seen).absences) == (Stage.RUNNING, 0)
    assert not ce.gate.is_open
    assert "squeue" in (ce.gate.reason or "")


async def test_what_an_incomplete_listing_shows_is_true_all_the_same(ce: Bench) -> None:
    first, second = await ce.sent(), await ce.sent()
    ce.site.start(stamp_of(first))
    ce.site.start(stamp_of(second))
    ce.site.faults.plan("list", Fault.INCOMPLETE)
    await ce.observe()
    assert (await ce.pilot(first.id)).state is State.RUNNING
    assert (await ce.pilot(second.id)).state is State.IDLE


@pytest.mark.parametrize("stage", [Stage.QUEUED, Stage.RUNNING])
async def test_SL6_nothing_is_lost_while_accounting_is_down(ce: Bench, stage: Stage) -> None:
    pilot = await ce.sent() if stage is Stage.QUEUED else await ce.running()
    ce.site.vanish(stamp_of(pilot))
    ce.site.accounting_is = Accounting.DOWN
    await ce.rounds(100)
    assert (await ce.pilot(pilot.id)).stage is stage
    ce.site.accounting_is = Accounting.UP
    await ce.rounds(6)
    assert (await ce.pilot(pilot.id)).state is State.LOST


async def test_a_site_without_accounting_can_still_say_that_a_job_is_lost(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.accounting_is = Accounting.DISABLED
    ce.site.vanish(stamp_of(pilot))
    await ce.rounds(6)
    assert (await ce.pilot(pilot.id)).state is State.LOST


async def test_a_site_that_cannot_be_reached_freezes_its_pilots(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.finish(stamp_of(pilot), 6)
    ce.site.faults.down = "no route to host"
    for _ in range(50):
        with pytest.raises(NotRun):
            await ce.observe(after=3600)
    assert (await ce.pilot(pilot.id)).state is State.RUNNING
    ce.site.faults.down = None
    await ce.rounds(1)
    pilot = await ce.pilot(pilot.id)
    assert (pilot.state, attempt_of(pilot).exit_code) == (State.COMPLETED, 6)


async def test_EN4_a_listing_made_before_a_submission_counts_no_absence(ce: Bench) -> None:
    await ce.sent()
    listing = ce.site.faults.hold("list", replying=True)
    await ce.begin_observing()
    await listing.reached.wait()
    pilot = await ce.sent()  # begins and is answered while the listing is on its way
    listing.release()
    assert ce.observing
    await ce.observing
    assert attempt_of(await ce.pilot(pilot.id)).absences == 0
    assert (await ce.pilot(pilot.id)).stage is Stage.QUEUED
