"""How a job ended, and what of it is believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bosco.batch.model import Cause, Used
from hosted_ce.engine.judge import NOT_SEEN
from hosted_ce.pilots.pilot import Outcome, Pilot
from hosted_ce.pilots.states import Stage, State
from tests.fakes.batch import Accounting
from tests.fakes.bench import Bench, attempt_of, stamp_of


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ((Cause.EXITED, 0, None), "exit code 0"),
        ((Cause.EXITED, 7, None), "exit code 7"),
        ((Cause.EXITED, 0, 9), "ended by signal 9"),
        ((Cause.WALLTIME, 0, 15), "walltime (TIMEOUT)"),
        ((Cause.MEMORY, 0, 9), "memory (OUT_OF_MEMORY)"),
        ((Cause.NODE_FAILURE, 0, None), "node failure (NODE_FAIL)"),
        ((Cause.PREEMPTED, 0, None), "preempted (PREEMPTED)"),
        ((Cause.CANCELLED, 0, 15), "cancelled (CANCELLED by 1001)"),
    ],
)
async def test_how_a_job_ended_is_told_apart(
    ce: Bench, end: tuple[Cause, int, int | None], reason: str
) -> None:
    cause, code, signal = end
    pilot = await ce.running()
    ce.site.kill(stamp_of(pilot), cause, code=code, signal=signal)
    await ce.rounds(1)
    pilot = await ce.pilot(pilot.id)
    assert pilot.state is (State.REMOVED if cause is Cause.CANCELLED else State.COMPLETED)
    attempt = attempt_of(pilot)
    assert (attempt.outcome, attempt.exit_signal) == (Outcome(cause.value), signal)
    assert reason in (pilot.reason or "")
    assert (await ce.words(pilot.id))[-1] == pilot.state.value


@pytest.mark.parametrize(
    ("end", "recorded"),
    [
        ((Cause.EXITED, 0, None), 0),
        ((Cause.EXITED, 7, None), 7),
        ((Cause.EXITED, 0, 9), None),
        ((Cause.WALLTIME, 0, None), None),
        ((Cause.NODE_FAILURE, 0, None), None),
        ((Cause.NODE_FAILURE, 1, None), 1),
        ((Cause.CANCELLED, 0, 15), None),
    ],
)
async def test_a_pilot_that_did_not_exit_by_itself_has_no_exit_code_0(
    ce: Bench, end: tuple[Cause, int, int | None], recorded: int | None
) -> None:
    cause, code, signal = end
    pilot = await ce.running()
    ce.site.kill(stamp_of(pilot), cause, code=code, signal=signal)
    await ce.rounds(1)
    assert attempt_of(await ce.pilot(pilot.id)).exit_code == recorded


async def test_a_pilot_that_the_site_ended_gently_has_the_code_it_recorded(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.leave_record(stamp_of(pilot), 0)
    ce.site.kill(stamp_of(pilot), Cause.WALLTIME, code=0, signal=15)
    await ce.rounds(1)
    assert attempt_of(await ce.pilot(pilot.id)).exit_code == 0


async def test_the_job_s_own_exit_code_is_the_true_one(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.leave_record(stamp_of(pilot), 42)
    ce.site.kill(stamp_of(pilot), Cause.EXITED, code=1)
    await ce.rounds(1)
    assert attempt_of(await ce.pilot(pilot.id)).exit_code == 42


async def ended_unseen(ce: Bench) -> Pilot:
    """Torque says exit status 0 of it, as of all that end without their pbs_mom."""
    pilot = await ce.running()
    ce.site.kill(stamp_of(pilot), Cause.EXITED, code=0)
    ce.site.batch.change(ce.site.job(stamp_of(pilot)), assumed=True)
    await ce.rounds(1)
    return await ce.pilot(pilot.id)


async def test_an_end_that_is_only_assumed_without_a_record_is_no_exit(ce: Bench) -> None:
    pilot = await ended_unseen(ce)
    assert pilot.stage is Stage.RUNNING, "the record may be late"
    await ce.rounds(4)
    pilot = await ce.pilot(pilot.id)
    attempt = attempt_of(pilot)
    assert (attempt.outcome, attempt.exit_code, attempt.site_reason) == (Outcome.NODE_FAILURE, None, NOT_SEEN)
    assert NOT_SEEN in (attempt.outcome_evidence or "")


async def test_an_end_that_is_only_assumed_is_the_one_that_the_job_recorded(ce: Bench) -> None:
    pilot = await ended_unseen(ce)
    ce.site.leave_record(stamp_of(pilot), 7)
    await ce.rounds(1)
    attempt = attempt_of(await ce.pilot(pilot.id))
    assert (attempt.outcome, attempt.exit_code, attempt.site_reason) == (Outcome.EXITED, 7, None)


async def test_what_was_granted_and_used_is_written_down(ce: Bench) -> None:
    pilot = await ce.sent()
    assert attempt_of(pilot).granted is None
    ce.site.start(stamp_of(pilot))
    await ce.observe()
    granted = {"cpus": 2, "memory_mb": 4000, "walltime_s": 3600}
    assert attempt_of(await ce.pilot(pilot.id)).granted == granted
    before = (await ce.pilot(pilot.id)).version
    await ce.observe()
    assert (await ce.pilot(pilot.id)).version == before, "nothing new is nothing to write"
    ce.site.finish(stamp_of(pilot), 3)
    await ce.rounds(1)
    attempt = attempt_of(await ce.pilot(pilot.id))
    assert attempt.granted == granted
    assert (attempt.user_cpu_s, attempt.system_cpu_s, attempt.peak_memory_mb) == (12.5, 0.5, 300)


async def test_a_job_that_recorded_no_end_has_no_usage_but_what_it_was_granted(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.kill(stamp_of(pilot), Cause.NODE_FAILURE)
    await ce.rounds(1)
    attempt = attempt_of(await ce.pilot(pilot.id))
    assert (attempt.user_cpu_s, attempt.system_cpu_s, attempt.peak_memory_mb) == (None, None, None)
    assert attempt.granted == {"cpus": 2, "memory_mb": 4000, "walltime_s": 3600}


async def test_a_record_alone_ends_a_job_that_the_batch_system_forgot(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.leave_record(stamp_of(pilot), 4)
    ce.site.vanish(stamp_of(pilot))
    ce.site.accounting_is = Accounting.DOWN
    await ce.rounds(1)
    pilot = await ce.pilot(pilot.id)
    assert (pilot.state, attempt_of(pilot).exit_code) == (State.COMPLETED, 4)


async def test_a_record_of_a_job_that_still_runs_does_not_end_it(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.leave_record(stamp_of(pilot), 0)
    await ce.rounds(3)
    assert (await ce.pilot(pilot.id)).state is State.RUNNING


async def test_an_old_snapshot_after_the_end_changes_nothing(ce: Bench) -> None:
    pilot = await ce.ended(2)
    ce.site.stale = 1000.0
    await ce.sent()
    await ce.observe()
    assert await ce.pilot(pilot.id) == pilot
    await ce.fetcher.tick()
    assert (await ce.pilot(pilot.id)).state is State.COMPLETED


async def test_what_the_site_measured_counts_where_the_job_itself_recorded_nothing(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.kill(stamp_of(pilot), Cause.WALLTIME)
    job = ce.site.job(stamp_of(pilot))
    ce.site.batch.change(job, used=Used(user_cpu_s=7.5, peak_memory_mb=900))
    await ce.observe()
    attempt = attempt_of(await ce.pilot(pilot.id))
    assert (attempt.user_cpu_s, attempt.system_cpu_s, attempt.peak_memory_mb) == (7.5, None, 900)


async def test_what_the_job_itself_measured_goes_before_what_the_site_says(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.finish(stamp_of(pilot))
    ce.site.batch.change(ce.site.job(stamp_of(pilot)), used=Used(1.0, 1.0, 1))
    await ce.observe()
    attempt = attempt_of(await ce.pilot(pilot.id))
    assert (attempt.user_cpu_s, attempt.system_cpu_s, attempt.peak_memory_mb) == (12.5, 0.5, 300)


async def test_a_node_is_called_as_the_batch_system_calls_it(ce: Bench) -> None:
    """By that name it can be avoided; the job itself knows the host's alone."""
    pilot = await ce.running()
    folder = ce.site.folders[stamp_of(pilot)]
    folder.record = replace(folder.record, node="node-7.cluster.example.org")
    ce.site.finish(stamp_of(pilot))
    await ce.observe()
    assert attempt_of(await ce.pilot(pilot.id)).node == "node-7"


@pytest.mark.parametrize("began", [False, True])
async def test_a_job_that_the_site_could_not_begin_is_no_end_of_its_pilot(ce: Bench, began: bool) -> None:
    pilot = await ce.running() if began else await ce.sent()
    ce.site.batch.end(ce.site.job(stamp_of(pilot)), Cause.NOT_STARTED, code=None)
    await ce.observe()
    outcome = attempt_of(await ce.pilot(pilot.id)).outcome
    assert outcome is (Outcome.EXITED if began else Outcome.NOT_STARTED)
