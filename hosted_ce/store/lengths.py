"""Texts have no greatest length on PostgreSQL, as they have none on SQLite.

The lengths in our tables say what is usual. Where a text comes in, it is bounded; a text that is a character
too long must not keep the changes of all other pilots from being written, on one kind of database alone.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles


def register() -> None:
    """From now on, in this process."""
    compiles(sa.String, "postgresql")(_without_length)


def _without_length(kind: sa.String, compiler: Any, **_: Any) -> str:
    return "VARCHAR"
