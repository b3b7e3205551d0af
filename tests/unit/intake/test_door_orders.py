"""Holds, releases and removals by the factory, in the queue, and what becomes of the batch job."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bosco.batch.model import Cause
from hosted_ce.pilots.pilot import Change
from hosted_ce.pilots.states import Goal, State
from hosted_ce.store.pilots import PilotStore
from tests.fakes.bench import attempt_of, stamp_of
from tests.fakes.door import DoorBench, running
from tests.fakes.factory import At
from tests.fakes.schedd import COMPLETED, HELD, IDLE, REMOVED


async def test_a_hold_ends_the_batch_job_and_a_release_is_a_new_attempt(ce: DoorBench) -> None:
    sent, pilot = await running(ce)
    ce.factory.hold(sent)
    await ce.everything(2)
    assert not ce.site.job(stamp_of(pilot)).alive
    assert (await ce.pilot(pilot.id)).state is State.HELD
    ce.factory.release(sent)
    await ce.everything(2)
    again = await ce.pilot(pilot.id)
    assert attempt_of(again).number == 2
    assert stamp_of(again) != stamp_of(pilot)
    assert ce.site.job(stamp_of(again)).alive


async def test_held_and_released_between_two_looks_is_a_new_attempt(ce: DoorBench) -> None:
    sent, pilot = await running(ce)
    ce.factory.hold(sent)
    ce.factory.release(sent)
    await ce.look()
    assert (await ce.pilot(pilot.id)).goal is Goal.RESTART
    assert ce.job(sent).status == IDLE
    await ce.everything(3)
    assert stamp_of(await ce.pilot(pilot.id)) != stamp_of(pilot)


async def test_held_and_released_while_the_daemon_was_away_is_a_new_attempt(ce: DoorBench) -> None:
    sent, pilot = await running(ce)
    await ce.restart()
    ce.factory.hold(sent)
    ce.factory.release(sent)
    await ce.look()
    assert (await ce.pilot(pilot.id)).goal is Goal.RESTART


async def test_a_removal_ends_the_batch_job_before_the_job_is_given_back(ce: DoorBench) -> None:
    sent, pilot = await running(ce)
    ce.site.batch.stubborn = True
    ce.factory.remove(sent)
    await ce.everything(3)
    assert ce.job(sent).external
    ce.site.batch.stubborn = False
    await ce.everything(5)
    assert not ce.site.job(stamp_of(pilot)).alive
    ce.schedd.sweep()
    assert not ce.schedd.jobs


async def test_a_pilot_that_ends_while_the_factory_holds_it_is_told_completed_after_the_release(
    ce: DoorBench,
) -> None:
    sent, pilot = await running(ce)
    ce.site.finish(stamp_of(pilot), 3)
    ce.factory.hold(sent)
    await ce.everything(3)
    assert (await ce.pilot(pilot.id)).state is State.COMPLETED
    assert ce.job(sent).status == HELD
    ce.factory.release(sent)
    await ce.everything(3)
    assert (sent.at, sent.home["ExitCode"]) == (At.COMPLETED, 3)


@pytest.mark.parametrize("calls", range(14))
@pytest.mark.parametrize("action", ["hold", "remove", "hold and release"])
async def test_what_the_factory_asks_for_in_the_middle_of_a_tick_is_obeyed(
    ce: DoorBench, calls: int, action: str
) -> None:
    sent, pilot = await running(ce)
    ce.site.finish(stamp_of(pilot), 3)
    await ce.rounds(2)

    def act() -> None:
        if action == "remove":
            ce.factory.remove(sent)
        else:
            ce.factory.hold(sent)
        if action == "hold and release":
            ce.factory.release(sent)

    ce.schedd.plan(calls, act)
    await ce.look(2)
    was_before = sent.at is not At.RUNNING
    ce.schedd.plans.clear()
    assert ce.schedd.overridden == []
    await ce.everything(2)
    if action == "hold" and was_before and sent.at is At.HELD:
        assert ce.job(sent).status == HELD
        ce.factory.release(sent)
        await ce.everything(2)
    ce.schedd.sweep()
    assert not ce.schedd.jobs
    assert sent.at in {At.COMPLETED, At.FORGOTTEN}


async def test_a_change_that_came_too_late_is_computed_anew(
    ce: DoorBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine changes the pilot while the door writes down that it is removed."""
    sent, pilot = await running(ce)
    apply = PilotStore.apply
    raced = False

    async def racing(store: PilotStore, changes: Sequence[Change]) -> list[Change]:
        nonlocal raced
        if not raced:
            raced = True
            await ce.observe()
            now = await ce.pilot(pilot.id)
            await apply(store, [Change(now, {"reason": "something else"})])
        return await apply(store, changes)

    monkeypatch.setattr(PilotStore, "apply", racing)
    ce.factory.remove(sent)
    await ce.look()
    assert "HostedCEStatus" not in ce.job(sent).ad or ce.job(sent).ad["HostedCEStatus"] != REMOVED
    await ce.look()
    assert (await ce.pilot(pilot.id)).goal is Goal.REMOVE


