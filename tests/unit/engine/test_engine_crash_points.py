"""EN2: the process is killed at each single await of a pilot's way, one after the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest

from hosted_ce.pilots.states import Stage, State
from tests.fakes.arrays import WarmBench
from tests.fakes.bench import Bench, attempt_of
from tests.fakes.crash import Mortal
from tests.fakes.database import fresh_database
from tests.fakes.faults import Fault
from tests.fakes.postgresql import Server, needs_postgresql

pytestmark = pytest.mark.timeout(400)  # each is a hundred lives, with a database for each
PILOTS = 2
CODE = 5

Life = Callable[[Bench], Awaitable[None]]


async def life(ce: Bench) -> None:
    """The whole way of two pilots, step by step."""
    await ce.observe()
    await ce.router.tick()
    await ce.submit()
    while await ce.store.at_stage(set(Stage) - {Stage.DONE}):
        await rounds_of_the_site(ce)


async def submission(ce: Bench) -> None:
    """The way until each is in the queue, also when the answer was lost."""
    for _ in range(2):
        await ce.observe()
        await ce.router.tick()
        await ce.submit()


async def rounds_of_the_site(ce: Bench) -> None:
    await ce.rounds(1, after=60)
    for job in ce.site.batch.jobs:
        if job.alive:
            ce.site.start(job.now.stamp)
            ce.site.finish(job.now.stamp, CODE)


async def killed_at(ce: Bench, moment: int, lived: Life = life) -> bool:
    """Lives until the `moment`th await; whether it was killed there."""
    process = Mortal(moment)
    with process.living():
        living = asyncio.create_task(lived(ce))
    death = asyncio.create_task(process.died.wait())
    before = asyncio.all_tasks() - {living, death}
    with process.living():
        await asyncio.wait({living, death}, return_when=asyncio.FIRST_COMPLETED)
    left = asyncio.all_tasks() - before - {living}
    for task in (*left, living, death):
        task.cancel()
    await asyncio.gather(*left, living, death, return_exceptions=True)
    return process.died.is_set()


async def check_after_death_at(
    url: str, moment: int, faults: list[Fault], made: type[Bench] = Bench, pilots_sent: int = PILOTS,
    *, lived: Life = life,
) -> bool:  # fmt: skip
    async with contextlib.AsyncExitStack() as closing:
        ce = made(url)
        closing.push_async_callback(ce.stop)
        ids = [await ce.add() for _ in range(pilots_sent)]
        ce.site.faults.plan("submit", *faults)
        killed = await killed_at(ce, moment, lived)
        await ce.restart()
        ce.site.faults.calm()
        ce.site.deliver_late()
        for _ in range(20):
            pilots = [await ce.pilot(pilot_id) for pilot_id in ids]
            if all(pilot.stage is Stage.DONE for pilot in pilots):
                break
            await rounds_of_the_site(ce)
        for pilot in pilots:
            assert (pilot.state, attempt_of(pilot).exit_code) == (State.COMPLETED, CODE), moment
        assert len(ce.site.batch.jobs) == pilots_sent, moment
        assert not ce.duplicates
    return killed


@pytest.mark.parametrize(
    "fault",
    [None, Fault.LATE_REQUEST, Fault.LOST_REPLY, Fault.LEDGER_LOST, Fault.CLAIM_ONLY],
)
async def test_EN2_killed_at_every_await_each_pilot_runs_once(
    database_server: Server | None, fault: Fault | None
) -> None:
    await check_all_deaths(database_server, [fault] if fault else [])


@needs_postgresql
async def test_EN2_killed_at_every_await_with_the_books_on_postgresql(postgresql: Server) -> None:
    await check_all_deaths(postgresql, [Fault.LOST_REPLY])


async def check_all_deaths(server: Server | None, faults: list[Fault]) -> None:
    moment, killed = 0, True
    while killed:
        moment += 1
        with fresh_database(server) as url:
            killed = await check_after_death_at(url, moment, faults)
    assert moment > 50


@pytest.mark.parametrize("fault", [None, Fault.LOST_REPLY])
async def test_EN2_killed_at_every_await_while_pilots_share_an_array(
    database_server: Server | None, fault: Fault | None
) -> None:
    """Once it is submitted, a pilot of an array goes the way of all others."""
    moment, killed, faults = 0, True, [fault] if fault else []
    while killed:
        moment += 1
        with fresh_database(database_server) as url:
            killed = await check_after_death_at(url, moment, faults, WarmBench, 3, lived=submission)
    assert moment > 25
