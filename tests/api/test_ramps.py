"""Ramps by the API, on their page, in charts, and in the answer to why a pilot waits."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

import httpx
import pytest

from hosted_ce.daemon.watcher import Watcher
from hosted_ce.ramp.evidence import Evidence
from hosted_ce.ramp.rules import Rules
from hosted_ce.ramp.state import Direction, State, Step, StepCause
from hosted_ce.rollups.points import Series
from hosted_ce.rollups.watch import Lasting
from hosted_ce.routing.limits import Admission

from .requests import PILOTS, a_pilot
from .world import SITE, START, World

RULES = Rules(2, 100)
STATE = State(16, START - 600, after=10, carried=8)
SEEN = Evidence(newest=18, at_site=16, settled=8, begun=8, started=7, queued=1, tried=7, proven=5, wait_s=180)
STEP = Step(
    START - 600, Direction.UP, StepCause.PASSED, 8, 16, "engine", "4 of 4 <b>started</b>", {"begun": 4}
)


@pytest.fixture(autouse=True)
def ramp(world: World) -> None:
    """Route large has one."""
    world.ramps.put("large", RULES, STATE, SEEN)
    world.ramps.made["large"].append(STEP)


async def test_where_each_stands_and_what_it_waits_for(client: httpx.AsyncClient) -> None:
    [found] = (await client.get("/api/v1/ramps")).json()["ramps"]
    assert (found["route"], found["cap"], found["target"], found["next_cap"]) == ("large", 16, 100, 32)
    assert (found["standing"], found["said"]) == ("climbing", "5 of 7 ran 25 min or ended well")
    assert [gate["name"] for gate in found["gates"] if not gate["passed"]] == ["ran"]
    assert found["evidence"]["wait_s"] == 180
    assert (found["word"], found["rests_until"], found["held_since"]) == (None, None, None)


async def test_its_steps(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/v1/ramps/large/steps")).json()
    assert found["route"] == "large"
    [step] = found["steps"]
    assert (step["direction"], step["cause"], step["before"], step["after"]) == ("up", "passed", 8, 16)
    assert step["evidence"] == {"begun": 4}


async def test_an_operator_pins_it_and_it_is_kept_who_and_why(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/ramps/large/pin", params={"cap": 3, "reason": "ticket 4711"})
    found = answer.json()
    assert (answer.status_code, found["cap"], found["mode"]) == (HTTPStatus.OK, 3, "pinned")
    assert found["word"]["actor"].startswith("rest:")
    assert found["word"]["reason"] == "ticket 4711"
    steps = (await client.get("/api/v1/ramps/large/steps")).json()["steps"]
    assert steps[0]["reason"] == "pinned: ticket 4711"
    assert (await client.post("/api/v1/ramps/large/unpin")).json()["mode"] == "auto"


async def test_pausing_skipping_and_beginning_anew(client: httpx.AsyncClient) -> None:
    for act, mode, cap in (
        ("pause", "paused", 16),
        ("resume", "auto", 16),
        ("skip", "auto", 100),
        ("restart", "auto", 2),
    ):
        found = (await client.post(f"/api/v1/ramps/large/{act}")).json()
        assert (found["mode"], found["cap"]) == (mode, cap), act


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("large/unpin", HTTPStatus.CONFLICT, "cannot-steer"),
        ("large/pin?cap=101", HTTPStatus.CONFLICT, "cannot-steer"),
        ("large/pin?cap=-1", HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request"),
        ("any/pause", HTTPStatus.NOT_FOUND, "no-such-ramp"),
    ],
)
async def test_what_cannot_be_done(
    client: httpx.AsyncClient, path: str, status: HTTPStatus, kind: str
) -> None:
    answer = await client.post(f"/api/v1/ramps/{path}")
    assert (answer.status_code, answer.json()["type"]) == (status, f"/docs/errors#{kind}")


async def test_a_route_without_a_ramp_has_no_steps(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/ramps/any/steps")).status_code == HTTPStatus.NOT_FOUND


async def test_the_page_shows_it_with_its_numbers_and_nothing_unescaped(
    client: httpx.AsyncClient, world: World
) -> None:
    text = (await client.get("/ramp")).text
    assert '<span class="number">16</span> of <span class="number">100</span> pilots' in text
    assert "5 of 7 ran 25 min or ended well" in text
    assert "/charts/ramp.json?range=24h&amp;by=kind&amp;route=large" in text
    assert "4 of 4 &lt;b&gt;started" in text
    world.ramps.known.clear()
    assert "No route has a ramp" in (await client.get("/ramp")).text


async def test_the_page_of_the_site_leads_there(client: httpx.AsyncClient, world: World) -> None:
    routes = (replace(SITE.routes[0], ramp=Admission(16, 100)), *SITE.routes[1:])
    site = replace(SITE, routes=routes)
    object.__setattr__(world.services, "site", lambda: site)
    text = (await client.get("/site")).text
    assert '<a href="/ramp#ramp-large">ramp 16 of 100</a>' in text
    assert "the ramp admits 16 of 100 pilots now" in text
    shown = (await client.get("/api/v1/site")).json()["routes"][0]
    assert shown["ramp"] == {"cap": 16, "target": 100}


async def test_the_chart_is_of_one_route_if_asked(client: httpx.AsyncClient, world: World) -> None:
    caps = {
        ("large", "cap"): 16.0,
        ("large", "target"): 100.0,
        ("large", "at_site"): 14.0,
        ("any", "cap"): 2.0,
    }
    sample = {Lasting(Series.RAMP, *key): value for key, value in caps.items()}
    watcher = Watcher(world.services.rollups, lambda: world.time, lambda: sample)
    for _ in range(40):
        await watcher.tick()
        world.time += 30
    found = (await client.get("/api/v1/charts/ramp", params={"by": "kind", "route": "large"})).json()
    newest = {line["name"]: [y for y in line["y"] if y is not None][-1] for line in found["lines"]}
    assert newest == {"cap": 16, "target": 100, "at_site": 14}
    total = (await client.get("/api/v1/charts/ramp")).json()
    [line] = total["lines"]
    assert [y for y in line["y"] if y is not None][-1] == 18, "caps alone add up"


async def test_a_pilot_that_it_keeps_back_is_told_what_the_next_step_waits_for(
    client: httpx.AsyncClient, world: World
) -> None:
    world.admits["large"] = Admission(0, 100)
    made = await client.post(PILOTS, json=a_pilot(attributes={"RequestCpus": 8}))
    found = (await client.get(f"/api/v1/pilots/{made.json()['id']}/why")).json()
    assert found["situation"] == "no_room"
    assert found["why"] == "the ramp of route large admits 16 of 100 pilots now"
    assert found["next"] == "the next step, to 32: 5 of 7 ran 25 min or ended well"
    assert "hosted-ce ramp show large" in found["todo"]
