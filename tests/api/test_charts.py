"""Charts and contributions."""

from __future__ import annotations

import csv
import io
from itertools import pairwise
from typing import Any

import httpx
import pytest

from hosted_ce.daemon.watcher import INTERVAL_S, Watcher
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import AttemptUpdate, Change, Event, Outcome
from hosted_ce.pilots.states import Stage, State
from tests.api.requests import submit
from tests.api.test_openapi import check
from tests.api.world import World

CHARTS, CONTRIBUTIONS = "/api/v1/charts", "/api/v1/contributions"


async def watched(world: World, seconds: float) -> None:
    """Somebody looks for so long."""
    watcher = Watcher(world.services.rollups, lambda: world.time)
    for _ in range(int(seconds / INTERVAL_S)):
        await watcher.tick()
        world.time += INTERVAL_S
    await watcher.tick()


async def ended(world: World, pilot_id: int) -> None:
    """The pilot ran for an hour."""
    await world.run(pilot_id)
    world.time += 3600
    pilot = await world.pilot(pilot_id)
    facts: AttemptUpdate = {
        "ended_at": world.time, "closed_at": world.time, "outcome": Outcome.EXITED, "user_cpu_s": 14400.0,
        "outcome_class": EndClass.NORMAL,
    }  # fmt: skip
    event = Event("completed", "engine")
    update: Any = {"state": State.COMPLETED, "stage": Stage.DONE, "finished_at": world.time}
    assert await world.services.store.apply([Change(pilot, update, facts, event)])


async def chart(client: httpx.AsyncClient, name: str, **query: str) -> dict[str, Any]:
    answer = await client.get(f"{CHARTS}/{name}", params=query)
    found: dict[str, Any] = answer.raise_for_status().json()
    for line in found["lines"]:
        assert len(line["y"]) == len(found["x"]) == len(found["watched"])
    return found


def known(line: dict[str, Any]) -> list[float]:
    return [value for value in line["y"] if value is not None]


async def test_an_empty_chart_has_gaps_only(client: httpx.AsyncClient) -> None:
    found = await chart(client, "running")
    [line] = found["lines"]
    assert (line["name"], set(line["y"])) == ("total", {None})
    assert (found["step_s"], found["unit"], found["range"], found["by"]) == (300, "pilots", "24h", "total")
    assert all(later - earlier == 300 for earlier, later in pairwise(found["x"]))


async def test_pilots_over_time(client: httpx.AsyncClient, stranger: httpx.AsyncClient, world: World) -> None:
    await submit(client, 3)
    await world.run(1)
    await watched(world, 1200)
    world.time += 60
    found = await chart(client, "pilots", by="kind")
    lines = {line["name"]: known(line) for line in found["lines"]}
    assert {name: set(values) for name, values in lines.items()} == {
        "idle": {2.0}, "running": {1.0}, "held": {0.0}, "unknown": {0.0}
    }  # fmt: skip
    assert len(lines["idle"]) >= 4
    by_route = await chart(client, "idle", by="route")
    assert [(line["name"], set(known(line))) for line in by_route["lines"]] == [(None, {2.0})]
    [total] = (await chart(client, "pilots"))["lines"]
    assert set(known(total)) == {3.0}
    for range_, step in (("7d", 3600), ("1y", 86400)):
        wider = await chart(client, "running", range=range_, by="route")
        assert (wider["step_s"], known(wider["lines"][0])) == (step, [1.0] * len(known(wider["lines"][0])))
    for_pages = await stranger.get("/charts/running.json", params={"range": "1y", "by": "route"})
    assert for_pages.json() == wider


