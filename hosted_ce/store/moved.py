"""A database on SQLite that was moved to a server: a CE with the old settings must not begin anew."""

from __future__ import annotations

from pathlib import Path

from hosted_ce.store.urls import parsed

MOVED = ".moved"


class DatabaseMoved(Exception):
    """The database that the settings name was moved away; says what to set."""

    def __init__(self, moved: Path):
        super().__init__(
            f"its content was moved to PostgreSQL, and {moved} is what is left: set HOSTED_CE_DATABASE_URL "
            "to the database that it was moved to; only if this CE is to begin without its pilots, remove "
            f"{moved}"
        )
        self.moved = moved


def put_away(file: Path) -> Path:
    """Renames the file of a database that nobody has open; returns where it is now."""
    for suffix in ("-wal", "-shm"):  # empty: whoever closed it last has put all into the file
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    return file.rename(_place(file))


def refuse_moved(url: str) -> None:
    """Raises DatabaseMoved where a database on SQLite was put away, and sqlalchemy's for what is no URL."""
    found = parsed(url)
    if found.get_backend_name() == "sqlite" and found.database:
        moved = _place(Path(found.database))
        if moved.exists():
            raise DatabaseMoved(moved)


def _place(file: Path) -> Path:
    return file.with_name(file.name + MOVED)
