"""The schema the database has, and how it gets the one that is needed; never under a CE that runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import sqlalchemy as sa
from alembic.util import CommandError

from hosted_ce.cli.errors import CliError, Misuse
from hosted_ce.cli.starting import told
from hosted_ce.daemon.errors import CannotStart
from hosted_ce.daemon.process.held import state_folder
from hosted_ce.settings import Settings
from hosted_ce.store import migrate
from hosted_ce.store.database import Database
from hosted_ce.store.errors import DatabaseAway, WritesNoMore
from hosted_ce.store.moved import DatabaseMoved, refuse_moved
from hosted_ce.store.unusable import todo_of
from hosted_ce.store.urls import lasting, shown_url

_NOWHERE = "sqlite://"


def schema_revisions(settings: Settings) -> tuple[str | None, str | None]:
    """The database's revision, None if there is no database yet; and the one needed. Raises CliError."""
    with database_told(settings):
        file = sqlite_file(settings)
        absent = file is not None and not file.exists()  # connecting would make it
        return migrate.revisions(_NOWHERE if absent else settings.database)


def upgrade_database(settings: Settings) -> tuple[str | None, str | None]:
    """Brings the database to the revision needed; returns the one before, and this one. Raises CliError.

    Refused while a CE runs on it.
    """
    before, after = schema_revisions(settings)
    _must_be_here(settings)
    os.umask(0o077)  # as the service does: what pilots bring is nobody else's to read
    if file := sqlite_file(settings):
        with database_told(settings):
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with _folder_held(settings, file), database_told(settings):
            asyncio.run(_upgrade_alone(settings.database))
    except CannotStart as error:
        raise told(error) from error
    except (WritesNoMore, DatabaseAway) as error:
        raise CliError(str(error)) from error
    return before, after


def _must_be_here(settings: Settings) -> None:
    try:
        refuse_moved(settings.database)
    except DatabaseMoved as error:
        raise Misuse(f"the database {shown_url(settings.database)} is not made: {error}") from error


def _folder_held(settings: Settings, file: Path | None) -> AbstractContextManager[None]:
    """What keeps a CE out of a database on SQLite. Without a state folder none can run."""
    if file is None or not settings.state.is_dir():
        return nullcontext()
    return state_folder(settings.state)


async def _upgrade_alone(url: str) -> None:
    """Holds what a CE holds on PostgreSQL while it runs."""
    database = Database(url, sole=True)
    try:
        await database.claim()
        await migrate.upgrade(url)
    finally:
        await database.close()


def sqlite_file(settings: Settings) -> Path | None:
    """The file of a database on SQLite. Raises Misuse when the URL is that of no database for a CE."""
    with database_told(settings):
        url = lasting(settings.database)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


@contextmanager
def database_told(settings: Settings) -> Iterator[None]:
    """What is wrong with the database is told with its URL, without the password.

    Raises Misuse when no database can be meant, CliError when the one that is cannot be used.
    """
    try:
        yield
    except (sa.exc.ArgumentError, ImportError) as error:
        raise Misuse(_unusable(settings, error)) from error
    except (sa.exc.SQLAlchemyError, CommandError, OSError) as error:
        raise CliError(_unusable(settings, error)) from error


def _unusable(settings: Settings, error: BaseException) -> str:
    why = getattr(error, "orig", None) or error
    todo = todo_of(error, settings.state)
    return f"the database {shown_url(settings.database)} cannot be used: {why}{f'; {todo}' if todo else ''}"
