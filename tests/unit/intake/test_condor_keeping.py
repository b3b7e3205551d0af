"""Order in the queue: what nobody looks after goes by age, and what is gone has its batch job ended."""

from __future__ import annotations

import pytest
import structlog

from hosted_ce.intake.condor.keeping import LOST_QUEUE_FACTOR, MANY
from hosted_ce.pilots.states import Goal, Stage, State
from tests.fakes.bench import stamp_of
from tests.fakes.door import DoorBench
from tests.fakes.factory import At
from tests.fakes.schedd import COMPLETED, IDLE, REMOVED, lost

SYNC = 61.0


async def later(ce: DoorBench, seconds: float) -> None:
    """The door compares everything again, so much later."""
    ce.clock.advance(seconds)
    await ce.look(2)


async def test_a_held_pilot_is_removed_when_it_is_old_with_the_reason_in_its_job(ce: DoorBench) -> None:
    sent, pilot = await ce.taken()
    ce.factory.hold(sent)
    await ce.look()
    await later(ce, ce.rules.held_remove - 10)
    assert ce.job(sent).status == 5
    await later(ce, SYNC)
    assert (await ce.pilot(pilot.id)).state is State.REMOVED
    reason = "removed by the CE: it was held for 2.22 hours, and nobody released or removed it"
    assert (await ce.pilot(pilot.id)).reason == reason
    assert ce.job(sent).ad["RemoveReason"] == reason
    ce.schedd.sweep()
    assert not ce.schedd.jobs


@pytest.mark.parametrize("calls", range(5))
async def test_a_release_is_never_answered_by_a_removal(ce: DoorBench, calls: int) -> None:
    sent, pilot = await ce.taken()
    ce.factory.hold(sent)
    await ce.look()
    ce.clock.advance(ce.rules.held_remove)
    ce.schedd.plan(calls, lambda: ce.factory.release(sent))
    await ce.look(2)
    released_in_time = sent.key not in ce.schedd.removed
    if released_in_time:
        assert ce.job(sent).status == IDLE
        assert (await ce.pilot(pilot.id)).state is State.IDLE
    else:
        assert ce.schedd.removed[sent.key][0] == 5


@pytest.mark.parametrize(
    "strange", [{"JobStatus": 17}, {"NumHolds": "abc"}, {"JobStatus": 17, "NumHolds": -1}]
)
async def test_a_job_whose_owner_made_it_unreadable_goes_by_age_too(
    ce: DoorBench, strange: dict[str, object]
) -> None:
    sent, pilot = await ce.taken()
    ce.job(sent).ad.update(strange)
    await ce.look()
    await later(ce, ce.rules.idle_remove)
    await later(ce, SYNC)
    ce.schedd.sweep()
    assert not ce.schedd.jobs
    assert (await ce.pilot(pilot.id)).state is State.REMOVED


STRANGE: list[dict[str, object]] = [{}, {"NumHolds": "abc"}, {"NumHolds": -1}, {"NumHolds": 2**31}]


@pytest.mark.parametrize("ad", STRANGE, ids=str)
@pytest.mark.parametrize("calls", range(1, 6))
async def test_a_hold_and_its_release_are_never_answered_by_a_removal(
    ce: DoorBench, calls: int, ad: dict[str, object]
) -> None:
    """After the door has read the job. A count that its owner made unreadable is changed by a hold, too."""
    sent, _ = await ce.taken()
    ce.job(sent).ad.update(ad)
    await ce.look()
    ce.clock.advance(ce.rules.idle_remove)
    at_release: list[bool] = []

    def hold_and_release() -> None:
        at_release.append(sent.key in ce.schedd.removed)
        ce.factory.hold(sent)
        ce.factory.release(sent)

    ce.schedd.plan(calls, hold_and_release)
    await ce.look()
    assert [sent.key in ce.schedd.removed] == (at_release or [True])


async def test_a_completed_pilot_that_nobody_fetched_expires(ce: DoorBench) -> None:
    sent, pilot = await ce.taken()
    await ce.open()
    await ce.everything()
    ce.site.start(stamp_of(await ce.pilot(pilot.id)))
    ce.site.finish(stamp_of(await ce.pilot(pilot.id)))
    ce.factory.remove(sent, force=True)
    await ce.everything(2)
    assert ce.job(sent).status == COMPLETED
    calls = ce.schedd.calls
    await ce.look(150)
    assert ce.schedd.calls == calls + 156  # one question each, and three comparisons: nothing is told again
    await later(ce, ce.rules.completed_expire)
    assert not ce.schedd.jobs
    await later(ce, SYNC)
    assert not (await ce.pilot(pilot.id)).door_open
    assert (await ce.pilot(pilot.id)).state is State.COMPLETED


