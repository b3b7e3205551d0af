"""Libraries that a command never uses, kept out of its memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def left_out(*names: str) -> Iterator[None]:
    """While the block runs, these cannot be imported: who can do without them does.

    structlog draws exceptions with rich if it is there, which we never let it do: with pygments and what
    else comes along that is 8 MB for the life of a daemon.
    """
    missing = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(missing))  # type: ignore[arg-type]  # None there is "not to be had"
    try:
        yield
    finally:
        for name in missing:
            del sys.modules[name]
