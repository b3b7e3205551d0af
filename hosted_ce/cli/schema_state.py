"""Which schema the database has, and how it gets the one that this version needs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic.util import CommandError

from hosted_ce.cli.errors import CliError
from hosted_ce.settings import Settings
from hosted_ce.store import migrate
from hosted_ce.store.urls import shown_url

_NOWHERE = "sqlite://"


def schema_revisions(settings: Settings) -> tuple[str | None, str | None]:
    """The database's revision, None if there is no database yet; and the one needed. Raises CliError."""
    with database_told(settings):
        file = sqlite_file(settings)
        absent = file is not None and not file.exists()  # connecting would make it
        return migrate.revisions(_NOWHERE if absent else settings.database)


def upgrade_database(settings: Settings) -> tuple[str | None, str | None]:
    """Brings the database to the revision needed; returns the one before, and this one. Raises CliError."""
    before, after = schema_revisions(settings)
    os.umask(0o077)  # as the service does: what pilots bring is nobody else's to read
    with database_told(settings):
        if file := sqlite_file(settings):
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        asyncio.run(migrate.upgrade(settings.database))
    return before, after


def sqlite_file(settings: Settings) -> Path | None:
    """The file of a database on SQLite."""
    url = sa.make_url(settings.database)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


@contextmanager
def database_told(settings: Settings) -> Iterator[None]:
    """What is wrong with the database is told with its URL, without the password. Raises CliError."""
    try:
        yield
    except (sa.exc.SQLAlchemyError, CommandError, ImportError, OSError) as error:
        why = str(getattr(error, "orig", None) or error)
        raise CliError(f"the database {shown_url(settings.database)} cannot be used: {why}") from error
