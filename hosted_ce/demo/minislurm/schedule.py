"""Which waiting jobs may start: pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .job import Job, State


class Plan(NamedTuple):
    """What to do with the waiting jobs: these start, those wait for a reason."""

    start: list[Job]
    wait: list[tuple[Job, str]]


def plan(live: Sequence[Job], cpus: int) -> Plan:
    """In order of submission; a job that does not fit holds up those behind it.

    A job that is being ended keeps its CPUs until its processes are gone.
    """
    free = cpus - sum(job.cpus for job in live if job.state != State.PENDING)
    start: list[Job] = []
    wait: list[tuple[Job, str]] = []
    for job in (job for job in live if job.state == State.PENDING):
        if wait:
            wait.append((job, "Priority"))
        elif job.cpus > free:
            wait.append((job, "Resources"))
        else:
            start.append(job)
            free -= job.cpus
    return Plan(start, wait)
