"""Fixtures of the store's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from hosted_ce.store.database import Database
from hosted_ce.store.pilots import PilotStore
from tests.fakes.clock import Clock
from tests.fakes.database import new_database, quick_folder
from tests.fakes.postgresql import BOTH, Server


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder."""
    with quick_folder() as made:
        yield made


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """A new database, of each kind."""
    if request.param == "sqlite":
        yield new_database(folder)
        return
    server: Server = request.getfixturevalue("postgresql")
    made = server.new_database()
    yield made
    server.drop(made)


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


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """What the writer sends; many rows of one statement are one."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    engine = database._writer._engine
    sa.event.listen(engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(engine, "before_cursor_execute", note)
