"""What the file system of the state folder still takes."""

from __future__ import annotations

import os
from pathlib import Path

import structlog

from hosted_ce.health.facts import RoomFacts

log = structlog.get_logger(__name__)


def room_at(folder: Path) -> RoomFacts | None:
    """For an account without privileges; None where it cannot be asked. It waits for the file system."""
    try:
        found = os.statvfs(folder)
    except OSError as error:
        log.warning("cannot tell how much room the state folder has", problem=str(error))
        return None
    files = found.f_favail if found.f_files else None  # some count none, such as btrfs
    return RoomFacts(str(folder), found.f_bavail * found.f_frsize, files)
