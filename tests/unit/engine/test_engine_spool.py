"""SS16: a spool that was emptied, or that of another login node, proves nothing: nobody runs twice for it."""

from __future__ import annotations

import asyncio

import pytest

from bosco.errors import OtherSpool
from hosted_ce.pilots.states import Stage, State
from tests.fakes.bench import Bench, attempt_of, stamp_of
from tests.fakes.faults import Fault


async def test_a_new_spool_is_marked_and_known_again_after_a_restart(ce: Bench) -> None:
    await ce.observe()
    [mark] = ce.site.marks
    await ce.restart()
    await ce.observe()
    assert ce.site.marks == {mark} == {ce.site.expected}


async def test_SS16_a_job_whose_answer_was_lost_is_not_sent_again_because_the_spool_is_empty(
    ce: Bench,
) -> None:
    await ce.observe()
    ce.site.faults.plan("submit", Fault.LOST_REPLY)
    pilot = await ce.sent()
    ce.site.wipe()
    ce.site.faults.plan("list", Fault.EMPTY)
    with pytest.raises(OtherSpool):
        await ce.observe()
    assert (await ce.pilot(pilot.id)).stage is Stage.DOUBTFUL
    assert len(ce.site.batch.jobs) == 1


async def test_SS16_another_login_node_is_left_alone_until_ours_is_back(ce: Bench) -> None:
    await ce.observe()
    pilot = await ce.sent()
    ours, ce.site.marks = ce.site.marks, set()
    late = await ce.add()
    await ce.router.tick()
    with pytest.raises(OtherSpool):
        await ce.observe()
    await ce.submit()
    assert (await ce.pilot(late)).stage is Stage.SUBMITTING
    ce.site.marks = ours
    await ce.rounds(1)
    assert {(await ce.pilot(one)).stage for one in (pilot.id, late)} == {Stage.QUEUED}
    assert len(ce.site.batch.jobs) == 2


async def test_an_emptied_spool_is_taken_when_an_operator_says_so(ce: Bench) -> None:
    """Not by itself, even if no pilot is there: the first one may come back."""
    await ce.observe()
    ce.site.wipe()
    with pytest.raises(OtherSpool):
        await ce.observe()
    await ce.spool.accept("the operator says so")
    await ce.observe()
    assert ce.site.marks == {ce.site.expected}
    assert ce.site.reconnections == 1
    assert ce.gate.is_open
    ce.clock.advance(1)
    assert (await ce.sent()).stage is Stage.QUEUED


async def accepted(ce: Bench) -> None:
    ce.site.wipe()
    with pytest.raises(OtherSpool):
        await ce.observe()
    ce.clock.advance(1)
    await ce.spool.accept("the operator says so")


async def test_after_an_operator_accepted_it_the_queue_settles_what_is_in_doubt(ce: Bench) -> None:
    await ce.observe()
    ce.site.faults.plan("submit", Fault.LOST_REPLY, Fault.CLAIM_ONLY)
    there, absent = await ce.sent(), await ce.sent()
    await accepted(ce)
    await ce.observe()
    assert attempt_of(await ce.pilot(there.id)).batch_id == "100"
    assert (await ce.pilot(absent.id)).stage is Stage.DOUBTFUL
    await ce.rounds(10)
    again = await ce.pilot(absent.id)
    assert (again.stage, attempt_of(again).number) == (Stage.QUEUED, 2)
    assert len(ce.site.batch.jobs) == 2


@pytest.mark.parametrize("removed", [True, False])
async def test_what_may_have_been_sent_to_the_old_spool_is_not_sent_to_the_new_one(
    ce: Bench, removed: bool
) -> None:
    await ce.observe()
    hold = ce.site.faults.hold("submit", replying=True)
    pilot = await ce.sent()
    await hold.reached.wait()
    await ce.restart()  # the CE died when the job was made, and before it heard of it
    ce.site.start(stamp_of(pilot))
    ce.site.finish(stamp_of(pilot))
    ce.clock.advance(1000)  # squeue has forgotten it
    await accepted(ce)
    if removed:
        await ce.remove(pilot.id)
    await ce.open()
    await ce.submit()
    assert (await ce.pilot(pilot.id)).stage is Stage.DOUBTFUL
    await ce.rounds(3)
    done = await ce.pilot(pilot.id)
    assert done.state is (State.REMOVED if removed else State.COMPLETED)
    assert len(ce.site.batch.jobs) == 1


async def test_the_acceptance_is_remembered(ce: Bench) -> None:
    await ce.observe()
    ce.site.faults.plan("submit", Fault.CLAIM_ONLY)
    pilot = await ce.sent()
    await accepted(ce)
    await ce.restart()
    await ce.observe()
    assert not ce.spool.covers(pilot)
    assert (await ce.pilot(pilot.id)).stage is Stage.DOUBTFUL


# What is under way when the spool is emptied carries the old one's mark: no stamp is submitted twice.


async def test_SS16_a_late_request_is_not_heeded_in_the_emptied_spool(ce: Bench) -> None:
    """The stamp was sent again meanwhile, since the spool had no claim of it."""
    await ce.observe()
    ce.site.faults.plan("submit", Fault.LATE_REQUEST)
    await ce.sent()
    await ce.observe(after=10)
    await ce.submit()
    assert len(ce.site.batch.jobs) == 1
    ce.site.wipe()
    ce.site.deliver_late()
    await accepted(ce)
    ce.site.deliver_late()
    assert len(ce.site.batch.jobs) == 1


