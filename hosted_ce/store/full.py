"""Whether what could not be written found no room."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_POSTGRESQL_DISK_FULL = "53100"


def why_full(error: BaseException) -> str | None:
    """The system's words, or the database's, when a disk or a quota is full; None: it is something else."""
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return error.strerror
    if isinstance(error, DBAPIError):
        code = getattr(error.orig, "sqlite_errorcode", None)
        if code == sqlite3.SQLITE_FULL or getattr(error.orig, "sqlstate", None) == _POSTGRESQL_DISK_FULL:
            return str(error.orig)
    return None
