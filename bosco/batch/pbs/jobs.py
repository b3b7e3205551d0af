"""What a job's attributes in qstat say: to observations. Pure.

OpenPBS and PBS Pro name the end `Exit_status`, Torque `exit_status`; by that the two are told apart, since
their negative numbers mean different things.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bosco.batch.model import Cause, Granted, Observation, Phase, Used
from bosco.batch.pbs.text import PbsJob
from bosco.batch.pbs.units import duration_s, hosts, integer, memory_mb, moment, of_nodes

_PHASES = {
    "Q": Phase.PENDING, "W": Phase.PENDING, "T": Phase.PENDING, "H": Phase.HELD,
    "R": Phase.RUNNING, "E": Phase.RUNNING, "S": Phase.RUNNING, "U": Phase.RUNNING,
    "F": Phase.ENDED, "C": Phase.ENDED, "X": Phase.ENDED,
}  # fmt: skip
"""M, a job that was moved to another server, is not among them: it lives there, and is not to be judged
here."""

_ON_ITS_WAY = "41"
"""The substate of a job of OpenPBS that is being sent to its node, where it may never begin: state R, too."""
_NOT_BEGUN = {-1: Cause.NOT_STARTED, -2: Cause.NOT_STARTED, -3: Cause.NOT_STARTED}
"""Before its files were there, after that, and after many tries."""
_OPENPBS_CAUSES = {
    **_NOT_BEGUN,
    -10: Cause.NOT_STARTED, -13: Cause.NOT_STARTED, -16: Cause.NOT_STARTED, -21: Cause.NOT_STARTED,
    -22: Cause.NOT_STARTED, -23: Cause.NOT_STARTED, -30: Cause.NOT_STARTED,
    -12: Cause.PREEMPTED, -17: Cause.CANCELLED, -19: Cause.CANCELLED,
    -24: Cause.CANCELLED, -25: Cause.CANCELLED, -28: Cause.CANCELLED,
    -26: Cause.MEMORY, -27: Cause.MEMORY, -29: Cause.WALLTIME,
}  # fmt: skip
"""An account or a password that is not known there, a hook's no, security, Kerberos, joining; a checkpoint; a
hook's wish; too much CPU; vmem and mem; walltime. The others: the node's daemon, or the node, had failed."""
_TORQUE_CAUSES = {
    **_NOT_BEGUN,
    -8: Cause.NOT_STARTED, -9: Cause.NOT_STARTED, -13: Cause.NOT_STARTED, -14: Cause.NOT_STARTED,
    -10: Cause.MEMORY, -11: Cause.WALLTIME, -12: Cause.CANCELLED,
}  # fmt: skip

_UNSEEN = "0"
"""Torque's exit status also of what ended, however that was, while its pbs_mom did not run, or after that."""
_SIGNALLED = 256
"""An exit status from here on is a signal that went through PBS, plus this."""
_DELETED = 256 + 15
_NO_REASON = re.compile(r"Job started on|Job run at [^)]*\)\Z")
"""A comment that stays when the job has ended: Torque's always, OpenPBS's when the node was given up."""
_HOLDERS = {"u": "user", "o": "operator", "s": "system", "p": "bad password"}


def observation(job: PbsJob) -> Observation:
    """What is known of the job. Attributes that are not there, or are strange, are None."""
    said = job.attributes
    phase = _phase(said)
    ended = phase is Phase.ENDED
    node = hosts(said.get("exec_host"))
    # Without a node it never ran; a job that is back in the queue has the node of its last try.
    ran = node is not None and phase in (Phase.RUNNING, Phase.ENDED)
    code, signal, cause = _end(said) if ended else (None, None, None)
    return Observation(
        stamp=said["Job_Name"],
        batch_id=job.id,
        phase=phase,
        site_state=said["job_state"],
        reason=_reason(said, phase, cause),
        submitted_at=moment(said.get("ctime")) or moment(said.get("qtime")),
        started_at=_first(said, "stime", "start_time") if ran else None,
        ended_at=_first(said, "obittime", "comp_time", "history_timestamp", "mtime") if ended else None,
        node=node if ran else None,
        exit_code=code,
        exit_signal=signal,
        cause=cause,
        assumed=ended and said.get("exit_status") == _UNSEEN,
        granted=_granted(said, node) if ran else None,
        used=_used(said) if ended and ran else None,
    )


def _phase(said: Mapping[str, str]) -> Phase:
    phase = _PHASES.get(said["job_state"], Phase.UNKNOWN)
    on_its_way = phase is Phase.RUNNING and said.get("substate") == _ON_ITS_WAY
    return Phase.PENDING if on_its_way else phase


def _end(said: Mapping[str, str]) -> tuple[int | None, int | None, Cause | None]:
    openpbs = "Exit_status" in said
    status = integer(said.get("Exit_status", said.get("exit_status")))
    if status is None:
        return None, None, Cause.CANCELLED  # deleted before it ran, or by force
    if status < 0:
        causes = _OPENPBS_CAUSES if openpbs else _TORQUE_CAUSES
        return None, None, causes.get(status, Cause.NODE_FAILURE)
    cause = Cause.CANCELLED if _was_deleted(said, status) else Cause.EXITED
    if status >= _SIGNALLED:
        return None, status - _SIGNALLED, cause
    return status, None, cause


def _was_deleted(said: Mapping[str, str], status: int) -> bool:
    """Substate 91 of OpenPBS is a job that was deleted; its top shell may have ended by itself all the
    same.
    """
    return status == _DELETED or said.get("substate") == "91"


def _reason(said: Mapping[str, str], phase: Phase, cause: Cause | None) -> str | None:
    comment = said.get("comment") or None
    if phase is Phase.HELD:
        holders = [who for letter, who in _HOLDERS.items() if letter in said.get("Hold_Types", "")]
        held = f"held by {' and '.join(holders)}" if holders else None
        return "; ".join(part for part in (held, comment) if part) or None
    if phase is Phase.PENDING:
        return _tried(said) or comment
    wrong = phase is Phase.ENDED and cause is not Cause.EXITED
    return comment if wrong and comment and not _NO_REASON.match(comment) else None


def _tried(said: Mapping[str, str]) -> str | None:
    """Torque tries for ever where a prologue fails with 2 or more, and leaves its comment as it was."""
    status, times = integer(said.get("exit_status")), said.get("start_count")
    return f"could not be started, {times or '?'} times so far (exit_status = {status})" if status else None


def _granted(said: Mapping[str, str], node: str | None) -> Granted:
    asked = {k.partition(".")[2]: v for k, v in said.items() if k.startswith("Resource_List.")}
    nodes = asked.get("nodes")
    return Granted(
        cpus=integer(asked.get("ncpus")) or of_nodes(nodes, "ppn"),
        memory_mb=memory_mb(asked.get("mem")),
        walltime_s=duration_s(asked.get("walltime")),
        gpus=integer(asked.get("ngpus")) or of_nodes(nodes, "gpus"),
        nodes=node.count(",") + 1 if node else None,
        queue=said.get("queue"),
        account=said.get("Account_Name"),
        qos=asked.get("qos"),
    )


def _used(said: Mapping[str, str]) -> Used:
    cpu = duration_s(said.get("resources_used.cput"))
    return Used(
        user_cpu_s=None if cpu is None else float(cpu),
        peak_memory_mb=memory_mb(said.get("resources_used.mem")) or None,  # 0kb: it was never looked at
    )


def _first(said: Mapping[str, str], *names: str) -> float | None:
    return next((at for name in names if (at := moment(said.get(name))) is not None), None)
