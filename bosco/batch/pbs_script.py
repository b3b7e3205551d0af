"""The job's script for OpenPBS and PBS Pro, and for Torque: directives, then the wrapper. Pure text."""

from __future__ import annotations

from collections.abc import Iterator

from bosco.batch.model import BatchRequest
from bosco.batch.pbs_units import walltime
from bosco.batch.wrapper import wrapper
from bosco.errors import Failed, Refusal

LONGEST = 2040
"""Bytes of a directive: older releases of Torque break lines at 2048."""
NOTICE = "URG"
"""What asks a job to end in order. qsig sends a signal to all processes, and PBS runs the script below a
login shell, which SIGTERM would end at once and the job with it; this one, nobody but the wrapper takes
notice of."""


def openpbs_script(request: BatchRequest, folder: str) -> bytes:
    """For OpenPBS and PBS Pro. Raises Failed when a directive is too long, or a node is to be left out."""
    chunk = [f"select=1:ncpus={request.cpus}"]
    if not request.whole_node:
        chunk.append(f"mem={request.memory_mb}mb")
    if request.gpus:
        chunk.append(f"ngpus={request.gpus}")
    place = ["-l place=exclhost"] if request.whole_node else []
    return _script(request, folder, [f"-l {':'.join(chunk)}", *place])


def torque_script(request: BatchRequest, folder: str) -> bytes:
    """For Torque. Raises Failed when a directive is too long, or a node is to be left out."""
    nodes = f"-l nodes=1:ppn={request.cpus}" + (f":gpus={request.gpus}" if request.gpus else "")
    # pbs_server and pbs_sched go by -n, Maui and Moab by the access policy.
    alone = ["-n", "-l naccesspolicy=singlejob"]
    return _script(
        request, folder, [nodes, *(alone if request.whole_node else [f"-l mem={request.memory_mb}mb"])]
    )


def _script(request: BatchRequest, folder: str, resources: list[str]) -> bytes:
    if request.left_out:
        raise Failed("PBS has no way to keep a job off a node", refusal=Refusal.PERMANENT)
    lines = [f"#PBS {text}" for text in _directives(request, folder, resources)]
    if long := [line for line in lines if len(line.encode("utf-8", "surrogateescape")) > LONGEST]:
        raise Failed(
            f"the directive {long[0][:60]!r}... is longer than {LONGEST} bytes", refusal=Refusal.PERMANENT
        )
    job_id = "${PBS_JOBID:-}"
    # Both make a control group named like the job, where they make any.
    body = wrapper(request, folder, job_id=job_id, cgroup=job_id, notice=NOTICE)
    return "\n".join(["#!/bin/sh", *lines, body]).encode("utf-8", "surrogateescape")


def _directives(request: BatchRequest, folder: str, resources: list[str]) -> Iterator[str]:
    yield f"-N {request.stamp}"
    yield "-S /bin/sh"
    yield "-j oe"
    yield f"-o {folder}/scheduler.log"
    yield "-r n"
    yield "-m n"
    yield from resources
    yield f"-l walltime={walltime(request.walltime_s)}"
    for option, value in (("-q ", request.queue), ("-A ", request.account), ("-l qos=", request.qos)):
        if value:
            yield option + value
    yield from request.extra