async def test_SS16_the_spool_is_emptied_while_a_stamp_is_on_its_way_for_the_second_time(ce: Bench) -> None:
    await ce.observe()
    hold = ce.site.faults.hold("submit", replying=True)
    pilot = await ce.sent()
    await hold.reached.wait()
    await ce.restart()  # the CE died when the job was made, and before it heard of it
    ce.site.start(stamp_of(pilot))
    ce.site.finish(stamp_of(pilot))
    ce.clock.advance(1000)  # squeue has forgotten it
    await ce.observe()
    hold = ce.site.faults.hold("submit")
    await ce.submit()
    ce.site.wipe()
    hold.release()
    await ce.submit()
    assert len(ce.site.batch.jobs) == 1
    assert (await ce.pilot(pilot.id)).stage is Stage.SUBMITTING
    assert not ce.gate.is_open
    await accepted(ce)
    await ce.rounds(3)
    assert (await ce.pilot(pilot.id)).state is State.COMPLETED
    assert len(ce.site.batch.jobs) == 1


@pytest.mark.parametrize("marked", [True, False])
async def test_SS16_another_spool_is_accepted_while_a_request_is_prepared(ce: Bench, marked: bool) -> None:
    """It was looked at for the old one: it does not go to the new one under the new one's mark."""
    await ce.observe()
    ce.contents["a" * 64] = b"slow to come"
    reached, go = asyncio.Event(), asyncio.Event()

    async def slow(sha256: str) -> bytes:
        reached.set()
        await go.wait()
        return b"slow to come"

    ce.submitter._sender._contents = slow
    pilot_id = await ce.add("a" * 64)
    await ce.router.tick()
    await ce.open()
    sending = asyncio.create_task(ce.submit())
    await reached.wait()
    await accepted(ce)
    if marked:
        await ce.spool.check()
    go.set()
    await sending
    assert ce.site.batch.jobs == []
    assert (await ce.pilot(pilot_id)).stage is Stage.SUBMITTING
    await ce.rounds(20)
    assert len(ce.site.batch.jobs) == 1
    assert attempt_of(await ce.pilot(pilot_id)).number == 2


async def test_SS16_a_pilot_is_not_withdrawn_by_a_spool_that_its_request_was_not_for(ce: Bench) -> None:
    await ce.observe()
    ce.site.faults.plan("submit", Fault.LATE_REQUEST)
    pilot = await ce.sent()
    await ce.observe(after=10)
    assert (await ce.pilot(pilot.id)).stage is Stage.SUBMITTING
    await ce.remove(pilot.id)
    ce.site.wipe()
    await ce.submit()
    assert (await ce.pilot(pilot.id)).stage is Stage.SUBMITTING
    await accepted(ce)
    await ce.rounds(12)
    assert (await ce.pilot(pilot.id)).state is State.REMOVED
    ce.site.deliver_late()
    assert ce.site.batch.jobs == []


async def test_nothing_is_sent_to_a_spool_before_it_is_marked(ce: Bench) -> None:
    await ce.observe()
    await ce.spool.accept("the operator says so")
    ce.clock.advance(1)
    pilot_id = await ce.add()
    await ce.router.tick()
    ce.gate.open(ce.gate.closings)
    await ce.submit()
    assert ce.site.requests == []
    assert not ce.gate.is_open
    await ce.observe()
    await ce.submit()
    assert (await ce.pilot(pilot_id)).stage is Stage.QUEUED


async def test_an_attempt_of_the_very_moment_of_the_acceptance_may_have_been_sent_before(ce: Bench) -> None:
    await ce.observe()
    ce.site.faults.plan("submit", Fault.LOST_REPLY)
    pilot = await ce.sent()
    ce.site.start(stamp_of(pilot))
    ce.site.wipe()
    await ce.spool.accept("the operator says so")
    ce.site.faults.plan("list", Fault.EMPTY)
    await ce.observe()
    await ce.submit()
    assert len(ce.site.batch.jobs) == 1


async def test_EN2_the_spool_is_emptied_while_the_submit_command_is_at_it(ce: Bench) -> None:
    """Its claim and its ledger are gone; the queue and accounting know its job by name."""
    await ce.observe()
    ce.site.faults.plan("submit", Fault.SLOW)
    pilot = await ce.sent()
    await accepted(ce)
    await ce.rounds(3)
    assert (await ce.pilot(pilot.id)).stage is Stage.DOUBTFUL
    ce.site.end_slow()
    assert stamp_of(pilot) not in ce.site.folders
    await ce.rounds(1)
    assert attempt_of(await ce.pilot(pilot.id)).batch_id == "100"
    await ce.rounds(20)
    assert len(ce.site.batch.jobs) == 1


async def test_a_request_that_comes_late_is_no_longer_heeded(ce: Bench) -> None:
    await ce.observe()
    hold = ce.site.faults.hold("submit")
    pilot = await ce.sent()
    ce.clock.advance(61)
    hold.release()
    await ce.submit()
    assert (await ce.pilot(pilot.id)).stage is Stage.SUBMITTING
    assert ce.site.batch.jobs == []
    await ce.rounds(1)
    assert (await ce.pilot(pilot.id)).stage is Stage.QUEUED
