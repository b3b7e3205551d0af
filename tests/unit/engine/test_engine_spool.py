"""SS16: a spool that was emptied, or that of another login node, proves nothing: nobody runs twice for it."""

from __future__ import annotations

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
