"""A job of the schedd's queue, as far as its manager looks at it. Pure."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, TypeGuard

from hosted_ce.intake.condor.attributes import HOLDS_DEALT_WITH, SPOOLING, STATUS_DEALT_WITH


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


_MOST = 2**31


class StrangeAd(ValueError):
    """An ad that no schedd makes: somebody edited what is the schedd's."""


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
    folder: Path | None
    """Where the schedd keeps its files. None: it says another place, where we have no business."""
    outputs: tuple[str | None, str | None]
    """Names of its standard output and standard error there."""
    reason: str | None = None
    """Why it is held or removed."""
    hold_code: int | None = None
    """HoldReasonCode: every hold by the schedd has one. That of a hold that is long over is none."""
    dealt_with: tuple[int | None, int | None] = (None, None)
    """JobStatus and NumHolds that the door dealt with last."""

    unreadable: tuple[str | None, str | None] = (None, None)
    """What is true of JobStatus and of NumHolds for as long as they are what no schedd makes them."""

    @property
    def lasting(self) -> str:
        """A guard for removals: as `unchanged`, and of use too when the owner made one of both unreadable.

        Whoever holds such a job makes both readable: the schedd counts anew from what is no count.
        """
        status, holds = self.unreadable
        plain = f"JobStatus == {self.status.value}", f"(NumHolds ?: 0) == {self.holds}"
        return f"{status or plain[0]} && {holds or plain[1]}"

    @property
    def unchanged(self) -> str:
        """A guard for edits: true of the job for as long as nobody held, released or removed it."""
        return f"JobStatus == {self.status.value} && (NumHolds ?: 0) == {self.holds}"


def queued_job(ad: Mapping[str, Any]) -> QueuedJob:
    """The job of an ad that has at least the attributes of `attributes.STATUS`. Raises StrangeAd.

    The job's owner may have edited most of them: what makes no sense is read as nothing.
    """
    status = _status(ad.get("JobStatus"))
    because = ad.get("RemoveReason" if status is JobStatus.REMOVED else "HoldReason")
    return QueuedJob(
        id=f"{ad['ClusterId']}.{ad['ProcId']}",
        key=_key(ad),
        status=status,
        holds=_count(ad.get("NumHolds")),
        managed=ad.get("Managed"),
        status_since=_number(ad.get("EnteredCurrentStatus")),
        queued_at=_number(ad.get("QDate")),
        folder=_folder(ad),
        outputs=(base_name(ad.get("Out")), base_name(ad.get("Err"))),
        reason=because if isinstance(because, str) and because else None,
        hold_code=_hold_code(ad),
        dealt_with=(ad.get(STATUS_DEALT_WITH), ad.get(HOLDS_DEALT_WITH)),
        unreadable=(_no_status(ad.get("JobStatus")), _no_count(ad.get("NumHolds"))),
    )


def queued_jobs(ads: Iterable[Mapping[str, Any]]) -> Iterator[QueuedJob]:
    """The jobs of these ads, without the strange ones."""
    for ad in ads:
        with contextlib.suppress(StrangeAd):
            yield queued_job(ad)


def _status(value: object) -> JobStatus:
    """A status that there is not was set by the owner: nobody moves such a job, as if it were held."""
    try:
        return JobStatus(value)  # type: ignore[arg-type]
    except ValueError:
        return JobStatus.HELD


def _hold_code(ad: Mapping[str, Any]) -> int | None:
    code = ad.get("HoldReasonCode")
    return None if code == SPOOLING and ad.get("Managed") is not None else code


def _no_status(value: object) -> str | None:
    return None if value in list(JobStatus) else "member(JobStatus, {1, 2, 3, 4, 5, 6, 7}) =!= true"


def _no_count(value: object) -> str | None:
    if value is None or _is_count(value):
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return f"NumHolds =?= {value}"
    if isinstance(value, str | float | bool | list | dict):
        return "isInteger(NumHolds) =!= true"
    return "true"  # an expression: it may well be a whole number, and only its owner knows which


def _key(ad: Mapping[str, Any]) -> str:
    key, own = str(ad.get("GlobalJobId")), f"#{ad['ClusterId']}.{ad['ProcId']}#"
    if own not in key:
        raise StrangeAd(f"GlobalJobId {key!r:.80} is another job's: it should have {own} in it")
    return key


def _folder(ad: Mapping[str, Any]) -> Path | None:
    """HTCondor's own layout of its spool (spooled_job_files.cpp)."""
    cluster, process, path = ad["ClusterId"], ad["ProcId"], str(ad.get("Iwd"))
    own = f"/{cluster % 10000}/{process % 10000}/cluster{cluster}.proc{process}.subproc0"
    return Path(path) if path.startswith("/") and path.endswith(own) and "/../" not in path else None


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def _count(value: object) -> int:
    """Schedds count in whole numbers; what its owner made up would not fit into our database."""
    return value if _is_count(value) else 0


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST


def base_name(path: object) -> str | None:
    """The last part of a path of the ad; None when it names no file."""
    name = path.rpartition("/")[2] if isinstance(path, str) else ""
    return name if path != "/dev/null" and name not in ("", ".", "..") else None
