"""What the CE's health is judged by, from the database."""

from __future__ import annotations

import pytest

from hosted_ce.health.pressure import MEAN_OVER_S
from hosted_ce.pilots.pilot import AttemptUpdate, Change, Event, NewAttempt, Pilot, PilotUpdate
from hosted_ce.pilots.states import Stage, State
from hosted_ce.store.arrivals import NewPilot
from hosted_ce.store.database import Database
from hosted_ce.store.gauges import GaugeStore
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.vitals import Vitals
from tests.fakes.clock import Clock

HOUR = 3600.0


@pytest.fixture
def vitals(database: Database) -> Vitals:
    return Vitals(database)


@pytest.fixture
def gauges(database: Database) -> GaugeStore:
    return GaugeStore(database)


async def put(store: PilotStore, cores: int = 4) -> Pilot:
    pilot, _ = await store.add(NewPilot({}, "rest", "me", "d"))
    begin = NewAttempt(f"h{pilot.id}", "osg", "main", {})
    begun: PilotUpdate = {"stage": Stage.SUBMITTING, "cores": cores}
    await store.apply([Change(pilot, begun, begin=begin)])
    found = await store.get(pilot.id)
    assert found
    return found


async def turn(store: PilotStore, pilot: Pilot, state: State, **attempt: float) -> Pilot:
    facts: AttemptUpdate = attempt  # type: ignore[assignment]
    stage = Stage.RUNNING if state is State.RUNNING else Stage.DONE
    await store.apply([Change(pilot, {"state": state, "stage": stage}, facts, Event("x", "test"))])
    found = await store.get(pilot.id)
    assert found
    return found


async def test_an_empty_ce(vitals: Vitals, clock: Clock) -> None:
    found = await vitals.pilots(clock())
    assert (found.idle, found.running, found.held, found.first_at, found.ran_at) == (0, 0, 0, None, None)
    assert (found.cores, found.mean_cores, found.mean_idle) == (0, 0.0, 0.0)


async def test_what_waits_runs_and_is_held(vitals: Vitals, store: PilotStore, clock: Clock) -> None:
    began = clock()
    await put(store)
    runs, held = await put(store, cores=8), await put(store)
    await turn(store, held, State.HELD)
    await turn(store, runs, State.RUNNING, started_at=began)
    found = await vitals.pilots(began + 12 * HOUR)
    assert (found.idle, found.running, found.held, found.cores) == (1, 1, 1, 8)
    assert (found.first_at, found.ran_at) == (began, began + 12 * HOUR)
    assert found.mean_cores == pytest.approx(8 * 12 * HOUR / MEAN_OVER_S)
    assert found.mean_idle == pytest.approx(12 * HOUR / MEAN_OVER_S)


async def test_one_that_waits_for_ever_counts_for_one(
    vitals: Vitals, store: PilotStore, clock: Clock
) -> None:
    await put(store)
    assert (await vitals.pilots(clock() + 1000 * HOUR)).mean_idle == pytest.approx(1.0)


async def test_what_ran_counts_for_two_days(vitals: Vitals, store: PilotStore, clock: Clock) -> None:
    began = clock()
    over = await turn(store, await put(store, cores=8), State.RUNNING, started_at=began)
    await turn(
        store, over, State.COMPLETED, ended_at=began + 12 * HOUR, closed_at=began + 12 * HOUR + 5
    )  # fmt: skip
    found = await vitals.pilots(began + 24 * HOUR)
    assert (found.running, found.ran_at) == (0, began + 12 * HOUR)
    assert found.mean_cores == pytest.approx(8 * 12 * HOUR / MEAN_OVER_S)
    half = await vitals.pilots(began + 54 * HOUR)
    assert half.mean_cores == pytest.approx(8 * 6 * HOUR / MEAN_OVER_S)
    assert (await vitals.pilots(began + 61 * HOUR)).mean_cores == 0.0


async def test_one_that_never_ran_is_no_run(vitals: Vitals, store: PilotStore, clock: Clock) -> None:
    await turn(store, await put(store), State.REMOVED, closed_at=clock(), ended_at=clock())
    found = await vitals.pilots(clock() + HOUR)
    assert found.ran_at is None
    assert found.mean_cores == 0.0


async def test_what_is_not_over_by_route_and_state(
    gauges: GaugeStore, store: PilotStore, clock: Clock
) -> None:
    began = clock()
    await store.add(NewPilot({}, "rest", "me", "d"))
    await put(store)
    await turn(store, await put(store), State.RUNNING, started_at=began)
    await turn(store, await put(store), State.REMOVED, closed_at=began)
    found = await gauges.look(began, [10])
    assert found.open == {("", "idle"): 1, ("osg", "idle"): 1, ("osg", "running"): 1}
    assert found.oldest == {"": began, "osg": began}


async def test_the_ages_of_those_that_wait_by_route(
    gauges: GaugeStore, store: PilotStore, clock: Clock
) -> None:
    began = clock()
    await put(store)
    await turn(store, await put(store), State.RUNNING, started_at=began)
    clock.advance(50)
    await put(store)
    await store.add(NewPilot({}, "rest", "me", "d"))
    found = await gauges.look(began + 60, [10, 59])
    assert found.ages == {"osg": ([1, 0, 1], 70.0), "": ([1, 0, 0], 10.0)}
