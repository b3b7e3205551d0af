"""Which database our CE has: SQLite unless it is said, or a real PostgreSQL beside it on the same disk."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.postgresql import running_server

KINDS = ("sqlite", "postgresql")
Environments = Callable[[], Mapping[str, str]]
"""Gives the settings of one more CE that name a new database of its own."""


@contextmanager
def databases(kind: str) -> Iterator[Environments]:
    """For as long as the context lasts, which begins and ends in the main thread.

    PostgreSQL waits for the disk at each commit, as SQLite does.
    """
    if kind == "sqlite":
        yield dict
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with running_server(Path(folder), fsync="on", autovacuum="on") as server:
            yield lambda: {"HOSTED_CE_DATABASE_URL": server.new_database()}
