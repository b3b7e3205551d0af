"""Limits over what is written down: by cores, by VO, by the minute, by failures; also over a restart."""

from __future__ import annotations

from typing import Any

from hosted_ce.pilots.states import Stage
from hosted_ce.routing.compile import site_route
from hosted_ce.routing.limits import Caps, Limits
from hosted_ce.routing.route import Route
from tests.fakes.bench import NAME, Bench, attempt_of
from tests.fakes.faults import Fault


def route(limits: Limits, **more: Any) -> Route:
    return site_route("a", NAME, limits=limits, **more)


async def reason(ce: Bench, pilot_id: int) -> str | None:
    return (await ce.pilot(pilot_id)).reason


async def waiting(ce: Bench) -> list[int]:
    return [pilot.id for pilot in await ce.store.at_stage({Stage.WAITING})]


async def test_cores_are_counted_as_they_were_asked_for(ce: Bench) -> None:
    ce.routes = (route(Limits(Caps(cores=10))),)
    ids = [await ce.add(xcount=4), await ce.add(xcount=8), await ce.add(xcount=6)]
    await ce.router.tick()
    assert await waiting(ce) == [ids[1]]
    assert await reason(ce, ids[1]) == ("waits for room: a: 4 of its 10 cores are asked for, and it needs 8")
    await ce.restart()
    await ce.router.tick()
    assert await waiting(ce) == [ids[1]]


async def test_each_vo_has_its_own_limit(ce: Bench) -> None:
    ce.routes = (route(Limits(per_vo={"cms": Caps(pilots=1), "*": Caps(pilots=2)})),)
    ids = [await ce.add(x509UserProxyVOName=vo) for vo in ("cms", "cms", "osg", "osg", "osg", "lz")]
    await ce.router.tick()
    assert await waiting(ce) == [ids[1], ids[4]]
    assert await reason(ce, ids[1]) == "waits for room: a: 1 of cms's 1 pilots are at the site"
    assert (await ce.pilot(ids[0])).vo == "cms"


async def test_no_more_are_submitted_in_a_minute_than_may_be(ce: Bench) -> None:
    ce.routes = (route(Limits(submits=2)),)
    ids = [await ce.add() for _ in range(5)]
    await ce.router.tick()
    assert await waiting(ce) == ids[2:]
    assert await reason(ce, ids[2]) == "waits for room: a: 2 of its 2 submits a minute are made"
    ce.clock.advance(59)
    await ce.restart()
    await ce.router.tick()
    assert await waiting(ce) == ids[2:]
    ce.clock.advance(1)
    await ce.router.tick()
    assert await waiting(ce) == ids[4:]


async def test_a_route_whose_pilots_the_site_refuses_is_slowed_down(ce: Bench) -> None:
    ce.routes = (route(Limits(failure_rate=1 / 600)),)
    ids = [await ce.add() for _ in range(4)]
    for _ in ids[:3]:
        ce.site.faults.plan("submit", Fault.PERMANENT)
    await ce.open()
    await ce.router.tick()
    await ce.submit()
    ce.cluster.pushback.forget()
    slowed = await ce.add()
    await ce.restart()
    await ce.router.tick()
    assert await reason(ce, slowed) == (
        "waits for room: a: 3 of its pilots failed within 10 minutes, so at most 1 are submitted in that "
        "time, and 4 were"
    )
    ce.clock.advance(600)
    await ce.router.tick()
    assert await waiting(ce) == []


async def test_what_is_removed_before_it_was_submitted_is_no_failure_of_the_route(ce: Bench) -> None:
    pilot_id = await ce.add()
    await ce.open()
    await ce.router.tick()
    await ce.remove(pilot_id)
    await ce.submit()
    pilot = await ce.pilot(pilot_id)
    assert attempt_of(pilot).closed_at
    assert not attempt_of(pilot).failed
