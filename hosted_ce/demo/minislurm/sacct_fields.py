"""What sacct can show of a job."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import NamedTuple

from .clock import written
from .errors import Refused
from .job import Job, State
from .units import full_duration

_ITEM = re.compile(r"(\w*)(?:%(-?\d+))?\Z")


class Field(NamedTuple):
    """One field. A negative width means: aligned to the left."""

    header: str
    width: int
    value: Callable[[Job], str]


class Column(NamedTuple):
    """A field in a table, as wide as it was asked to be."""

    field: Field
    width: int

    def cell(self, text: str) -> str:
        """The text as it stands in the table; a plus sign where it was cut."""
        width = abs(self.width)
        if len(text) > width:
            text = text[: width - 1] + "+"
        return text.rjust(width) if self.width > 0 else text.ljust(width)


def columns(text: str) -> list[Column]:
    """The columns of `field[%width],...`. Raises Refused for an unknown field."""
    return [_column(item) for item in text.split(",")]


def _column(item: str) -> Column:
    match = _ITEM.match(item)
    field = _FIELDS.get(match[1].lower()) if match else None
    if not match or not field:
        raise Refused(f'sacct: error: Invalid field requested: "{item}"')
    return Column(field, int(match[2] or field.width))


def _state(job: Job) -> str:
    cancelled = job.state == State.CANCELLED and job.killed_by is not None
    return f"{job.state} by {job.killed_by}" if cancelled else job.state


def _exit_code(job: Job) -> str:
    if job.state in (State.CANCELLED, State.TIMEOUT):
        return "0:0"  # Slurm's records have no exit code of a job that it ended itself.
    return f"{job.wait_status >> 8 if not job.wait_status & 0x7F else 0}:{job.wait_status & 0x7F}"


def _start(job: Job) -> str:
    return written(job.started, "Unknown" if job.ended is None else "None")


def _allocated(job: Job) -> str:
    return "" if job.started is None else f"billing={job.cpus},cpu={job.cpus},node=1"


def _elapsed(job: Job) -> int:
    if job.started is None:
        return 0
    return int(job.ended or time.time()) - int(job.started)


_FIELDS = {
    field.header.lower(): field
    for field in (
        Field("JobID", -12, lambda job: str(job.id)),
        Field("JobIDRaw", -12, lambda job: str(job.id)),
        Field("JobName", 10, lambda job: job.name),
        Field("User", 9, lambda job: job.owner),
        Field("Account", 10, lambda job: job.account or job.owner),
        Field("Partition", 10, lambda job: job.partition),
        Field("QOS", 10, lambda _: "normal"),
        Field("State", 10, _state),
        Field("ExitCode", 8, _exit_code),
        Field("Submit", 19, lambda job: written(job.submitted, "Unknown")),
        Field("Start", 19, _start),
        Field("End", 19, lambda job: written(job.ended, "Unknown")),
        Field("Elapsed", 10, lambda job: full_duration(_elapsed(job))),
        Field("ElapsedRaw", 10, lambda job: str(_elapsed(job))),
        Field("Timelimit", 10, lambda job: full_duration(job.limit_minutes * 60)),
        Field("NodeList", 15, lambda job: job.node or "None assigned"),
        Field("TimelimitRaw", 12, lambda job: str(job.limit_minutes)),
        Field("AllocTRES", 10, _allocated),
        Field("AllocCPUS", 10, lambda job: str(job.cpus)),
        Field("NCPUS", 10, lambda job: str(job.cpus)),
    )
}
