"""What a cluster can do, as the API tells it, and a probe by hand."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from hosted_ce.api.ports.operations import CannotProbe
from hosted_ce.api.views import ProbedView
from hosted_ce.capabilities.finding import Finding, Weight
from hosted_ce.capabilities.record import written
from tests.api.conftest import client_of
from tests.api.world import START, World
from tests.fakes.capabilities import BATCH, capabilities

URL = "/api/v1/site/clusters/hpc"
FINDING = Finding("walltime-above", Weight.PROBLEM, "asks for <b>72h</b>", "ask for less", "large")
PROBED = ProbedView(
    START - 60, (FINDING,), written(capabilities(replace(BATCH, unknown={"most_jobs": "not asked"})))
)


@pytest.fixture
def probed(world: World) -> World:
    """A world whose cluster hpc was probed."""
    known = {"hpc": PROBED}
    world.services = replace(world.services, probed=known.get)
    return world


async def test_the_last_probe_is_shown(probed: World, client: httpx.AsyncClient) -> None:
    async with client_of(probed) as own:
        found = (await own.get(f"{URL}/capabilities", headers=client.headers)).raise_for_status().json()
    assert (found["cluster"], found["taken_at"]) == ("hpc", "2026-02-02T02:39:00.000Z")
    assert found["findings"] == [
        {
            "id": "walltime-above", "weight": "problem", "said": "asks for <b>72h</b>",
            "todo": "ask for less", "route": "large",
        }
    ]  # fmt: skip
    assert found["batch"]["queues"][0] == {
        "name": "batch", "open": True, "usable": True, "why": None,
        "limits": {"walltime_s": 259200, "memory_mb": 256000, "cpus": 64, "gpus": 0},
    }  # fmt: skip
    assert found["batch"]["unknown"] == {"most_jobs": "not asked"}
    assert found["batch"]["records"] == "on"
    assert found["login"]["tools"]["sbatch"] == "/usr/bin/sbatch"
    assert found["login"]["clock_offset_s"] == 0.25
    assert (found["commands"], found["took_s"]) == (6, 0.5)


async def test_a_cluster_that_was_not_probed_yet(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{URL}/capabilities")
    assert (answer.status_code, answer.json()["type"]) == (404, "/docs/errors#not-probed")
    assert "cluster hpc was not probed yet" in answer.json()["detail"]


@pytest.mark.parametrize(("method", "what"), [("GET", "capabilities"), ("POST", "probe")])
async def test_a_cluster_that_is_not_there(client: httpx.AsyncClient, method: str, what: str) -> None:
    answer = await client.request(method, f"/api/v1/site/clusters/mian/{what}")
    assert (answer.status_code, answer.json()["type"]) == (404, "/docs/errors#no-such-cluster")
    assert "hpc" in answer.json()["detail"]


async def test_a_probe_by_hand_answers_with_what_it_found(probed: World, client: httpx.AsyncClient) -> None:
    async with client_of(probed) as own:
        answer = await own.post(f"{URL}/probe", headers=client.headers)
    assert answer.status_code == 200
    assert answer.json()["batch"]["version"] == "22.05.8"
    assert probed.hand.done == [("hpc", "probe")]


async def test_a_site_that_cannot_be_asked(world: World, client: httpx.AsyncClient) -> None:
    world.hand.error = CannotProbe("osg01@login1: no route to host")
    answer = await client.post(f"{URL}/probe")
    assert (answer.status_code, answer.json()["type"]) == (503, "/docs/errors#cannot-probe")
    assert answer.json()["detail"] == "cluster hpc cannot be probed: osg01@login1: no route to host"


async def test_the_site_has_each_cluster_s_findings(world: World, client: httpx.AsyncClient) -> None:
    site = world.services.site()
    cluster = replace(site.clusters[0], probed_at=START - 60, findings=(FINDING,))
    world.services = replace(world.services, site=lambda: replace(site, clusters=(cluster,)))
    async with client_of(world) as own:
        found = (await own.get("/api/v1/site", headers=client.headers)).json()["clusters"][0]
    assert found["probed_at"] == "2026-02-02T02:39:00.000Z"
    assert [one["id"] for one in found["findings"]] == ["walltime-above"]
