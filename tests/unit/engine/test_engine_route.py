"""The router: attempts begin as routes and their limits allow, and in no other way."""

from __future__ import annotations

import pytest

from hosted_ce.engine.route import PAGE
from hosted_ce.pilots.stamps import STAMP
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.routing.limits import Usage
from hosted_ce.routing.occupancy import Occupancy
from tests.fakes.bench import NAME, Bench, attempt_of, stamp_of
from tests.fakes.faults import Fault
from tests.fakes.routes import route


async def stages(ce: Bench) -> list[Stage]:
    return [pilot.stage for pilot in await ce.store.at_stage(set(Stage))]


async def test_an_attempt_is_written_down_with_its_stamp_before_anything_is_sent(ce: Bench) -> None:
    pilot_id = await ce.add(xcount=4)
    await ce.router.tick()
    pilot = await ce.pilot(pilot_id)
    assert (pilot.stage, pilot.state) == (Stage.SUBMITTING, State.IDLE)
    assert STAMP.match(stamp_of(pilot))
    attempt = attempt_of(pilot)
    assert (attempt.route, attempt.cluster, attempt.number) == ("default", NAME, 1)
    assert attempt.request["cpus"] == 4
    assert ce.site.requests == []


async def test_EN1_no_more_pilots_than_a_route_takes_oldest_first(ce: Bench) -> None:
    ce.routes = (route("small", pilots=2),)
    ids = [await ce.add() for _ in range(5)]
    await ce.router.tick()
    await ce.router.tick()
    assert await stages(ce) == [Stage.SUBMITTING, Stage.SUBMITTING, *[Stage.WAITING] * 3]
    reason = "waits for room: small: 2 of its 2 pilots are at the site"
    assert (await ce.pilot(ids[4])).reason == reason


async def test_no_more_waiting_pilots_than_a_route_takes(ce: Bench) -> None:
    ce.routes = (route("small", idle=1),)
    first, second = await ce.add(), await ce.add()
    await ce.open()
    await ce.router.tick()
    await ce.submit()
    await ce.router.tick()
    assert (await ce.pilot(second)).stage is Stage.WAITING
    ce.site.start(stamp_of(await ce.pilot(first)))
    await ce.observe()
    await ce.router.tick()
    assert (await ce.pilot(second)).stage is Stage.SUBMITTING


async def test_every_stage_at_the_site_takes_room_and_every_other_gives_it_back(ce: Bench) -> None:
    ce.routes = (route("one", pilots=1),)
    ce.site.faults.plan("submit", Fault.LOST_REPLY)
    pilot, waiting = await ce.sent(), await ce.add()
    for expected in (Stage.DOUBTFUL, Stage.QUEUED, Stage.RUNNING):
        await ce.router.tick()
        assert (await ce.pilot(pilot.id)).stage is expected
        assert (await ce.pilot(waiting)).stage is Stage.WAITING
        if expected is Stage.QUEUED:
            ce.site.start(stamp_of(pilot))
        await ce.observe()
    ce.site.finish(stamp_of(pilot))
    await ce.observe()
    await ce.router.tick()
    assert (await ce.pilot(pilot.id)).stage is Stage.ENDED
    assert (await ce.pilot(waiting)).stage is Stage.SUBMITTING


async def test_pilots_wait_for_a_full_route_that_takes_them(ce: Bench) -> None:
    ce.routes = (route("first", pilots=1), route("second", pilots=1))
    ids = [await ce.add() for _ in range(2)]
    await ce.router.tick()
    assert (await ce.pilot(ids[1])).reason == "waits for room: first: 1 of its 1 pilots are at the site"


async def test_pilots_go_to_the_next_route_when_the_first_is_full_and_says_so(ce: Bench) -> None:
    ce.routes = (route("first", pilots=1, falls_through=True), route("second", pilots=1))
    ids = [await ce.add() for _ in range(3)]
    await ce.router.tick()
    assert [attempt_of(await ce.pilot(number)).route for number in ids[:2]] == ["first", "second"]
    assert (await ce.pilot(ids[2])).stage is Stage.WAITING
    occupancy = await ce.store.occupancy()
    assert occupancy.routes == {name: Usage(1, 1, 1, 1) for name in ("first", "second")}
    assert occupancy.of_cluster(NAME) == Usage(2, 2, 2)
    assert occupancy.of_vo("first", "unknown") == Usage(1, 1, 1)


