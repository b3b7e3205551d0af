"""The files that the schedd keeps for a job: inputs to be read, outputs to be written."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from hosted_ce.store.files import write_whole


class InputsMissing(Exception):
    """Files of the job are not in the schedd's spool and will not come: the text says which and why."""


def read_input(folder: Path, name: str, limit: int) -> bytes:
    """The content of this file, at most `limit` bytes.

    Raises InputsMissing; OSError when it cannot be read now (another user's spool, a disk in trouble).
    """
    try:
        handle = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise InputsMissing(
            f"{name} is not in the CE's spool; the CE's schedd may have lost it. Submit the pilot again"
        ) from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise InputsMissing(f"{name} is a symbolic link, which this CE does not follow") from error
        raise
    try:
        return _content(handle, name, limit)
    finally:
        os.close(handle)


def write_outputs(folder: Path, outputs: Mapping[str, bytes]) -> None:
    """Puts outputs where the factory fetches them, each whole or not at all. Raises OSError.

    They get the folder's owner, if we may give them away: the schedd may run as another user. A folder that
    was lost is made anew: the factory still wants its outputs.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = folder.stat()
    for name, data in outputs.items():
        write_whole(folder / name, data)
        if owner.st_uid != os.geteuid():
            os.chown(folder / name, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _content(handle: int, name: str, limit: int) -> bytes:
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode):
        raise InputsMissing(f"{name} is not an ordinary file")
    if facts.st_size > limit:
        raise InputsMissing(f"{name} has {facts.st_size} bytes; this CE takes at most {limit}")
    with os.fdopen(handle, "rb", closefd=False) as source:
        return source.read(limit)
