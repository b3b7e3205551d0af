"""What an operator settles by hand: doubts, pauses, spools; and what frozen pilots say."""

from __future__ import annotations

import httpx
import pytest

from hosted_ce.pilots.by_hand import CannotSettle
from tests.api.requests import PILOTS, submit
from tests.api.world import World

CLUSTERS = "/api/v1/site/clusters"
WHO = "rest:operator"


async def test_a_doubt_is_settled_with_who_and_why(client: httpx.AsyncClient, world: World) -> None:
    await submit(client)
    asked = {"batch_id": "4711", "reason": "seen in squeue"}
    assert (await client.post(f"{PILOTS}/1/adopt", params=asked)).json()["id"] == 1
    answer = await client.post(f"{PILOTS}/1/abandon", params={"force": True})
    assert (answer.status_code, answer.json()["id"]) == (200, 1)
    assert world.hand.done == [
        (1, "adopt", "4711", WHO, "seen in squeue", False), (1, "abandon", WHO, None, True),
    ]  # fmt: skip


@pytest.mark.parametrize(("verb", "asked"), [("adopt", {"batch_id": "1"}), ("abandon", {})])
async def test_what_cannot_be_settled_says_why(
    client: httpx.AsyncClient, world: World, verb: str, asked: dict[str, str]
) -> None:
    await submit(client)
    world.hand.error = CannotSettle("it has batch job 4711")
    answer = await client.post(f"{PILOTS}/1/{verb}", params=asked)
    assert (answer.status_code, answer.json()["detail"]) == (409, "it has batch job 4711")
    assert answer.json()["type"].endswith("#cannot-settle")
    assert (await client.post(f"{PILOTS}/2/{verb}", params=asked)).status_code == 404


@pytest.mark.parametrize("asked", [{}, {"batch_id": ""}, {"batch_id": "a\nb"}])
async def test_an_adoption_must_be_well_formed(
    client: httpx.AsyncClient, world: World, asked: dict[str, str]
) -> None:
    await submit(client)
    assert (await client.post(f"{PILOTS}/1/adopt", params=asked)).status_code == 422
    assert world.hand.done == []


async def test_a_cluster_is_paused_and_resumed_and_its_spool_accepted(
    client: httpx.AsyncClient, world: World
) -> None:
    answer = await client.post(f"{CLUSTERS}/hpc/pause", params={"reason": "maintenance"})
    assert (answer.status_code, answer.json()["name"]) == (200, "hpc")
    assert (await client.post(f"{CLUSTERS}/hpc/resume")).json()["state"] == "ready"
    assert (await client.post(f"{CLUSTERS}/old/accept-spool")).json()["state"] == "auth_refused"
    assert world.hand.done == [
        ("hpc", "pause", WHO, "maintenance"), ("hpc", "resume"), ("old", "accept_spool", WHO),
    ]  # fmt: skip


@pytest.mark.parametrize("verb", ["pause", "resume", "accept-spool"])
async def test_a_cluster_that_is_not(client: httpx.AsyncClient, verb: str) -> None:
    answer = await client.post(f"{CLUSTERS}/mian/{verb}")
    assert (answer.status_code, answer.json()["detail"]) == (
        404, "there is no cluster 'mian'; there are: hpc, old",
    )  # fmt: skip


async def test_pilots_of_a_site_that_is_away_say_so_and_since_when(
    client: httpx.AsyncClient, world: World
) -> None:
    for _ in range(2):
        await submit(client)
    await world.begin(1, route="any", cluster="old")
    await world.begin(2)
    frozen, well = [(await client.get(f"{PILOTS}/{number}")).json()["reason"] for number in (1, 2)]
    assert frozen == (
        "in the queue; frozen since 2026-01-29T15:20:00.000Z, no contact with old: "
        "the host key is not the one on record"
    )
    assert well == "in the queue"
    listed = (await client.get(PILOTS)).json()["items"]
    assert [pilot["reason"] for pilot in listed] == [well, frozen]
    shown = (await client.get("/pilots/1")).text
    assert "when it was last seen" in shown
    assert "no contact with cluster old: the host key is not the one on record" in shown