async def test_a_job_that_was_held_before_it_was_claimed_is_looked_after_too(ce: DoorBench) -> None:
    sent, forgotten = ce.send(), ce.send()
    for one in (sent, forgotten):
        ce.factory.hold(one)
    await ce.look()
    assert ce.job(sent).external
    assert await ce.store.at_door("condor") == []
    ce.factory.release(sent)
    ce.factory.remove(forgotten, force=True)
    await ce.look()
    assert (await ce.of(sent)).door_holds == 1
    ce.clock.advance(ce.rules.held_remove)
    await ce.look(2)
    ce.schedd.sweep()
    assert ce.schedd.by_key(forgotten.key) is None


async def test_a_job_that_its_factory_called_completed_comes_home_when_its_batch_job_is_gone(
    ce: DoorBench,
) -> None:
    sent, pilot = await running(ce)
    ce.site.batch.deaf = True
    ce.job(sent).ad["JobStatus"] = COMPLETED
    await ce.everything()
    assert ce.job(sent).external
    assert (await ce.pilot(pilot.id)).goal is Goal.REMOVE
    ce.site.batch.deaf = False
    await ce.everything(8)
    assert not ce.site.job(stamp_of(pilot)).alive
    assert sent.at is At.COMPLETED
    assert sent.outputs is not None


async def test_hold_and_release_by_an_operator_before_the_queue_heard_of_it(ce: DoorBench) -> None:
    sent, pilot = await ce.taken()
    await ce.hold(pilot.id)
    await ce.release(pilot.id)
    await ce.look()
    assert ce.job(sent).status == IDLE
    assert "NumHolds" not in ce.job(sent).ad


async def test_a_pilot_that_an_operator_removed_before_it_ran_is_held_at_the_factory(ce: DoorBench) -> None:
    sent, pilot = await ce.taken()
    await ce.remove(pilot.id)
    await ce.everything(2)
    assert sent.at is At.HELD
    assert sent.hold == ("HostedCE[LAB] removed: no longer wanted", 9619, 7)
    ce.factory.remove(sent)
    await ce.look()
    ce.schedd.sweep()
    assert not ce.schedd.jobs


async def test_a_released_pilot_shows_nothing_of_the_batch_job_that_was_ended(ce: DoorBench) -> None:
    sent, _ = await running(ce)
    assert ce.job(sent).ad["ChirpHostedCEBatchId"]
    ce.factory.hold(sent)
    await ce.everything(2)
    ce.routes = ()
    ce.factory.release(sent)
    await ce.look(2)
    ad = ce.job(sent).ad
    assert ad["ChirpHostedCEState"] == "idle"
    assert [ad[f"ChirpHostedCE{name}"] for name in ("BatchId", "Node", "Granted")] == ["", "", ""]


async def test_what_the_site_cancels_in_its_queue_is_ended_and_not_held(ce: DoorBench) -> None:
    sent, pilot = await ce.taken()
    await ce.open()
    await ce.everything()
    ce.site.kill(stamp_of(await ce.pilot(pilot.id)), Cause.CANCELLED)
    await ce.everything(2)
    assert sent.at is At.COMPLETED
    assert (sent.home["ExitBySignal"], sent.home["ExitSignal"]) == (True, 15)
