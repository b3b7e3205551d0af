"""By which of its words a batch system says that a job never starts as it is. Pure.

Slurm's: https://slurm.schedmd.com/job_reason_codes.html. Limits of what a group has at once are not among
them: those pass.
"""

from __future__ import annotations

import re

_NEVER = re.compile(
    r"\b(Partition(Time|Node)Limit|MaxMemPerLimit|(Assoc|QOS)Max[A-Za-z]+PerJob(Limit)?)\b|\bCan Never Run\b"
)


def never_starts(reason: str | None) -> bool:
    """Whether a job that waits for this reason asks for more than it is given, however long it waits."""
    return bool(reason and _NEVER.search(reason))
