"""Single pilots: facts, outputs, removal."""

from __future__ import annotations

import httpx
import pytest

from hosted_ce.pilots.states import Goal, State
from tests.api.requests import PILOTS, submit
from tests.api.world import World


async def test_everything_about_a_pilot(client: httpx.AsyncClient, world: World) -> None:
    await submit(client)
    world.time += 61.5
    await world.complete(1)
    told = (await client.get(f"{PILOTS}/1")).json()
    assert (told["state"], told["outcome"], told["exit_code"], told["exit_signal"]) == (
        "completed", "exited", 0, None,
    )  # fmt: skip
    assert told["finished_at"] == told["changed_at"] == "2026-02-02T02:41:01.500Z"
    assert (told["stdout_bytes"], told["stderr_bytes"]) == (6, 0)
    assert told["arguments"] == ["-v", "std"]
    assert told["inputs"][0]["name"] == "pilot.sh"
    attempt = told["attempt"]
    assert (attempt["number"], attempt["request"], attempt["batch_id"]) == (1, {"cpus": 8}, "1001")
    assert attempt["ended_at"] == "2026-02-02T02:41:01.500Z"
    assert attempt["swept_at"] is None
    assert attempt["granted"] == {"cpus": 8, "memory_mb": 16384, "walltime_s": 259200}
    assert (attempt["user_cpu_s"], attempt["system_cpu_s"], attempt["peak_memory_mb"]) == (61.25, 0.5, 1200)
    assert [(event["what"], event["state"]) for event in told["history"]] == [
        ("received", "idle"), ("routed", "idle"), ("submitted", "idle"), ("running", "running"),
        ("completed", "completed"),
    ]  # fmt: skip
    assert len(told["history"][0]["data"].pop("request_id")) == 16
    assert told["history"][0] == {
        "at": "2026-02-02T02:40:00.000Z", "what": "received", "actor": "rest:operator", "state": "idle",
        "reason": None, "data": {},
    }  # fmt: skip


async def test_before_its_first_attempt(client: httpx.AsyncClient) -> None:
    await submit(client)
    told = (await client.get(f"{PILOTS}/1")).json()
    assert told["attempt"] is None
    assert told["attempt_number"] is None
    assert told["reason"] == "not routed yet"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/stdout"),
        ("GET", "/stderr"),
        ("DELETE", ""),
        ("POST", "/hold"),
        ("POST", "/release"),
    ],
)
async def test_a_pilot_that_is_not(client: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, f"{PILOTS}/4711{path}")
    assert answer.status_code == 404
    assert answer.json()["type"] == "/docs/errors#no-such-pilot"
    assert answer.json()["detail"] == "there is no pilot 4711"


@pytest.mark.parametrize("pilot_id", ["0", "-1", "x", "1.5", str(2**63), "9" * 500, "1%00", "%0a1x"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_what_cannot_be_an_id(client: httpx.AsyncClient, method: str, pilot_id: str) -> None:
    answer = await client.request(method, f"{PILOTS}/{pilot_id}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "path.pilot_id"
    assert len(answer.content) < 1000


async def test_outputs_come_as_they_are(client: httpx.AsyncClient, world: World) -> None:
    await submit(client)
    await world.complete(1)
    text, binary = "grüße\r\n".encode(), b"\xff\x00\n"
    await world.services.outputs.put(1, 1, "stdout", text)
    await world.services.outputs.put(1, 1, "stderr", binary)
    stdout, stderr = await client.get(f"{PILOTS}/1/stdout"), await client.get(f"{PILOTS}/1/stderr")
    assert (stdout.content, stdout.headers["Content-Type"]) == (text, "text/plain; charset=utf-8")
    assert (stderr.content, stderr.headers["Content-Type"]) == (binary, "application/octet-stream")


async def test_an_empty_output_is_one(client: httpx.AsyncClient, world: World) -> None:
    await submit(client)
    await world.complete(1)
    await world.services.outputs.put(1, 1, "stderr", b"")
    answer = await client.get(f"{PILOTS}/1/stderr")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_an_output_that_is_not_here_says_why(client: httpx.AsyncClient, world: World) -> None:
    await submit(client, 3)
    await world.run(1)
    await client.delete(f"{PILOTS}/2")
    await world.complete(3)
    told = [(await client.get(f"{PILOTS}/{number}/stdout")) for number in (1, 2, 3)]
    assert {answer.status_code for answer in told} == {404}
    assert {answer.json()["type"] for answer in told} == {"/docs/errors#output-not-here"}
    assert [(answer.json()["state"], answer.json()["detail"]) for answer in told] == [
        ("running", "pilot 1 is running: its stdout is fetched when its batch job has ended"),
        ("removed", "pilot 2 is removed: it had no batch job, so there is no stdout"),
        ("completed", "pilot 3 is completed: no stdout of its batch job was fetched; its history says why"),
    ]


async def test_a_waiting_pilot_is_removed_at_once(client: httpx.AsyncClient, world: World) -> None:
    await submit(client)
    answer = await client.delete(f"{PILOTS}/1", params={"reason": "not needed"})
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["reason"]) == ("removed", "not needed")
    last = (await client.get(f"{PILOTS}/1")).json()["history"][-1]
    assert (last["what"], last["actor"], last["reason"]) == ("removed", "rest:operator", "not needed")


async def test_a_running_pilot_is_to_be_removed(client: httpx.AsyncClient, world: World) -> None:
    await submit(client)
    await world.run(1)
    first = await client.delete(f"{PILOTS}/1")
    written = await world.rows()
    again = await client.delete(f"{PILOTS}/1", params={"reason": "really"})
    assert (first.status_code, again.status_code) == (202, 202)
    assert (first.json()["state"], first.json()["goal"]) == ("running", "remove")
    assert (await world.pilot(1)).goal is Goal.REMOVE
    assert await world.rows() == written, "asking again changes nothing"


async def test_a_pilot_that_is_over_stays_as_it_was(client: httpx.AsyncClient, world: World) -> None:
    await submit(client)
    await world.complete(1)
    written = await world.rows()
    answer = await client.delete(f"{PILOTS}/1")
    assert answer.status_code == 200
    assert answer.json()["state"] == State.COMPLETED
    assert await world.rows() == written


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("a\nb", "control character (U+000A)"),
        ("\0", "U+0000"),
        ("\x1b[2J", "U+001B"),
        ("x" * 501, "at most 500"),
    ],
)
async def test_a_reason_for_one_line_only(
    client: httpx.AsyncClient, world: World, reason: str, message: str
) -> None:
    await submit(client)
    before = await world.rows()
    answer = await client.delete(f"{PILOTS}/1", params={"reason": reason})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "query.reason"
    assert message in answer.json()["errors"][0]["message"]
    assert await world.rows() == before


