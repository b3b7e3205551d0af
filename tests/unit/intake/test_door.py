"""The factory's door, with a schedd, a factory and a cluster in memory: what each side sees of the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
import structlog

from bosco.batch.model import Cause
from hosted_ce.intake.condor.door import COMPARE_S
from hosted_ce.intake.condor.edits import Edit
from hosted_ce.intake.condor.process import QueueRefused
from hosted_ce.intake.condor.queue import CondorQueue
from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.pilots.states import Goal, State
from hosted_ce.store.pilots import PilotStore
from tests.fakes.bench import attempt_of, stamp_of
from tests.fakes.door import DoorBench
from tests.fakes.factory import At, Sent
from tests.fakes.schedd import COMPLETED, HELD, IDLE, REMOVED, RUNNING, Schedd, folder_of, lost

import htcondor2  # isort: skip - after the door's fakes, which settle CONDOR_CONFIG


async def running(ce: DoorBench) -> tuple[Sent, Pilot]:
    """A pilot of the factory that runs, and is known to."""
    sent, pilot = await ce.taken()
    await ce.open()
    await ce.everything()
    ce.site.start(stamp_of(await ce.pilot(pilot.id)))
    await ce.everything()
    assert sent.at is At.RUNNING
    return sent, await ce.pilot(pilot.id)


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


# Holds by the CE


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


# Holds, releases and removals by the factory


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


# Trouble


async def test_what_the_owner_writes_into_its_ad_is_its_own_trouble_alone(ce: DoorBench) -> None:
    strange = {
        "JobStatus": 17, "NumHolds": "abc", "EnteredCurrentStatus": "x", "QDate": 5.5, "Out": 7,
        "HoldReason": 5, "HostedCEStatus": "y",
    }  # fmt: skip
    victims = []
    for name, value in strange.items():
        victim, _ = await ce.taken()
        ce.job(victim).ad[name] = value
        victims.append(victim)
    forged, loser = await ce.taken()
    ce.job(forged).ad["GlobalJobId"] = ce.job(victims[0]).key
    sent, pilot = await ce.taken()
    await ce.restart()
    await ce.look(3)
    assert ce.door.status.in_contact
    ce.factory.remove(sent)
    await ce.look()
    assert (await ce.pilot(pilot.id)).state is State.REMOVED
    for _ in range(8):
        ce.clock.advance(60)
        await ce.door.tick()
    assert (await ce.pilot(loser.id)).state is State.REMOVED
    assert (await ce.pilot(1)).state is State.HELD


async def test_outputs_that_cannot_be_written_are_tried_again_and_told(ce: DoorBench) -> None:
    sent, pilot = await running(ce)
    (folder_of(ce.job(sent)) / "_condor_stdout").mkdir()
    ce.site.finish(stamp_of(pilot))
    with structlog.testing.capture_logs() as logs:
        await ce.everything(2)
        await ce.look(150)
    assert len([line for line in logs if line["log_level"] == "error"]) == 1
    assert ce.job(sent).status == RUNNING
    assert ce.door.status.problem
    assert "the outputs of pilot 1 cannot be handed over" in ce.door.status.problem
    (folder_of(ce.job(sent)) / "_condor_stdout").rmdir()
    await ce.look(61)
    assert ce.job(sent).status == COMPLETED
    assert ce.door.status.problem is None


async def test_outputs_are_never_written_outside_of_the_spool(ce: DoorBench, tmp_path: Path) -> None:
    sent, pilot = await running(ce)
    ce.job(sent).ad["Iwd"] = str(tmp_path)
    await ce.restart()
    ce.site.finish(stamp_of(pilot))
    await ce.everything(4)
    assert list(tmp_path.iterdir()) == []
    assert ce.job(sent).status == RUNNING


async def test_a_mistake_in_the_middle_of_a_tick_makes_everything_be_compared_anew(
    ce: DoorBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pilot that was written down and never heard of again: its job must not be given back under it."""
    await ce.look()

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    sent = ce.send()
    with monkeypatch.context() as patch:
        patch.setattr(ce.door.jobs, "put", broken)
        with pytest.raises(ZeroDivisionError):
            await ce.look()
    ce.factory.remove(sent)
    await ce.look()
    [pilot] = await ce.store.at_door("condor")
    assert pilot.state is State.REMOVED


async def test_while_the_schedd_is_away_pilots_go_on(ce: DoorBench) -> None:
    sent, pilot = await running(ce)
    ce.site.finish(stamp_of(pilot), 0)
    for _ in range(5):
        ce.schedd.plan(0, lost)
        await ce.rounds(1)
        await ce.look()
        assert ce.door.status.in_contact is False
        assert ce.door.status.problem
    await ce.everything(2)
    assert sent.at is At.COMPLETED
    assert ce.door.status.in_contact is True
    assert ce.door.status.problem is None


@pytest.mark.parametrize(
    "when",
    [*range(0, 60, 4), "ManagedManager", "JobStatus", "HostedCEStatus", "JobFinishedHookDone", "Managed"],
)
@pytest.mark.parametrize("replying", [False, True])
async def test_the_daemon_may_be_killed_at_any_call(ce: DoorBench, when: int | str, replying: bool) -> None:
    class Killed(BaseException):
        pass

    def kill() -> None:
        raise Killed

    ce.schedd.plan(when, kill, replying=replying)
    sent = ce.send()
    await ce.open()
    for round_ in range(8):
        try:
            await ce.look()
        except Killed:
            await ce.restart()
            await ce.open()
        await ce.rounds(1)
        for job in ce.site.batch.jobs:
            if round_ == 2:
                ce.site.start(job.now.stamp)
            if round_ == 4:
                ce.site.finish(job.now.stamp, 5)
        ce.factory.poll()
    ce.schedd.plans.clear()
    await ce.everything(2)
    assert len(ce.site.batch.jobs) == 1
    assert (sent.at, sent.home["ExitCode"]) == (At.COMPLETED, 5)


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


