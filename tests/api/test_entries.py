"""Entries, every attempt of a pilot, and what is pending at the site."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.pilot import AttemptUpdate, Change, Event, NewAttempt
from hosted_ce.pilots.states import Stage, State
from tests.api.requests import PILOTS, submit
from tests.api.test_openapi import check
from tests.api.world import World

ENTRIES = "/api/v1/entries"
NAME = "OSG_US_Example-CE1"


async def change(
    world: World, pilot_id: int, event: str, attempt: AttemptUpdate | None = None, **update: Any
) -> None:
    pilot = await world.pilot(pilot_id)
    made = Change(pilot, update, attempt or AttemptUpdate(), Event(event, "test"))  # type: ignore[arg-type]
    assert await world.services.store.apply([made])


async def five(client: httpx.AsyncClient, world: World) -> None:
    """An idle, a pending, a running and a held pilot of an entry, and one of none."""
    for spelled in ("GlideinEntryName", "GLIDEINENTRYNAME", "glideinentryname", "GlideinEntryName"):
        await submit(client, attributes={spelled: NAME, "GlideinFactory": "OSG"})
    await submit(client)
    await world.begin(2)
    await change(world, 2, "pending", {"site_state": "PENDING", "site_reason": "QOSMaxJobsPerUserLimit"})
    world.time += 60
    await world.run(3)
    world.time += 60
    await change(
        world, 4, "held", state=State.HELD, stage=Stage.DONE, reason="Invalid account",
        hold_cause=HoldCause.REFUSED,
    )  # fmt: skip


async def test_an_entry_is_summed_up(client: httpx.AsyncClient, world: World) -> None:
    await five(client, world)
    found = (await client.get(ENTRIES)).raise_for_status().json()
    none, entry = found["entries"]
    assert (none["name"], none["counts"]["idle"]) == (None, 1)
    assert (entry["name"], entry["factories"]) == (NAME, ["OSG"])
    counted = {state: number for state, number in entry["counts"].items() if number}
    assert counted == {"idle": 2, "running": 1, "held": 1}
    assert entry["idle_since"] == "2026-02-02T02:40:00.000Z"
    assert entry["last_started_at"] == "2026-02-02T02:41:00.000Z"
    assert entry["held"] == [
        {
            "reason": "Invalid account",
            "pilots": 1,
            "since": "2026-02-02T02:42:00.000Z",
            "hold_cause": "refused",
        }
    ]
    assert (found["totals"]["idle"], sum(found["totals"].values()), found["left_out"]) == (3, 5, 0)


async def test_one_entry_tells_why_its_pilots_wait(client: httpx.AsyncClient, world: World) -> None:
    await five(client, world)
    entry = (await client.get(f"{ENTRIES}/{NAME}")).raise_for_status().json()
    assert {route["route"] for route in entry["routes"]} == {None, "large"}
    assert {(each["reason"], each["pilots"]) for each in entry["idle"]} == {
        ("not routed yet", 1), ("in the queue", 1),
    }  # fmt: skip
    [pending] = entry["pending"]
    assert (pending["site_state"], pending["site_reason"]) == ("PENDING", "QOSMaxJobsPerUserLimit")
    assert (pending["cluster"], pending["route"], pending["pilots"]) == ("hpc", "large", 1)
    narrowed = (await client.get(f"{ENTRIES}/{NAME}", params={"route": "large"})).json()
    assert sum(narrowed["counts"].values()) == 2


async def test_an_entry_that_never_came(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{ENTRIES}/none")
    assert (answer.status_code, answer.json()["title"]) == (404, "There is no such entry")


async def test_lists_by_entry_and_how_many_match(client: httpx.AsyncClient, world: World) -> None:
    await five(client, world)
    page = (await client.get(PILOTS, params={"entry": NAME, "factory": "OSG", "limit": 1})).json()
    assert [item["id"] for item in page["items"]] == [4]
    assert {state: n for state, n in page["matching"].items() if n} == {"idle": 2, "running": 1, "held": 1}
    page = (await client.get(PILOTS, params={"reason": "INVALID ACC"})).json()
    assert [item["id"] for item in page["items"]] == [4]
    world.time += 3600
    await submit(client, attributes={"GlideinEntryName": NAME})
    young = (await client.get(PILOTS, params={"younger_than": "59m", "entry": NAME})).json()
    assert [item["id"] for item in young["items"]] == [6]
    old = (await client.get(PILOTS, params={"older_than": "1h", "state": "idle"})).json()
    assert [item["id"] for item in old["items"]] == [5, 2, 1]


async def test_over_pilots_are_listed_by_when_they_were_over(client: httpx.AsyncClient, world: World) -> None:
    await submit(client, 3)
    for pilot_id in (2, 3, 1):
        world.time += 10
        await world.complete(pilot_id)
    wanted: dict[str, Any] = {"order": "finished", "limit": 2}
    page = (await client.get(PILOTS, params=wanted)).json()
    assert [item["id"] for item in page["items"]] == [1, 3]
    rest = (await client.get(PILOTS, params=wanted | {"cursor": page["next_cursor"]})).json()
    assert ([item["id"] for item in rest["items"]], rest["next_cursor"]) == ([2], None)
    assert (await client.get(PILOTS, params={"cursor": page["next_cursor"]})).status_code == 422
    late = (await client.get(PILOTS, params=wanted | {"finished_within": "10s"})).json()
    assert [item["id"] for item in late["items"]] == [1, 3]


@pytest.mark.parametrize(
    "query", ["older_than=2", "younger_than=soon", "reason=ab", "entry=", "order=size", "finished_within=-1h"]
)
async def test_filters_that_make_no_sense(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"{PILOTS}?{query}")
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["path"]) == (422, f"query.{query.split('=', maxsplit=1)[0]}")


async def test_every_attempt_is_told_with_its_names(client: httpx.AsyncClient, world: World) -> None:
    pilot = await world.from_factory()
    await world.begin(pilot.id)
    await change(world, pilot.id, "requeued", {"closed_at": world.time}, stage=Stage.WAITING)
    current = await world.pilot(pilot.id)
    again = Change(
        current, {"stage": Stage.SUBMITTING}, event=Event("routed", "engine"),
        begin=NewAttempt("hsecond", "any", "old", {"cpus": 1}),
    )  # fmt: skip
    assert await world.services.store.apply([again])
    await change(world, pilot.id, "submitted", {"batch_id": "77"}, stage=Stage.QUEUED)
    found = (await client.get(f"{PILOTS}/{pilot.id}")).json()
    assert found["factory_job"] == "gfactory@factory.example.org#4711.0#1769999990"
    assert found["door_key"] == "ce.example.edu#5.0#1770000000"
    named = [(each["number"], each["stamp"], each["batch_id"], each["route"]) for each in found["attempts"]]
    assert named == [(1, "hstamp000000001", "1001", "large"), (2, "hsecond", "77", "any")]
    assert found["attempt"] == found["attempts"][-1]
    assert all(event["actor"] for event in found["history"])
    for name, value in (("batch_id", "1001"), ("batch_id", "77"), ("stamp", "hstamp000000001")):
        assert [i["id"] for i in (await client.get(PILOTS, params={name: value})).json()["items"]] == [1]


async def test_the_site_tells_what_is_full_and_pending(client: httpx.AsyncClient, world: World) -> None:
    await five(client, world)
    site = (await client.get("/api/v1/site")).json()
    assert [route["full"] for route in site["routes"]] == [
        None, "0 of its 0 waiting pilots are in the site's queue",
    ]  # fmt: skip
    assert [(each["site_reason"], each["pilots"]) for each in site["pending"]] == [
        ("QOSMaxJobsPerUserLimit", 1)
    ]


async def test_answers_are_what_the_schema_says(client: httpx.AsyncClient, world: World) -> None:
    schema = (await client.get("/openapi.json")).json()
    await five(client, world)
    await world.complete(1)
    check(schema, "EntriesOut", (await client.get(ENTRIES)).json())
    check(schema, "EntryDetail", (await client.get(f"{ENTRIES}/{NAME}")).json())
    check(schema, "PilotPage", (await client.get(PILOTS, params={"entry": NAME})).json())
