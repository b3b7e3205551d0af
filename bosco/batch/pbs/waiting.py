"""Whether Torque starts jobs at all: its server does not tell that its scheduler is away. Pure.

What an account can see of it: no job runs anywhere, nodes are free, and jobs of its own wait of which nobody
has said why. pbs_sched is called when a job comes and leaves a comment at each that it does not start;
Maui and Moab look every minute or so, and on an empty cluster something fits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bosco.batch.asking import number
from bosco.batch.pbs.nodes import is_away, reported
from bosco.batch.pbs.text import PbsJob, is_of, read
from bosco.batch.pbs.units import moment

COMMAND = ("qstat", "-f", "-1")
PATIENCE_S = 120
_BUSY = ("Running", "Exiting")
_Said = Mapping[str, str]


def free_nodes(queues: Sequence[_Said], nodes: Mapping[str, _Said]) -> tuple[str, ...]:
    """Those that work, when jobs wait in a queue that is started and none runs on the cluster; else none."""
    counts = [_counts(queue) for queue in queues]
    waits = any(count.get("Queued") for queue, count in zip(queues, counts, strict=True) if _starts(queue))
    if not waits or any(count.get(state) for count in counts for state in _BUSY):
        return ()
    return tuple(name for name, said in nodes.items() if not is_away(said) and not said.get("jobs"))


def problems(told: str, user: str, queues: Sequence[_Said], nodes: Mapping[str, _Said]) -> tuple[str, ...]:
    """By what `qstat -f -1` tells: which of the user's jobs were left waiting. By the server's own clock."""
    now = max((number(reported(said).get("rectime")) or 0 for said in nodes.values()), default=0)
    started = {queue["Queue"] for queue in queues if _starts(queue)}
    jobs = (job for job in read(told).jobs if is_of(job, user) and job.attributes.get("queue") in started)
    waited = [wait for wait in _waits(jobs, now) if wait > PATIENCE_S]
    free = free_nodes(queues, nodes)
    if not waited or not free:
        return ()
    return (
        f"nothing is started: jobs of the account wait for {max(waited) // 60} min without a word why "
        f"({len(waited)}), no job runs, and nodes are free ({len(free)}): does the scheduler run (pbs_sched, "
        "Maui, Moab)?",
    )


def _waits(jobs: Iterator[PbsJob], now: int) -> Iterator[int]:
    for job in jobs:
        since = moment(job.attributes.get("etime"))
        if job.attributes["job_state"] == "Q" and "comment" not in job.attributes and since:
            yield now - int(since)


def _starts(queue: _Said) -> bool:
    return queue.get("started") == "True" and queue.get("queue_type") == "Execution"


def _counts(queue: _Said) -> Mapping[str, int]:
    parts = (part.partition(":") for part in queue.get("state_count", "").split())
    return {state: number(count) or 0 for state, _, count in parts}
