"""Which database is measured: SQLite, or a real PostgreSQL beside it on the same disk."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.postgresql import running_server

KINDS = ("sqlite", "postgresql")
NewDatabase = Callable[[], str | None]
"""Gives the URL of one more database. None: whoever is measured has SQLite where it has it by itself."""


@contextmanager
def databases(kind: str) -> Iterator[NewDatabase]:
    """For as long as the context lasts, which begins and ends in the main thread.

    PostgreSQL waits for the disk at each commit, as SQLite does.
    """
    if kind == "sqlite":
        yield lambda: None
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with running_server(Path(folder), fsync="on", autovacuum="on") as server:
            yield server.new_database


def of_ce(url: str | None) -> Mapping[str, str]:
    """The settings of a CE that has this database."""
    return {"HOSTED_CE_DATABASE_URL": url} if url else {}