async def test_a_pilot_that_never_starts_is_removed(ce: DoorBench) -> None:
    _, pilot = await ce.taken()
    await later(ce, ce.rules.idle_remove)
    assert (await ce.pilot(pilot.id)).state is State.REMOVED
    ce.schedd.sweep()
    assert not ce.schedd.jobs


async def test_a_pilot_that_runs_on_and_on_is_ended(ce: DoorBench) -> None:
    sent, pilot = await ce.taken(maxWallTime=10)
    await ce.open()
    await ce.everything()
    ce.site.start(stamp_of(await ce.pilot(pilot.id)))
    await ce.everything()
    assert sent.at is At.RUNNING
    await later(ce, 600 + ce.rules.overrun_remove)
    assert ce.job(sent).status == REMOVED
    assert (await ce.pilot(pilot.id)).goal is Goal.REMOVE
    await ce.everything(3)
    over = await ce.pilot(pilot.id)
    assert over.state is State.REMOVED
    assert not ce.site.job(stamp_of(over)).alive


async def test_a_removal_that_was_lost_is_asked_for_again(ce: DoorBench) -> None:
    sent, _ = await ce.taken()
    ce.factory.hold(sent)
    await ce.look()
    for replying in (False, True):
        ce.clock.advance(ce.rules.held_remove)
        ce.schedd.plan(1, lost, replying=replying)
        await ce.look()
    await later(ce, SYNC)
    ce.schedd.sweep()
    assert not ce.schedd.jobs


async def test_a_job_that_was_removed_by_force_has_its_batch_job_ended_after_a_grace(ce: DoorBench) -> None:
    sent, pilot = await ce.taken()
    await ce.open()
    await ce.everything()
    ce.schedd.remove_by_force(sent.job_id)
    await later(ce, SYNC)
    await later(ce, ce.rules.vanished_grace - 10)
    assert (await ce.pilot(pilot.id)).goal is Goal.RUN
    await later(ce, SYNC)
    assert (await ce.pilot(pilot.id)).goal is Goal.REMOVE
    sent.may_disappear = True
    await ce.everything(3)
    assert not ce.site.job(stamp_of(await ce.pilot(pilot.id))).alive
    await later(ce, SYNC)
    assert not (await ce.pilot(pilot.id)).door_open


async def test_a_job_that_was_only_not_seen_once_goes_on(ce: DoorBench) -> None:
    """As after a schedd that came back with an older copy of its queue, and then with the whole of it."""
    sent, pilot = await ce.taken()
    await ce.open()
    await ce.everything()
    kept = ce.schedd.jobs.pop(sent.job_id)
    await later(ce, SYNC)
    ce.schedd.jobs[sent.job_id] = kept
    await later(ce, ce.rules.vanished_grace + SYNC)
    assert (await ce.pilot(pilot.id)).goal is Goal.RUN
    ce.site.start(stamp_of(await ce.pilot(pilot.id)))
    await ce.everything(2)
    assert sent.at is At.RUNNING


async def test_a_queue_that_looks_lost_gets_more_time_and_is_told(ce: DoorBench) -> None:
    sent = [ce.send() for _ in range(MANY)]
    await ce.look()
    pilots = [await ce.of(one) for one in sent]
    ce.schedd.lose_queue()
    with structlog.testing.capture_logs() as logs:
        await later(ce, SYNC)
        await later(ce, ce.rules.vanished_grace + SYNC)
    assert [line for line in logs if line["event"] == "the front door's queue looks lost"]
    assert ce.door.status.problem
    assert "10 jobs are gone" in ce.door.status.problem
    assert {(await ce.pilot(pilot.id)).stage for pilot in pilots} == {Stage.WAITING}
    await later(ce, ce.rules.vanished_grace * LOST_QUEUE_FACTOR)
    assert {(await ce.pilot(pilot.id)).state for pilot in pilots} == {State.REMOVED}
    await later(ce, SYNC)
    assert ce.door.status.problem is None


async def test_after_a_lost_queue_a_new_job_with_an_old_number_is_nobody_else_s(ce: DoorBench) -> None:
    old, pilot = await ce.taken()
    await ce.open()
    await ce.everything()
    ce.site.start(stamp_of(await ce.pilot(pilot.id)))
    await ce.everything()
    ce.schedd.lose_queue()
    ce.schedd.plan(0, lost)
    old.may_disappear = True
    new = ce.send()
    assert new.job_id == old.job_id
    ce.site.finish(stamp_of(pilot := await ce.pilot(pilot.id)), 7)
    await ce.look()
    await ce.everything(2)
    ad = ce.job(new).ad
    assert ad["ChirpHostedCEPilot"] != pilot.id
    assert (ce.job(new).status, "ExitCode" in ad) == (IDLE, False)
