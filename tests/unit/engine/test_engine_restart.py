"""Restarts: at every stage the process may die; what is written down and what is true meet again."""

from __future__ import annotations

import asyncio

import pytest

from hosted_ce.pilots.states import Goal, Stage, State
from tests.fakes.bench import Bench, attempt_of, stamp_of
from tests.fakes.faults import Fault


async def settle(ce: Bench, pilot_id: int, code: int = 5) -> None:
    """Lets the site do its part until the pilot is over."""
    for _ in range(20):
        await ce.rounds(1)
        pilot = await ce.pilot(pilot_id)
        if pilot.stage is Stage.DONE:
            return
        for job in ce.site.batch.jobs:
            if job.alive:
                ce.site.start(job.now.stamp)
                ce.site.finish(job.now.stamp, code)


async def assert_ran_once(ce: Bench, pilot_id: int) -> None:
    pilot = await ce.pilot(pilot_id)
    assert (pilot.state, attempt_of(pilot).exit_code, attempt_of(pilot).number) == (State.COMPLETED, 5, 1)
    assert len(ce.site.batch.jobs) == 1


async def test_before_anything(ce: Bench) -> None:
    pilot_id = await ce.add()
    await ce.restart()
    await settle(ce, pilot_id)
    await assert_ran_once(ce, pilot_id)


async def test_after_the_attempt_was_written_down(ce: Bench) -> None:
    pilot_id = await ce.add()
    await ce.router.tick()
    stamp = stamp_of(await ce.pilot(pilot_id))
    await ce.restart()
    await settle(ce, pilot_id)
    await assert_ran_once(ce, pilot_id)
    assert stamp_of(await ce.pilot(pilot_id)) == stamp


@pytest.mark.parametrize("arrives", ["never", "before the restart", "when it was sent again"])
async def test_while_the_request_is_on_its_way(ce: Bench, arrives: str) -> None:
    hold = ce.site.faults.hold("submit")
    pilot = await ce.sent()
    await hold.reached.wait()
    await ce.stop()
    if arrives == "before the restart":
        ce.site.deliver_late()
    await ce.restart()
    await ce.rounds(1)
    if arrives == "when it was sent again":
        ce.site.deliver_late()
    await settle(ce, pilot.id)
    await assert_ran_once(ce, pilot.id)


@pytest.mark.parametrize("listed_first", [True, False])
async def test_while_the_reply_is_on_its_way(ce: Bench, listed_first: bool) -> None:
    hold = ce.site.faults.hold("submit", replying=True)
    pilot = await ce.sent()
    await hold.reached.wait()
    await ce.restart()
    if listed_first:
        await ce.observe()
        assert (await ce.pilot(pilot.id)).stage is Stage.QUEUED
    else:
        await ce.open()
        await ce.submit()  # sent again: the claim answers with the ledger's id
        assert attempt_of(await ce.pilot(pilot.id)).batch_id == "100"
    await settle(ce, pilot.id)
    await assert_ran_once(ce, pilot.id)


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.LOST_REPLY, Fault.LEDGER_LOST])
async def test_while_in_doubt(ce: Bench, fault: Fault) -> None:
    ce.site.faults.plan("submit", fault)
    pilot = await ce.sent()
    assert pilot.stage is Stage.DOUBTFUL
    await ce.restart()
    await settle(ce, pilot.id)
    await assert_ran_once(ce, pilot.id)


async def test_while_absences_are_counted(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.CLAIM_ONLY)
    pilot = await ce.sent()
    for _ in range(8):
        await ce.observe()
        await ce.restart()
    seen = await ce.pilot(pilot.id)
    assert (seen.stage, attempt_of(seen).number) == (Stage.WAITING, 1)
    await settle(ce, pilot.id)
    assert attempt_of(await ce.pilot(pilot.id)).number == 2
    assert len(ce.site.batch.jobs) == 1


@pytest.mark.parametrize("forgotten", [True, False])
async def test_a_job_that_ran_and_ended_while_the_ce_was_away(ce: Bench, forgotten: bool) -> None:
    pilot = await ce.sent()
    ce.site.start(stamp_of(pilot))
    await ce.stop()
    ce.clock.advance(1000)
    ce.site.finish(stamp_of(pilot), 5)
    ce.clock.advance(3 * 7 * 86400)
    if forgotten:
        ce.site.vanish(stamp_of(pilot))
    ce._start()
    await settle(ce, pilot.id)
    await assert_ran_once(ce, pilot.id)


async def test_while_it_runs_and_before_its_outputs_are_here(ce: Bench) -> None:
    pilot = await ce.running()
    await ce.restart()
    ce.site.finish(stamp_of(pilot), 5)
    await ce.observe()
    await ce.restart()
    assert (await ce.pilot(pilot.id)).stage is Stage.ENDED
    await ce.rounds(1)
    await assert_ran_once(ce, pilot.id)


async def test_while_its_outputs_are_fetched(ce: Bench) -> None:
    pilot = await ce.ended(5)
    hold = ce.site.faults.hold("fetch")
    fetching = asyncio.create_task(ce.fetcher.tick())
    await hold.reached.wait()
    fetching.cancel()
    await asyncio.gather(fetching, return_exceptions=True)
    await ce.restart()
    await ce.rounds(1)
    await assert_ran_once(ce, pilot.id)


async def test_after_the_removal_was_asked_and_before_the_cancel(ce: Bench) -> None:
    pilot = await ce.running()
    await ce.remove(pilot.id)
    await ce.restart()
    assert (await ce.pilot(pilot.id)).goal is Goal.REMOVE
    await ce.rounds(3)
    assert (await ce.pilot(pilot.id)).state is State.REMOVED
    assert ce.site.cancelled == ["100"]


async def test_after_the_end_and_before_the_sweep(ce: Bench) -> None:
    pilot = await ce.ended(5)
    await ce.fetcher.tick()
    ce.clock.advance(10_000)
    await ce.restart()
    await ce.sweeper.tick()
    assert ce.site.folders == {}
    await settle(ce, pilot.id)
    await assert_ran_once(ce, pilot.id)
