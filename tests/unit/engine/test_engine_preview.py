"""What routes would do with waiting pilots is what they then do, and looking changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from hosted_ce.engine.preview import Preview
from hosted_ce.pilots.states import Stage
from hosted_ce.routing.prospects import Fate, Prospect, Shift, shifts
from hosted_ce.routing.route import Route, Table
from tests.fakes.bench import Bench
from tests.fakes.routes import route

KINDS = ("a", "b", "a", "c", "b", "a")
TABLES: list[tuple[Route, ...]] = [
    (route("default"),),
    (route("none", pilots=0),),
    (route("a", when='Kind == "a"', pilots=2), route("rest", when='Kind != "c"', idle=1)),
    (route("a", when='Kind == "a"', pilots=1, falls_through=True), route("rest")),
    (route("broken", when="Kind + 1"),),
]


async def looked(ce: Bench, routes: Sequence[Route]) -> dict[int, Prospect]:
    preview = Preview(Table(tuple(routes)), await ce.store.occupancy(), ce.clock())
    preview.look(await ce.store.at_stage({Stage.WAITING}))
    return preview.prospects


@pytest.mark.parametrize("routes", TABLES)
async def test_what_is_foretold_comes_true(ce: Bench, routes: tuple[Route, ...]) -> None:
    ids = [await ce.add(Kind=kind) for kind in KINDS]
    before = [await ce.pilot(pilot_id) for pilot_id in ids]
    prospects = await looked(ce, routes)
    assert [await ce.pilot(pilot_id) for pilot_id in ids] == before

    ce.routes = routes
    await ce.router.tick()
    for pilot_id in ids:
        pilot, prospect = await ce.pilot(pilot_id), prospects[pilot_id]
        assert (prospect.fate is Fate.BEGINS) == (pilot.stage is Stage.SUBMITTING)
        assert (prospect.fate is Fate.NO_ROUTE) == (pilot.unroutable_since is not None)
        if pilot.attempt:
            assert prospect.route == pilot.attempt.route


async def test_pilots_that_are_at_the_site_take_room(ce: Bench) -> None:
    ce.routes = (route("small", pilots=1),)
    await ce.add()
    await ce.router.tick()
    second = await ce.add()
    assert await looked(ce, ce.routes) == {second: Prospect(Fate.WAITS, "small")}
    assert await looked(ce, (route("small", pilots=2),)) == {second: Prospect(Fate.BEGINS, "small")}


def test_shifts_are_counted_by_what_changes_most() -> None:
    waits, begins, lost = Prospect(Fate.WAITS, "a"), Prospect(Fate.BEGINS, "b"), Prospect(Fate.NO_ROUTE)
    before = dict.fromkeys(range(1, 21), waits)
    after = {**dict.fromkeys(range(1, 11), waits), **dict.fromkeys(range(11, 14), lost)}
    after |= {**dict.fromkeys(range(14, 21), begins), 99: lost}
    assert shifts(before, after) == (
        Shift(waits, begins, 7, (14, 15, 16, 17, 18)),
        Shift(waits, lost, 3, (11, 12, 13)),
        Shift(waits, waits, 10, (1, 2, 3, 4, 5)),
    )
    assert shifts({}, {}) == ()


async def test_no_attempt_begins_while_the_turn_is_held(ce: Bench) -> None:
    pilot_id = await ce.add()
    async with ce.router.turn:
        running = asyncio.create_task(ce.router.run())
        for _ in range(20):
            await asyncio.sleep(0)
        assert (await ce.pilot(pilot_id)).stage is Stage.WAITING
        ce.routes = (route("new"),)
    while (await ce.pilot(pilot_id)).stage is Stage.WAITING:
        await asyncio.sleep(0)
    running.cancel()
    pilot = await ce.pilot(pilot_id)
    assert pilot.attempt
    assert pilot.attempt.route == "new"
