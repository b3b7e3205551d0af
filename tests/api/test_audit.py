"""What the API takes down: everything that was changed or refused, by whom, and why."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from hosted_ce.access.roles import Role
from hosted_ce.api.app import create_app
from hosted_ce.api.middleware.strangers import ALL, ALL_S, EACH, Strangers
from hosted_ce.audit.record import Record
from tests.api.conftest import client_of
from tests.api.requests import PILOTS, a_pilot, batch
from tests.api.test_access import filled, operations
from tests.api.world import TOKEN, World, open_world


class Taken:
    """Keeps the records."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def note(self, record: Record) -> None:
        self.records.append(record)

    async def run(self) -> None: ...

    def close(self) -> None: ...

    def last(self) -> dict[str, object]:
        return self.records[-1].members("now")


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
async def world(template: Path, tmp_path: Path, taken: Taken) -> AsyncIterator[World]:
    async with open_world(template, tmp_path, audit=taken) as world:
        yield world


async def test_a_submission_names_the_pilot_and_who_did_it(
    client: httpx.AsyncClient, world: World, taken: Taken
) -> None:
    token, secret = await world.services.tokens.create("Ada", Role.OPERATOR, lasting_s=None, by="x")
    answer = await client.post(PILOTS, json=a_pilot(), headers={"Authorization": f"Bearer {secret}"})
    assert taken.last() == {
        "at": "now", "door": "rest", "who": "Ada", "action": "submit_pilot", "outcome": "allowed",
        "role": "operator", "token_id": token.id, "address": "127.0.0.1", "method": "POST", "status": 201,
        "request_id": answer.headers["X-Request-Id"], "pilot": answer.json()["id"],
    }  # fmt: skip


async def test_a_submission_of_many_is_one_line_with_all_of_them(
    client: httpx.AsyncClient, taken: Taken
) -> None:
    await batch(client, count=2)
    taken.records.clear()
    await batch(client, count=30)
    assert len(taken.records) == 1
    found = taken.last()
    assert (found["action"], found["outcome"], found["pilots"]) == ("submit_batch", "allowed", ["1-30"])


async def test_every_change_and_every_refusal_is_taken_down_under_its_name(
    stranger: httpx.AsyncClient, world: World, taken: Taken
) -> None:
    await world.services.tokens.create("number 1", Role.VIEWER, lasting_s=None, by="x")  # to be revoked
    _, viewer = await world.services.tokens.create("Vi", Role.VIEWER, lasting_s=None, by="x")
    for method, path, least in operations(world):
        for secret, role in ((viewer, Role.VIEWER), (TOKEN, Role.ADMIN)):
            if "stream" in path or path.endswith("/events"):
                continue
            taken.records.clear()
            headers = {"Authorization": f"Bearer {secret}"}
            answer = await stranger.request(method, filled(path), headers=headers)
            reads, may = method in {"GET", "HEAD"}, role.covers(least)
            assert len(taken.records) == (not (reads and may)), (method, path, role)
            if not taken.records:
                continue
            found = taken.last()
            assert "/" not in str(found["action"]), "its operation"
            assert found["role"] == role
            if not may:
                assert (found["outcome"], found["status"]) == ("refused", 403)
                assert least in str(found["why"])
            elif answer.is_success:
                assert found["outcome"] == "allowed"
            if "{pilot_id}" in path:
                assert found["pilot"] == 1
            if "{cluster}" in path:
                assert found["cluster"] == "hpc"


@pytest.mark.parametrize("given", ["Bearer wrong-secret-of-mine", f"Bearer hce_{'A' * 43}", ""])
async def test_who_is_not_known_is_taken_down_without_the_secret(
    stranger: httpx.AsyncClient, taken: Taken, given: str
) -> None:
    await stranger.get(PILOTS, headers={"Authorization": given} if given else {})
    found = taken.last()
    assert (found["outcome"], found["status"], found["action"]) == ("refused", 401, "list_pilots")
    assert "who" not in found
    assert given.removeprefix("Bearer ")[:12] not in str(found) or not given


async def test_what_cannot_be_done_is_not_refused(client: httpx.AsyncClient, taken: Taken) -> None:
    await client.delete(f"{PILOTS}/4711")
    assert (taken.last()["outcome"], taken.last()["why"]) == ("not_done", "there is no pilot 4711")
    taken.records.clear()
    await client.post("/nothing/here")
    assert not taken.records, "who asks is not looked at where nothing is"


async def test_reading_is_taken_down_when_it_is_wished(world: World, taken: Taken) -> None:
    for reads in (False, True):
        world.services = dataclasses.replace(world.services, audit_reads=reads)
        async with client_of(world) as client:
            await client.get(PILOTS, headers={"Authorization": f"Bearer {TOKEN}"})
            await client.get("/healthz")
        assert [record.action for record in taken.records] == ["list_pilots"] * reads


async def test_nobody_known_pushes_no_record_of_others_out(world: World, taken: Taken) -> None:
    transport = httpx.ASGITransport(create_app(world.services), client=("192.0.2.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://ce.test") as client:
        for _ in range(int(EACH) + 5):
            assert (await client.delete(f"{PILOTS}/1")).status_code == 401
        assert len(taken.records) == EACH
        good = {"Authorization": f"Bearer {TOKEN}"}
        assert (await client.delete(f"{PILOTS}/4711", headers=good)).status_code == 404
        assert taken.last()["who"] == "operator"
    elsewhere = httpx.ASGITransport(transport.app, client=("192.0.2.8", 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://ce.test") as client:
        await client.get(PILOTS)
        assert (taken.last()["address"], taken.last()["left_out"]) == ("192.0.2.8", 5)
        await client.get(PILOTS)
        assert "left_out" not in taken.last()


def test_room_for_strangers_is_bounded_for_all_together_too() -> None:
    now = [0.0]
    strangers = Strangers(lambda: now[0])
    taken = sum(strangers.take(f"192.0.{n // 200}.{n % 200}") for n in range(int(ALL) + 50))
    assert (taken, strangers.left_out(), strangers.left_out()) == (ALL, 50, None)
    now[0] = 10.0
    assert sum(strangers.take(f"10.0.0.{n}") for n in range(50)) == 10 * ALL_S
    assert sum(strangers.take("127.0.0.1") for n in range(50)) == 0


async def test_who_leaves_in_the_midst_of_a_body_is_no_mistake_of_ours(world: World, taken: Taken) -> None:
    sent = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
    head = [(b"authorization", f"Bearer {TOKEN}".encode()), (b"content-length", b"100")]
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": PILOTS, "raw_path": PILOTS.encode(),
        "query_string": b"", "scheme": "http", "headers": head, "client": ("127.0.0.1", 1),
        "server": ("ce.test", 80), "state": {},
    }  # fmt: skip

    async def receive() -> dict[str, object]:
        return next(sent)

    async def send(message: object) -> None:
        raise AssertionError("nobody is there")

    await create_app(world.services)(scope, receive, send)
    assert (taken.last()["outcome"], taken.last()["status"]) == ("not_done", 499)
