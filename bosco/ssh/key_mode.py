"""Who gets at our private key, by its file's mode."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def key_mode(key: Path) -> int:
    """Its mode bits; without a group's right to read where root's file is ours by that alone. Raises OSError.

    So Kubernetes gives it to a CE, and hosted_ce.secret_modes, which this may not know, says the same.
    """
    found = key.stat()
    mode = stat.S_IMODE(found.st_mode)
    given = found.st_uid == 0 != os.geteuid() and found.st_gid in {os.getegid(), *os.getgroups()}
    return mode & ~stat.S_IRGRP if given else mode