async def test_a_waiting_pilot_is_held_at_once_and_released(client: httpx.AsyncClient, world: World) -> None:
    await submit(client)
    answer = await client.post(f"{PILOTS}/1/hold", params={"reason": "not now"})
    told = answer.json()
    assert (answer.status_code, told["state"], told["hold_cause"]) == (202, "held", "requested")
    assert told["reason"] == "not now"
    answer = await client.post(f"{PILOTS}/1/release", params={"reason": "now"})
    told = answer.json()
    assert (answer.status_code, told["state"], told["hold_cause"]) == (202, "idle", None)
    history = (await client.get(f"{PILOTS}/1")).json()["history"]
    assert [(event["what"], event["actor"], event["reason"]) for event in history[1:]] == [
        ("held", "rest:operator", "not now"), ("released", "rest:operator", "now"),
    ]  # fmt: skip


async def test_a_running_pilot_is_to_be_held_and_then_to_begin_anew(
    client: httpx.AsyncClient, world: World
) -> None:
    await submit(client)
    await world.run(1)
    told = (await client.post(f"{PILOTS}/1/hold")).json()
    assert (told["state"], told["goal"], told["reason"]) == ("running", "hold", "to be held: held on request")
    told = (await client.post(f"{PILOTS}/1/release")).json()
    assert (told["state"], told["goal"]) == ("running", "restart")


@pytest.mark.parametrize("verb", ["hold", "release"])
async def test_what_is_over_is_neither_held_nor_released(
    client: httpx.AsyncClient, world: World, verb: str
) -> None:
    await submit(client)
    await world.complete(1)
    written = await world.rows()
    answer = await client.post(f"{PILOTS}/1/{verb}")
    assert (answer.status_code, answer.json()["state"]) == (200, "completed")
    assert await world.rows() == written


@pytest.mark.parametrize("verbs", [("release",), ("hold", "hold"), ("hold", "release", "release")])
async def test_asking_for_what_is_so_changes_nothing(
    client: httpx.AsyncClient, world: World, verbs: tuple[str, ...]
) -> None:
    await submit(client)
    for verb in verbs[:-1]:
        await client.post(f"{PILOTS}/1/{verb}")
    written = await world.rows()
    assert (await client.post(f"{PILOTS}/1/{verbs[-1]}")).status_code == 200
    assert await world.rows() == written


async def test_a_factorys_pilot_is_released_there(client: httpx.AsyncClient, world: World) -> None:
    await world.from_factory()
    assert (await client.post(f"{PILOTS}/1/hold")).status_code == 202
    answer = await client.post(f"{PILOTS}/1/release")
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/docs/errors#released-elsewhere", "title": "It is released where it came from",
        "status": 409, "pilot_id": 1,
        "detail": "pilot 1 was brought by a factory: release it at the factory: "
        "condor_release -name gfactory@factory.example.org 4711.0",
    }  # fmt: skip
    assert (await world.pilot(1)).state is State.HELD
