"""What squeue can show of a job, by the names of `-O` and the letters of `-o`."""

from __future__ import annotations

import time

from .clock import written
from .columns import Field
from .job import Job, State
from .units import duration

_REASON_INSTEAD_OF_NODES = (State.PENDING, State.FAILED, State.TIMEOUT)


def _start(job: Job) -> float | None:
    # Slurm says of a job that never ran that it started and ended when it was cancelled.
    return job.ended if job.started is None else job.started


def _end(job: Job) -> float | None:
    return job.deadline if job.ended is None else job.ended


def _used(job: Job) -> str:
    if job.started is None:
        return duration(0)
    return duration((job.ended or time.time()) - job.started)


def _reason_list(job: Job) -> str:
    return f"({job.reason})" if job.shown_state in _REASON_INSTEAD_OF_NODES else job.node


FIELDS = {
    "jobid": Field[Job]("JOBID", lambda job: str(job.id)),
    "jobarrayid": Field[Job]("JOBID", lambda job: str(job.id)),
    "name": Field[Job]("NAME", lambda job: job.name),
    "state": Field[Job]("STATE", lambda job: job.shown_state),
    "statecompact": Field[Job]("ST", lambda job: job.shown_state.compact),
    "reason": Field[Job]("REASON", lambda job: job.reason),
    "reasonlist": Field[Job]("NODELIST(REASON)", _reason_list),
    "starttime": Field[Job]("START_TIME", lambda job: written(_start(job), "N/A")),
    "endtime": Field[Job]("END_TIME", lambda job: written(_end(job), "N/A")),
    "submittime": Field[Job]("SUBMIT_TIME", lambda job: written(job.submitted, "N/A")),
    "timeused": Field[Job]("TIME", _used),
    "timelimit": Field[Job]("TIME_LIMIT", lambda job: duration(job.limit_minutes * 60)),
    "exit_code": Field[Job]("EXIT_CODE", lambda job: str(job.wait_status)),
    "nodelist": Field[Job]("NODELIST", lambda job: job.node),
    "numnodes": Field[Job]("NODES", lambda _: "1"),
    "numcpus": Field[Job]("CPUS", lambda job: str(job.cpus)),
    "partition": Field[Job]("PARTITION", lambda job: job.partition),
    "account": Field[Job]("ACCOUNT", lambda job: job.account or job.owner),
    "qos": Field[Job]("QOS", lambda _: "normal"),
    "username": Field[Job]("USER", lambda job: job.owner),
    "tres-alloc": Field[Job]("TRES_ALLOC", lambda job: f"cpu={job.cpus},node=1,billing={job.cpus}"),
    "comment": Field[Job]("COMMENT", lambda job: "(null)" if job.comment is None else job.comment),
}

LETTERS = {
    "i": "jobid",
    "A": "jobarrayid",
    "j": "name",
    "T": "state",
    "t": "statecompact",
    "r": "reason",
    "R": "reasonlist",
    "S": "starttime",
    "e": "endtime",
    "V": "submittime",
    "M": "timeused",
    "l": "timelimit",
    "N": "nodelist",
    "D": "numnodes",
    "C": "numcpus",
    "P": "partition",
    "u": "username",
    "k": "comment",
}