async def test_more_than_a_page_is_looked_at_in_one_round(ce: Bench) -> None:
    ce.routes = (route("big", pilots=1000, idle=1000, when="xcount == 8"),)
    for _ in range(PAGE + 5):
        await ce.add(xcount=1)
    last = await ce.add(xcount=8)
    await ce.router.tick()
    assert (await ce.pilot(last)).stage is Stage.SUBMITTING


async def test_why_no_route_takes_it_is_written_down_once(ce: Bench) -> None:
    ce.routes = (route("a", when="xcount > 8"), route("b", when='queue == "osg"'))
    pilot_id = await ce.add(xcount=8)
    await ce.router.tick()
    pilot = await ce.pilot(pilot_id)
    assert pilot.reason == (
        "no route takes it: a: `xcount > 8` is false (xcount is 8); "
        'b: `queue == "osg"` is undefined (queue is not there)'
    )
    await ce.router.tick()
    assert await ce.pilot(pilot_id) == pilot


async def test_a_reason_in_which_something_was_masked_is_written_down_once(ce: Bench) -> None:
    ce.routes = (route("a", when='Words == "password=hunter22"'),)
    pilot_id = await ce.add(Words="x")
    await ce.router.tick()
    pilot = await ce.pilot(pilot_id)
    assert "[redacted]" in str(pilot.reason)
    await ce.router.tick()
    assert await ce.pilot(pilot_id) == pilot


async def test_without_routes_pilots_wait_and_new_routes_take_them(ce: Bench) -> None:
    ce.routes = ()
    pilot_id = await ce.add()
    await ce.router.tick()
    assert (await ce.pilot(pilot_id)).reason == "no route takes it: the site file has none"
    ce.routes = (route("new"),)
    await ce.router.tick()
    assert (await ce.pilot(pilot_id)).stage is Stage.SUBMITTING


async def test_who_is_at_the_site_is_counted_once_and_only_when_somebody_waits(
    ce: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[Occupancy] = []
    occupancy = ce.store.occupancy

    async def noted() -> Occupancy:
        counts.append(await occupancy())
        return counts[-1]

    monkeypatch.setattr(ce.store, "occupancy", noted)
    monkeypatch.setattr("hosted_ce.engine.route.PAGE", 2)
    await ce.router.tick()
    assert counts == []
    for _ in range(5):
        await ce.add()
    await ce.router.tick()
    assert len(counts) == 1
    assert len(await ce.store.at_stage({Stage.SUBMITTING})) == 5


async def test_a_pilot_removed_in_the_same_moment_begins_no_attempt(ce: Bench) -> None:
    pilot_id = await ce.add()
    seen = await ce.pilot(pilot_id)
    occupancy = ce.store.occupancy

    async def remove_first() -> Occupancy:  # it is asked for when the router has read who waits
        await ce.remove(pilot_id)
        return await occupancy()

    ce.store.occupancy = remove_first  # type: ignore[method-assign]
    await ce.router.tick()
    pilot = await ce.pilot(pilot_id)
    assert (pilot.state, pilot.goal, pilot.attempt) == (State.REMOVED, Goal.REMOVE, None)
    assert seen.stage is Stage.WAITING


async def test_all_stamps_differ(ce: Bench) -> None:
    for _ in range(50):
        await ce.add()
    await ce.router.tick()
    stamps = {stamp_of(pilot) for pilot in await ce.store.at_stage({Stage.SUBMITTING})}
    assert len(stamps) == 50


async def test_since_when_no_route_matches_is_written_down_and_forgotten_when_one_does(ce: Bench) -> None:
    ce.routes = (route("gpu", when="RequestGPUs > 0"),)
    pilot_id = await ce.add(xcount=1)
    await ce.router.tick()
    since = ce.clock()
    ce.clock.advance(100)
    await ce.router.tick()
    assert (await ce.pilot(pilot_id)).unroutable_since == since
    ce.routes = (route("full", pilots=0),)
    await ce.router.tick()
    assert (await ce.pilot(pilot_id)).unroutable_since is None
