"""Brings the database to the current schema."""

from __future__ import annotations

import asyncio

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from hosted_ce.store.schema import scripts_folder
from hosted_ce.store.urls import with_driver

__all__ = ["CommandError", "NewerDatabase", "alembic_config", "revisions", "scripts_folder", "upgrade"]


def alembic_config(url: str) -> Config:
    """alembic's configuration for this database."""
    config = Config()
    config.set_main_option("script_location", str(scripts_folder()))
    config.attributes["url"] = url
    return config


class NewerDatabase(CommandError):
    """The database has a schema that this version does not know."""

    def __init__(self, revision: str):
        super().__init__(
            f"it was made by a newer version of hosted-ce (revision {revision}): install that one, or "
            "restore the backup of before the update"
        )


def revisions(url: str) -> tuple[str | None, str | None]:
    """The database's revision, and the one that this program needs. Raises NewerDatabase."""
    engine = sa.create_engine(with_driver(url))
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    scripts = ScriptDirectory.from_config(alembic_config(url))
    if current and current not in {script.revision for script in scripts.walk_revisions()}:
        raise NewerDatabase(current)
    return current, scripts.get_current_head()


async def upgrade(url: str) -> None:
    """Upgrades to the current schema; does nothing if it is there already. Raises NewerDatabase."""
    await asyncio.to_thread(revisions, url)
    await asyncio.to_thread(command.upgrade, alembic_config(url), "head")
