"""Test pilots, by API."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.world import World

TESTS = "/api/v1/pilots/tests"


async def test_a_test_is_a_pilot_with_its_purpose(client: httpx.AsyncClient, world: World) -> None:
    answer = await client.post(TESTS, json={"kind": "hello", "route": "large", "node": "n7", "cpus": 2})
    found = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/pilots/{found['id']}"
    assert (found["purpose"], found["executable"], found["owner"]) == ("test", "hello.sh", "operator")
    assert found["attributes"] == {"xcount": 2, "maxMemory": 500, "maxWallTime": 5}
    pilot = await world.services.store.get(found["id"])
    assert pilot
    assert pilot.spec["aim"] == {
        "route": "large", "node": "n7", "cpus": 2, "memory_mb": 500, "walltime_s": 300,
    }  # fmt: skip
    assert b"hello" in await world.services.contents.get(pilot.spec["inputs"][0]["sha256"])


async def test_the_same_key_gives_the_same_test(client: httpx.AsyncClient) -> None:
    given = {"json": {"kind": "stress"}, "headers": {"Idempotency-Key": "k"}}
    first, again = await client.post(TESTS, **given), await client.post(TESTS, **given)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    other = await client.post(TESTS, json={"kind": "hello"}, headers={"Idempotency-Key": "k"})
    assert (other.status_code, other.json()["type"]) == (409, "/docs/errors#key-reused")


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"kind": "hello", "route": "lagre"}, 409, "cannot-test"),
        ({"kind": "hello", "route": "any", "cluster": "hpc"}, 409, "cannot-test"),
        ({"kind": "gossip"}, 422, "invalid-request"),
        ({"kind": "hello", "node": "n[1-9]"}, 422, "invalid-request"),
        ({"kind": "hello", "queue": "a b"}, 422, "invalid-request"),
        ({"kind": "hello", "minutes": 0}, 422, "invalid-request"),
        ({"kind": "hello", "patience": "soon"}, 422, "invalid-request"),
        ({"kind": "hello", "cores": 1}, 422, "invalid-request"),
        ({}, 422, "invalid-request"),
        ([], 422, "invalid-request"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_sent(
    client: httpx.AsyncClient, body: Any, status: int, kind: str
) -> None:
    answer = await client.post(TESTS, json=body)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/docs/errors#{kind}")
    assert (await client.get("/api/v1/pilots")).json()["items"] == []


async def test_a_body_that_is_no_json_or_too_long(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    assert (await client.post(TESTS, content=b"{", headers=headers)).status_code == 400
    assert (await client.post(TESTS, content=b" " * 70000, headers=headers)).status_code == 413
