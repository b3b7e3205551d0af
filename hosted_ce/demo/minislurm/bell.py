"""Tells the controller to look now: a FIFO that it waits at."""

from __future__ import annotations

import contextlib
import errno
import os

_NOBODY_LISTENS = (errno.ENOENT, errno.ENXIO)


def ring(folder: str) -> None:
    """Wakes the controller of the site kept in `folder`. It is no error when there is none."""
    try:
        bell = os.open(_path(folder), os.O_WRONLY | os.O_NONBLOCK)
    except OSError as problem:
        if problem.errno in _NOBODY_LISTENS:
            return
        raise
    with os.fdopen(bell, "wb", buffering=0) as pipe, contextlib.suppress(BlockingIOError):
        pipe.write(b"!")  # A full pipe has been rung often enough.


def hang(folder: str) -> int:
    """The descriptor that becomes readable when somebody rings: for the controller."""
    with contextlib.suppress(FileExistsError):
        os.mkfifo(_path(folder), 0o600)
    # Open for both ways, so that a ringer that goes is no end of file.
    return os.open(_path(folder), os.O_RDWR | os.O_NONBLOCK)


def _path(folder: str) -> str:
    return os.path.join(folder, "bell")
