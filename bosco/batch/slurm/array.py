"""Slurm's job arrays: one script for all tasks, each of which finds its own pilot's folder by its index.

squeue and sacct call a task ARRAY_INDEX. Tasks that wait may be in one row, as ARRAY_[0-3,7,10-20:2%5]. One
that is cancelled by itself while it waits is taken out of that row, and nothing is said of it again. When all
of them were (`scancel --user` does it like that), a row without an index remains.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence, Set
from dataclasses import replace

from bosco.batch.arrays import ArraySubmission, Task
from bosco.batch.cksum import cksum
from bosco.batch.model import BatchRequest
from bosco.batch.slurm.clusters import named
from bosco.batch.slurm.script import NOTICE_S, directives, job_script, script
from bosco.batch.stamps import FAMILY, SIBLINGS, STAMP, family_of, index_of, sibling
from bosco.batch.wrapper import WRAPPER_FAILED

SCRIPT = "job.array"
TASK_ID = "${SLURM_ARRAY_JOB_ID:-}_${SLURM_ARRAY_TASK_ID:-}"
WHOLE = "# hosted_ce: whole"
"""Begins the last line of a task's script, with the checksum of what is before: it is read when the task
starts, and a crash may have left it without its end, or with zeros within."""
_ID = re.compile(r"(\d{1,12})(?:_(?:(\d{1,7})|\[([\d,:-]+)(?:%\d+)?\]))?\Z")
_RANGE = re.compile(r"(\d{1,7})(?:-(\d{1,7})(?::([1-9]\d{0,6}))?)?\Z")
_HETEROGENEOUS = "+"
"""In the id of a job of several parts, which none of ours is."""
_SHARED = re.compile(rb"\s*\d+_\[")
_SHOWN = "%3a"
"""The index with as many digits as the stamp has."""


class SlurmArrays:
    """See bosco.batch.arrays.Arrays. `cluster` as the codec has it."""

    def __init__(self, cluster: str | None = None):
        self._cluster = cluster

    def alike(self, request: BatchRequest) -> Hashable | None:
        """Of one family, and with the same directives: these are the array's."""
        if index_of(request.stamp) is None:
            return None
        return family_of(request.stamp), *directives(replace(request, stamp=""), (), NOTICE_S)

    def submission(self, requests: Sequence[BatchRequest], pilots: str) -> ArraySubmission:
        """Raises ValueError for requests that are not alike."""
        if len({self.alike(request) for request in requests} | {None}) != 2:  # noqa: PLR2004 - theirs, and None
            raise ValueError("only requests that are alike share an array")
        tasks = tuple(_task(request, f"{pilots}/{request.stamp}") for request in requests)
        files = {SCRIPT: _script(requests, pilots)}
        return ArraySubmission(named(self._cluster, ("sbatch", "--parsable", SCRIPT)), files, tasks)


def _task(request: BatchRequest, folder: str) -> Task:
    script = whole(job_script(request, folder, TASK_ID))
    return Task(request, {"job.sh": script}, f"_{index_of(request.stamp)}")


def whole(script: bytes) -> bytes:
    """The script, and as its last line what tells that all of it is there."""
    own = script.rstrip(b"\n") + b"\n"
    return own + f"{WHOLE} {cksum(own)}\n".encode()


def _script(requests: Sequence[BatchRequest], pilots: str) -> bytes:
    """The directives of any of them. What runs on the node was written before it was submitted."""
    family = family_of(requests[0].stamp)
    files = (
        f"--chdir={pilots}",
        f"--output={pilots}/{family}{_SHOWN}/scheduler.log",
        "--open-mode=append",
        f"--array={','.join(str(index_of(request.stamp)) for request in requests)}",
    )
    body = (
        f'cd "./$(printf {family}%03d "$SLURM_ARRAY_TASK_ID")" && PATH=${{PATH:-/usr/bin:/bin}} &&\n'
        f"""    [ "$(tail -n 1 job.sh)" = "{WHOLE} $(sed '$d' job.sh | cksum)" ] && exec /bin/sh ./job.sh\n"""
        f"exit {WRAPPER_FAILED} # its folder or its script is not whole: this pilot has not begun\n"
    )
    return script(directives(replace(requests[0], stamp=family), files, NOTICE_S), body)


def jobs(name: str, shown_id: str) -> Iterator[tuple[str, str]] | None:
    """Stamp and batch id of each of our jobs in a row, and none of others'. None: it cannot be read."""
    if STAMP.match(name):
        return iter(((name, shown_id),))
    if not FAMILY.match(name) or _HETEROGENEOUS in shown_id:
        return iter(())
    found = _ID.match(shown_id)
    if not found:
        return None
    array, index, indexes = found.groups()
    numbers = {int(index)} if index else _numbers(indexes or "")
    if numbers is None:
        return None
    return ((sibling(name, number), f"{array}_{number}") for number in sorted(numbers) if number < SIBLINGS)


def arrays_shown(name: str, shown_id: str) -> Set[str]:
    """The id of the array that a row is about, if it is ours; also of one without tasks that wait."""
    if not FAMILY.match(name) or _HETEROGENEOUS in shown_id:
        return frozenset()
    return {shown_id.partition("_")[0]}


def share_rows(squeue: bytes) -> bool:
    """Whether tasks that wait are in one row here: where they are many, Slurm cuts it."""
    return any(_SHARED.match(row) for row in squeue.split(b"\n"))


def _numbers(indexes: str) -> set[int] | None:
    """Those that can be ours, whatever else another's array has."""
    numbers: set[int] = set()
    for part in filter(None, indexes.split(",")):
        found = _RANGE.match(part)
        if not found:
            return None
        last = min(int(found[2] or found[1]), SIBLINGS - 1)
        numbers.update(range(int(found[1]), last + 1, int(found[3] or 1)))
    return numbers


def names(stamps: Sequence[str]) -> Iterator[str]:
    """The names under which Slurm may know these stamps, each once."""
    yield from stamps
    yield from dict.fromkeys(family_of(stamp) for stamp in stamps if index_of(stamp) is not None)


def arrays_of(batch_ids: Sequence[str]) -> list[str]:
    """The ids to ask sacct for: of a task that was cancelled before it began, only its array's row tells."""
    return list(dict.fromkeys(batch_id.partition("_")[0] for batch_id in batch_ids))
