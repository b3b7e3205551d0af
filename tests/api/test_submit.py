"""Submissions that are taken."""

from __future__ import annotations

import hashlib

import httpx

from hosted_ce.pilots.states import Stage, State
from tests.api.requests import PILOTS, SCRIPT, a_pilot, inline, submit
from tests.api.world import World

SHA = hashlib.sha256(SCRIPT).hexdigest()


async def test_a_pilot_is_written_down_and_its_place_is_told(client: httpx.AsyncClient, world: World) -> None:
    answer = await client.post(PILOTS, json=a_pilot())
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{PILOTS}/1"
    told = answer.json()
    assert (told["id"], told["state"], told["stage"], told["goal"]) == (1, "idle", "waiting", "run")
    assert (told["owner"], told["door"], told["executable"]) == ("operator", "rest", "pilot.sh")
    assert told["created_at"] == "2026-02-02T02:40:00.000Z"
    assert told["batch_id"] is None
    pilot = await world.pilot(1)
    assert (pilot.state, pilot.stage) == (State.IDLE, Stage.WAITING)
    assert pilot.spec["inputs"] == [{"name": "pilot.sh", "sha256": SHA, "executable": False}]
    assert await world.services.contents.get(SHA) == SCRIPT


async def test_the_place_that_was_told_has_the_pilot(client: httpx.AsyncClient) -> None:
    place = (await client.post(PILOTS, json=a_pilot())).headers["Location"]
    assert (await client.get(place)).json()["id"] == 1


async def test_a_key_gives_the_pilot_that_it_gave_before(client: httpx.AsyncClient, world: World) -> None:
    headers = {"Idempotency-Key": "k-1 ~!"}
    first = await client.post(PILOTS, json=a_pilot(), headers=headers)
    written = await world.rows()
    again = await client.post(PILOTS, json=a_pilot(), headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.headers["Location"] == again.headers["Location"]
    assert await world.rows() == written


async def test_a_key_does_not_mind_how_a_file_came_here(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k" * 200}
    inlined = await client.post(PILOTS, json=a_pilot(), headers=headers)
    named = a_pilot(inputs=[{"name": "pilot.sh", "sha256": SHA}])
    assert (await client.post(PILOTS, json=named, headers=headers)).json() == inlined.json()


async def test_without_a_key_equal_requests_are_two_pilots(client: httpx.AsyncClient) -> None:
    assert await submit(client, 2) == [1, 2]


async def test_an_uploaded_file_is_named_by_its_checksum(client: httpx.AsyncClient, world: World) -> None:
    await client.put(f"/api/v1/files/{SHA}", content=SCRIPT)
    inputs = [{"name": "pilot.sh", "sha256": SHA, "executable": True}, inline("empty", b"")]
    answer = await client.post(PILOTS, json=a_pilot(inputs=inputs))
    assert answer.status_code == 201
    kept = (await world.pilot(1)).spec["inputs"]
    assert kept[0] == {"name": "pilot.sh", "sha256": SHA, "executable": True}
    assert await world.services.contents.get(kept[1]["sha256"]) == b""


async def test_hostile_texts_arrive_unchanged(client: httpx.AsyncClient, world: World) -> None:
    hostile = [
        "$(reboot)",
        "'; rm -rf ~ #",
        'a"b\\c',
        "line\nbreak",
        "tab\t",
        "\x1b[2J",
        "ünïcödé 🛰",
        "",
        " ",
    ]
    answer = await client.post(PILOTS, json=a_pilot(arguments=hostile, environment={"X": "a\nb"}))
    assert answer.status_code == 201
    assert (await world.pilot(1)).spec["arguments"] == hostile
    told = (await client.get(f"{PILOTS}/1")).json()
    assert told["arguments"] == hostile
    assert told["environment"] == {"X": "a\nb"}


async def test_types_of_attributes_stay_what_they_are(client: httpx.AsyncClient, world: World) -> None:
    attributes = {"a": True, "b": 1, "c": 1.0, "d": "1", "e": -(2**63), "f": ""}
    await submit(client, attributes=attributes)
    kept = (await world.pilot(1)).attributes
    assert {name: (type(value), value) for name, value in kept.items()} == {
        name: (type(value), value) for name, value in attributes.items()
    }


async def test_a_content_type_may_have_parameters_or_be_left_out(client: httpx.AsyncClient) -> None:
    body = client.build_request("POST", PILOTS, json=a_pilot()).content
    typed = await client.post(
        PILOTS, content=body, headers={"Content-Type": "Application/JSON; charset=utf-8"}
    )
    bare = await client.post(PILOTS, content=body)
    assert (typed.status_code, bare.status_code) == (201, 201)
