"""GET /pilots/{id}/why: what is known is gathered, and explained."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from hosted_ce.api.views import Contact
from hosted_ce.api.why import facts_of
from hosted_ce.pilots.pilot import Event
from hosted_ce.why.facts import Condition
from tests.api.requests import submit
from tests.api.world import SITE, START, World


async def test_a_pilot_in_the_queue(client: httpx.AsyncClient, world: World) -> None:
    pilot = await world.from_factory()
    await world.begin(pilot.id)
    world.time = START + 60
    found = (await client.get(f"/api/v1/pilots/{pilot.id}/why")).json()
    assert (found["situation"], found["turn"], found["state"]) == ("in_queue", "site", "idle")
    assert found["since"].startswith("2026-")
    assert found["ids"] == {
        "pilot": 1, "factory_job": "gfactory@factory.example.org#4711.0#1769999990",
        "door_key": "ce.example.edu#5.0#1770000000", "attempt": 1, "stamp": "hstamp000000001",
        "batch_id": "1001", "cluster": "hpc", "route": "large", "node": None,
    }  # fmt: skip
    assert [event["what"] for event in found["events"]] == ["received", "routed", "submitted"]


async def test_a_pilot_that_waits_is_explained_by_the_routes(client: httpx.AsyncClient, world: World) -> None:
    pilot = await world.from_factory()
    found = (await client.get(f"/api/v1/pilots/{pilot.id}/why")).json()
    assert (found["situation"], found["why"]) == ("to_be_routed", "route large takes it")
    for job in (6, 7):
        await world.run((await world.from_factory(job)).id)
    found = (await client.get(f"/api/v1/pilots/{pilot.id}/why")).json()
    assert (found["situation"], found["waits_for"]) == ("no_room", "room in route large")
    assert "2 of its 2 pilots" in found["why"]


async def test_there_is_no_answer_without_a_pilot(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/pilots/7/why")
    assert (answer.status_code, answer.json()["pilot_id"]) == (404, 7)


async def test_only_the_last_events_are_told(client: httpx.AsyncClient, world: World) -> None:
    pilot = await world.from_factory()
    for number in range(12):
        await world.note(pilot.id, Event(f"note{number}", "engine"), None)
    found = (await client.get(f"/api/v1/pilots/{pilot.id}/why")).json()
    assert [event["what"] for event in found["events"]] == [f"note{number}" for number in range(2, 12)]


@pytest.mark.parametrize("condition", [each for each in Condition if each is not Condition.GONE])
async def test_every_state_of_a_cluster_is_understood(world: World, condition: Condition) -> None:
    pilot = await world.run((await world.from_factory()).id)
    cluster = replace(SITE.clusters[0], state=condition.value, submitting=False, closed_reason=None)
    known = facts_of(pilot, [], replace(SITE, clusters=(cluster,)), None, START)
    assert known.place
    assert (known.place.condition, known.place.closed is None) == (condition, False)
    gone = facts_of(pilot, [], replace(SITE, clusters=()), None, START)
    assert gone.place
    assert gone.place.condition is Condition.GONE


@pytest.mark.parametrize(
    ("contact", "condition"),
    [
        (Contact.DOWN, Condition.DOWN),
        (Contact.REFUSED, Condition.AUTH_REFUSED),
        (Contact.NOT_YET, Condition.CONNECTING),
    ],
)
async def test_a_paused_cluster_that_is_away_is_away(
    world: World, contact: Contact, condition: Condition
) -> None:
    pilot = await world.run((await world.from_factory()).id)
    cluster = replace(
        SITE.clusters[0], contact=contact, since=START - 5, problem="no route to host",
        state="paused", state_since=START - 900, state_reason="paused by jane",
    )  # fmt: skip
    place = facts_of(pilot, [], replace(SITE, clusters=(cluster,)), None, START).place
    assert place
    assert (place.condition, place.since, place.said) == (condition, START - 5, "no route to host")


async def test_the_trace_has_each_hop(client: httpx.AsyncClient, world: World) -> None:
    await submit(client)
    found = (await client.get("/api/v1/pilots/1/trace")).json()
    assert [hop["progress"] for hop in found["hops"]] == ["done", "now", *["later"] * 4]
    assert (found["ending"], found["purpose"], found["ids"]["pilot"]) == ("under_way", "pilot", 1)
    await world.run(1)
    found = (await client.get("/api/v1/pilots/1/trace")).json()
    assert [hop["progress"] for hop in found["hops"]] == [*["done"] * 4, "now", "later"]
    assert (await client.get("/api/v1/pilots/99/trace")).status_code == 404


async def test_a_test_that_failed_is_not_to_be_released(client: httpx.AsyncClient) -> None:
    made = (await client.post("/api/v1/pilots/tests", json={"kind": "hello"})).json()
    await client.delete(f"/api/v1/pilots/{made['id']}")
    found = (await client.get(f"/api/v1/pilots/{made['id']}/trace")).json()
    assert (found["ending"], found["hops"][1]["progress"]) == ("failed", "failed")
    assert found["todo"] == "mend what is said of the hop that failed, then send another test"
