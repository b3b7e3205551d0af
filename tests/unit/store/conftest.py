"""Fixtures of the store's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from hosted_ce.store.database import Database
from hosted_ce.store.pilots import PilotStore
from tests.fakes.clock import Clock
from tests.fakes.database import new_database, quick_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder."""
    with quick_folder() as made:
        yield made


@pytest.fixture
def url(folder: Path) -> str:
    """A new database."""
    return new_database(folder)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """It, open."""
    opened = Database(url)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def store(database: Database, clock: Clock) -> PilotStore:
    """The pilots in it."""
    return PilotStore(database, now=clock)
