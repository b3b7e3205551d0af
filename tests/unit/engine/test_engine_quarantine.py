"""EN7: one pilot that cannot be handled is parked with its reason, and the others go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from structlog.contextvars import get_contextvars

from hosted_ce.engine import observe, route, sender
from hosted_ce.engine.batch_request import batch_request
from hosted_ce.engine.judge import seen
from hosted_ce.engine.quarantine import FIRST_PAUSE_S, PARKED_AFTER, Quarantine
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.states import Stage, State
from hosted_ce.routing.decide import decide
from tests.fakes.bench import SHA256, Bench, stamp_of

POISON = "poison"


def poisoned(function: Callable[..., Any]) -> Callable[..., Any]:
    """Fails for pilots that have the attribute."""

    def fails(*given: Any, **named: Any) -> Any:
        if any(isinstance(one, Pilot) and POISON in one.attributes for one in given):
            raise KeyError("a mistake")
        if given and isinstance(given[0], dict) and POISON in given[0]:
            raise KeyError("a mistake")
        return function(*given, **named)

    return fails


def failing_for(pilot_id: int, function: Callable[..., Any]) -> Callable[..., Any]:
    """Fails for this pilot, whose specification it does not look at."""

    def fails(*given: Any, **named: Any) -> Any:
        if any(isinstance(one, Pilot) and one.id == pilot_id for one in given):
            raise KeyError("a mistake")
        return function(*given, **named)

    return fails


async def check_parked(ce: Bench, pilot_id: int, quarantine: Quarantine, step: str) -> None:
    assert quarantine.parked == 1
    pilot = await ce.pilot(pilot_id)
    assert f"parked: step {step} failed {PARKED_AFTER} times" in (pilot.reason or "")
    assert (await ce.words(pilot_id)).count("parked") == 1


async def test_EN7_a_pilot_that_cannot_be_routed_is_parked(
    ce: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = await ce.add(poison=True)
    with monkeypatch.context() as mistake:
        mistake.setattr(route, "decide", poisoned(decide))
        for _ in range(PARKED_AFTER + 2):
            await ce.router.tick()
        await check_parked(ce, bad, ce.router.quarantine, "route")
        good = await ce.sent()
        assert good.stage is Stage.QUEUED
    ce.clock.advance(FIRST_PAUSE_S)
    await ce.rounds(2)
    assert (await ce.pilot(bad)).stage is Stage.QUEUED
    assert ce.router.quarantine.parked == 0


async def test_EN7_a_pilot_that_cannot_be_judged_is_parked(
    ce: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = await ce.sent(), await ce.sent()
    for pilot in (bad, good):
        ce.site.start(stamp_of(pilot))
    with monkeypatch.context() as mistake:
        mistake.setattr(observe, "seen", failing_for(bad.id, seen))
        for _ in range(PARKED_AFTER + 2):
            await ce.observe(after=1)
        await check_parked(ce, bad.id, ce.observer.quarantine, "observe")
        assert (await ce.pilot(good.id)).state is State.RUNNING
        assert ce.gate.is_open
    await ce.observe(after=FIRST_PAUSE_S)
    assert (await ce.pilot(bad.id)).state is State.RUNNING


async def test_EN7_a_pilot_that_cannot_be_sent_is_parked(ce: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = await ce.add(poison=True)
    with monkeypatch.context() as mistake:
        mistake.setattr(sender, "batch_request", poisoned(batch_request))
        await ce.open()
        await ce.router.tick()
        for _ in range(PARKED_AFTER):
            await ce.submit()
        await check_parked(ce, bad, ce.submitter.quarantine, "submit")
        assert (await ce.sent()).stage is Stage.QUEUED
    ce.clock.advance(FIRST_PAUSE_S)
    await ce.submit()
    assert (await ce.pilot(bad)).stage is Stage.QUEUED


async def test_EN7_a_pilot_whose_outputs_cannot_be_kept_is_parked(
    ce: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = await ce.ended(), await ce.ended()
    put = ce.outputs.put

    async def fails(pilot_id: int, *more: Any) -> None:
        if pilot_id == bad.id:
            raise KeyError("a mistake")
        await put(pilot_id, *more)

    with monkeypatch.context() as mistake:
        mistake.setattr(ce.outputs, "put", fails)
        for _ in range(PARKED_AFTER + 2):
            await ce.fetcher.tick()
        await check_parked(ce, bad.id, ce.fetcher.quarantine, "fetch")
        assert (await ce.pilot(good.id)).state is State.COMPLETED
    ce.clock.advance(FIRST_PAUSE_S)
    await ce.fetcher.tick()
    assert (await ce.pilot(bad.id)).state is State.COMPLETED


async def test_each_further_failure_doubles_the_pause(ce: Bench) -> None:
    quarantine, pauses = Quarantine("route", ce.store, ce.clock), []
    for _ in range(9):
        quarantine.failed(1, KeyError(SHA256))
        before = ce.clock()
        while not quarantine.admits(1):
            ce.clock.advance(30)
        pauses.append(ce.clock() - before)
    assert pauses == [0, 0, 60, 120, 240, 480, 960, 1920, 3600]


async def test_lines_about_a_pilot_have_its_number(ce: Bench) -> None:
    pilot, seen = await ce.add(), []
    quarantine = Quarantine("route", ce.store, ce.clock)
    await quarantine.each([await ce.pilot(pilot)], lambda one: seen.append(get_contextvars()))
    assert seen == [{"pilot": pilot}]
    assert get_contextvars() == {}
