"""A job of the schedd's queue, as far as its manager looks at it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from hosted_ce.intake.condor.attributes import HOLDS_DEALT_WITH, STATUS_DEALT_WITH


class JobStatus(IntEnum):
    """HTCondor's own numbers."""

    IDLE = 1
    RUNNING = 2
    REMOVED = 3
    COMPLETED = 4
    HELD = 5
    TRANSFERRING_OUTPUT = 6
    SUSPENDED = 7


ALIVE = frozenset({JobStatus.IDLE, JobStatus.RUNNING})
"""What the manager turns into each other, and into an end."""


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """One job. Times in seconds since the epoch."""

    id: str
    """ClusterId.ProcId."""
    key: str
    """GlobalJobId: never given to another job, even if the schedd loses its queue and counts anew."""
    status: JobStatus
    holds: int
    """How often it was held by anybody, so far."""
    managed: str | None
    """External: ours. ScheddDone: given back. None: not claimed yet."""
    status_since: float
    queued_at: float
    folder: str
    """Where the schedd keeps its files."""
    outputs: tuple[str | None, str | None]
    """Names of its standard output and standard error there."""
    reason: str | None = None
    """Why it is held or removed."""
    dealt_with: tuple[int | None, int | None] = (None, None)
    """JobStatus and NumHolds that the door dealt with last."""


def queued_job(ad: Mapping[str, Any]) -> QueuedJob:
    """The job of an ad that has at least the attributes of `attributes.STATUS`.

    Raises KeyError and ValueError for an ad that no schedd makes.
    """
    status = JobStatus(ad["JobStatus"])
    because = ad.get("RemoveReason" if status is JobStatus.REMOVED else "HoldReason")
    return QueuedJob(
        id=f"{ad['ClusterId']}.{ad['ProcId']}",
        key=str(ad["GlobalJobId"]),
        status=status,
        holds=int(ad.get("NumHolds") or 0),
        managed=ad.get("Managed"),
        status_since=float(ad.get("EnteredCurrentStatus") or 0),
        queued_at=float(ad.get("QDate") or 0),
        folder=str(ad.get("Iwd") or ""),
        outputs=(base_name(ad.get("Out")), base_name(ad.get("Err"))),
        reason=because if isinstance(because, str) and because else None,
        dealt_with=(ad.get(STATUS_DEALT_WITH), ad.get(HOLDS_DEALT_WITH)),
    )


def base_name(path: object) -> str | None:
    """The last part of a path of the ad; None when it names no file."""
    name = path.rpartition("/")[2] if isinstance(path, str) else ""
    return name if path != "/dev/null" and name not in ("", ".", "..") else None
