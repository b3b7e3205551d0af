"""`sbatch`: takes a job."""

from __future__ import annotations

import os
import sys
import time

from . import bell, store, wake
from .errors import Refused
from .job_environment import job_environment
from .request import Request, request
from .sbatch_options import command_line, directives
from .site import Site, site, user
from .spool import Launch, Spool


def main(arguments: list[str]) -> int:
    """Submits the script named first, or on stdin, and prints its id; --test-only: nothing is submitted."""
    options, operands = command_line(arguments)
    script = _wrapped(options["wrap"]) if "wrap" in options else _script(operands)
    here = site()
    job = request(
        directives(script.decode(errors="surrogateescape")) | options,
        here,
        default_name=os.path.basename(operands[0]) if operands else "sbatch",
        cwd=os.getcwd(),
    )
    if "test-only" in options:
        when = time.strftime("%Y-%m-%dT%H:%M:%S")
        where = f"using {job.cpus} processors on nodes {here.node} in partition {job.partition}"
        print(f"sbatch: Job 1 to start at {when} {where}", file=sys.stderr)
        return 0
    job_id = _submit(job, script, operands[1:], here)
    print(job_id if "parsable" in options else f"Submitted batch job {job_id}")
    return 0


def _wrapped(command: str) -> bytes:
    return f"#!/bin/sh\n# This script was created by sbatch --wrap.\n\n{command}\n".encode()


def _script(operands: list[str]) -> bytes:
    script = _read(operands[0]) if operands else sys.stdin.buffer.read()
    if not script:
        raise Refused("sbatch: error: Batch script is empty!")
    if not script.startswith(b"#!"):
        raise Refused(
            "sbatch: error: This does not look like a batch script.  The first",
            "sbatch: error: line must start with #! followed by the path to an interpreter.",
            "sbatch: error: For instance: #!/bin/sh",
        )
    if b"\r\n" in script:
        raise Refused(
            "sbatch: error: Batch script contains DOS line breaks (\\r\\n)",
            "sbatch: error: instead of expected UNIX line breaks (\\n).",
        )
    return script


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        raise Refused(f"sbatch: error: Unable to open file {path}") from None


def _submit(job: Request, script: bytes, arguments: list[str], here: Site) -> int:
    owner = user()
    with store.opened(here.folder) as jobs:
        with jobs.transaction():
            job_id = jobs.add(job, owner=owner, now=time.time())
            Spool(here.folder, job_id).create(script, _launch(job, job_id, arguments, owner, here))
        wake.ensure_controller(here.folder, jobs)
    bell.ring(here.folder)
    return job_id


def _launch(job: Request, job_id: int, arguments: list[str], owner: str, here: Site) -> Launch:
    names = {"%": "%", "j": str(job_id), "A": str(job_id), "x": job.name, "u": owner, "N": here.node}
    return Launch(
        arguments=arguments,
        chdir=os.path.abspath(job.chdir),
        output=_expanded(job.output, names),
        error=_expanded(job.error, names),
        append=job.append,
        umask=_umask(),
        environment=job_environment(job, job_id, owner=owner, site=here),
    )


def _expanded(path: str, names: dict[str, str]) -> str:
    head, *pieces = path.replace("%%", "%\0").split("%")
    return head + "".join(_named(piece, names) for piece in pieces)


def _named(piece: str, names: dict[str, str]) -> str:
    if piece.startswith("\0"):
        return "%" + piece[1:]
    return names.get(piece[:1], "%" + piece[:1]) + piece[1:]


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
