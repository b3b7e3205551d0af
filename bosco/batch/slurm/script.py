"""The job's script for Slurm: directives, then what runs on the node. Pure text."""

from __future__ import annotations

from collections.abc import Iterable

from bosco.batch.left_out import excluded
from bosco.batch.model import BatchRequest
from bosco.batch.pinned import nodelist
from bosco.batch.slurm import carried
from bosco.batch.wrapper import wrapper

NOTICE_S = 120
"""How long before the end of its walltime a pilot gets SIGTERM."""
NOTICE_FROM_S = 3600
"""Shorter jobs get no notice: Slurm's signal may come a minute early."""
_JOB_ID, _CGROUP = "${SLURM_JOB_ID:-}", "job_${SLURM_JOB_ID:-none}"


def job_script(request: BatchRequest, folder: str, job_id: str = _JOB_ID) -> bytes:
    """For nodes that see the job's folder. `job_id`: shell text that expands to the batch id."""
    body = wrapper(request, folder, job_id=job_id, cgroup=_CGROUP)
    return script(directives(request, _at_home(folder), NOTICE_S), body)


def carried_job_script(request: BatchRequest, *, patience_s: int) -> bytes:
    """For nodes that do not: the wrapper and the input files come in it."""
    body = carried.script(request, job_id=_JOB_ID, cgroup=_CGROUP, patience_s=patience_s)
    return script(directives(request, ("--chdir=/", "--output=/dev/null"), carried.NOTICE_S), body)


def script(directives: Iterable[str], body: str) -> bytes:
    """What sbatch takes."""
    lines = ["#!/bin/sh", *(f"#SBATCH {text}" for text in directives), body]
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def _at_home(folder: str) -> Iterable[str]:
    yield f"--chdir={folder}"
    yield f"--output={folder}/scheduler.log"
    yield "--open-mode=append"


def directives(request: BatchRequest, files: Iterable[str], notice_s: int) -> Iterable[str]:
    """The options of the job, as long ones; `files` are those about its folder."""
    minutes = -(-request.walltime_s // 60)
    yield f"--job-name={request.stamp}"
    yield from files
    yield "--no-requeue"
    yield f"--time={minutes}"
    yield "--nodes=1"
    yield "--ntasks=1"
    yield f"--cpus-per-task={request.cpus}"
    if request.whole_node:
        yield "--exclusive"
    yield "--mem=0" if request.whole_node else f"--mem={request.memory_mb}M"
    if request.walltime_s >= NOTICE_FROM_S:
        yield f"--signal=B:TERM@{notice_s}"
    if request.gpus:
        yield (
            f"--gres=gpu:{request.gpu_type}:{request.gpus}"
            if request.gpu_type
            else f"--gres=gpu:{request.gpus}"
        )
    for option, value in (
        ("partition", request.queue),
        ("account", request.account),
        ("qos", request.qos),
        ("constraint", request.constraint),
        ("reservation", request.reservation),
    ):
        if value:
            yield f"--{option}={value}"
    yield from excluded(request.left_out, request.extra)
    yield from nodelist(request.node)
