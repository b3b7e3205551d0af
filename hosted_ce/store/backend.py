"""What differs between the kinds of databases."""

from __future__ import annotations

from typing import Protocol

import sqlalchemy as sa

from hosted_ce.store.urls import with_driver


class Backend(Protocol):
    """One kind of database."""

    def engine(self, url: sa.URL, *, writer: bool, sole: bool) -> sa.Engine:
        """Connections to it; `sole`: the writer's keep every other sole writer out.

        Their first use raises DatabaseTaken when there is one, and DatabaseWentBack when the database has
        not what was `confirmed`.
        """

    def mark(self, connection: sa.Connection) -> str | None:
        """Names the transaction that is open, for `committed`; None: it cannot be asked for later."""

    def committed(self, connection: sa.Connection, mark: str) -> bool | None:
        """Whether the transaction of this name was committed; None: it is not decided yet."""

    def confirmed(self, mark: str) -> None:
        """Takes note that the transaction of this name is committed: every later connection must know it."""

    def lost(self, error: BaseException, *, connecting: bool = False) -> bool:
        """Whether this error says that the connection is gone, and so all that it had not committed.

        `connecting`: or that none can be had now.
        """


def backend_of(url: str) -> Backend:
    """The kind of the database at this URL. Raises sqlalchemy.exc.ArgumentError for one that is none."""
    from hosted_ce.store.postgresql import PostgreSQL  # noqa: PLC0415  only who has it needs its driver
    from hosted_ce.store.sqlite import SQLite  # noqa: PLC0415

    return PostgreSQL() if with_driver(url).get_backend_name() == "postgresql" else SQLite()
