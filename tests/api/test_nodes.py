"""How pilots end on nodes, by API."""

from __future__ import annotations

import dataclasses

import httpx

from hosted_ce.pilots.nodes import Node
from tests.api.conftest import client_of
from tests.api.world import START, TOKEN, World

NODES = [
    Node("hpc", "n007", {"no_cvmfs": 7, "unknown": 1}, START - 60, "7 pilots failed"),
    Node("hpc", "n001", {"normal": 3}, START - 5, None),
]


async def test_nodes_with_the_worst_first(world: World) -> None:
    world.services = dataclasses.replace(world.services, nodes=lambda: NODES)
    async with client_of(world) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        first = (await client.get("/api/v1/nodes", params={"limit": 1})).json()
        both = (await client.get("/api/v1/nodes")).json()
    [worst] = first["nodes"]
    assert (worst["name"], worst["ended"], worst["failed"], worst["problem"]) == (
        "n007", 8, 7, "7 pilots failed",
    )  # fmt: skip
    assert first["left_out"] == 1
    assert (len(both["nodes"]), both["left_out"]) == (2, 0)


async def test_no_nodes_yet(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/nodes")).json() == {"nodes": [], "left_out": 0}
