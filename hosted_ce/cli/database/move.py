"""Takes a CE's database from SQLite to PostgreSQL, while the CE is stopped."""

from __future__ import annotations

import asyncio
from pathlib import Path

import sqlalchemy as sa

from hosted_ce.cli.database.schema_state import database_told, schema_revisions, sqlite_file
from hosted_ce.cli.errors import CliError, Misuse
from hosted_ce.cli.starting import told
from hosted_ce.daemon.errors import CannotStart
from hosted_ce.daemon.process.held import state_folder
from hosted_ce.settings import Settings
from hosted_ce.store import migrate
from hosted_ce.store.errors import DatabaseTaken
from hosted_ce.store.move import CannotMove, Tell, copy_all
from hosted_ce.store.moved import put_away
from hosted_ce.store.urls import with_driver


def move_database(settings: Settings, target: str, tell: Tell) -> Path:
    """Copies it all and puts the file of before away; returns where that is now. Raises CliError."""
    file = _source(settings)
    _must_be_postgresql(target)
    to = settings.model_copy(update={"database_url": target})
    try:
        with state_folder(settings.state), database_told(to):
            copy_all(settings.database, target, tell, prepare=lambda: asyncio.run(migrate.upgrade(target)))
            return _put_away(file)
    except CannotStart as error:
        raise told(error) from error
    except (CannotMove, DatabaseTaken) as error:
        raise CliError(str(error)) from error


def _put_away(file: Path) -> Path:
    try:
        return put_away(file)
    except OSError as error:
        raise CliError(
            f"everything is in the new database, and {file} is still where a CE looks for it: {error}; "
            f"rename it to {file.name}.moved before you start one"
        ) from error


def _source(settings: Settings) -> Path:
    file = sqlite_file(settings)
    if file is None or not file.exists():
        raise Misuse(
            "there is no SQLite database to move; --state names the folder that it is in, and "
            "HOSTED_CE_DATABASE_URL must not name the new one yet"
        )
    found, needed = schema_revisions(settings)
    if found != needed:
        raise CliError("the database has an older schema: run `hosted-ce db upgrade` before")
    return file


def _must_be_postgresql(target: str) -> None:
    try:
        kind = with_driver(target).get_backend_name()
    except sa.exc.ArgumentError as error:
        raise Misuse("--to is no URL of a database, such as postgresql://ce@db.example.edu/ce") from error
    if kind != "postgresql":
        raise Misuse(f"--to names a database of {kind}: only PostgreSQL can take one over")
