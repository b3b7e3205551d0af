"""Who gets at a file with a secret, by its mode."""

from __future__ import annotations

import os
import stat


def mode_that_counts(found: os.stat_result) -> int:
    """The mode bits; without the group's right to read where root's file is ours to read by that alone.

    The files of a Kubernetes Secret are root's, of the group that is the pod's `fsGroup`, and have at least
    mode 0440 there: in a container there is nobody else of that group. For root itself this is not so.
    """
    mode = stat.S_IMODE(found.st_mode)
    given = found.st_uid == 0 != os.geteuid() and found.st_gid in {os.getegid(), *os.getgroups()}
    return mode & ~stat.S_IRGRP if given else mode
