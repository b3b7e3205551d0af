"""Runs of checks by API and as pages."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from hosted_ce.api.streams.bell import Room
from hosted_ce.api.streams.events import TURNED, EventStream, Pace
from hosted_ce.checks.result import Result
from hosted_ce.checks.run import Asked, Run, RunState, Worse, counted
from hosted_ce.checks.verdict import Verdict
from tests.api.test_pages import HOSTILE, Page
from tests.api.world import START, World

PASS, WARN, FAIL, SKIPPED = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED
ALL = "/api/v1/site/checks"
RESULTS = (
    Result("SSH-2", PASS, "taken after 2 ms", "login1.example.edu:22", {"seconds": 0.002}),
    Result("OS-4", WARN, f"an hour off {HOSTILE}"),
    Result(
        "BS-2", FAIL, "asks for the queue ogs", "any", {"todo": "there are: osg. Mend the route's `queue`"}
    ),
    Result("BS-4", SKIPPED, "not looked at", "any", {"because": "BS-2"}),
)
DONE = Run(
    1, "hpc", RunState.DONE, Asked(), "schedule", START - 90, START - 60, counts=counted(RESULTS),
    results=RESULTS, worse=(Worse("BS-2", "any", PASS, FAIL, "asks for the queue ogs"),),
)  # fmt: skip


async def test_a_run_is_begun_and_followed(client: httpx.AsyncClient, world: World) -> None:
    begun = await client.post(ALL, params={"cluster": "hpc", "node": ["n1", "n2"], "sample": 3})
    run = begun.json()
    assert (begun.status_code, begun.headers["location"]) == (202, f"{ALL}/1")
    assert run["asked"] == {"login_only": False, "nodes": ["n1", "n2"], "sample": 3}
    assert (run["state"], run["actor"], run["results"]) == ("running", "rest:operator", [])
    again = await client.post(ALL, params={"cluster": "hpc", "login_only": True})
    assert (again.status_code, again.json()["id"]) == (200, 1)
    world.runs.runs[0] = replace(DONE, actor="rest:operator")
    done = (await client.get(f"{ALL}/1")).json()
    assert (done["state"], done["verdict"], done["counts"]["skipped"]) == ("done", "fail", 1)
    assert [each["check"] for each in done["results"]] == ["SSH-2", "OS-4", "BS-2", "BS-4"]
    queue = done["results"][2]
    assert (queue["name"], queue["family"]) == ("queue-exists", "Batch system and routes")
    assert queue["todo"].startswith("there are: osg")
    assert queue["data"] == {}
    assert done["results"][1]["todo"].startswith("Let chrony")
    assert done["worse"][0]["before"] == "pass"


async def test_a_list_of_runs_has_no_results(client: httpx.AsyncClient, world: World) -> None:
    world.runs.runs = [DONE, replace(DONE, id=2, cluster="old")]
    found = (await client.get(ALL)).json()["runs"]
    assert [(run["id"], run["results"]) for run in found] == [(2, None), (1, None)]
    assert found[0]["counts"] == {"pass": 1, "warn": 1, "fail": 1, "skipped": 1}
    assert len((await client.get(ALL, params={"cluster": "old"})).json()["runs"]) == 1


@pytest.mark.parametrize(
    ("params", "status", "kind"),
    [
        ({"cluster": "mian"}, 404, "no-such-cluster"),
        ({}, 404, "no-such-cluster"),
        ({"cluster": "hpc", "node": "n1;reboot"}, 422, "invalid-request"),
        ({"cluster": "hpc", "sample": 21}, 422, "invalid-request"),
    ],
)
async def test_what_cannot_be_asked(
    client: httpx.AsyncClient, params: dict[str, str], status: int, kind: str
) -> None:
    refused = await client.post(ALL, params=params)
    assert refused.status_code == status
    assert refused.json()["type"].endswith(f"#{kind}")


async def test_a_run_that_is_not_kept(client: httpx.AsyncClient) -> None:
    refused = await client.get(f"{ALL}/7")
    assert (refused.status_code, refused.json()["type"]) == (404, "/docs/errors#no-such-run")


async def test_only_those_with_a_token_see_checks(stranger: httpx.AsyncClient, world: World) -> None:
    world.runs.runs = [DONE]
    for path in (ALL, f"{ALL}/1", "/site/checks", "/site/checks/1"):
        assert (await stranger.get(path)).status_code == 401


async def test_the_pages_of_checks(client: httpx.AsyncClient, world: World) -> None:
    world.runs.runs = [DONE, replace(DONE, id=2, cluster="old", state=RunState.RUNNING, doing="worker nodes")]
    overview = (await client.get("/site/checks")).raise_for_status().text
    one = (await client.get("/site/checks/1")).raise_for_status().text
    for text in (overview, one):
        assert Page(text).foreign() == []
        assert "Mend the route&#39;s <code>queue</code>" in text
        assert "<img src=x" not in text
    assert 'hx-sse:connect="/live?checks=true"' in overview
    assert "worker nodes" in overview
    assert "hx-sse:connect" not in one, "it is over: nothing will change"
    assert "taken after 2 ms" in one
    assert (await client.get("/site/checks/9", headers={"Accept": "text/html"})).status_code == 404


async def test_no_checks_yet(client: httpx.AsyncClient) -> None:
    text = (await client.get("/site/checks")).raise_for_status().text
    assert "Nothing was checked yet" in text


async def test_a_page_hears_of_checks_and_of_nothing_else(world: World) -> None:
    bell = world.services.bell
    with bell.ear(Room.PAGES) as heard:
        stream = EventStream(
            world.services.event_log, bell, heard, Pace(pause=0.0), after=0, wanted=lambda event: False,
            turn=lambda: bell.checks,
        )  # fmt: skip
        frames = stream.frames()
        assert (await anext(frames)).startswith(b"retry")
        next_frame = asyncio.ensure_future(anext(frames))
        await asyncio.sleep(0)
        bell.check()
        assert await next_frame == TURNED
        await frames.aclose()
