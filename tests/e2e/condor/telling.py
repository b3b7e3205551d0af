"""What shows why jobs of a pool do not start."""

from __future__ import annotations

from functools import partial

from tests.e2e.condor.instance import Condor
from tests.witnesses import Statement

_ATTRIBUTES = ("Name", "State", "Activity", "Cpus", "Memory", "Disk", "RemoteOwner")
_TELLING = (("condor_status", "-af:h", *_ATTRIBUTES), ("condor_q", "-allusers", "-better-analyze"))


def matching(pool: Condor) -> Statement:
    """The slots, and which of them each job could have."""
    name = pool.identity.name
    return Statement(
        (), {f"{' '.join(argv)} of {name}": partial(pool.tool, *argv, timeout=20) for argv in _TELLING}
    )
