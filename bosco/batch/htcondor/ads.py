"""What a job's ClassAd says: attributes to an observation. Pure; what it does not know is None."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bosco.batch.htcondor.job import BEGUN_BEFORE, STAMP_ATTRIBUTE
from bosco.batch.model import Cause, Granted, Observation, Phase, Used

ATTRIBUTES = (
    "ClusterId", "ProcId", STAMP_ATTRIBUTE, "JobStatus", "QDate", "EnteredCurrentStatus", "CompletionDate",
    "JobCurrentStartDate", "JobCurrentStartExecutingDate", "RemoteHost", "LastRemoteHost", "JobRunCount",
    "ExitCode", "ExitBySignal", "ExitSignal", "HoldReason", "HoldReasonCode", "HoldReasonSubCode",
    "LastHoldReason", "LastHoldReasonCode", "RemoveReason", "VacateReason", "VacateReasonCode",
    "LastRejMatchReason", "CpusProvisioned", "MemoryProvisioned", "GPUsProvisioned", "AllowedExecuteDuration",
    "RemoteUserCpu", "RemoteSysCpu", "ResidentSetSize_RAW",
)  # fmt: skip

Ad = Mapping[str, Any]

_IDLE, _RUNNING, _REMOVED, _COMPLETED, _HELD, _TRANSFERRING, _SUSPENDED = range(1, 8)
_WORDS = {
    _IDLE: "Idle", _RUNNING: "Running", _REMOVED: "Removed", _COMPLETED: "Completed", _HELD: "Held",
    _TRANSFERRING: "Transferring output", _SUSPENDED: "Suspended",
}  # fmt: skip

_OUTPUT_FAILED = 12
_OUT_OF_RESOURCES = 34
_HELD_BY_NODE = 21
_TOO_LONG = frozenset({46, 47})
"""HoldReasonCode: the allowed duration of the job, or of its execution."""
_NODE_TROUBLE = frozenset({1002, 1003, 1006, 1007, 1008, 1012, 1013})
"""VacateReasonCode: shadow, starter or startd failed or went away."""
_REMOVED_ITSELF = "The job attribute PeriodicRemove"
"""RemoveReason of a job that may not start again, and so removed itself."""


def stamp_of(ad: Ad) -> str | None:
    """The stamp that we gave the job."""
    return _text(ad, STAMP_ATTRIBUTE)


def observation(ad: Ad) -> Observation | None:
    """None: the ad has not what each job has."""
    cluster, proc, status = (_number(ad, name) for name in ("ClusterId", "ProcId", "JobStatus"))
    stamp = stamp_of(ad)
    if cluster is None or proc is None or status is None or stamp is None:
        return None
    phase = _phase(ad, status)
    ran = _number(ad, "JobCurrentStartDate") is not None and phase not in (Phase.PENDING, Phase.HELD)
    started = _number(ad, "JobCurrentStartExecutingDate") or _number(ad, "JobCurrentStartDate")
    job = Observation(
        stamp=stamp,
        batch_id=f"{cluster}.{proc}",
        phase=phase,
        site_state=_WORDS.get(status, f"JobStatus {status}"),
        reason=_reason(ad, status, phase),
        submitted_at=_time(_number(ad, "QDate")),
        started_at=_time(started) if ran else None,
        node=_node(ad),
        granted=_granted(ad) if ran else None,
    )
    return _ended(job, ad, status) if phase is Phase.ENDED else job


def _phase(ad: Ad, status: int) -> Phase:
    if status in (_REMOVED, _COMPLETED, _HELD) and _text(ad, "RemoteHost"):
        return Phase.RUNNING  # the status is what is to be; the job is still being ended
    if status in (_REMOVED, _COMPLETED) or (status in (_IDLE, _HELD) and _has_begun(ad)):
        return Phase.ENDED  # one that has begun is not started again, and soon removes itself
    if status in (_RUNNING, _TRANSFERRING, _SUSPENDED):
        return Phase.RUNNING
    return {_IDLE: Phase.PENDING, _HELD: Phase.HELD}.get(status, Phase.UNKNOWN)


def _has_begun(ad: Ad) -> bool:
    return _number(ad, "JobCurrentStartExecutingDate") is not None


def _reason(ad: Ad, status: int, phase: Phase) -> str | None:
    if status == _HELD:
        return _text(ad, "HoldReason")
    if phase is Phase.PENDING:
        return _text(ad, "LastRejMatchReason")
    if status not in (_REMOVED, _IDLE):
        return None
    why = _held_for(ad) or _text(ad, "VacateReason")
    return why if why and _by_itself(ad, status) else _text(ad, "RemoveReason")


def _by_itself(ad: Ad, status: int) -> bool:
    return status != _REMOVED or (_text(ad, "RemoveReason") or "").startswith(_REMOVED_ITSELF)


def _ended(job: Observation, ad: Ad, status: int) -> Observation:
    cause = _cause(ad, status)
    ended = _number(ad, "CompletionDate") or _number(ad, "EnteredCurrentStatus")
    code, signal = _number(ad, "ExitCode"), _number(ad, "ExitSignal")
    if cause is Cause.PREEMPTED and code == BEGUN_BEFORE:
        code = None
    by_signal = ad.get("ExitBySignal") is True
    return replace(
        job,
        ended_at=_time(ended),
        cause=cause,
        exit_code=None if by_signal else code,
        exit_signal=signal if by_signal else None,
        used=_used(ad) if job.started_at else None,
    )


def _cause(ad: Ad, status: int) -> Cause:
    if status == _COMPLETED or _number(ad, "CompletionDate"):  # a condor_rm after its end changes nothing
        again = _number(ad, "ExitCode") == BEGUN_BEFORE and (_number(ad, "JobRunCount") or 0) > 1
        return Cause.PREEMPTED if again else Cause.EXITED
    return _cause_of_removal(ad, status)


def _cause_of_removal(ad: Ad, status: int) -> Cause:
    held = _number(ad, "LastHoldReasonCode") or _number(ad, "HoldReasonCode")
    if held in _TOO_LONG:
        return Cause.WALLTIME
    if held == _OUT_OF_RESOURCES or (held == _HELD_BY_NODE and "memory" in _held_for(ad).lower()):
        return Cause.MEMORY
    if not _by_itself(ad, status):
        return Cause.CANCELLED
    return _cause_of_eviction(ad, held)


def _cause_of_eviction(ad: Ad, held: int | None) -> Cause:
    if held == _OUTPUT_FAILED and _number(ad, "ExitCode") is not None:
        return Cause.EXITED
    if held is not None:
        return Cause.CANCELLED
    vacated = _number(ad, "VacateReasonCode")
    return Cause.NODE_FAILURE if vacated is None or vacated in _NODE_TROUBLE else Cause.PREEMPTED


def _held_for(ad: Ad) -> str:
    return _text(ad, "LastHoldReason") or _text(ad, "HoldReason") or ""


def _granted(ad: Ad) -> Granted:
    return Granted(
        cpus=_number(ad, "CpusProvisioned"),
        memory_mb=_number(ad, "MemoryProvisioned"),
        walltime_s=_number(ad, "AllowedExecuteDuration"),
        gpus=_number(ad, "GPUsProvisioned") or None,
    )


def _used(ad: Ad) -> Used:
    resident_kb = _number(ad, "ResidentSetSize_RAW")
    return Used(
        user_cpu_s=_seconds(ad, "RemoteUserCpu"),
        system_cpu_s=_seconds(ad, "RemoteSysCpu"),
        peak_memory_mb=-(-resident_kb // 1024) if resident_kb else None,
    )


def _node(ad: Ad) -> str | None:
    """`slot1_2@node.example.org` is a slot of a node."""
    slot = _text(ad, "RemoteHost") or _text(ad, "LastRemoteHost")
    return slot.rpartition("@")[2] or None if slot else None


def _number(ad: Ad, name: str) -> int | None:
    value = ad.get(name)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _seconds(ad: Ad, name: str) -> float | None:
    value = ad.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(ad: Ad, name: str) -> str | None:
    value = ad.get(name)
    return value if isinstance(value, str) and value else None


def _time(seconds: int | None) -> float | None:
    return float(seconds) if seconds else None
