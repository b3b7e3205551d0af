"""Lists of pilots."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from hosted_ce.api.cursor import cursor_after, keys_of
from tests.api.requests import PILOTS, submit
from tests.api.world import World


async def ids(client: httpx.AsyncClient, **wanted: Any) -> list[int]:
    answer = await client.get(PILOTS, params=wanted)
    return [item["id"] for item in answer.raise_for_status().json()["items"]]


async def test_newest_first_with_counts_of_all(client: httpx.AsyncClient, world: World) -> None:
    await submit(client, 4)
    await world.run(2)
    page = (await client.get(PILOTS, params={"limit": 3})).json()
    assert [item["id"] for item in page["items"]] == [4, 3, 2]
    assert page["counts"] == {
        "idle": 3, "running": 1, "removed": 0, "completed": 0, "held": 0, "unknown": 0, "lost": 0,
    }  # fmt: skip


async def test_a_running_pilot_is_listed_with_its_batch_job(client: httpx.AsyncClient, world: World) -> None:
    await submit(client)
    await world.run(1)
    [item] = (await client.get(PILOTS)).json()["items"]
    expected = {
        "state": "running", "stage": "running", "route": "large", "cluster": "hpc", "batch_id": "1001",
        "node": "n001", "stamp": "hstamp000000001",
    }  # fmt: skip
    assert {name: item[name] for name in expected} == expected
    assert item["started_at"] == "2026-02-02T02:40:00.000Z"
    assert item["attempt_number"] == 1
    assert item["ended_at"] is None


async def test_nothing_yet(client: httpx.AsyncClient) -> None:
    page = (await client.get(PILOTS)).json()
    assert (page["items"], page["next_cursor"]) == ([], None)


async def test_filters(client: httpx.AsyncClient, world: World) -> None:
    await submit(client, 5)
    await world.complete(1)
    await world.run(2)
    await world.begin(3, route="any", cluster="old")
    assert await ids(client, state="running") == [2]
    assert await ids(client, state=["running", "completed"]) == [2, 1]
    assert await ids(client, route="large") == [2, 1]
    assert await ids(client, cluster="old") == [3]
    assert await ids(client, batch_id="1002") == [2]
    assert await ids(client, state="idle", route="any") == [3]
    assert await ids(client, outcome_class="normal") == [1]
    assert await ids(client, outcome_class=["no_cvmfs", "memory"]) == []
    assert await ids(client, route="x' OR '1'='1") == []


async def test_pages_stay_put_while_pilots_arrive(client: httpx.AsyncClient) -> None:
    await submit(client, 7)
    seen: list[int] = []
    cursor: str | None = None
    while True:
        wanted = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(PILOTS, params=wanted)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        await submit(client, 2)
    assert seen == [7, 6, 5, 4, 3, 2, 1]


async def test_a_full_last_page_has_no_next(client: httpx.AsyncClient) -> None:
    await submit(client, 2)
    assert (await client.get(PILOTS, params={"limit": 2})).json()["next_cursor"] is None


async def test_a_thousand_at_most_and_all_of_them(client: httpx.AsyncClient) -> None:
    await submit(client, 3)
    assert await ids(client, limit=1000) == [3, 2, 1]


@pytest.mark.parametrize(
    ("query", "path", "message"),
    [
        ("limit=0", "query.limit", "must be at least 1"),
        ("limit=1001", "query.limit", "must be at most 1000"),
        ("limit=ten", "query.limit", "must be a whole number"),
        ("limit=1&limit=2000", "query.limit", "must be at most 1000"),
        ("state=runing", "query.state[0]", "must be one of: 'idle'"),
        ("state=idle&state=", "query.state[1]", "must be one of"),
        ("sate=running", "query.sate", "is not known here"),
        ("cursor=x", "query.cursor", "is not a cursor"),
        ("cursor=" + "%F0%9F%9B%B0", "query.cursor", "is not a cursor"),
        ("route=a%00b", "query.route", "control character (U+0000) at position 1"),
        ("batch_id=" + "9" * 129, "query.batch_id", "at most 128 characters"),
    ],
)
async def test_a_query_that_makes_no_sense(
    client: httpx.AsyncClient, query: str, path: str, message: str
) -> None:
    answer = await client.get(f"{PILOTS}?{query}")
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    [error] = answer.json()["errors"]
    assert error["path"] == path
    assert message in error["message"]


@pytest.mark.parametrize("pilot_id", [1, 42, 10**9, 2**31 - 1])
def test_cursors_come_back(pilot_id: int) -> None:
    cursor = cursor_after((pilot_id,))
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert keys_of(cursor) == (pilot_id,)


@pytest.mark.parametrize(
    "cursor",
    ["", "b42", "YjQy=", "YjA", "Yi0x", "YjQyCg", "YjQy\n", "Yj Qy", cursor_after((2**63,)), "é", "=" * 9],
)
def test_no_other_text_is_a_cursor(cursor: str) -> None:
    with pytest.raises(ValueError, match="is not a cursor"):
        keys_of(cursor)
