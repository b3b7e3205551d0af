"""PostgreSQL: a server, which may be away for a while, and which another CE may use as well.

All that a CE writes goes over one connection. That connection holds an advisory lock: what another CE could
have written cannot come between, since with the connection goes the lock, and without the lock nothing is
written.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from hosted_ce.store.errors import DatabaseTaken, DatabaseWentBack

LOCK = 0x686F73746564_6365  # "hostedce"
READERS = 5
CONNECT_TIMEOUT_S = 5
READER_TIMEOUT_S = 5
"""How long a read waits for one of them: they are all in use for as long only where nothing answers."""
STATEMENT_TIMEOUT_S = 60
LOCK_TIMEOUT_S = 10
ABANDONED_S = 120
"""How long the server keeps a transaction whose client says nothing."""
ENDS_WITHIN_MS = 5000
"""How long our own session of before is waited for at a time."""
_NETWORK = {
    "connect_timeout": CONNECT_TIMEOUT_S,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
    "application_name": "hosted-ce",
}
_SESSION = (
    f"SET statement_timeout = '{STATEMENT_TIMEOUT_S}s'",
    f"SET lock_timeout = '{LOCK_TIMEOUT_S}s'",
    f"SET idle_in_transaction_session_timeout = '{ABANDONED_S}s'",
    # The server's own: it holds the lock of a machine that is dead until it finds out.
    f"SET tcp_keepalives_idle = {_NETWORK['keepalives_idle']}",
    f"SET tcp_keepalives_interval = {_NETWORK['keepalives_interval']}",
    f"SET tcp_keepalives_count = {_NETWORK['keepalives_count']}",
    f"SET tcp_user_timeout = {_NETWORK['tcp_user_timeout']}",
)
_WRITER = (*_SESSION, "SET synchronous_commit = on")
_READER = (
    *_SESSION,
    # A cursor is read to its end: the plan whose first rows come soonest goes past all pilots that ever were.
    "SET cursor_tuple_fraction = 1",
    # All that is read in one work is of one moment, as it is on SQLite.
    "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
)
_WHO = """
SELECT a.pid, a.backend_start::text, coalesce(host(a.client_addr), 'this machine')
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND l.classid::bigint << 32 | l.objid::bigint = %s
"""
_STATUS = "SELECT pg_xact_status(%s::xid8)"
_IN_THE_FUTURE = "22023"
"""What the server answers when it has not given this number to a transaction yet."""


class NotYet(Exception):
    """No connection that can write is to be had now; one later will be."""


class PostgreSQL:
    """A backend."""

    def __init__(self) -> None:
        self._ours: tuple[Any, ...] | None = None
        self._confirmed: str | None = None

    def engine(self, url: sa.URL, *, writer: bool, sole: bool) -> sa.Engine:
        """As Backend has it. What the URL says of the connection goes before what is usual here."""
        network = {name: value for name, value in _NETWORK.items() if name not in url.query}
        engine = sa.create_engine(
            url, connect_args=network, pool_size=1 if writer else READERS, max_overflow=0,
            pool_timeout=READER_TIMEOUT_S,
        )  # fmt: skip

        @sa.event.listens_for(engine, "connect")
        def _configure(connection: Any, record: Any) -> None:
            try:
                with connection.cursor() as cursor:
                    for setting in _WRITER if writer else _READER:
                        cursor.execute(setting)
                    if sole:
                        _must_be_primary(cursor)
                        self._take(cursor)
                        self._must_go_on(cursor)
                connection.commit()
            except BaseException:
                connection.close()
                raise

        return engine

    def mark(self, connection: sa.Connection) -> str | None:
        """The transaction's number; None: it has written nothing."""
        found: str | None = connection.exec_driver_sql(
            "SELECT pg_current_xact_id_if_assigned()::text"
        ).scalar()
        return found

    def committed(self, connection: sa.Connection, mark: str) -> bool | None:
        """As Backend has it. The server remembers for days, as far as its log of commits goes back.

        A number that it has not given yet: it has what was confirmed before, and never got this one.
        """
        try:
            found = connection.exec_driver_sql(_STATUS, (mark,)).scalar()
        except sa.exc.DataError as error:
            if _in_the_future(error.orig):
                return False
            raise
        return {"committed": True, "aborted": False}.get(str(found))

    def confirmed(self, mark: str) -> None:
        """As Backend has it. Transactions are numbered upwards: the last one stands for all before it."""
        self._confirmed = mark

    def lost(self, error: BaseException, *, connecting: bool = False) -> bool:
        """As Backend has it."""
        if connecting:
            return isinstance(error, (sa.exc.OperationalError, sa.exc.TimeoutError, NotYet))
        return isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated

    def _take(self, cursor: Any) -> None:
        """Holds the lock for as long as the connection lives. Raises DatabaseTaken, NotYet."""
        if not self._locked(cursor):
            self._end_ours(cursor)
            if not self._locked(cursor):
                raise self._why_not(cursor)
        cursor.execute("SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()")
        self._ours = cursor.fetchone()

    def _locked(self, cursor: Any) -> bool:
        return bool(cursor.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()[0])

    def _end_ours(self, cursor: Any) -> None:
        """Ends our own session of before, of which the server does not know yet that it is cut off."""
        holder = cursor.execute(_WHO, (LOCK,)).fetchone()
        if holder is not None and tuple(holder[:2]) == self._ours:
            cursor.execute("SELECT pg_terminate_backend(%s, %s)", (holder[0], ENDS_WITHIN_MS))

    def _why_not(self, cursor: Any) -> Exception:
        holder = cursor.execute(_WHO, (LOCK,)).fetchone()
        if holder is None:
            return DatabaseTaken("it has just begun")
        if tuple(holder[:2]) == self._ours:
            return NotYet(f"server process {holder[0]} is our own session of before, and does not end yet")
        return DatabaseTaken(f"server process {holder[0]}, a client on {holder[2]}, since {holder[1]}")

    def _must_go_on(self, cursor: Any) -> None:
        """Raises DatabaseWentBack where the last commit that was confirmed is not known as one.

        None is one of so long ago that the server has forgotten how it ended: it was there.
        """
        if self._confirmed is None:
            return
        try:
            status = cursor.execute(_STATUS, (self._confirmed,)).fetchone()[0]
        except Exception as error:
            if _in_the_future(error):
                raise DatabaseWentBack(self._confirmed, "not there") from error
            raise
        if status not in {"committed", None}:
            raise DatabaseWentBack(self._confirmed, status)


def _must_be_primary(cursor: Any) -> None:
    """A standby is no server to write to, nor one to say what was committed: it may only be behind."""
    if cursor.execute("SELECT pg_is_in_recovery()").fetchone()[0]:
        raise NotYet("the server that answers is a standby")


def _in_the_future(error: BaseException | None) -> bool:
    return getattr(error, "sqlstate", None) == _IN_THE_FUTURE
