"""Who waits for a database that is away, and who is told at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_hurried: ContextVar[bool] = ContextVar("hurried", default=False)


@contextlib.contextmanager
def in_a_hurry() -> Iterator[None]:
    """Reads and writes in this block raise DatabaseAway at once. Others wait until the database is back.

    Somebody waits for the answer of an HTTP request; what the engine has learnt must not be lost.
    """
    before = _hurried.set(True)
    try:
        yield
    finally:
        _hurried.reset(before)


def hurried() -> bool:
    """Whether this is in such a block."""
    return _hurried.get()
