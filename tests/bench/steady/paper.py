"""Slurm's jobs on paper: thousands that "run", and cost nothing. Pure; times are seconds since 1970.

The rows are those of a real squeue with the fields that bosco/batch/slurm/codec.py asks for
(tests/unit/test_bench_steady.py compares them with recorded ones).
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, replace

MIN_JOB_AGE_S = 300
LIMIT_S = 3 * 86400
_GRANTED = "cpu=1,mem=1M,node=1,billing=1"
NODE = "node01"


@dataclass(frozen=True)
class Job:
    """One batch job. `folder` is where it was submitted, which is the pilot's at the site."""

    id: int
    name: str
    folder: str
    submitted: float
    started: float | None = None
    ended: float | None = None

    @property
    def row(self) -> str:
        """What squeue prints of it."""
        if self.started is None:
            start, end, state, reason, node = "N/A", "N/A", "PENDING", "Priority", ""
        else:
            start, node, reason = f"{self.started:.0f}", NODE, "None"
            end = f"{self.ended or self.started + LIMIT_S:.0f}"
            state = "RUNNING" if self.ended is None else "COMPLETED"
        fields = (
            str(self.id), self.name, state, reason, start, end, f"{self.submitted:.0f}", "0", node, _GRANTED,
            "3-00:00:00", "batch", "(null)", "normal",
        )  # fmt: skip
        return "".join(f"{field}\x1f" for field in fields) + "\n"


class Paper:
    """All jobs of one account: no more than `most` run at a time, the oldest begin first, and end first."""

    def __init__(self, most: int) -> None:
        self._most, self._last_id = most, 0
        self._waiting: deque[Job] = deque()
        self._running: OrderedDict[int, Job] = OrderedDict()
        self._over: deque[Job] = deque()
        self._rows: dict[int, str] = {}

    @property
    def submitted(self) -> int:
        """How many there have been."""
        return self._last_id

    def submit(self, name: str, folder: str, now: float) -> Job:
        """It waits."""
        self._last_id += 1
        job = Job(self._last_id, name, folder, now)
        self._waiting.append(job)
        self._rows[job.id] = job.row
        return job

    def begin(self, now: float) -> list[Job]:
        """As many as there is room for run from now on; returns those."""
        begun = []
        while self._waiting and len(self._running) < self._most:
            job = replace(self._waiting.popleft(), started=now)
            self._running[job.id] = job
            self._rows[job.id] = job.row
            begun.append(job)
        return begun

    def end(self, now: float) -> Job | None:
        """The one that has run for longest ends well; None if none runs."""
        if not self._running:
            return None
        job = replace(self._running.popitem(last=False)[1], ended=now)
        self._over.append(job)
        self._rows[job.id] = job.row
        return job

    def listing(self, now: float) -> str:
        """What squeue prints: whatever waits or runs, and what ended lately."""
        while self._over and (self._over[0].ended or 0) < now - MIN_JOB_AGE_S:
            del self._rows[self._over.popleft().id]
        return "".join(self._rows.values())
