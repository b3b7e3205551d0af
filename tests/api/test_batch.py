"""Submissions of many pilots that are taken, and what is left of them."""

from __future__ import annotations

import gc
import hashlib
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import structlog

from hosted_ce.api import undisturbed
from hosted_ce.api.routers import batch as router
from hosted_ce.daemon import event_lines
from tests.api.requests import PILOTS, SCRIPT, a_pilot, batch
from tests.api.world import World

SHA = hashlib.sha256(SCRIPT).hexdigest()


async def test_equal_pilots_are_counted(client: httpx.AsyncClient, world: World) -> None:
    answer = await batch(client, count=3)
    assert answer.status_code == 201
    assert answer.json() == {
        "created": 3,
        "items": [
            {"id": number, "door_key": f"k-{number}", "created": True, "state": "idle"}
            for number in (1, 2, 3)
        ],
    }
    assert await world.services.contents.get(SHA) == SCRIPT
    single = await client.post(PILOTS, json=a_pilot())
    assert (await world.pilot(2)).spec == (await world.pilot(single.json()["id"])).spec


async def test_each_may_differ_from_what_is_shared(client: httpx.AsyncClient, world: World) -> None:
    pilots: list[dict[str, Any]] = [
        {},
        {"arguments": ["-n", "2"], "environment": {"GLIDEIN_Site": "Other", "N": "2"}},
        {"attributes": {"XCOUNT": 1, "GlideinProc": 3}},
        {"arguments": []},
    ]
    answer = await batch(client, pilots=pilots)
    assert answer.json()["created"] == 4
    shared = (await world.pilot(1)).spec
    assert shared["arguments"] == a_pilot()["arguments"]
    specs = [(await world.pilot(number)).spec for number in (2, 3, 4)]
    assert specs[0] == {
        **shared, "arguments": ["-n", "2"], "environment": {"GLIDEIN_Site": "Other", "N": "2"},
    }  # fmt: skip
    assert specs[1] == {**shared, "attributes": {"maxMemory": 16000, "xcount": 1, "GlideinProc": 3}}
    assert specs[2] == {**shared, "arguments": []}


async def test_the_same_request_again_gives_the_same_pilots(client: httpx.AsyncClient, world: World) -> None:
    first = await batch(client, count=3)
    written = await world.rows()
    again = await batch(client, count=3)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["created"] == 0
    assert [item | {"created": True} for item in again.json()["items"]] == first.json()["items"]
    assert await world.rows() == written


async def test_more_under_the_same_key_gives_the_rest(client: httpx.AsyncClient) -> None:
    await batch(client, count=2)
    more = await batch(client, count=4)
    assert more.status_code == 201
    assert [(item["id"], item["created"]) for item in more.json()["items"]] == [
        (1, False), (2, False), (3, True), (4, True),
    ]  # fmt: skip


async def test_a_batch_goes_on_behind_the_one_before(client: httpx.AsyncClient) -> None:
    await batch(client, count=2)
    further = await batch(client, count=2, first=3)
    assert [item["door_key"] for item in further.json()["items"]] == ["k-3", "k-4"]
    whole = await batch(client, count=4)
    assert whole.json()["created"] == 0


async def test_a_single_request_with_a_pilots_own_key_gives_that_pilot(client: httpx.AsyncClient) -> None:
    await batch(client, count=2)
    single = await client.post(PILOTS, json=a_pilot(), headers={"Idempotency-Key": "k-2"})
    assert (single.status_code, single.json()["id"]) == (200, 2)


async def test_uploaded_files_are_named_by_checksum(client: httpx.AsyncClient) -> None:
    await client.put(f"/api/v1/files/{SHA}", content=SCRIPT)
    answer = await batch(client, inputs=[{"name": "pilot.sh", "sha256": SHA}], count=2)
    assert answer.json()["created"] == 2


@pytest.mark.parametrize("key", ["x" * 189, " ~!"])
async def test_keys_that_leave_room_for_the_number(client: httpx.AsyncClient, key: str) -> None:
    answer = await batch(client, key=key, count=1, first=1_000_000_000)
    assert answer.json()["items"][0]["door_key"] == f"{key}-1000000000"


async def test_the_log_has_one_line_for_all(client: httpx.AsyncClient, world: World) -> None:
    world.services.store.subscribe(event_lines.tell)
    with structlog.testing.capture_logs() as lines:
        await batch(client, count=20)
    told = [line for line in lines if line["log_level"] == "info"]
    assert [line["event"] for line in told] == ["pilots received", "request"]
    assert told[0]["pilots"] == list(range(1, 21))


def noted(monkeypatch: pytest.MonkeyPatch, look: Callable[[], Any], *names: str) -> list[Any]:
    """What `look` gives whenever one of these parts of the router begins."""
    seen: list[Any] = []

    def noting(real: Callable[..., Any]) -> Callable[..., Any]:
        def noted_first(*given: Any, **more: Any) -> Any:
            seen.append(look())
            return real(*given, **more)

        return noted_first

    for name in names:
        monkeypatch.setattr(router, name, noting(getattr(router, name)))
    return seen


async def test_many_are_read_and_answered_beside_the_loop(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = noted(monkeypatch, threading.current_thread, "batch_of", "batch_answer")
    assert (await batch(client, count=2)).status_code == 201
    assert len(threads) == 2
    assert threading.current_thread() not in threads
    assert len(set(threads)) == 1, "one after the other"


async def test_nothing_is_collected_while_there_are_many_pilots(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full collection of them would hold everything else for 40 to 90 ms, several times."""
    monkeypatch.setattr(undisturbed, "MANY", 10)
    collected = noted(monkeypatch, gc.isenabled, "batch_of", "ranges_of", "batch_answer")
    assert (await batch(client, count=2)).status_code == 201
    assert collected == [True] * 3, "a few make nothing that takes long"
    collected.clear()
    assert (await batch(client, key="many", count=10)).status_code == 201
    assert collected == [True, False, False], "how many they are is read first"
    assert gc.isenabled()
    gc.collect()
    collected.clear()
    assert (await batch(client, key="each", pilots=[{}] * 10)).status_code == 201
    assert collected == [False] * 3
    assert gc.isenabled()
    assert (await batch(client, count=0, pilots=[{}] * 10)).status_code == 422
    assert gc.isenabled()


async def test_a_batch_costs_as_many_commits_as_a_pilot(client: httpx.AsyncClient, world: World) -> None:
    await client.post(PILOTS, json=a_pilot())
    before = world.database.commits
    await batch(client, count=50)
    assert world.database.commits == before + 1
