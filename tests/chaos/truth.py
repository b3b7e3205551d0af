"""What really happened: written by the pilots themselves, at the site, whatever the CE believes."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

SCRIPT = """#!/bin/sh
# name, seconds, exit code, lines
echo "start $1 $SLURM_JOB_ID $SLURM_JOB_NAME ${{SLURM_RESTART_COUNT:-0}}" >>{file}
sleep "$2"
n=0
while [ "$n" -lt "$4" ]; do
    echo "$1 says $n"
    n=$((n + 1))
done
echo "end $1 $SLURM_JOB_ID $3" >>{file}
exit "$3"
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A pilot as it was asked for: `name` is the client's own, and the idempotency key."""

    name: str
    seconds: float
    code: int
    lines: int

    @property
    def arguments(self) -> list[str]:
        """Of the pilot's script."""
        return [self.name, f"{self.seconds:.2f}", str(self.code), str(self.lines)]

    @property
    def output(self) -> str:
        """SHA-256 of the standard output that it writes when it runs to its end."""
        text = "".join(f"{self.name} says {n}\n" for n in range(self.lines))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(slots=True)
class Seen:
    """What one pilot wrote of itself: each start as (batch id, stamp, restarts), exit codes of its ends."""

    starts: list[tuple[str, str, int]] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    @property
    def jobs(self) -> set[str]:
        """The batch jobs that ran it, by stamp and id: a job started again by the site is the same one."""
        return {f"{stamp} {batch_id}" for batch_id, stamp, _ in self.starts}


def read(file: Path) -> dict[str, Seen]:
    """By the pilots' names. A line is written whole, whoever dies."""
    found: defaultdict[str, Seen] = defaultdict(Seen)
    for line in file.read_text().splitlines():
        what, name, batch_id, *rest = line.split()
        if what == "start":
            found[name].starts.append((batch_id, rest[0], int(rest[1])))
        else:
            found[name].ends.append(int(rest[0]))
    return found
