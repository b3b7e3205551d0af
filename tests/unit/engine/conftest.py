"""Fixtures of the engine's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.bench import Bench, bench
from tests.fakes.postgresql import BOTH

DEAR = {"test_engine_crash_points"}
"""Modules whose tests make a hundred databases each: they say themselves what is on PostgreSQL."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Gives the tests each kind of database."""
    if "database_server" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] not in DEAR:
        metafunc.parametrize("database_server", BOTH, indirect=True)


@pytest.fixture
async def ce(url: str) -> AsyncIterator[Bench]:
    """The engine, with a cluster in memory."""
    async with bench(url) as made:
        yield made
