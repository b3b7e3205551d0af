"""What goes wrong at the door: a schedd that is away, forgets or refuses, jobs that nobody can read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
import structlog

from hosted_ce.intake.condor.door import COMPARE_S
from hosted_ce.intake.condor.edits import Edit
from hosted_ce.intake.condor.process import QueueRefused
from hosted_ce.intake.condor.queue import CondorQueue
from hosted_ce.pilots.pilot import Change
from hosted_ce.pilots.states import State
from tests.fakes.bench import attempt_of, stamp_of
from tests.fakes.door import DoorBench, running
from tests.fakes.factory import At
from tests.fakes.schedd import COMPLETED, HELD, RUNNING, Schedd, folder_of, lost

import htcondor2  # isort: skip - after the door's fakes, which settle CONDOR_CONFIG


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


@pytest.mark.parametrize("claimed", [True, False])
async def test_a_schedd_that_was_restarted_gives_no_old_hold_back(ce: DoorBench, claimed: bool) -> None:
    """A gridmanager that has just sent the files would ask for the job for ever."""
    sent = ce.send()
    if claimed:
        await ce.look()
    ce.schedd.restart()
    ce.schedd.plan(0, lost)
    await ce.look(3)
    assert "HoldReason" not in ce.job(sent).ad
    await ce.everything()
    ce.schedd.restart()
    ce.factory.poll()
    assert sent.files_known_there


async def test_a_hold_after_a_restart_of_the_schedd_has_the_ce_s_own_code(ce: DoorBench) -> None:
    """The old code is that of a job whose files are on their way; such a job is removed when it is late."""
    sent, pilot = await ce.taken()
    ce.schedd.restart()
    await ce.hold(pilot.id)
    await ce.look(2)
    job = ce.job(sent)
    assert (job.status, job.ad["HoldReasonCode"], job.ad["NumHolds"]) == (HELD, 9619, 1)
    ce.clock.advance(2 * ce.rules.stage_in_remove)
    await ce.look(3)
    assert ce.job(sent).status == HELD


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
