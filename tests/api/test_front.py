"""What watchers ask is answered without the rest of the API, and in the same way."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace

import httpx
import pytest
from starlette.types import ASGIApp, Message
from structlog.testing import capture_logs

from hosted_ce.access.roles import Role
from hosted_ce.api.app import create_app
from hosted_ce.api.callers.rates import Rates
from hosted_ce.api.front import AGAIN_S, Front
from hosted_ce.api.problems.kinds import RESTART_NEEDED
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.views import Check
from hosted_ce.audit.record import Outcome, Record
from tests.api.requests import PILOTS
from tests.api.world import TOKEN, World

GOOD = {"Authorization": f"Bearer {TOKEN}"}
WATCHED = ("/healthz", "/readyz", "/metrics")
THEIR_OWN = {"x-request-id"}


class Loads:
    """Loads the API, and counts. What is in `fails` is raised first."""

    def __init__(self, make: Callable[[], ASGIApp]):
        self._make, self.fails, self.count = make, list[Exception](), 0

    async def __call__(self) -> ASGIApp:
        self.count += 1
        await asyncio.sleep(0)
        if self.fails:
            raise self.fails.pop()
        return self._make()


@asynccontextmanager
async def asking(world: World, app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://ce.test") as client:
        yield client


@pytest.fixture
def loads(world: World) -> Loads:
    return Loads(lambda: create_app(world.services))


@pytest.fixture
async def front(world: World, loads: Loads) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(world, Front(world.services, loads)) as client:
        yield client


def closed(world: World) -> None:
    """Numbers are for those with a token alone."""
    world.services = dataclasses.replace(world.services, public_metrics=False)


@pytest.mark.parametrize("ready", [True, False])
@pytest.mark.parametrize("path", WATCHED)
async def test_the_answer_is_that_of_the_whole_api(
    front: httpx.AsyncClient, world: World, loads: Loads, path: str, ready: bool
) -> None:
    if not ready:
        world.checks.append(Check("task route", False, "ValueError: ü"))
    async with asking(world, create_app(world.services)) as whole:
        theirs = await whole.get(path)
    ours = await front.get(path)
    assert (ours.status_code, ours.content) == (theirs.status_code, theirs.content)
    assert loads.count == 0
    assert all(ours.headers[name] == theirs.headers[name] for name in theirs.headers if name not in THEIR_OWN)
    assert set(ours.headers) == set(theirs.headers) >= THEIR_OWN


async def test_everything_else_has_the_rest_loaded_once(front: httpx.AsyncClient, loads: Loads) -> None:
    answers = await asyncio.gather(*(front.get(PILOTS, headers=GOOD) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5
    assert loads.count == 1
    assert (await front.post("/healthz")).status_code == 405
    assert (await front.get("/healthz/")).status_code == 404
    assert loads.count == 1


async def test_numbers_for_a_token_are_read_without_the_rest(world: World, loads: Loads) -> None:
    closed(world)
    _, secret = await world.services.tokens.create("a", Role.VIEWER, lasting_s=None, by="x")
    async with asking(world, Front(world.services, loads)) as front:
        for token in (TOKEN, secret):
            answer = await front.get("/metrics", headers={"Authorization": f"bearer {token}"})
            assert "hosted_ce_test_pilots 3.0" in answer.text
        assert loads.count == 0
        basic = await front.get("/metrics", auth=("prometheus", secret))
        assert (basic.status_code, loads.count) == (200, 1)


@pytest.mark.parametrize("shown", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer"}])
async def test_who_shows_no_good_token_is_told_so_by_the_rest(
    world: World, loads: Loads, shown: dict[str, str]
) -> None:
    closed(world)
    async with asking(world, Front(world.services, loads)) as front:
        answer = await front.get("/metrics", headers=shown)
    assert (answer.status_code, answer.json()["type"]) == (401, "/docs/errors#unauthorized")
    assert loads.count == 1


async def test_a_token_that_is_over_opens_nothing(world: World, loads: Loads) -> None:
    closed(world)
    token, secret = await world.services.tokens.create("a", Role.VIEWER, lasting_s=None, by="x")
    await world.services.tokens.revoke(token.id, by="x")
    async with asking(world, Front(world.services, loads)) as front:
        answer = await front.get("/metrics", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401
    assert "was revoked" in answer.json()["detail"]


async def test_watchers_are_slowed_down_like_everybody(world: World, loads: Loads) -> None:
    closed(world)
    _, secret = await world.services.tokens.create("a", Role.VIEWER, lasting_s=None, by="x")
    limited = Rates(per_address=0.4, per_token=0.1, now=lambda: 0.0)
    world.services = dataclasses.replace(world.services, rates=limited)
    shown = {"Authorization": f"Bearer {secret}"}
    async with asking(world, Front(world.services, loads)) as front:
        assert (await front.get("/metrics", headers=shown)).status_code == 200
        of_token = await front.get("/metrics", headers=shown)
        assert (of_token.status_code, of_token.headers["Retry-After"]) == (429, "10")
        assert "with this token" in of_token.json()["detail"]
        await front.get("/healthz"), await front.get("/healthz")
        of_address = await front.get("/healthz", headers={"Accept": "text/html"})
        assert (of_address.status_code, of_address.json()["status"]) == (429, 429)
    assert loads.count == 0


async def test_what_cannot_be_loaded_is_told_to_all_and_tried_again_after_a_while(
    world: World, loads: Loads
) -> None:
    loads.fails, now = [Problem(RESTART_NEEDED, "restart it")], [100.0]
    async with asking(world, Front(world.services, loads, lambda: now[0])) as front:
        refused = await asyncio.gather(*(front.get(PILOTS, headers=GOOD) for _ in range(5)))
        for answer in refused:
            assert (answer.status_code, answer.json()["type"]) == (503, "/docs/errors#restart-needed")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        now[0] += AGAIN_S - 1
        assert (await front.get(PILOTS, headers=GOOD)).status_code == 503
        assert loads.count == 1
        now[0] += 1
        assert (await front.get(PILOTS, headers=GOOD)).status_code == 200
        assert loads.count == 2


async def test_a_request_that_nothing_was_loaded_for_is_taken_down_by_its_path(
    world: World, loads: Loads
) -> None:
    taken: list[Record] = []
    auditor = SimpleNamespace(note=taken.append)
    world.services = dataclasses.replace(world.services, audit=auditor)  # type: ignore[arg-type]
    loads.fails = [Problem(RESTART_NEEDED, "restart it")]
    async with asking(world, Front(world.services, loads)) as front:
        await front.post(PILOTS, headers=GOOD)
    [record] = taken
    assert (record.action, record.outcome, record.why) == (f"POST {PILOTS}", Outcome.FAILED, "restart it")


async def test_without_a_token_it_is_not_begun(world: World, loads: Loads) -> None:
    with pytest.raises(ValueError, match="needs a token"):
        Front(dataclasses.replace(world.services, token=""), loads)


async def test_a_broken_installation_is_in_the_log(front: httpx.AsyncClient, loads: Loads) -> None:
    loads.fails = [ImportError("there is no fastapi")]
    with capture_logs() as lines:
        answer = await front.get("/")
    assert answer.status_code == 500
    [failed] = [line for line in lines if line["event"] == "request failed"]
    assert "there is no fastapi" in failed["exception"]
    assert failed["request_id"] == answer.headers["X-Request-Id"] == answer.json()["request_id"]


async def test_the_server_begins_and_ends_without_the_rest(world: World, loads: Loads) -> None:
    asked = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent: list[Message] = []

    async def receive() -> Message:
        return next(asked)

    async def send(message: Message) -> None:
        sent.append(message)

    await Front(world.services, loads)({"type": "lifespan"}, receive, send)
    assert [message["type"] for message in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert loads.count == 0
