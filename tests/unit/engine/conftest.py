"""Fixtures of the engine's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.fakes.bench import Bench, bench
from tests.fakes.database import new_database, quick_folder


@pytest.fixture
def url() -> Iterator[str]:
    """A new database."""
    with quick_folder() as folder:
        yield new_database(folder)


@pytest.fixture
async def ce(url: str) -> AsyncIterator[Bench]:
    """The engine, with a cluster in memory."""
    async with bench(url) as made:
        yield made
