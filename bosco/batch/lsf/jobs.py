"""What bjobs says in JSON: to observations. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from bosco.batch.answers import failed
from bosco.batch.lsf.errors import nothing_found
from bosco.batch.lsf.units import hosts, memory_mb, moment, number, whole, word
from bosco.batch.model import Cause, CommandResult, Granted, Listing, Observation, Phase, Used
from bosco.batch.stamps import STAMP

FIELDS = (
    "jobid", "job_name", "stat", "pend_reason", "submit_time", "start_time", "finish_time", "exec_host",
    "exit_code", "exit_reason", "nalloc_slot", "runtimelimit", "memlimit", "cpu_used", "max_mem",
    "queue", "proj_name",
)  # fmt: skip
_PHASES = {
    "PEND": Phase.PENDING, "WAIT": Phase.PENDING, "PROV": Phase.PENDING, "PSUSP": Phase.HELD,
    "RUN": Phase.RUNNING, "USUSP": Phase.RUNNING, "SSUSP": Phase.RUNNING,
    "DONE": Phase.ENDED, "EXIT": Phase.ENDED,
}  # fmt: skip
"""UNKWN and ZOMBI, whose node cannot be reached, are not among them: such a job may run."""

_CAUSES = {
    "TERM_RUNLIMIT": Cause.WALLTIME, "TERM_DEADLINE": Cause.WALLTIME, "TERM_WINDOW": Cause.WALLTIME,
    "TERM_MEMLIMIT": Cause.MEMORY, "TERM_SWAP": Cause.MEMORY, "TERM_SWAPLIMIT": Cause.MEMORY,
    "TERM_PREEMPT": Cause.PREEMPTED, "TERM_LOAD": Cause.PREEMPTED, "TERM_RC": Cause.PREEMPTED,
    "TERM_ZOMBIE": Cause.NODE_FAILURE, "TERM_RMS": Cause.NODE_FAILURE, "TERM_SLURM": Cause.NODE_FAILURE,
    "TERM_CWD_NOTEXIST": Cause.NOT_STARTED, "TERM_PRE_EXEC_FAIL": Cause.NOT_STARTED,
    "TERM_UNKNOWN": Cause.EXITED, "TERM_EXTERNAL_SIGNAL": Cause.EXITED,
}  # fmt: skip
"""All others of LSF's reasons are somebody's wish: by owner, by the administrator, by a limit on CPU or
threads."""
_TERM = re.compile(r"TERM_[A-Z_]{1,40}")


def cause_of(reason: str | None) -> Cause:
    """Why a job ended whose exit has this reason."""
    found = _TERM.search(reason or "")
    return _CAUSES.get(found[0], Cause.CANCELLED) if found else Cause.EXITED


def listed(result: CommandResult) -> Listing:
    """The records, as many as it says that there are."""
    if not result.complete:
        return failed("bjobs", result)
    if nothing_found(result):
        return Listing((), complete=True)
    try:
        answer = json.loads(result.stdout.decode("utf-8", "surrogateescape"), strict=False)
        records, count = answer["RECORDS"], int(answer["JOBS"])
        wrong = result.exit_code != 0 or len(records) != count
        jobs = [record for record in records if STAMP.match(str(record.get("JOB_NAME", "")))]
        found = tuple(_observation({k: str(v) for k, v in job.items()}) for job in jobs)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return failed("bjobs", result)
    return failed("bjobs", result) if wrong else Listing(found, complete=True)


def _observation(said: Mapping[str, Any]) -> Observation:
    state = said.get("STAT", "")
    phase = _PHASES.get(state, Phase.UNKNOWN)
    ended, node, started = phase is Phase.ENDED, hosts(said.get("EXEC_HOST")), moment(said.get("START_TIME"))
    ran = phase in (Phase.RUNNING, Phase.ENDED) and (node is not None or started is not None)
    code, cause = _end(said, ran=ran) if ended else (None, None)
    return Observation(
        stamp=said["JOB_NAME"],
        batch_id=said["JOBID"],
        phase=phase,
        site_state=state,
        reason=word(said.get("EXIT_REASON" if ended else "PEND_REASON")),
        submitted_at=moment(said.get("SUBMIT_TIME")),
        started_at=started if ran else None,
        ended_at=moment(said.get("FINISH_TIME")) if ended else None,
        node=node if ran else None,
        exit_code=code,
        cause=cause,
        granted=_granted(said) if ran else None,
        used=_used(said) if ended and ran else None,
    )


def _end(said: Mapping[str, Any], *, ran: bool) -> tuple[int | None, Cause]:
    if said.get("STAT") == "DONE":
        return 0, Cause.EXITED
    cause = cause_of(said.get("EXIT_REASON"))
    if cause is Cause.EXITED and not ran:
        cause = Cause.CANCELLED
    return (whole(said.get("EXIT_CODE")) if cause is Cause.EXITED else None), cause


def _granted(said: Mapping[str, Any]) -> Granted:
    minutes = number(said.get("RUNTIMELIMIT"))
    return Granted(
        cpus=whole(said.get("NALLOC_SLOT")),
        memory_mb=memory_mb(said.get("MEMLIMIT")),
        walltime_s=None if minutes is None else int(minutes * 60),
        queue=word(said.get("QUEUE")),
        account=word(said.get("PROJ_NAME")),
    )


def _used(said: Mapping[str, Any]) -> Used:
    return Used(
        user_cpu_s=number(said.get("CPU_USED")), peak_memory_mb=memory_mb(said.get("MAX_MEM")) or None
    )
