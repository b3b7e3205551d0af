"""Ramps in the daemon: what they admit is exact, is written down, and survives whatever comes."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hosted_ce.api.ports.ramps import UnknownRamp
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.ramp.acts import Act, CannotSteer
from hosted_ce.ramp.evidence import Evidence, evidence_of
from hosted_ce.ramp.outlook import Standing
from hosted_ce.ramp.state import StepCause
from hosted_ce.rollups.points import Series
from hosted_ce.rollups.watch import Lasting
from hosted_ce.store.database import Database
from hosted_ce.store.ramps import KEPT
from tests.fakes.database import new_database, quick_folder
from tests.fakes.ramped_ce import RAMP, RampedCe


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    """A new one."""
    with quick_folder() as folder:
        opened = Database(new_database(folder))
        try:
            yield opened
        finally:
            await opened.close()


@pytest.fixture
async def ce(database: Database, tmp_path: Path) -> RampedCe:
    """A CE with 40 pilots that wait, and a ramp from 2 to 16."""
    made = RampedCe(database, tmp_path)
    await made.come(40)
    return made


async def climb(ce: RampedCe) -> None:
    """What is admitted is sent, and runs for long enough."""
    await ce.goes()
    await ce.start()
    ce.clock.advance(600)
    await ce.goes()


async def test_it_admits_two_then_four_and_so_on_and_never_more(ce: RampedCe) -> None:
    await ce.router.tick()
    assert await ce.at_site() == ce.cap == 2, "before it was looked at for the first time"
    caps = [ce.cap]
    for _ in range(4):
        await climb(ce)
        assert await ce.at_site() == ce.cap
        caps.append(ce.cap)
    assert caps == [2, 4, 8, 16, 16]
    [view] = ce.ramps.views()
    assert view.outlook.standing is Standing.AT_TARGET
    assert ce.woken == 3


async def test_a_pilot_that_is_kept_back_says_so_and_is_written_once(ce: RampedCe) -> None:
    await ce.goes()
    pilot = await ce.store.get(40)
    assert pilot
    assert pilot.reason == "waits for room: default: the ramp admits 2 of 16 pilots now"
    await ce.start()
    await ce.goes()
    again = await ce.store.get(40)
    assert again
    assert again.version == pilot.version


async def test_test_pilots_and_checks_are_neither_kept_back_nor_counted(ce: RampedCe) -> None:
    await ce.goes()
    await ce.come(3, Purpose.TEST)
    await ce.come(1, Purpose.CHECK)
    await ce.router.tick()
    assert await ce.at_site(Purpose.TEST) == 3
    assert await ce.at_site(Purpose.CHECK) == 1
    await climb(ce)
    assert await ce.at_site() == ce.cap == 4
    [view] = ce.ramps.views()
    assert view.evidence.at_site == 2, "when it was looked at"


async def test_pilots_that_fail_take_it_back_and_those_that_run_stay(ce: RampedCe) -> None:
    for _ in range(3):
        await climb(ce)
    await ce.start()
    await ce.end(8, EndClass.NO_CVMFS)
    await ce.goes()
    assert ce.cap == 8
    assert await ce.at_site() == 8
    [view] = ce.ramps.views()
    assert view.state.falls == 1
    [fall, *_] = await ce.ramps.steps("default", 10)
    assert fall.cause is StepCause.FAILURES
    assert fall.reason.startswith("8 of 8 pilots failed (8 no cvmfs), at most 10 % may")


async def test_lowering_the_cap_ends_and_cancels_nothing(ce: RampedCe) -> None:
    for _ in range(2):
        await climb(ce)
    assert await ce.at_site() == 8
    await ce.ramps.act("default", Act.PIN, actor="rest:me", reason="maintenance", cap=1)
    await ce.goes()
    assert (ce.cap, await ce.at_site()) == (1, 8)
    await ce.start()
    await ce.end(8, EndClass.NORMAL)
    await ce.goes()
    assert await ce.at_site() == 1


async def test_it_is_where_it_was_after_a_restart(ce: RampedCe) -> None:
    for _ in range(2):
        await climb(ce)
    before = ce.ramps.views()[0].state
    ce.started()
    await ce.ramps.load()
    assert ce.cap == 8, "also before it is looked at"
    await ce.goes()
    assert ce.ramps.views()[0].state == before
    assert await ce.at_site() == 8
    await ce.start()
    ce.clock.advance(600)
    await ce.goes()
    assert ce.cap == 16


async def test_what_operators_want_is_kept_with_who_and_why(ce: RampedCe) -> None:
    await ce.goes()
    await ce.ramps.act("default", Act.PAUSE, actor="rest:me", reason="ticket 4711")
    await climb(ce)
    assert ce.cap == 2
    ce.started()
    await ce.ramps.load()
    await ce.goes()
    [view] = ce.ramps.views()
    assert view.outlook.said == "it does not go up: paused by rest:me: ticket 4711"
    with pytest.raises(CannotSteer, match="paused already"):
        await ce.ramps.act("default", Act.PAUSE, actor="rest:me", reason=None)
    await ce.ramps.act("default", Act.SKIP, actor="rest:you", reason=None)
    await ce.router.tick()
    assert await ce.at_site() == ce.cap == 16
    steps = await ce.ramps.steps("default", 10)
    assert [(step.cause, step.actor) for step in steps] == [
        (StepCause.SKIPPED, "rest:you"), (StepCause.PAUSED, "rest:me"), (StepCause.BEGUN, "engine"),
    ]  # fmt: skip


async def test_the_steps_that_are_kept_are_bounded(ce: RampedCe) -> None:
    for number in range(KEPT + 3):
        await ce.ramps.act("default", Act.PIN, actor="rest:me", reason=str(number), cap=number % 2)
    steps = await ce.ramps.steps("default", KEPT + 10)
    assert len(steps) == KEPT
    assert steps[0].reason == f"pinned: {KEPT + 2}"


async def test_a_changed_target_moves_on_and_a_lower_one_holds_at_once(ce: RampedCe) -> None:
    for _ in range(2):
        await climb(ce)
    ce.reload(ramp={**RAMP, "target": 5})
    assert ce.cap == 5, "before the ramp was looked at"
    await ce.goes()
    assert ce.ramps.views()[0].state.cap == 5
    ce.reload(ramp={**RAMP, "target": 100})
    await ce.goes()
    assert ce.cap == 5
    await ce.start()
    ce.clock.advance(600)
    await ce.goes()
    assert ce.cap > 5


async def test_without_a_ramp_nothing_changes_and_put_back_it_goes_on(ce: RampedCe) -> None:
    await climb(ce)
    ce.reload()
    await ce.goes()
    assert await ce.at_site() == 40
    assert ce.ramps.views() == []
    with pytest.raises(UnknownRamp, match="there are: none"):
        await ce.ramps.act("default", Act.PIN, actor="rest:me", reason=None)
    assert await ce.ramps.steps("default", 5), "its history stays"
    ce.reload(ramp=RAMP)
    assert ce.cap == 4


async def test_a_ramp_that_is_taken_out_while_it_is_steered_is_no_more(
    ce: RampedCe, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ce.goes()
    save = ce.ramps._store.save

    async def and_reload(*args: Any) -> None:
        await save(*args)
        ce.reload()

    monkeypatch.setattr(ce.ramps._store, "save", and_reload)
    with pytest.raises(UnknownRamp, match="there are: none"):
        await ce.ramps.act("default", Act.PAUSE, actor="rest:me", reason=None)


async def test_evidence_is_weighed_beside_the_loop(ce: RampedCe, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = set()

    def weighed(*args: Any, **more: Any) -> Evidence:
        threads.add(threading.current_thread())
        return evidence_of(*args, **more)

    monkeypatch.setattr("hosted_ce.daemon.ramps.keeper.evidence_of", weighed)
    await ce.goes()
    assert threads
    assert threading.current_thread() not in threads


async def test_without_contact_or_with_push_back_nothing_goes_up(ce: RampedCe) -> None:
    await ce.goes()
    await ce.start()
    ce.clock.advance(600)
    for lack, standing in (("blind", Standing.BLIND), ("refused", Standing.PUSHED_BACK)):
        ce.sight.lacks = {lack: "why"}
        await ce.goes()
        assert (ce.cap, ce.ramps.views()[0].outlook.standing) == (2, standing)
    ce.sight.lacks = {}
    await ce.goes()
    assert ce.cap == 4


async def test_a_site_that_runs_pilots_already_keeps_them_and_gets_two_more(
    database: Database, tmp_path: Path
) -> None:
    ce = RampedCe(database, tmp_path, limits={"pilots": 30, "idle": 100})
    await ce.come(40)
    await ce.goes()
    await ce.start()
    assert await ce.at_site() == 30
    ce.clock.advance(600)
    ce.reload(ramp={"target": 100, "gates": {"ran_for": "10m"}})
    await ce.goes()
    await ce.goes()
    assert (ce.cap, await ce.at_site()) == (32, 32)


async def test_it_is_told_to_charts_and_metrics(ce: RampedCe) -> None:
    await ce.goes()
    assert ce.ramps.sample() == {
        Lasting(Series.RAMP, "default", "cap"): 2.0,
        Lasting(Series.RAMP, "default", "target"): 16.0,
        Lasting(Series.RAMP, "default", "at_site"): 0.0,
    }
    registry, of = ce.metrics.registry, {"route": "default"}
    assert registry.get_sample_value("hosted_ce_ramp_cap", of) == 2
    assert registry.get_sample_value("hosted_ce_ramp_target", of) == 16
    fall = {**of, "direction": "down", "cause": "failures"}
    assert registry.get_sample_value("hosted_ce_ramp_steps_total", fall) == 0
    await ce.start()
    await ce.end(2, EndClass.NO_CVMFS)
    await ce.goes()
    assert registry.get_sample_value("hosted_ce_ramp_held", of) == 1
    held = {**of, "direction": "stay", "cause": "held"}
    assert registry.get_sample_value("hosted_ce_ramp_steps_total", held) == 1
