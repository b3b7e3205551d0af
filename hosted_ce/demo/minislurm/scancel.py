"""`scancel`: asks for the end of jobs. Whether and when they end is seen elsewhere."""

from __future__ import annotations

import os
import signal
import sys
import time

from . import bell, processes, store, wake
from .arguments import Arguments, Grammar, UsageError
from .errors import Refused
from .job import Job
from .site import site, user
from .spool import Spool
from .store import Store

_GRAMMAR = Grammar(
    {
        **{"name=": "n", "user=": "u", "me": "", "quiet": "Q", "verbose": "v"},
        **{"state=": "t", "signal=": "s", "batch": "b"},
    }
)
_GENTLY = {"state": "RUNNING", "signal": "TERM", "batch": ""}
"""What there is of these options: SIGTERM to the scripts of running jobs."""


def main(arguments: list[str]) -> int:
    """Cancels jobs by id, by name or all of an account. Jobs that are not there are no error."""
    given = _parsed(arguments)
    ids = _ids(given.operands)
    here = site()
    if "signal" in given.last():
        return _signal(ids, here.folder)
    with store.opened(here.folder) as jobs:
        for job_id in ids or [job.id for job in jobs.live() if _chosen(job, given)]:
            _cancel(job_id, jobs, verbose="verbose" in given.last())
        wake.ensure_controller(here.folder, jobs)
    bell.ring(here.folder)
    return 0


def _parsed(arguments: list[str]) -> Arguments:
    try:
        given = _GRAMMAR.parse(arguments)
    except UsageError as problem:
        raise Refused(f"scancel: {problem}", 'Try "scancel --help" for more information') from None
    options = given.last()
    if not given.operands and not {"name", "user", "me"} & options.keys():
        raise Refused("scancel: error: No job identification provided")
    gently = {name: options[name] for name in _GENTLY if name in options}
    if gently and gently != _GENTLY:
        raise Refused(
            "scancel: error: this site knows --state=RUNNING --batch --signal=TERM, and only together"
        )
    return given


def _ids(operands: list[str]) -> list[int]:
    words = [word for operand in operands for word in operand.split(",")]
    for word in words:
        if not word.isdecimal():
            raise Refused(f"scancel: error: Invalid job id {word}")
    return [int(word) for word in words]


def _chosen(job: Job, given: Arguments) -> bool:
    options = given.last()
    names = options.get("name", job.name).split(",")
    return job.name in names and job.owner == options.get("user", user())


def _signal(ids: list[int], folder: str) -> int:
    """SIGTERM to the scripts of those that run. As in Slurm, ended and unknown jobs are complained of."""
    with store.opened(folder) as jobs:
        live = {job.id: job for job in jobs.live()}
    everyone = processes.everyone()
    for job_id in ids:
        if job_id not in live or live[job_id].completing:
            complaint = f"Kill job error on job id {job_id}: Invalid job id specified"
            print(f"scancel: error: {complaint}", file=sys.stderr)
        elif supervisor := Spool(folder, job_id).supervisor():
            processes.send(processes.script_of(supervisor, everyone), signal.SIGTERM)
    return int(any(job_id not in live or live[job_id].completing for job_id in ids))


def _cancel(job_id: int, jobs: Store, *, verbose: bool) -> None:
    if verbose:
        print(f"scancel: Terminating job {job_id}", file=sys.stderr)
    if not jobs.cancel(job_id, uid=os.getuid(), now=time.time()) and verbose:
        complaint = f"Kill job error on job id {job_id}: Invalid job id specified"
        print(f"scancel: error: {complaint}", file=sys.stderr)
