"""Removal: at whatever stage it is asked for, nothing runs on in the end, and nothing is lost on the way."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from bosco.batch.model import Cause
from bosco.errors import Failed, Interrupted, NotRun
from hosted_ce.engine.removal import removal
from hosted_ce.pilots.pilot import Outcome
from hosted_ce.pilots.states import Goal, Stage, State
from tests.fakes.bench import Bench, attempt_of, stamp_of
from tests.fakes.faults import Fault

SENDING = [
    None, Fault.NOT_RUN, Fault.LOST_REQUEST, Fault.LATE_REQUEST, Fault.LOST_REPLY, Fault.FAILED, Fault.LIMIT,
    Fault.PERMANENT, Fault.TRANSIENT, Fault.TRANSIENT_YET_TAKEN, Fault.UNCLEAR, Fault.UNCLEAR_YET_TAKEN,
    Fault.CLAIM_ONLY, Fault.SLOW, Fault.LEDGER_LOST, Fault.LOST_REPLY_OF_PERMANENT,
]  # fmt: skip


def alive(ce: Bench) -> int:
    return sum(job.alive for job in ce.site.batch.jobs)


async def test_a_pilot_that_waits_is_removed_at_once(ce: Bench) -> None:
    pilot_id = await ce.add()
    await ce.remove(pilot_id)
    pilot = await ce.pilot(pilot_id)
    assert (pilot.state, pilot.stage, pilot.goal) == (State.REMOVED, Stage.DONE, Goal.REMOVE)
    assert pilot.finished_at == ce.clock()
    await ce.rounds(2)
    assert ce.site.requests == []


async def test_a_pilot_that_is_held_is_removed_at_once(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.PERMANENT)
    pilot = await ce.sent()
    await ce.remove(pilot.id)
    assert (await ce.pilot(pilot.id)).state is State.REMOVED


@pytest.mark.parametrize("again", [False, True])
async def test_a_removal_of_what_is_over_or_being_removed_changes_nothing(ce: Bench, again: bool) -> None:
    pilot = await ce.running()
    if again:
        await ce.remove(pilot.id)
    else:
        ce.site.finish(stamp_of(pilot))
        await ce.rounds(1)
    pilot = await ce.pilot(pilot.id)
    assert removal(pilot, "somebody", None, ce.clock()) is None


async def test_a_pilot_that_was_not_sent_is_withdrawn(ce: Bench) -> None:
    pilot_id = await ce.add()
    await ce.router.tick()
    await ce.remove(pilot_id)
    await ce.open()
    await ce.submit()
    pilot = await ce.pilot(pilot_id)
    assert (pilot.state, pilot.stage) == (State.REMOVED, Stage.DONE)
    assert ce.site.requests == []
    assert ce.site.folders[stamp_of(pilot)].revoked


async def test_a_withdrawal_whose_answer_was_lost_is_repeated(ce: Bench) -> None:
    pilot_id = await ce.add()
    await ce.router.tick()
    await ce.remove(pilot_id)
    await ce.open()
    ce.site.faults.plan("revoke", Fault.LOST_REPLY)
    await ce.submit()
    assert (await ce.pilot(pilot_id)).stage is Stage.SUBMITTING
    assert not ce.gate.is_open
    await ce.rounds(1)
    assert (await ce.pilot(pilot_id)).state is State.REMOVED


async def test_a_withdrawn_pilot_s_late_request_makes_no_job(ce: Bench) -> None:
    hold = ce.site.faults.hold("submit")
    pilot = await ce.sent()
    await ce.remove(pilot.id)
    hold.release(Fault.LATE_REQUEST)
    await ce.rounds(2)
    assert (await ce.pilot(pilot.id)).state is State.REMOVED
    ce.site.deliver_late()
    assert ce.site.batch.jobs == []


@pytest.mark.parametrize("when", ["before the answer", "while in doubt", "after a restart"])
@pytest.mark.parametrize("fault", SENDING)
async def test_a_removal_while_the_pilot_is_sent_ends_its_job(
    ce: Bench, fault: Fault | None, when: str
) -> None:
    hold = ce.site.faults.hold("submit")
    pilot = await ce.sent()
    if when == "while in doubt":
        hold.release(fault)
        await ce.submit()
        await ce.remove(pilot.id)
    else:
        await ce.remove(pilot.id)
        hold.release(fault)
    if when == "after a restart":
        await ce.restart()
    await ce.rounds(3)
    ce.site.deliver_late()
    await ce.rounds(12)
    pilot = await ce.pilot(pilot.id)
    assert (pilot.state, pilot.stage) == (State.REMOVED, Stage.DONE)
    assert alive(ce) == 0
    assert len(ce.site.batch.jobs) <= 1
    assert attempt_of(pilot).number == 1


async def test_an_answer_that_comes_after_a_removal_is_not_lost(ce: Bench) -> None:
    hold = ce.site.faults.hold("submit", replying=True)
    pilot = await ce.sent()
    await hold.reached.wait()
    await ce.remove(pilot.id)
    hold.release()
    await ce.submit()
    await ce.submit()  # claimed before, says the site: evidence is looked for
    await ce.observe()
    seen = await ce.pilot(pilot.id)
    assert (seen.stage, attempt_of(seen).batch_id) == (Stage.QUEUED, "100")
    await ce.canceller.tick()
    assert ce.site.cancelled == ["100"]
    await ce.rounds(1)
    assert (await ce.pilot(pilot.id)).state is State.REMOVED


@pytest.mark.parametrize("stage", [Stage.QUEUED, Stage.RUNNING])
async def test_a_job_at_the_site_is_cancelled_and_then_removed(ce: Bench, stage: Stage) -> None:
    pilot = await ce.sent() if stage is Stage.QUEUED else await ce.running()
    await ce.remove(pilot.id)
    asked = await ce.pilot(pilot.id)
    assert (asked.stage, asked.state, asked.goal) == (stage, pilot.state, Goal.REMOVE)
    await ce.canceller.tick()
    assert (await ce.pilot(pilot.id)).stage is stage  # only an observation ends a job
    assert attempt_of(await ce.pilot(pilot.id)).cancels == 1
    await ce.rounds(1)
    assert (await ce.pilot(pilot.id)).state is State.REMOVED
    assert "cancel_asked" in await ce.words(pilot.id)


async def test_a_pilot_that_is_to_be_removed_says_so_while_its_job_waits(ce: Bench) -> None:
    pilot = await ce.sent()
    await ce.remove(pilot.id)
    await ce.observe()
    assert (await ce.pilot(pilot.id)).reason == "to be removed: no longer wanted"


async def test_a_pilot_removed_while_its_outputs_are_fetched_is_removed(ce: Bench) -> None:
    pilot = await ce.ended(3)
    hold = ce.site.faults.hold("fetch")
    fetching = asyncio.create_task(ce.fetcher.tick())
    await hold.reached.wait()
    await ce.remove(pilot.id)
    hold.release()
    await fetching
    assert (await ce.pilot(pilot.id)).stage is Stage.ENDED
    await ce.fetcher.tick()
    pilot = await ce.pilot(pilot.id)
    assert (pilot.state, attempt_of(pilot).exit_code) == (State.REMOVED, 3)


async def test_a_pilot_that_vanished_while_it_was_removed_is_removed(ce: Bench) -> None:
    pilot = await ce.running()
    await ce.remove(pilot.id)
    ce.site.vanish(stamp_of(pilot))
    await ce.rounds(6)
    assert (await ce.pilot(pilot.id)).state is State.REMOVED


async def test_a_pilot_in_backoff_is_removed_at_once(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.LIMIT)
    pilot = await ce.sent()
    await ce.remove(pilot.id)
    assert (await ce.pilot(pilot.id)).state is State.REMOVED
    await ce.rounds(40)
    assert len(ce.site.requests) == 1


async def test_EN10_a_job_that_does_not_end_is_cancelled_again_ever_more_rarely(ce: Bench) -> None:
    pilot = await ce.running()
    await ce.remove(pilot.id)
    ce.site.batch.stubborn = True
    asked = []
    for second in range(0, 12_000, 15):
        await ce.canceller.tick()
        if len(ce.site.cancelled) > len(asked):
            asked.append(second)
        ce.clock.advance(15)
    pauses = [later - earlier for earlier, later in itertools.pairwise(asked)]
    assert pauses == [120, 120, 240, 480, 960, 1800, 1800, 1800, 1800, 1800]
    assert ce.site.gentle == ce.site.cancelled[:1]


@pytest.mark.parametrize(
    ("fault", "error", "happened"),
    [
        (Fault.NOT_RUN, NotRun, False),
        (Fault.LOST_REQUEST, Interrupted, False),
        (Fault.LOST_REPLY, Interrupted, True),
        (Fault.FAILED, Failed, True),
    ],
)
@pytest.mark.parametrize("stage", [Stage.QUEUED, Stage.RUNNING])
async def test_a_cancel_that_went_wrong_is_asked_again(
    ce: Bench, fault: Fault, error: type[Exception], happened: bool, stage: Stage
) -> None:
    pilot = await ce.sent() if stage is Stage.QUEUED else await ce.running()
    if fault is Fault.FAILED and stage is Stage.RUNNING:  # the gentle one, and the other that follows it
        ce.site.batch.deaf = True
        ce.site.faults.plan("cancel", fault)
    await ce.remove(pilot.id)
    ce.site.faults.plan("cancel", fault)
    with pytest.raises(error):
        await ce.canceller.tick()
    assert alive(ce) == (0 if happened else 1)
    assert attempt_of(await ce.pilot(pilot.id)).cancels == 0
    await ce.canceller.tick()
    assert alive(ce) == 0
    assert attempt_of(await ce.pilot(pilot.id)).cancels == 1


async def test_a_job_that_the_site_will_not_cancel_keeps_nobody_else_from_being_asked(ce: Bench) -> None:
    waiting, running = await ce.sent(), await ce.running()
    await ce.remove(waiting.id)
    await ce.remove(running.id)
    ce.site.faults.plan("cancel", Fault.FAILED)
    with pytest.raises(Failed):
        await ce.canceller.tick()
    assert ce.site.gentle == [attempt_of(running).batch_id]
    assert attempt_of(await ce.pilot(running.id)).cancels == 1


async def test_nobody_else_s_job_is_cancelled(ce: Bench) -> None:
    kept, doomed = await ce.sent(), await ce.sent()
    await ce.remove(doomed.id)
    await ce.rounds(3)
    assert ce.site.cancelled == [attempt_of(doomed).batch_id]
    assert (await ce.pilot(kept.id)).stage is Stage.QUEUED


async def test_an_administrator_s_cancel_removes_the_pilot(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.kill(stamp_of(pilot), Cause.CANCELLED, signal=15)
    await ce.rounds(1)
    pilot = await ce.pilot(pilot.id)
    assert (pilot.state, pilot.goal) == (State.REMOVED, Goal.RUN)
    assert "cancelled (CANCELLED by 1001)" in (pilot.reason or "")


async def test_a_running_pilot_is_asked_gently_and_has_its_own_end(ce: Bench) -> None:
    pilot = await ce.running()
    await ce.remove(pilot.id)
    await ce.canceller.tick()
    assert ce.site.gentle == ["100"]
    await ce.rounds(1)
    removed = await ce.pilot(pilot.id)
    assert (removed.state, attempt_of(removed).exit_code) == (State.REMOVED, 0)
    assert attempt_of(removed).outcome is Outcome.EXITED
    assert ce.site.cancelled == ["100"]


async def test_a_pilot_that_waits_is_cancelled_plainly(ce: Bench) -> None:
    pilot = await ce.sent()
    await ce.remove(pilot.id)
    await ce.canceller.tick()
    assert (ce.site.cancelled, ce.site.gentle) == (["100"], [])


async def test_a_pilot_that_starts_just_before_its_cancellation_ends_as_well(ce: Bench) -> None:
    pilot = await ce.sent()
    await ce.remove(pilot.id)
    ce.site.start(stamp_of(pilot))
    await ce.canceller.tick()
    assert alive(ce) == 0


async def test_a_pilot_that_waits_again_when_it_is_asked_gently_ends_as_well(ce: Bench) -> None:
    pilot = await ce.running()
    await ce.remove(pilot.id)
    ce.site.requeue(stamp_of(pilot))
    await ce.canceller.tick()
    assert (ce.site.gentle, alive(ce)) == (["100"], 1)
    await ce.rounds(3)
    assert alive(ce) == 0
    assert (await ce.pilot(pilot.id)).state is State.REMOVED


@pytest.mark.parametrize("verbs", [("remove",), ("hold",), ("hold", "release")])
async def test_a_pilot_that_ignores_it_is_cancelled_after_the_grace_whatever_is_wanted_of_it(
    ce: Bench, verbs: tuple[str, ...]
) -> None:
    pilot = await ce.running()
    ce.site.batch.deaf = True
    for verb in verbs:
        await getattr(ce, verb)(pilot.id)
    await ce.canceller.tick()
    assert "asked to end in order" in ((await ce.pilot(pilot.id)).reason or "")
    for _ in range(7):
        ce.clock.advance(15)
        await ce.canceller.tick()
    assert (ce.site.cancelled, alive(ce)) == (["100"], 1)
    ce.clock.advance(15)
    await ce.canceller.tick()
    assert (ce.site.cancelled, ce.site.gentle, alive(ce)) == (["100", "100"], ["100"], 0)


async def test_what_cannot_be_asked_gently_is_cancelled(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.batch.deaf = True
    await ce.remove(pilot.id)
    ce.site.faults.plan("cancel", Fault.FAILED)
    await ce.canceller.tick()
    assert alive(ce) == 0
    assert attempt_of(await ce.pilot(pilot.id)).cancels == 1


async def test_while_the_grace_lasts_a_restart_of_the_ce_asks_nothing_anew(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.batch.deaf = True
    await ce.remove(pilot.id)
    await ce.canceller.tick()
    await ce.restart()
    ce.clock.advance(100)
    await ce.canceller.tick()
    assert ce.site.cancelled == ["100"]
    ce.clock.advance(20)
    await ce.canceller.tick()
    assert alive(ce) == 0
