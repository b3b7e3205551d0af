"""The factory's door, with a schedd, a factory and a cluster in memory: what each side sees of the other."""

from __future__ import annotations

import pytest

from bosco.batch.model import Cause
from hosted_ce.pilots.states import State
from tests.fakes.bench import stamp_of
from tests.fakes.door import DoorBench, running
from tests.fakes.factory import At
from tests.fakes.schedd import HELD, IDLE, lost


async def test_a_pilot_goes_there_and_comes_home(ce: DoorBench) -> None:
    sent, pilot = await running(ce)
    ce.site.finish(stamp_of(pilot), 7, stdout=b"bye")
    await ce.everything(2)
    assert (await ce.pilot(pilot.id)).state is State.COMPLETED
    assert sent.at is At.COMPLETED
    assert (sent.home["ExitCode"], sent.home["ExitBySignal"], sent.outputs) == (7, False, (b"bye", b""))
    assert not ce.schedd.jobs
    await ce.everything(3)
    assert await ce.store.at_door("condor") == []
    assert len(ce.door.jobs) == 0


async def test_a_node_that_fails_does_not_end_its_pilot_well(ce: DoorBench) -> None:
    sent, pilot = await running(ce)
    ce.site.kill(stamp_of(pilot), Cause.NODE_FAILURE, code=0)
    await ce.everything(2)
    assert sent.at is At.COMPLETED
    assert (sent.home["ExitBySignal"], sent.home["ExitSignal"], sent.outputs) == (True, 9, (b"", b""))
    assert "ExitCode" not in sent.home


async def test_an_idle_tick_is_one_question_with_an_empty_answer(ce: DoorBench) -> None:
    await running(ce)
    await ce.look(2)
    calls = ce.schedd.calls
    await ce.look(10)
    assert ce.schedd.calls == calls + 10


async def test_a_pilot_without_a_route_is_held_at_the_factory(ce: DoorBench) -> None:
    ce.routes = ()
    sent, pilot = await ce.taken()
    await ce.everything(100)
    assert sent.at is At.HELD
    assert sent.hold
    assert sent.hold[1:] == (9619, 2)
    assert sent.hold[0] == "HostedCE[LAB] route: no route takes it: the site file has none (for 30 minutes)"
    assert (await ce.pilot(pilot.id)).state is State.HELD
    assert ce.job(sent).ad["NumHolds"] == 1


@pytest.mark.parametrize("calls", range(8))
@pytest.mark.parametrize("replying", [False, True])
async def test_a_hold_that_was_cut_short_is_made_whole(ce: DoorBench, calls: int, replying: bool) -> None:
    sent, pilot = await ce.taken()
    await ce.hold(pilot.id)
    ce.schedd.plan(calls, lost, replying=replying)
    await ce.look(3)
    job = ce.job(sent)
    assert (job.status, job.ad["HoldReasonCode"], job.ad["NumHolds"]) == (HELD, 9619, 1)
    assert job.ad["HoldReason"] == "HostedCE[LAB] hold: not now"
    assert (await ce.pilot(pilot.id)).state is State.HELD


async def test_the_factory_s_release_of_the_ce_s_hold_is_a_new_try(ce: DoorBench) -> None:
    sent, pilot = await ce.taken()
    await ce.hold(pilot.id)
    await ce.everything(2)
    assert sent.at is At.HELD
    ce.factory.release(sent)
    await ce.look()
    assert (await ce.pilot(pilot.id)).state is State.IDLE
    assert ce.job(sent).status == IDLE


async def test_a_new_gridmanager_releases_what_it_finds_held_and_the_hold_comes_again(ce: DoorBench) -> None:
    sent, pilot = await running(ce)
    stamp = stamp_of(pilot)
    ce.site.vanish(stamp)
    await ce.rounds(10)
    ce.factory.restart()
    await ce.everything(3)
    assert (await ce.pilot(pilot.id)).state is State.LOST
    assert sent.at is At.HELD
    assert sent.hold
    assert sent.hold[1:] == (9619, 6)


async def test_an_operator_s_release_does_not_take_the_hold_from_the_factory(ce: DoorBench) -> None:
    sent, pilot = await ce.taken()
    await ce.hold(pilot.id)
    await ce.everything(2)
    await ce.release(pilot.id)
    await ce.everything(70)
    assert sent.at is At.HELD
    assert ce.job(sent).status == HELD
    assert (await ce.pilot(pilot.id)).state is State.HELD


async def test_how_late_it_is_is_told_when_it_was_done(ce: DoorBench) -> None:
    _, pilot = await ce.taken()
    await ce.look(2)
    assert len(ce.taken_after) == 1
    assert 0 <= ce.taken_after[0] <= 5
    ce.told_after.clear()
    await ce.look(2)
    assert ce.told_after == []
    await ce.hold(pilot.id)
    ce.clock.advance(30)
    ce.schedd.plan(0, lost, replying=False)
    await ce.look()
    assert ce.told_after == []
    await ce.look(2)
    assert ce.told_after[0] == pytest.approx(32, abs=1)
