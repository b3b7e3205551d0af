"""Makes sure that there is a controller while there is work, and only then.

The controller holds a lock for its life. A command that finds work and can take the lock has to start a
controller, and hands the locked descriptor on to it: a lock that is held always means that somebody will look
at the work after this moment. The controller looks once more after it has let go (`leave`). So no job can be
left between the two.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, NoReturn

from .site import program

if TYPE_CHECKING:
    from .store import Store

_FIRST_FREE = 3
"""The descriptor after stderr."""


def ensure_controller(folder: str, store: Store) -> None:
    """Starts a controller when there is work and nobody cares for it."""
    if not store.anything_live():
        return
    lock = os.open(os.path.join(folder, "controller.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if _take(lock):
            _start_controller(folder, lock)
    finally:
        os.close(lock)


def leave(lock: int, store: Store) -> bool:
    """Lets go of the lock. False when work came meanwhile and the lock is ours again."""
    fcntl.flock(lock, fcntl.LOCK_UN)
    return not store.anything_live() or not _take(lock)


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _start_controller(folder: str, lock: int) -> None:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        os.setsid()
        if not os.fork():
            _become_controller(folder, lock)
    finally:
        os._exit(0)


def _become_controller(folder: str, lock: int) -> NoReturn:
    # Nothing of the caller's may stay open: an SSH session lasts for as long as somebody holds its pipes.
    log = os.open(os.path.join(folder, "controller.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open(os.devnull, os.O_RDWR)
    lock, log, null = (fcntl.fcntl(fd, fcntl.F_DUPFD, _FIRST_FREE) for fd in (lock, log, null))
    for target, source in enumerate((null, null, log)):
        os.dup2(source, target)
    os.closerange(_FIRST_FREE, lock)
    os.closerange(lock + 1, os.sysconf("SC_OPEN_MAX"))
    os.chdir("/")
    argv = program("controller", folder, str(lock))
    os.execv(argv[0], argv)  # noqa: S606 - argv of our own