async def test_ends_and_waits(client: httpx.AsyncClient, world: World) -> None:
    await submit(client)
    await ended(world, 1)
    await watched(world, 600)
    world.time += 60
    [line] = (await chart(client, "ended", by="kind"))["lines"]
    assert (line["name"], sum(known(line))) == ("normal", 1)
    [line] = (await chart(client, "ended", by="route"))["lines"]
    assert (line["name"], sum(known(line))) == ("large", 1)
    for by in ("total", "kind"):
        found = await chart(client, "submit", range="7d", by=by)
        [line] = found["lines"]
        assert (found["by"], line["name"], known(line)) == ("total", "total", [0.0])


@pytest.mark.parametrize("query", ["nothing?range=24h", "idle?range=2h", "idle?by=vo"])
async def test_charts_that_there_are_not(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"{CHARTS}/{query}")
    assert answer.status_code == 422
    assert answer.json()["title"]


async def test_contributions_as_json(client: httpx.AsyncClient, world: World) -> None:
    await submit(client, 2, attributes={"GlideinEntryName": "E"})
    await ended(world, 1)
    await world.run(2)
    world.time += 1800
    found = (await client.get(CONTRIBUTIONS, params={"by": "entry"})).raise_for_status().json()
    [entry] = found["rows"]
    assert {name: entry[name] for name in ("name", "ended", "running", "granted", "running_so_far")} == {
        "name": "E", "ended": 1, "running": 1, "granted": 12.0, "running_so_far": 4.0
    }  # fmt: skip
    assert (entry["used"], entry["used_of"], entry["asked"]) == (4.0, 8.0, None)
    assert found["total"] == entry | {"name": None}
    assert (found["since"], found["until"], found["first_day"]) == ("2026-01-03", "2026-02-02", "2026-02-02")
    before = await client.get(CONTRIBUTIONS, params={"since": "2026-01-01", "until": "2026-02-01"})
    assert before.json()["rows"] == []


async def test_contributions_as_csv(client: httpx.AsyncClient, world: World) -> None:
    await submit(client, attributes={"GlideinEntryName": 'E "1", x'})
    await ended(world, 1)
    by_format = await client.get(CONTRIBUTIONS, params={"by": "entry", "format": "csv"})
    by_header = await client.get(CONTRIBUTIONS, params={"by": "entry"}, headers={"Accept": "text/csv"})
    assert by_format.headers["content-type"].startswith("text/csv")
    assert by_format.text == by_header.text
    [row] = csv.DictReader(io.StringIO(by_format.text))
    assert (row["entry"], row["granted"], row["asked"]) == ('E "1", x', "8.0", "")
    as_json = {"by": "entry", "format": "json"}
    answer = await client.get(CONTRIBUTIONS, params=as_json, headers={"Accept": "text/csv"})
    assert answer.json()["rows"]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("since=2026-02-30", "query.since"), ("since=30", "query.since"), ("until=yesterday", "query.until"),
        ("since=2026-02-02&until=2026-02-01", "query.since"), ("by=owner", "query.by"), ("x=1", "query.x"),
    ],
)  # fmt: skip
async def test_days_that_there_are_not(client: httpx.AsyncClient, query: str, path: str) -> None:
    answer = await client.get(f"{CONTRIBUTIONS}?{query}")
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == [path]


async def test_answers_and_their_examples_are_what_the_schema_says(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, world: World
) -> None:
    await submit(client)
    await ended(world, 1)
    schema = (await stranger.get("/openapi.json")).json()
    check(schema, "ChartOut", await chart(client, "ended", by="kind"))
    check(schema, "ChartOut", schema["components"]["schemas"]["ChartOut"]["example"])
    check(schema, "ContributionsOut", (await client.get(CONTRIBUTIONS)).json())
    content = schema["paths"][CONTRIBUTIONS]["get"]["responses"]["200"]["content"]
    [row] = csv.DictReader(io.StringIO(content["text/csv"]["example"]))
    assert list(row) == list(csv.DictReader(io.StringIO(
        (await client.get(CONTRIBUTIONS, params={"format": "csv"})).text
    )).fieldnames or [])  # fmt: skip
