"""What to do about a database that cannot be used, as far as its error tells."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from hosted_ce.store.full import why_full

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_OF_THE_DISK = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
_LEAST_BYTES = 2**20
"""With less SQLite cannot even open its files, and calls it an error of the disk."""


def todo_of(error: BaseException, folder: Path) -> str | None:
    """For a person; None: nothing but what the error says. `folder` is the state folder."""
    if why_full(error) is not None or (_code(error) in _OF_THE_DISK and _is_full(folder)):
        return f"the disk is full: make room at {folder}, then start again"
    if _code(error) in _DAMAGED:
        return "the file is damaged: see to the disk, and restore (docs/operators/upkeep.md, Restore)"
    return None


def _code(error: BaseException) -> int | None:
    code = getattr(error.orig, "sqlite_errorcode", None) if isinstance(error, DBAPIError) else None
    return None if code is None else code & 0xFF  # the rest says in which operation


def _is_full(folder: Path) -> bool:
    try:
        found = os.statvfs(folder)
    except OSError:
        return False  # there is no such folder, which is what the error says
    return found.f_bavail * found.f_frsize < _LEAST_BYTES
