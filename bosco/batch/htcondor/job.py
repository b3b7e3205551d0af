"""The files of an HTCondor job: its submit description, and the scripts that run on the worker node.

With a shared home the job works in its folder, as with any other batch system. Without one, HTCondor carries
the folder's files into a directory on the node, the wrapper takes that directory for its folder, and a second
script around it (`htcondor/courier.sh`) brings home what the wrapper writes there.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib import resources

from bosco.batch.htcondor.words import accounting_group, string
from bosco.batch.left_out import no_member
from bosco.batch.model import BatchRequest
from bosco.batch.pinned import is_member
from bosco.batch.wrapper import WRAPPER_FAILED, wrapper

STAMP_ATTRIBUTE = "HostedCEStamp"
_TEMPLATE = resources.files("bosco.batch").joinpath("htcondor/courier.sh").read_text()
BEGUN_BEFORE = 122
"""Exit code of a job that finds that its pilot has begun before: HTCondor has started it once more."""
KEEP_S = 900
"""How long an ended job stays in the queue, in seconds."""
VACATE_S = 180
"""Between SIGTERM and SIGKILL, if the node's own limit is not shorter. A glidein takes up to two minutes."""

_NEVER_BEGAN = "JobCurrentStartExecutingDate =?= undefined"
"""Set when the job begins to execute. NumJobStarts comes 15 minutes later, and never if the shadow dies."""
_REQUIREMENTS = re.compile(r"\s*requirements\s*=\s*(.*)", re.IGNORECASE | re.DOTALL)
"""A further one must not replace ours."""
_JOB_ID = "$(sed -n 's/^ClusterId = //p' \"${_CONDOR_JOB_AD:-/dev/null}\" 2>/dev/null).0"


def job_files(request: BatchRequest, folder: str, *, domain: str | None, keep_s: int) -> Mapping[str, bytes]:
    """Names and contents for the job's folder. Raises ValueError for text that cannot be in them.

    `domain`: the file system domain of the nodes that see this folder; None: HTCondor carries the files.
    """
    if domain:
        job = _claim(folder) + wrapper(request, folder, job_id=_JOB_ID)
        scripts = {"job.sh": job}
    else:
        inside = replace(request, scratch=None)  # the directory is on the node's own disk already
        scripts = {"job.sh": wrapper(inside, None, job_id=_JOB_ID), "job.courier": _courier(request)}
    files = {"job.sub": description(request, domain=domain, keep_s=keep_s), **scripts}
    return {name: text.encode("utf-8", "surrogateescape") for name, text in files.items()}


def description(request: BatchRequest, *, domain: str | None, keep_s: int = KEEP_S) -> str:
    """The submit description file."""
    required = [found[1] for line in request.extra if (found := _REQUIREMENTS.match(line))]
    lines = [*_what(request, "job.sh" if domain else "job.courier"), *_needs(request, required)]
    lines += [*_once(keep_s), *(_at_home(domain) if domain else _carried(request))]
    lines += [line for line in request.extra if not _REQUIREMENTS.match(line)]
    for line in lines:
        if "\n" in line or "\r" in line or line.endswith("\\"):
            raise ValueError(f"{line!r} is not one line of a submit description file")
    return "\n".join([*lines, "queue", ""])


def _what(request: BatchRequest, script: str) -> Iterable[str]:
    yield "universe = vanilla"
    yield "executable = /bin/sh"
    yield "transfer_executable = false"
    # A script that a crash of the login node has emptied, or cut, comes to its end; ours never does.
    yield f"arguments = \"-c '. ./{script}; exit {WRAPPER_FAILED}'\""
    yield f"batch_name = {request.stamp}"
    yield f"My.{STAMP_ATTRIBUTE} = {string(request.stamp)}"
    yield "log = scheduler.log"
    yield "notification = never"
    if request.account:
        yield f"accounting_group = {accounting_group(request.account)}"
    for attribute, value in (("BatchQueue", request.queue), ("BatchQOS", request.qos)):
        if value:
            yield f"My.{attribute} = {string(value)}"


def _needs(request: BatchRequest, required: Iterable[str]) -> Iterable[str]:
    ours = [_NEVER_BEGAN, *no_member(request.left_out), *is_member(request.node)]
    # A piece of a slot that is free would give its own size for the whole node's.
    undivided = ["TARGET.DynamicSlot =!= true"] if request.whole_node else []
    yield f"requirements = {' && '.join([*ours, *(f'({text})' for text in required), *undivided])}"
    yield f"allowed_execute_duration = {request.walltime_s}"
    cpus, memory = str(request.cpus), str(request.memory_mb)
    yield f"request_cpus = {_all_of('TotalSlotCpus', cpus) if request.whole_node else cpus}"
    yield f"request_memory = {_all_of('TotalSlotMemory', memory) if request.whole_node else memory}"
    if request.gpus:
        yield f"request_gpus = {request.gpus}"


def _all_of(attribute: str, least: str) -> str:
    return f"ifThenElse(TARGET.{attribute} =!= undefined, TARGET.{attribute}, {least})"


def _once(keep_s: int) -> Iterable[str]:
    # HTCondor starts an evicted job again. A pilot that has begun has had its only start.
    yield "periodic_remove = (JobStatus == 1 || JobStatus == 5) && JobCurrentStartExecutingDate =!= undefined"
    yield f"job_max_vacate_time = {VACATE_S}"
    ended = "(JobStatus == 3 || JobStatus == 4)"
    yield f"leave_in_queue = {ended} && time() - EnteredCurrentStatus < {keep_s}"


def _at_home(domain: str) -> list[str]:
    return ["should_transfer_files = NO", f"My.FileSystemDomain = {string(domain)}"]


def _carried(request: BatchRequest) -> list[str]:
    inputs = ["job.sh", "job.courier", "in", *(["credentials"] if request.credentials else [])]
    return [
        "should_transfer_files = YES",
        "when_to_transfer_output = ON_EXIT",
        f"transfer_input_files = {','.join(inputs)}",
        "transfer_output_files = home/",
        "My.WantIOProxy = true",  # lets the courier use condor_chirp
    ]


def _claim(folder: str) -> str:
    begun = f"{shlex.quote(folder)}/begun"
    return f"mkdir {begun} || {{ [ ! -d {begun} ] || exit {BEGUN_BEFORE}; exit {WRAPPER_FAILED}; }}\n"


def _courier(request: BatchRequest) -> str:
    settings = [
        f"HCE_CREDENTIALS={shlex.quote(' '.join(request.credentials))}",
        f"HCE_REFRESH_S={request.refresh_s:g}",
        f"HCE_BEGUN_BEFORE={BEGUN_BEFORE}",
        f"HCE_FAILED={WRAPPER_FAILED}",
        f'HCE_JOB_ID="{_JOB_ID}"',
    ]
    return "\n".join([*settings, _TEMPLATE])
