"""The job's script for OpenPBS and PBS Pro, and for Torque: directives, then the wrapper. Pure text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum

from bosco.batch import pinned
from bosco.batch.carried import carried_script
from bosco.batch.model import BatchRequest
from bosco.batch.pbs.units import walltime
from bosco.batch.wrapper import wrapper
from bosco.errors import Failed, Refusal

LONGEST = 2040
"""Bytes of a directive: older releases of Torque break lines at 2048."""
NOTICE = "URG"
"""What asks a job to end in order. qsig sends a signal to all processes, and PBS runs the script below a
login shell, which SIGTERM would end at once and the job with it; this one, nobody but the wrapper takes
notice of."""


LARGEST = 32 * 1024 * 1024
"""Bytes of a script. OpenPBS takes 100 MB (jobscript_max_size), and its server keeps each."""
_STAGED_OUT = "\nhce_begun() { :; }\n\nhce_deliver() { :; } # PBS copies the folder, and removes it\n"


class Flavour(StrEnum):
    """Whose commands they are."""

    OPENPBS = "openpbs"
    """PBS Pro, too."""
    TORQUE = "torque"


def job_script(request: BatchRequest, folder: str, flavour: Flavour, *, shared_home: bool = True) -> bytes:
    """Directives, then the wrapper, or what brings it and the input files to the node.

    Raises Failed when a directive is too long, or a node is to be left out.
    """
    if request.left_out:
        raise Failed("PBS has no way to keep a job off a node", refusal=Refusal.PERMANENT)
    resources = _openpbs(request) if flavour is Flavour.OPENPBS else _torque(request)
    lines = [f"#PBS {text}" for text in _directives(request, folder, resources)]
    if long := [line for line in lines if len(line.encode("utf-8", "surrogateescape")) > LONGEST]:
        raise Failed(
            f"the directive {long[0][:60]!r}... is longer than {LONGEST} bytes", refusal=Refusal.PERMANENT
        )
    body = _body(request, folder if shared_home else None)
    return "\n".join(["#!/bin/sh", *lines, body]).encode("utf-8", "surrogateescape")


def _openpbs(request: BatchRequest) -> list[str]:
    chunk = [f"select=1:ncpus={request.cpus}"]
    if not request.whole_node:
        chunk.append(f"mem={request.memory_mb}mb")
    if request.gpus:
        chunk.append(f"ngpus={request.gpus}")
    chunk += pinned.chunk(request.node)
    return [f"-l {':'.join(chunk)}", *(["-l place=exclhost"] if request.whole_node else [])]


def _torque(request: BatchRequest) -> list[str]:
    gpus = f":gpus={request.gpus}" if request.gpus else ""
    nodes = f"-l nodes={request.node or 1}:ppn={request.cpus}{gpus}"
    # pbs_server and pbs_sched go by -n, Maui and Moab by the access policy.
    alone = ["-n", "-l naccesspolicy=singlejob"]
    return [nodes, *(alone if request.whole_node else [f"-l mem={request.memory_mb}mb"])]


def _body(request: BatchRequest, folder: str | None) -> str:
    job_id = "${PBS_JOBID:-}"  # both make a control group named like the job, where they make any
    if folder is not None:
        return wrapper(request, folder, job_id=job_id, cgroup=job_id, notice=NOTICE)
    # Nothing gets to a job that waits or runs: what may be replaced elsewhere is a file like any other.
    fixed = replace(request, credentials=())
    return carried_script(fixed, delivery=_STAGED_OUT, job_id=job_id, cgroup=job_id, notice=NOTICE)


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
