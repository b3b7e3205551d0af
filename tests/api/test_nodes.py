"""How pilots end on nodes, and which nodes get none, by API."""

from __future__ import annotations

import httpx
import pytest

from hosted_ce.api.ports.operations import UnknownCluster
from hosted_ce.pilots.avoidance import AUTOMATIC, Avoidance
from hosted_ce.pilots.nodes import Node
from tests.api.world import START, World

NODES = [
    Node("hpc", "n007", {"no_cvmfs": 7, "unknown": 1}, START - 60, "7 pilots failed"),
    Node("hpc", "n001", {"normal": 3}, START - 5, None),
    Node("hpc", "n009", {}, None, None),
]
ALL, CLUSTER = "/api/v1/nodes", "/api/v1/site/clusters/hpc/nodes"


async def test_nodes_with_the_worst_first(client: httpx.AsyncClient, world: World) -> None:
    world.nodes.nodes = NODES
    world.nodes.written = [Avoidance("hpc", "n009", START - 50, START + 50, AUTOMATIC, "4 failed")]
    first = (await client.get(ALL, params={"limit": 1})).json()
    every = (await client.get(ALL)).json()
    [worst] = first["nodes"]
    assert (worst["name"], worst["ended"], worst["failed"], worst["problem"]) == (
        "n007", 8, 7, "7 pilots failed",
    )  # fmt: skip
    assert first["left_out"] == 2
    assert (len(every["nodes"]), every["left_out"]) == (3, 0)
    assert [node["avoided"] is None for node in every["nodes"]] == [True, True, False]
    assert every["nodes"][2]["avoided"]["automatic"] is True


async def test_no_nodes_yet(client: httpx.AsyncClient) -> None:
    assert (await client.get(ALL)).json() == {"nodes": [], "left_out": 0}


async def test_a_node_is_avoided_and_allowed_with_who_and_why(
    client: httpx.AsyncClient, world: World
) -> None:
    asked = {"for": "24h", "reason": "no CVMFS"}
    avoided = (await client.post(f"{CLUSTER}/n007/avoid", params=asked)).json()
    assert (avoided["node"], avoided["in_force"], avoided["reason"]) == ("n007", True, "no CVMFS")
    assert (avoided["actor"], avoided["automatic"]) == ("rest:operator", False)
    assert world.nodes.written[0].until == START + 86400
    world.time += 60
    ended = (await client.post(f"{CLUSTER}/n007/allow")).json()
    assert (ended["in_force"], ended["ended_by"]) == (False, "rest:operator")
    [known] = (await client.get(f"{ALL}/avoidances")).json()["avoidances"]
    assert known == ended


@pytest.mark.parametrize(
    ("path", "asked", "status", "kind"),
    [
        ("unknown/avoid", {"for": "1h"}, 409, "cannot-avoid"),
        ("n1/allow", {}, 404, "not-avoided"),
        ("n1/avoid", {}, 422, "invalid-request"),
        ("n1/avoid", {"for": "3600"}, 422, "invalid-request"),
        ("n%0a1/avoid", {"for": "1h"}, 422, "invalid-request"),
    ],
)
async def test_what_cannot_be_done_says_why(
    client: httpx.AsyncClient, path: str, asked: dict[str, str], status: int, kind: str
) -> None:
    answer = await client.post(f"{CLUSTER}/{path}", params=asked)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/docs/errors#{kind}")
    assert answer.json()["detail"]


async def test_a_node_that_is_not_known_can_be_forced(client: httpx.AsyncClient) -> None:
    asked = {"for": "1h", "force": "true"}
    assert (await client.post(f"{CLUSTER}/unknown/avoid", params=asked)).status_code == 200


@pytest.mark.parametrize("verb", ["avoid", "allow"])
async def test_of_no_cluster(client: httpx.AsyncClient, world: World, verb: str) -> None:
    world.nodes.refusal = UnknownCluster("hcp", ["hpc"])
    answer = await client.post(f"/api/v1/site/clusters/hcp/nodes/n1/{verb}", params={"for": "1h"})
    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no cluster 'hcp'; there are: hpc")


async def test_the_site_page_says_what_is_avoided(client: httpx.AsyncClient, world: World) -> None:
    world.nodes.nodes = NODES
    world.nodes.written = [Avoidance("hpc", "n009", START - 50, START + 50, "rest:me", "<no CVMFS>")]
    page = (await client.get("/site")).text
    assert page.count(">avoided</span>") == 1
    assert "&lt;no CVMFS&gt;" in page
