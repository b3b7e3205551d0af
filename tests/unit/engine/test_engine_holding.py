"""Hold and release: a hold ends the batch job, a release begins a new attempt, and never two jobs live."""

from __future__ import annotations

import contextlib
import itertools

import pytest

from bosco.errors import BoscoError, NotRun
from hosted_ce.engine.holding import hold, release
from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.states import Goal, Stage, State
from tests.fakes.bench import Bench, attempt_of, stamp_of
from tests.fakes.faults import Fault


def alive(ce: Bench) -> int:
    return sum(job.alive for job in ce.site.batch.jobs)


async def test_a_pilot_that_waits_is_held_at_once(ce: Bench) -> None:
    pilot_id = await ce.add()
    await ce.hold(pilot_id)
    pilot = await ce.pilot(pilot_id)
    assert (pilot.state, pilot.stage, pilot.hold_cause) == (State.HELD, Stage.DONE, HoldCause.REQUESTED)
    assert pilot.reason == "not now"
    await ce.rounds(2)
    assert ce.site.requests == []


async def test_a_running_pilot_is_ended_at_the_site_before_it_is_held(ce: Bench) -> None:
    pilot = await ce.running()
    await ce.hold(pilot.id)
    assert (await ce.pilot(pilot.id)).state is State.RUNNING
    await ce.rounds(3)
    held = await ce.pilot(pilot.id)
    assert (held.state, held.hold_cause) == (State.HELD, HoldCause.REQUESTED)
    assert "held on request" in (held.reason or "")
    assert alive(ce) == 0


async def test_a_release_after_the_hold_is_a_new_attempt_with_a_new_stamp(ce: Bench) -> None:
    pilot = await ce.running()
    await ce.hold(pilot.id)
    await ce.rounds(3)
    await ce.release(pilot.id)
    await ce.rounds(2)
    again = await ce.pilot(pilot.id)
    assert (again.stage, again.goal, again.hold_cause) == (Stage.QUEUED, Goal.RUN, None)
    assert attempt_of(again).number == 2
    assert stamp_of(again) != stamp_of(pilot)
    assert alive(ce) == 1


async def test_a_release_during_the_hold_waits_for_the_end_of_the_first_job(ce: Bench) -> None:
    pilot = await ce.running()
    await ce.hold(pilot.id)
    await ce.release(pilot.id)
    assert (await ce.pilot(pilot.id)).goal is Goal.RESTART
    for _ in range(6):
        await ce.rounds(1)
        assert alive(ce) <= 1
    again = await ce.pilot(pilot.id)
    assert (attempt_of(again).number, again.goal, again.stage) == (2, Goal.RUN, Stage.QUEUED)
    assert "restarted" in await ce.words(pilot.id)


async def test_held_again_while_it_restarts_it_is_held(ce: Bench) -> None:
    pilot = await ce.running()
    for ask in (ce.hold, ce.release, ce.hold):
        await ask(pilot.id)
    await ce.rounds(4)
    assert (await ce.pilot(pilot.id)).state is State.HELD


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.FAILED])
@pytest.mark.parametrize("runs", [True, False])
async def test_a_cancellation_whose_answer_was_lost_is_the_hold_s_all_the_same(
    ce: Bench, fault: Fault, runs: bool
) -> None:
    pilot = await (ce.running() if runs else ce.sent())
    await ce.hold(pilot.id)
    ce.site.faults.plan("cancel", fault)
    with contextlib.suppress(BoscoError):
        await ce.canceller.tick()
    await ce.rounds(2)
    held = await ce.pilot(pilot.id)
    assert (held.state, held.hold_cause) == (State.HELD, HoldCause.REQUESTED)


