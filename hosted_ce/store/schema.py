"""Whether the database has the current schema, found out without alembic; and what brings it there.

alembic and what it needs are 8 MB in memory, which a CE does not keep: hosted_ce.store.upgrading has them.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import sqlalchemy as sa

from hosted_ce.store.urls import lasting

_HERE = Path(__file__).resolve()
_REVISION = re.compile(r"^revision\s*=\s*['\"](\w+)['\"]", re.MULTILINE)
_BEFORE = re.compile(r"^down_revision\s*=\s*['\"](\w+)['\"]", re.MULTILINE)
_WRITTEN = sa.text("SELECT version_num FROM alembic_version")


class SchemaUnusable(Exception):
    """The database cannot be brought to the current schema; says why."""


def scripts_folder() -> Path:
    """Where the migrations are: in the installed package, or at the top of a checkout."""
    shipped = _HERE.parents[1] / "_shipped" / "alembic"
    return shipped if shipped.is_dir() else _HERE.parents[2] / "alembic"


def heads(folder: Path) -> set[str]:
    """The revisions that no other one of this folder of migrations comes after."""
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("versions/*.py")]
    return {name for text in texts for name in _REVISION.findall(text)} - {
        name for text in texts for name in _BEFORE.findall(text)
    }


def is_current(url: str) -> bool:
    """Whether nothing is to be done. Raises SQLAlchemyError and ImportError when the database
    cannot be had."""
    engine = sa.create_engine(lasting(url))
    try:
        with engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return False
            return set(connection.scalars(_WRITTEN)) == heads(scripts_folder())
    finally:
        engine.dispose()


async def ensure_schema(url: str) -> None:
    """Brings the database to the current schema. Raises SchemaUnusable, SQLAlchemyError, OSError."""
    if not await asyncio.to_thread(is_current, url):
        await _upgraded_apart(url)


async def _upgraded_apart(url: str) -> None:
    """By a process of its own, which takes along what it had in memory."""
    argv = (sys.executable, "-P", "-m", "hosted_ce.store.upgrading")  # -P: not from the folder we are in
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*argv, stdin=pipe, stdout=pipe)
    told, _ = await process.communicate(url.encode())
    if process.returncode:
        raise SchemaUnusable(
            told.decode(errors="replace")
            or f"the process that upgrades it ended with {process.returncode}; try `hosted-ce db upgrade`"
        )
    if not await asyncio.to_thread(is_current, url):
        raise SchemaUnusable("upgraded, it has not the schema of this version; is another one installed?")
