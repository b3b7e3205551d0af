"""Doubts: whatever became of a submission, evidence settles it, and it leads to one batch job."""

from __future__ import annotations

import pytest

from hosted_ce.pilots.states import Goal, Stage, State
from tests.fakes.batch import Accounting
from tests.fakes.bench import POLL, Bench, attempt_of, stamp_of
from tests.fakes.faults import Fault

GRACE = 240.0


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.LEDGER_LOST, Fault.UNCLEAR_YET_TAKEN])
@pytest.mark.parametrize("phase", ["waits", "runs", "has ended", "left its record"])
async def test_a_job_whose_submission_was_in_doubt_is_adopted(ce: Bench, fault: Fault, phase: str) -> None:
    ce.site.faults.plan("submit", fault)
    pilot = await ce.sent()
    assert (pilot.stage, pilot.state) == (Stage.DOUBTFUL, State.UNKNOWN)
    stamp = stamp_of(pilot)
    if phase != "waits":
        ce.site.start(stamp)
    if phase == "has ended":
        ce.site.finish(stamp, 5)
    if phase == "left its record":
        ce.site.leave_record(stamp, 5)
        ce.site.vanish(stamp)
    await ce.rounds(3)

    pilot = await ce.pilot(pilot.id)
    expected = {"waits": State.IDLE, "runs": State.RUNNING}.get(phase, State.COMPLETED)
    assert (pilot.state, attempt_of(pilot).number) == (expected, 1)
    assert attempt_of(pilot).batch_id == ce.site.job(stamp).now.batch_id
    if expected is State.COMPLETED:
        assert attempt_of(pilot).exit_code == 5
    assert len(ce.site.batch.jobs) == 1


async def test_SL15_accounting_alone_shows_a_job_in_doubt(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.LEDGER_LOST)
    pilot = await ce.sent()
    ce.site.faults.plan("list", Fault.EMPTY)
    await ce.observe()
    pilot = await ce.pilot(pilot.id)
    assert (pilot.stage, pilot.state) == (Stage.QUEUED, State.IDLE)
    assert await ce.words(pilot.id) == ["received", "routed", "doubtful", "adopted"]


async def test_the_start_record_alone_shows_a_job_in_doubt(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.LEDGER_LOST)
    pilot = await ce.sent()
    ce.site.start(stamp_of(pilot))
    ce.site.faults.plan("list", Fault.EMPTY)
    ce.site.accounting_is = Accounting.DOWN
    await ce.observe()
    pilot = await ce.pilot(pilot.id)
    assert (pilot.stage, pilot.state) == (Stage.RUNNING, State.RUNNING)
    assert pilot.reason == "runs on node-7"


@pytest.mark.parametrize("fault", [Fault.CLAIM_ONLY, Fault.UNCLEAR])
async def test_EN6_only_a_proven_absence_gives_a_new_attempt_with_a_new_stamp(
    ce: Bench, fault: Fault
) -> None:
    ce.site.faults.plan("submit", fault)
    pilot = await ce.sent()
    await ce.rounds(7)  # 210 s: the submit command may still be at it
    waiting = await ce.pilot(pilot.id)
    assert (waiting.stage, attempt_of(waiting).number) == (Stage.DOUBTFUL, 1)

    await ce.rounds(1)
    assert (await ce.pilot(pilot.id)).stage is Stage.WAITING
    await ce.rounds(1)
    again = await ce.pilot(pilot.id)
    assert (again.stage, attempt_of(again).number) == (Stage.QUEUED, 2)
    assert stamp_of(again) != stamp_of(pilot)
    assert len(ce.site.batch.jobs) == 1


async def test_a_submit_command_that_is_still_at_it_is_waited_for(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.SLOW)
    pilot = await ce.sent()
    await ce.rounds(5)
    ce.site.deliver_late()
    await ce.rounds(5)
    pilot = await ce.pilot(pilot.id)
    assert (pilot.stage, attempt_of(pilot).number) == (Stage.QUEUED, 1)
    assert len(ce.site.batch.jobs) == 1


@pytest.mark.parametrize("fault", [Fault.INCOMPLETE, Fault.COMMAND_FAILED])
async def test_a_doubt_is_not_settled_by_listings_that_prove_nothing(ce: Bench, fault: Fault) -> None:
    ce.site.faults.plan("submit", Fault.CLAIM_ONLY)
    pilot = await ce.sent()
    ce.site.faults.plan("list", *[fault] * 40)
    for _ in range(40):
        await ce.observe()
    pilot = await ce.pilot(pilot.id)
    assert (pilot.stage, attempt_of(pilot).absences) == (Stage.DOUBTFUL, 0)


async def test_a_doubt_is_not_settled_while_accounting_is_down(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.CLAIM_ONLY)
    ce.site.accounting_is = Accounting.DOWN
    pilot = await ce.sent()
    await ce.rounds(40)
    assert (await ce.pilot(pilot.id)).stage is Stage.DOUBTFUL
    ce.site.accounting_is = Accounting.UP
    await ce.rounds(5)
    assert attempt_of(await ce.pilot(pilot.id)).number == 2


async def test_two_listings_are_not_enough_however_long_ago(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.CLAIM_ONLY)
    pilot = await ce.sent()
    await ce.observe(after=10 * GRACE)
    await ce.observe(after=10 * GRACE)
    assert (await ce.pilot(pilot.id)).stage is Stage.DOUBTFUL
    await ce.observe(after=1)
    assert (await ce.pilot(pilot.id)).stage is Stage.WAITING


async def test_a_listing_that_was_asked_before_the_doubt_settles_nothing(ce: Bench) -> None:
    await ce.sent()
    submitting, listing = ce.site.faults.hold("submit"), ce.site.faults.hold("list", replying=True)
    pilot = await ce.sent()
    await ce.begin_observing()
    await listing.reached.wait()
    submitting.release(Fault.TRANSIENT_YET_TAKEN)
    await ce.submit()
    listing.release()
    assert ce.observing
    await ce.observing
    assert (await ce.pilot(pilot.id)).stage is Stage.DOUBTFUL
    await ce.observe()
    pilot = await ce.pilot(pilot.id)
    assert (pilot.stage, attempt_of(pilot).number) == (Stage.QUEUED, 1)


async def test_a_lost_reply_after_the_observer_found_the_job_raises_no_doubt(ce: Bench) -> None:
    hold = ce.site.faults.hold("submit", replying=True)
    pilot = await ce.sent()
    await hold.reached.wait()
    await ce.observe()
    hold.release(Fault.LOST_REPLY)
    await ce.submit()
    pilot = await ce.pilot(pilot.id)
    assert (pilot.stage, pilot.goal) == (Stage.QUEUED, Goal.RUN)
    await ce.observe(after=POLL)
    assert len(ce.site.batch.jobs) == 1
