"""Sweeping: our own folders go when they are done with, and nothing else ever."""

from __future__ import annotations

import pytest

from bosco.errors import BoscoError
from hosted_ce.engine.pushback import PushBack
from hosted_ce.engine.sweep import AT_ONCE
from hosted_ce.pilots.states import Stage
from tests.fakes.bench import Bench, attempt_of, stamp_of
from tests.fakes.faults import Fault
from tests.fakes.spool import Folder

KEPT = 600.0


async def test_a_folder_stays_for_a_while_and_goes_once(ce: Bench) -> None:
    pilot = await ce.ended()
    await ce.fetcher.tick()
    ce.clock.advance(KEPT)
    await ce.sweeper.tick()
    assert stamp_of(pilot) in ce.site.folders
    ce.clock.advance(0.1)
    await ce.sweeper.tick()
    assert ce.site.folders == {}
    assert attempt_of(await ce.pilot(pilot.id)).swept_at == ce.clock()
    assert await ce.store.sweepable("main", ce.clock() + KEPT, 10) == []


async def test_folders_of_pilots_under_way_and_of_others_stay(ce: Bench) -> None:
    ce.site.folders["hfffffffffffffff"] = Folder()
    queued, running, ended = await ce.sent(), await ce.running(), await ce.ended()
    ce.site.faults.plan("submit", Fault.CLAIM_ONLY)
    doubtful = await ce.sent()
    assert doubtful.stage is Stage.DOUBTFUL
    ce.clock.advance(10 * KEPT)
    await ce.sweeper.tick()
    under_way = {stamp_of(pilot) for pilot in (queued, running, ended, doubtful)}
    assert set(ce.site.folders) == {"hfffffffffffffff", *under_way}


async def test_the_folder_of_a_refused_attempt_goes_too(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.LIMIT)
    first = stamp_of(await ce.sent())
    await ce.rounds(2)  # a second attempt is at the site
    ce.clock.advance(KEPT)
    await ce.sweeper.tick()
    assert first not in ce.site.folders
    assert len(ce.site.folders) == 1


async def test_a_folder_that_stays_is_tried_again(ce: Bench) -> None:
    pilot, other = await ce.ended(), await ce.ended()
    await ce.fetcher.tick()
    ce.site.stuck[stamp_of(pilot)] = "Device or resource busy"
    ce.clock.advance(KEPT + 1)
    assert await ce.sweeper.tick() is False
    assert attempt_of(await ce.pilot(pilot.id)).swept_at is None
    assert attempt_of(await ce.pilot(other.id)).swept_at == ce.clock()
    ce.site.stuck.clear()
    await ce.sweeper.tick()
    assert ce.site.folders == {}


@pytest.mark.parametrize("fault", [Fault.NOT_RUN, Fault.LOST_REPLY])
async def test_a_sweep_that_went_wrong_is_repeated(ce: Bench, fault: Fault) -> None:
    pilot = await ce.ended()
    await ce.fetcher.tick()
    ce.clock.advance(KEPT + 1)
    ce.site.faults.plan("remove", fault)
    with pytest.raises(BoscoError):
        await ce.sweeper.tick()
    assert attempt_of(await ce.pilot(pilot.id)).swept_at is None
    await ce.sweeper.tick()
    assert attempt_of(await ce.pilot(pilot.id)).swept_at == ce.clock()
    assert ce.site.folders == {}


async def test_the_sweeper_says_when_there_is_more(ce: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PushBack, "refused", lambda *_: None)  # so many at once are not refused otherwise
    for _ in range(AT_ONCE + 1):
        await ce.add()
    ce.site.faults.plan("submit", *[Fault.PERMANENT] * (AT_ONCE + 1))
    await ce.open()
    for _ in range(3):  # the route takes 100 at a time
        await ce.router.tick()
        await ce.submit()
    ce.clock.advance(KEPT + 1)
    assert await ce.sweeper.tick() is True
    assert await ce.sweeper.tick() is False
    assert ce.site.folders == {}
