"""The site's memory: one SQLite file, shared by all commands and the controller.

Every change of a job is one guarded UPDATE, so that a cancellation and an end that happen at the same time
cannot overwrite each other. Ids are never used again.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .job import Job, State

if TYPE_CHECKING:
    from .request import Request

FIRST_ID = 1000
_PATIENCE_S = 30.0
_SCHEMA = """
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    partition TEXT NOT NULL,
    cpus INTEGER NOT NULL,
    limit_minutes INTEGER NOT NULL,
    limit_s REAL NOT NULL,
    account TEXT NOT NULL,
    comment TEXT,
    submitted REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'PENDING',
    reason TEXT NOT NULL DEFAULT 'None',
    started REAL,
    ended REAL,
    node TEXT NOT NULL DEFAULT '',
    wait_status INTEGER NOT NULL DEFAULT 0,
    killed_by INTEGER,
    live INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX live_jobs ON jobs (id) WHERE live;
CREATE INDEX ended_jobs ON jobs (ended);
"""


class Store:
    """The table of jobs."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and nobody else writes meanwhile."""
        self._sql.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._sql.execute("ROLLBACK")
            raise
        self._sql.execute("COMMIT")

    def add(self, job: Request, *, owner: str, now: float) -> int:
        """Writes a new job down; returns its id."""
        values = (
            *(job.name, owner, job.partition, job.cpus, job.limit_minutes, job.limit_s),
            *(job.account, job.comment, now),
        )
        row = self._sql.execute(
            "INSERT INTO jobs"
            " (name, owner, partition, cpus, limit_minutes, limit_s, account, comment, submitted)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            values,
        ).fetchone()
        return int(row[0])

    def anything_live(self) -> bool:
        """Whether a job waits, runs, or is being ended."""
        return self._sql.execute("SELECT 1 FROM jobs WHERE live LIMIT 1").fetchone() is not None

    def over(self, job_id: int) -> bool:
        """Whether this job is known and the site is done with it."""
        query = "SELECT 1 FROM jobs WHERE id = ? AND NOT live"
        return self._sql.execute(query, (job_id,)).fetchone() is not None

    def live(self) -> list[Job]:
        """Jobs that wait, run, or are being ended, the oldest first."""
        return self._jobs("SELECT * FROM jobs WHERE live ORDER BY id")

    def since(self, ended_after: float) -> list[Job]:
        """Live jobs and those that ended later than that, the oldest first."""
        return self._jobs("SELECT * FROM jobs WHERE live OR ended >= ? ORDER BY id", ended_after)

    def start(self, job_id: int, *, node: str, now: float) -> bool:
        """A waiting job runs from now on; False when it does not wait any more."""
        return self._change(
            "UPDATE jobs SET state = 'RUNNING', reason = 'None', started = ?, node = ?"
            " WHERE id = ? AND state = 'PENDING'",
            (now, node, job_id),
        )

    def wait(self, job_id: int, reason: str) -> None:
        """A waiting job goes on waiting, for this reason."""
        self._change("UPDATE jobs SET reason = ? WHERE id = ? AND state = 'PENDING'", (reason, job_id))

    def cancel(self, job_id: int, *, uid: int, now: float) -> bool:
        """A job that waits or runs is to end; False when it does neither."""
        return self._change(
            "UPDATE jobs SET state = 'CANCELLED', ended = ?, killed_by = ?, live = (state = 'RUNNING')"
            " WHERE id = ? AND state IN ('PENDING', 'RUNNING')",
            (now, uid, job_id),
        )

    def time_out(self, job_id: int, *, now: float) -> bool:
        """A running job's time is up; False when it does not run any more."""
        return self._change(
            "UPDATE jobs SET state = 'TIMEOUT', reason = 'TimeLimit', ended = ?"
            " WHERE id = ? AND state = 'RUNNING'",
            (now, job_id),
        )

    def finish(self, job_id: int, state: State, reason: str, *, wait_status: int, now: float) -> None:
        """A job's processes are gone. State and reason count unless its end was decided before."""
        self._change(
            "UPDATE jobs SET live = 0, wait_status = ?, ended = coalesce(ended, ?),"
            " state = iif(state = 'RUNNING', ?, state), reason = iif(state = 'RUNNING', ?, reason)"
            " WHERE id = ? AND live",
            (wait_status, now, str(state), reason, job_id),
        )

    def _change(self, statement: str, values: Iterable[object]) -> bool:
        return self._sql.execute(statement, tuple(values)).rowcount > 0

    def _jobs(self, query: str, *values: object) -> list[Job]:
        return [Job._make(row) for row in self._sql.execute(query, values)]


@contextlib.contextmanager
def opened(folder: str) -> Iterator[Store]:
    """The store of this site, made if there is none yet."""
    path = os.path.join(folder, "jobs.db")
    if not os.path.exists(path):
        _create(path)
    connection = _connect(path)
    try:
        yield Store(connection)
    finally:
        connection.close()


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _create(path: str) -> None:
    # The switch to WAL does not wait for its turn, so it is done where nobody else looks.
    draft = f"{path}.{os.getpid()}"
    connection = _connect(draft)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(_SCHEMA)
    connection.execute("INSERT INTO sqlite_sequence VALUES ('jobs', ?)", (FIRST_ID - 1,))
    connection.close()
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    os.unlink(draft)