async def test_pilots_of_other_doors_are_none_of_its_business(ce: DoorBench) -> None:
    other = await ce.add()
    await ce.remove(other)
    await ce.look()
    assert ce.schedd.calls == 3  # the first comparison, what is stuck on its way, and one question


@pytest.mark.parametrize("count", [1e300, 2**62, -5, 2.5, True])
async def test_a_count_of_holds_that_its_owner_made_up_troubles_nobody_else(
    ce: DoorBench, count: float
) -> None:
    victim, _ = await ce.taken()
    ce.job(victim).ad["NumHolds"] = count
    forged = ce.send(NumHolds=count)
    sent, pilot = await ce.taken()
    await ce.look(2)
    assert ce.door.status.in_contact
    ce.factory.remove(sent)
    await ce.look()
    assert (await ce.pilot(pilot.id)).state is State.REMOVED
    ce.factory.remove(forged)
    ce.factory.remove(victim)
    await ce.look(2)
    ce.schedd.sweep()
    assert not ce.schedd.jobs


@pytest.mark.parametrize("noticed", [True, False])
async def test_a_schedd_that_comes_back_with_an_older_queue_is_told_everything_again(
    ce: DoorBench, noticed: bool
) -> None:
    """Its last transactions were lost with its machine: what we told it then is no longer there."""
    sent, pilot = await ce.taken()
    before = dict(ce.job(sent).ad)
    await ce.open()
    await ce.everything()
    ce.site.start(stamp_of(await ce.pilot(pilot.id)))
    await ce.everything(2)
    assert ce.job(sent).ad["HostedCEStatus"] == RUNNING
    ce.job(sent).ad = before
    if noticed:
        ce.schedd.plan(0, lost)
    else:
        ce.clock.advance(COMPARE_S)
    await ce.look(3)
    assert ce.job(sent).status == RUNNING
    assert ce.job(sent).ad["HostedCEStatus"] == RUNNING
    assert ce.job(sent).ad["ChirpHostedCENode"] == attempt_of(await ce.pilot(pilot.id)).node


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


async def test_jobs_that_cannot_be_claimed_are_told(ce: DoorBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A schedd answers an edit by constraint that it denies as it answers one that nothing matches."""
    sent = ce.send()

    def denied(*_: object) -> None:
        raise htcondor2.HTCondorException("Unable to edit jobs matching constraint")

    with monkeypatch.context() as patch:
        patch.setattr(Schedd, "_check", denied)
        await ce.look()
        assert ce.door.status.problem
        assert "1 jobs cannot be claimed" in ce.door.status.problem
    await ce.look()
    assert ce.door.status.problem is None
    assert (await ce.of(sent)).state is State.IDLE


async def test_a_job_that_comes_while_others_are_claimed_is_no_trouble(ce: DoorBench) -> None:
    ce.send()

    def arrive() -> None:
        ce.send()

    ce.schedd.plan(4, arrive)
    await ce.look()
    assert ce.door.status.problem is None
    await ce.look()
    assert len(ce.door.jobs) == 2


async def test_jobs_of_another_state_folder_are_told(ce: DoorBench) -> None:
    """A restored one knows nothing of them, or another CE is at work: nobody moves them from here."""
    sent, pilot = await running(ce)
    await ce.store.apply([Change(pilot, {"door_open": False})])
    await ce.restart()
    await ce.look(2)
    assert ce.door.status.problem
    assert "1 jobs have pilots that are not in this state folder" in ce.door.status.problem
    ce.factory.remove(sent)
    await ce.look(61)
    ce.schedd.sweep()
    assert not ce.schedd.jobs
    assert ce.door.status.problem is None


async def test_a_job_that_the_schedd_refuses_to_edit_keeps_no_other_from_being_told(
    ce: DoorBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bad, _), (good, _) = await running(ce), await running(ce)
    edit, number = CondorQueue.edit, ce.job(bad).ad["ClusterId"]

    async def picky(queue: CondorQueue, edits: Iterable[Edit]) -> int:
        edits = list(edits)
        if any(one.job == f"{number}.0" for one in edits):
            raise QueueRefused("the schedd refused edit: no")
        return await edit(queue, edits)

    monkeypatch.setattr(CondorQueue, "edit", picky)
    for one in await ce.store.at_door("condor"):
        ce.site.finish(stamp_of(one), 4)
    await ce.everything(2)
    assert good.at is At.COMPLETED
    assert bad.at is At.RUNNING
    assert f"job {number}.0 cannot be edited" in (ce.door.status.problem or "")

    monkeypatch.undo()
    ce.clock.advance(61)  # the next comparison of everything
    await ce.everything(2)
    assert bad.at is At.COMPLETED


async def test_what_the_site_cancels_in_its_queue_is_ended_and_not_held(ce: DoorBench) -> None:
    sent, pilot = await ce.taken()
    await ce.open()
    await ce.everything()
    ce.site.kill(stamp_of(await ce.pilot(pilot.id)), Cause.CANCELLED)
    await ce.everything(2)
    assert sent.at is At.COMPLETED
    assert (sent.home["ExitBySignal"], sent.home["ExitSignal"]) == (True, 15)
