"""What can be wrong with the database as a whole."""

from __future__ import annotations


class DatabaseClosed(Exception):
    """The database is closed: nothing more can be written by this process."""


class DatabaseAway(Exception):
    """The database does not answer. `written`: False, nothing of it is written; None, nobody knows."""

    def __init__(self, why: BaseException, *, written: bool | None = False):
        known = "nothing was written" if written is False else "nobody knows whether it was written"
        super().__init__(f"the database does not answer, {known}: {getattr(why, 'orig', None) or why}")
        self.written = written


class WritesNoMore(Exception):
    """This process may write nothing more to its database, now and later: it has to end."""


class DatabaseTaken(WritesNoMore):
    """Another process writes to this database: two CEs on one would submit twice."""

    def __init__(self, who: str):
        super().__init__(
            f"another CE uses the database ({who}); stop it, or give this one a database of its own with "
            "HOSTED_CE_DATABASE_URL"
        )


class DatabaseWentBack(WritesNoMore):
    """The database has forgotten what it had committed: going on from it could submit a second time."""

    def __init__(self, mark: str, status: str):
        super().__init__(
            f"the database went back in time: it had committed transaction {mark}, and now that is {status}. "
            "A standby that was behind has taken over, or a backup was restored: bring back the server of "
            "before, or go on as after a restore (docs/operators/upkeep.md, Restore)"
        )
        self.mark, self.status = mark, status
