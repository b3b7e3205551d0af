"""The spool: our own daemon reads pilots' files there and writes their outputs, past the schedd."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from hosted_ce.front_door.checks.finding import Finding, failed, passed, warned

GB = 1024**3

_FULL_BELOW, _LOW_BELOW = GB // 4, 2 * GB


def check_spool(spool: Path) -> Iterator[Finding]:
    """Whether we may read and write there, and how much room there is."""
    if not spool.is_dir():
        yield failed("spool", f"there is no folder {spool}", "start the front door, or mount its spool here")
        return
    if not os.access(spool, os.R_OK | os.W_OK | os.X_OK):
        todo = "run the front door as the user of the service: both work in this folder"
        yield failed("spool", f"{spool} is not ours to read and write", todo)
    else:
        yield passed("spool", f"{spool} is ours to read and write")
    yield judge_space(spool, shutil.disk_usage(spool).free)


def judge_space(spool: Path, free: int) -> Finding:
    """Whether `free` bytes will do."""
    seen = f"{free / GB:.1f} GB are free where {spool} is"
    if free < _FULL_BELOW:
        return failed("disk", seen, "make room: with a full disk the queue's log can be damaged")
    if free < _LOW_BELOW:
        return warned("disk", seen, "make room before it is full")
    return passed("disk", seen)