async def test_a_cancellation_that_was_not_made_is_made_gently_when_the_site_is_back(ce: Bench) -> None:
    pilot = await ce.running()
    await ce.hold(pilot.id)
    for _ in range(3):
        ce.site.faults.plan("cancel", Fault.NOT_RUN)
        with pytest.raises(NotRun):
            await ce.canceller.tick()
    attempt = attempt_of(await ce.pilot(pilot.id))
    assert (attempt.cancel_asked_at, attempt.cancels) == (None, 0)
    assert "cancel_asked" not in await ce.words(pilot.id)
    await ce.canceller.tick()
    assert ce.site.gentle == [attempt.batch_id]
    await ce.rounds(2)
    assert (await ce.pilot(pilot.id)).state is State.HELD


async def test_a_pilot_that_ended_by_itself_before_the_hold_reached_it_is_completed(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.finish(stamp_of(pilot), 5)
    await ce.hold(pilot.id)
    await ce.rounds(2)
    done = await ce.pilot(pilot.id)
    assert (done.state, attempt_of(done).exit_code) == (State.COMPLETED, 5)


async def test_one_that_vanished_while_it_was_to_be_held_is_lost_and_not_begun_again(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.batch.deaf = True
    await ce.hold(pilot.id)
    await ce.canceller.tick()
    await ce.release(pilot.id)
    ce.site.vanish(stamp_of(pilot))
    await ce.rounds(8, after=100)
    assert (await ce.pilot(pilot.id)).state is State.LOST


async def test_a_pilot_that_the_site_refused_is_tried_again_after_a_release(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.PERMANENT)
    pilot = await ce.sent()
    assert (pilot.state, pilot.hold_cause) == (State.HELD, HoldCause.REFUSED)
    await ce.release(pilot.id)
    await ce.rounds(2)
    assert attempt_of(await ce.pilot(pilot.id)).number == 2
    assert alive(ce) == 1


async def test_a_hold_of_what_was_never_sent_sends_nothing(ce: Bench) -> None:
    pilot_id = await ce.add()
    await ce.router.tick()
    await ce.hold(pilot_id)
    await ce.open()
    await ce.submit()
    assert (await ce.pilot(pilot_id)).state is State.HELD
    assert ce.site.requests == []


@pytest.mark.parametrize("asked", list(itertools.permutations(["hold", "release", "remove"])))
async def test_in_whatever_order_they_are_asked_a_removal_wins(ce: Bench, asked: tuple[str, ...]) -> None:
    pilot = await ce.running()
    for verb in asked:
        await getattr(ce, verb)(pilot.id)
    await ce.rounds(4)
    assert (await ce.pilot(pilot.id)).state is State.REMOVED
    assert alive(ce) == 0


async def test_a_restart_of_the_ce_in_the_middle_of_a_hold_changes_nothing(ce: Bench) -> None:
    pilot = await ce.running()
    await ce.hold(pilot.id)
    await ce.restart()
    await ce.rounds(4)
    assert (await ce.pilot(pilot.id)).state is State.HELD
    await ce.release(pilot.id)
    await ce.restart()
    await ce.rounds(4)
    assert attempt_of(await ce.pilot(pilot.id)).number == 2


async def test_what_is_over_can_be_neither_held_nor_released(ce: Bench) -> None:
    pilot = await ce.ended()
    await ce.fetcher.tick()
    over = await ce.pilot(pilot.id)
    assert over.state is State.COMPLETED
    assert hold(over, "somebody", "why not") is None
    assert release(over, "somebody", None) is None


async def test_the_words_of_who_asked_are_kept_to_the_end(ce: Bench) -> None:
    held = await ce.running()
    await ce.hold(held.id)
    await ce.rounds(3)
    assert "held on request (not now)" in ((await ce.pilot(held.id)).reason or "")
    await ce.release(held.id)
    assert (await ce.pilot(held.id)).goal_reason is None

    removed = await ce.running()
    await ce.remove(removed.id)
    await ce.rounds(3)
    assert (await ce.pilot(removed.id)).reason.startswith("removed on request (no longer wanted): ")  # type: ignore[union-attr]
