"""Fixtures: an empty database once, a world and a client for each test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from hosted_ce.api.app import create_app
from hosted_ce.api.front import Front
from hosted_ce.store.migrate import upgrade
from tests.api.world import TOKEN, World, open_world
from tests.fakes.database import fresh_database
from tests.fakes.postgresql import BOTH, Server


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the current schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "ce.sqlite"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


ON_BOTH = {"test_list", "test_submit", "test_batch", "test_entries", "test_verification"}
"""Modules whose tests ask most of the database: they run on each kind of it."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Gives the tests of those modules each kind of database."""
    if "database_server" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in ON_BOTH:
        metafunc.parametrize("database_server", BOTH, indirect=True)


@pytest.fixture
def server_url(database_server: Server | None) -> Iterator[str | None]:
    """A new database of a server; None: a copy of the template, which is usual."""
    if database_server is None:
        yield None
        return
    with fresh_database(database_server) as made:
        yield made


@pytest.fixture
async def world(template: Path, tmp_path: Path, server_url: str | None) -> AsyncIterator[World]:
    """A CE without an engine."""
    async with open_world(template, tmp_path, server_url) as world:
        yield world


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the token."""
    async with client_of(world) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


@pytest.fixture
async def stranger(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    async with client_of(world) as client:
        yield client


_routes = list[BaseRoute]()


def app_of(world: World) -> ASGIApp:
    """The world's API behind its front, with the routes of the first one that was made here.

    They are the same for all of them, and FastAPI prepares each at its first request, which takes longer than
    most tests.
    """
    app = create_app(world.services)
    _routes[:] = _routes or app.router.routes
    app.router.routes = _routes

    async def load() -> ASGIApp:
        return app

    return Front(world.services, load)


def client_of(world: World) -> httpx.AsyncClient:
    """A client that talks to the world's API in this process."""
    transport = httpx.ASGITransport(app_of(world))
    return httpx.AsyncClient(transport=transport, base_url="http://ce.test")


@pytest.fixture
async def refused(client: httpx.AsyncClient, world: World) -> AsyncIterator[list[httpx.Response]]:
    """Collects answers; in the end checks that they are problems, and that they changed nothing."""
    answers: list[httpx.Response] = []
    before = await world.rows()
    yield answers
    assert answers
    for answer in answers:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
        assert len(answer.content) < 20_000
    assert await world.rows() == before
